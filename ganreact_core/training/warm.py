"""The warm start: teach a generator first the lessons, then the textures, before the critic takes over.

python -m ganreact_core.training.warm --out out/training/b --pictures 130000 [--begin MODEL.safetensors]
python -m ganreact_core.training.warm --out out/training/c --pictures 40000 --textures --begin MODEL.safetensors
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.optim import Adam

from ..synthesis.generators.stylegan2 import StyleGAN2
from .imagery import CLASSES
from .lessons import draw
from .networks import CROPS, large_field, noise_maps, of_classes, own_field, trained
from .regress import lesson_loss
from .sheets import save_sheet
from .state import Plan, State
from .textures import Weave, procedural_weave

_LAST_RATE = 0.1  # the rate falls to a tenth over the second half
_FIRST_STEPS = 100  # in which it rises
_SMALLER = ((0.28, 4), (0.54, 2))  # (share of the pictures until when, divisor of the resolution): small ones are cheap
_LARGE_SHARE = 0.25  # of the steps on a field of 8×8 cells
_LESSONS_BESIDE = 0.1  # weight that keeps layout in the noise while textures are taught
_STEEPEST = 5.0  # norm of a gradient: a rare look must not throw the others over
_SAVE_EVERY_S, _LOOK_EVERY_S = 240.0, 600.0


@dataclass(frozen=True)
class Teacher:
    """What is taught: the loss of (state, share of the pictures seen, whether on a large field), and at which rate."""

    loss: Callable[[State, float, bool], Tensor]
    rate: float
    betas: tuple[float, float]


def lessons() -> Teacher:
    """Pictures to be copied, small ones first."""
    def loss(state: State, share: float, large: bool) -> Tensor:
        n = state.plan.batch // CROPS if large else state.plan.batch
        return lesson_loss(state, _resolution(state.plan.shape.config.resolution, share), 8 if large else 4, n)

    return Teacher(loss, 0.004, (0.9, 0.99))


def textures(weave: Weave) -> Teacher:
    """Correlations to be met, at the full size, and a little of the lessons."""
    def loss(state: State, share: float, large: bool) -> Tensor:
        config, g = state.plan.shape.config, state.random
        network = StyleGAN2(config, state.tensors)
        woven = weave.drawn(g, state.plan.batch // CROPS if large else state.plan.batch)
        with torch.autocast(network.device.partition(":")[0], torch.bfloat16):
            w = of_classes(network, woven.z, woven.classes)
            far = weave.loss((large_field if large else own_field)(network, g, w).float(), woven)
        return far + _LESSONS_BESIDE * lesson_loss(state, config.resolution, 4, max(1, state.plan.batch // 4))

    return Teacher(loss, 0.002, (0.0, 0.99))


def warm(state: State, pictures: int, out: Path, teacher: Teacher) -> None:
    """Teach until `state.pictures` have been seen; the average follows; saved on the way."""
    optimiser = Adam(trained(state.tensors), lr=teacher.rate, betas=teacher.betas)
    begun = saved = looked = time.monotonic()
    first, steps = state.pictures, 0
    while (share := state.pictures / pictures) < 1.0:
        for group in optimiser.param_groups:
            group["lr"] = teacher.rate * min(1.0, (steps + 1) / _FIRST_STEPS, max(_LAST_RATE, 2.0 * (1.0 - share)))
        optimiser.zero_grad(set_to_none=True)
        loss = teacher.loss(state, share, bool(torch.rand((), generator=state.random) < _LARGE_SHARE))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained(state.tensors), _STEEPEST)
        optimiser.step()
        steps += 1
        state.pictures += state.plan.batch
        state.follow()
        now = time.monotonic()
        if steps % 100 == 0:
            rate = (state.pictures - first) / (now - begun)
            print(f"{state.pictures} pictures, {rate:.0f}/s, loss {float(loss.detach()):.4f}", flush=True)
        if now - saved > _SAVE_EVERY_S:
            state.save(out / "warm.pt", small=True)
            saved = now
        if now - looked > _LOOK_EVERY_S:
            _look(state, out)
            looked = now
    state.save(out / "warm.pt", small=True)
    _look(state, out)


def _resolution(final: int, share: float) -> int:
    return next((max(16, final // divisor) for until, divisor in _SMALLER if share < until), final)


@torch.no_grad()
def _look(state: State, out: Path) -> None:
    """Lessons and what was learned, in turn."""
    g = torch.Generator().manual_seed(11)
    resolution = state.plan.shape.config.resolution
    network = StyleGAN2(state.plan.shape.config, state.average)
    rows = []
    for k in range(len(CLASSES)):
        z, noise, classes = torch.randn(6, network.z_dim, generator=g), noise_maps(network, g, 6, 4), torch.full((6,), k)
        w = network.map(z, F.one_hot(classes, network.c_dim).float())
        pairs = torch.stack([draw(z, classes, noise, resolution), network.synthesize(w, noise)], dim=1)
        rows.append(pairs.flatten(0, 1))
    save_sheet(rows, out / f"warm-{state.pictures // 1000:05d}k.png")


def main() -> None:
    """Teach, or teach on; leave a state with which `train` goes on at the last stage of its plan."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pictures", type=int, default=130_000)
    parser.add_argument("--textures", action="store_true", help="teach textures, after lessons have been taught")
    parser.add_argument("--begin", metavar="MODEL", help="take over what fits of this network")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    plan = Plan()
    stored = args.out / "warm.pt"
    state = State.load(plan, stored) if stored.is_file() else State.begin(plan)
    if args.begin and not stored.is_file():
        print(f"{state.take_over(args.begin)} of {len(state.tensors)} tensors taken over", flush=True)
    size = plan.shape.config.resolution
    teacher = textures(procedural_weave(size, args.out / "weave.pt")) if args.textures else lessons()
    warm(state, args.pictures, args.out, teacher)
    torch.save(state.average, args.out / "average.pt")
    state.steps, state.pictures = 0, plan.stages[-2][1]
    state.save(args.out / "state.pt")


if __name__ == "__main__":
    main()
