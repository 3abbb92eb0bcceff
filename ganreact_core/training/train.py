"""The adversarial part: steps for as long as one likes, saving, scoring and drawing on the way.

python -m ganreact_core.training.train --out out/training/a --minutes 80
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from ..synthesis.generators.stylegan2 import StyleGAN2
from .augment import adapted, widened
from .networks import CROPS, large_field, mixed_latents, of_classes, own_field
from .pool import Pool, procedural_pool
from .regress import lesson_loss
from .score import features, frechet
from .sheets import save_sheet
from .state import Plan, State
from .step import Batch, Beside, backward, penalise
from .textures import Weave, procedural_weave

_SAVE_EVERY_S = 180.0
_LOOK_EVERY_S = 420.0
_SHEET_ROWS = 12
_WOVEN = 0.7  # share of the steps with a weave that use it; the others mix latents, which have no one look

Tell = Callable[[State, float], None]
"""(state, pictures a second) after every step."""


def train_step(state: State, pool: Pool, weave: Weave | None = None) -> None:
    """One batch for both networks; `state.last` holds what happened.

    weave   with plan.textures: made pictures are also drawn towards the correlations that real ones of their look have
    """
    plan, random = state.plan, state.random
    resolution, fade = plan.stage(state.pictures)
    reals = _reals(state, pool, resolution)
    for optimiser in state.optimisers:
        optimiser.zero_grad(set_to_none=True)
    fakes, also = _fakes(state, resolution, weave)
    more = Beside(lambda x: widened(x, state.augment, random), also, plan.critic)
    state.last = backward(state.critic, fakes, reals, fade, more)
    if plan.lessons and state.steps >= plan.head_start:
        (plan.lessons * lesson_loss(state, resolution, 4, max(1, plan.batch // 2))).backward()
    weight, interval = plan.r1
    if state.steps % interval == 0:
        part = slice(0, max(4, plan.batch // 2))
        seen = Batch(widened(reals.pictures[part], state.augment, random), reals.classes[part])
        state.last["r1"] = penalise(state.critic, seen, fade, weight * interval)
    for optimiser in state.optimisers[1 if state.steps < plan.head_start else 0:]:
        optimiser.step()
    if plan.augment:
        state.augment = adapted(state.augment, state.last["sign"], plan.augment, plan.batch)
    state.pictures += plan.batch
    state.steps += 1
    state.follow()


def _fakes(state: State, resolution: int, weave: Weave | None) -> tuple[Batch, Callable[[Tensor], Tensor] | None]:
    """A batch of made pictures, on the network's own field or cut from large ones, and what pulls at them beside the critic."""
    plan, g = state.plan, state.random
    network = StyleGAN2(plan.shape.at(resolution), state.tensors)
    large = bool(torch.rand((), generator=g) < plan.large)
    n, repeats = (plan.batch // CROPS, CROPS) if large else (plan.batch, 1)
    woven = weave.drawn(g, n) if weave and weave.size == resolution and torch.rand((), generator=g) < _WOVEN else None
    classes = woven.classes if woven else torch.randint(len(plan.classes), (n,), generator=g)
    with torch.autocast(network.device.partition(":")[0], torch.bfloat16):
        w = of_classes(network, woven.z, classes) if woven else mixed_latents(network, g, classes)
        pictures = (large_field if large else own_field)(network, g, w).float()
    batch = Batch(pictures, classes.repeat(repeats).to(network.device))
    if weave is None or woven is None:
        return batch, None
    return batch, lambda x: plan.textures * weave.loss(x, woven)


def _reals(state: State, pool: Pool, resolution: int) -> Batch:
    pictures, classes = pool.batch(state.random, state.plan.batch, resolution)
    device = state.average["synthesis.b4.const"].device
    return Batch(pictures.to(device), classes.to(device))


def averaged(state: State) -> StyleGAN2:
    """The averaged generator at the resolution that is being trained."""
    return StyleGAN2(state.plan.shape.at(state.plan.stage(state.pictures)[0]), state.average)


@torch.no_grad()
def made(state: State, each: int, seed: int) -> list[Tensor]:
    """`each` pictures of every class by the averaged generator, from a seed of their own, on the CPU."""
    g = torch.Generator().manual_seed(seed)
    network, count = averaged(state), len(state.plan.classes)
    return [own_field(network, g, mixed_latents(network, g, torch.full((each,), k))).cpu() for k in range(count)]


def measure(state: State, pool: Pool, least: int = 576) -> float:
    """The Fréchet distance of the averaged generator, all classes together."""
    g, count = torch.Generator().manual_seed(99), len(state.plan.classes)
    each = max(48, least // count)
    classes = torch.arange(count).repeat_interleave(each)
    resolution = state.plan.stage(state.pictures)[0]
    real = torch.cat([features(pool.of_classes(g, part, resolution)) for part in classes.split(96)])
    return frechet(real, torch.cat([features(part) for x in made(state, each, 98) for part in x.clamp(-1, 1).split(96)]))


def look(state: State, pool: Pool, out: Path) -> None:
    """Score, log line, contact sheet, snapshot of the average."""
    resolution = averaged(state).resolution[0]
    line = {"pictures": state.pictures, "seconds": round(state.seconds), "resolution": resolution,
            "frechet": round(measure(state, pool), 4), "augment": round(state.augment, 3),
            **{k: round(v, 4) for k, v in state.last.items()}}
    with (out / "log.jsonl").open("a") as log:
        log.write(json.dumps(line) + "\n")
    zoom = max(1, pool.size // resolution)
    save_sheet(made(state, 10, 5)[:_SHEET_ROWS], out / f"sheet-{state.pictures // 1000:05d}k.png", zoom=zoom)
    torch.save(state.average, out / "average.part")
    (out / "average.part").replace(out / "average.pt")


def run(state: State, pool: Pool, out: Path, seconds: float, tell: Tell = lambda state, rate: None,
        cancelled: Callable[[], bool] = lambda: False, weave: Weave | None = None) -> None:
    """Steps for so long, or until cancelled; saved on the way and at the end."""
    begun = saved = looked = time.monotonic()
    before, first = state.seconds, state.pictures
    while (now := time.monotonic()) - begun < seconds and not cancelled():
        train_step(state, pool, weave)
        state.seconds = before + now - begun
        tell(state, (state.pictures - first) / max(1e-6, time.monotonic() - begun))
        if now - looked > _LOOK_EVERY_S:
            look(state, pool, out)
            looked = time.monotonic()
        if now - saved > _SAVE_EVERY_S:
            state.save(out / "state.pt")
            saved = time.monotonic()
    look(state, pool, out)
    state.save(out / "state.pt")


def main() -> None:
    """Begin, or go on where a state file is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the run: state.pt, log.jsonl, sheets")
    parser.add_argument("--minutes", type=float, default=80.0)
    parser.add_argument("--rate", type=float, nargs=2, default=Plan.rate, help="of generator and critic")
    parser.add_argument("--head-start", type=int, default=0, help="steps for the critic alone, after a warm start")
    parser.add_argument("--batch", type=int, default=Plan.batch, help="pictures per step, a multiple of 16")
    parser.add_argument("--lessons", type=float, default=0.0, help="weight of the lessons beside the critic")
    parser.add_argument("--textures", type=float, default=0.0, help="weight of the textures beside the critic")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--begin", metavar="MODEL", help="take over what fits of this network, at the full resolution")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    plan = Plan(rate=tuple(args.rate), batch=args.batch, head_start=args.head_start, lessons=args.lessons,
                textures=args.textures)
    stored = args.out / "state.pt"
    state = State.load(plan, stored, args.device) if stored.is_file() else State.begin(plan, args.device)
    if args.begin and not stored.is_file():
        print(f"{state.take_over(args.begin)} of {len(state.tensors)} tensors taken over", flush=True)
        state.pictures = plan.stages[-2][1] + plan.fade

    def tell(state: State, rate: float) -> None:
        if state.steps % 100 == 0:
            print(f"{state.pictures} pictures, {rate:.1f}/s, {state.last}", flush=True)

    size = max(dict(plan.channels))
    weave = procedural_weave(size, args.out / "weave.pt") if plan.textures else None
    run(state, procedural_pool(plan.pool, size, plan.seed), args.out, args.minutes * 60.0, tell, weave=weave)


if __name__ == "__main__":
    main()
