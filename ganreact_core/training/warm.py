"""The warm start: teach a generator the lessons, before the critic takes over.

python -m ganreact_core.training.warm --out out/training/b --pictures 130000 [--begin MODEL.safetensors]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from torch.optim import Adam

from ..synthesis.generators.stylegan2 import StyleGAN2
from .imagery import CLASSES
from .lessons import draw
from .networks import noise_maps, trained
from .regress import lesson_loss
from .sheets import save_sheet
from .state import Plan, State

_RATE, _LAST_RATE = 0.004, 0.1  # the rate falls to a tenth over the second half
_FIRST_STEPS = 100  # in which it rises
_SMALLER = ((0.28, 4), (0.54, 2))  # (share of the pictures until when, divisor of the resolution): small ones are cheap
_LARGE_SHARE = 0.25  # of the steps on a field of 8×8 cells
_SAVE_EVERY_S, _LOOK_EVERY_S = 240.0, 600.0


def warm(state: State, pictures: int, out: Path) -> None:
    """Lessons until `state.pictures` have been seen; the average follows; saved on the way."""
    optimiser = Adam(trained(state.tensors), lr=_RATE, betas=(0.9, 0.99))
    begun = saved = looked = time.monotonic()
    final, first = state.plan.shape.config.resolution, state.pictures
    steps = 0
    while (share := state.pictures / pictures) < 1.0:
        for group in optimiser.param_groups:
            group["lr"] = _RATE * min(1.0, (steps + 1) / _FIRST_STEPS, max(_LAST_RATE, 2.0 * (1.0 - share)))
        large = bool(torch.rand((), generator=state.random) < _LARGE_SHARE)
        n = state.plan.batch // 4 if large else state.plan.batch
        optimiser.zero_grad(set_to_none=True)
        loss = lesson_loss(state, _resolution(final, share), 8 if large else 4, n)
        loss.backward()
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
    parser.add_argument("--begin", metavar="MODEL", help="take over what fits of this network")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    plan = Plan()
    stored = args.out / "warm.pt"
    state = State.load(plan, stored) if stored.is_file() else State.begin(plan)
    if args.begin and not stored.is_file():
        print(f"{state.take_over(args.begin)} of {len(state.tensors)} tensors taken over", flush=True)
    warm(state, args.pictures, args.out)
    torch.save(state.average, args.out / "warm-average.pt")
    state.steps, state.pictures = 0, plan.stages[-2][1]
    state.save(args.out / "state.pt")


if __name__ == "__main__":
    main()
