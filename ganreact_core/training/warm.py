"""The warm start: teach a fresh generator the lessons, before the critic takes over.

python -m ganreact_core.training.warm --out out/training/b --minutes 15 [--critic out/training/a/state.pt]
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

_RATE = 0.004
_SMALLER = ((0.06, 4), (0.45, 2))  # (share of the time until when, divisor of the resolution): small ones are cheap
_LARGE_SHARE = 0.25  # of the steps on a field of 8×8 cells


def warm(state: State, seconds: float, out: Path, done: float = 0.0) -> None:
    """Lessons for so long, from a share `done` of the way; the rate falls over the last half; the average follows."""
    optimiser = Adam(trained(state.tensors), lr=_RATE, betas=(0.9, 0.99))
    begun = time.monotonic()
    final = state.plan.shape.config.resolution
    while (share := done + (1.0 - done) * (time.monotonic() - begun) / seconds) < 1.0:
        for group in optimiser.param_groups:
            group["lr"] = _RATE * min(1.0, 2.1 - 2.0 * share)
        large = bool(torch.rand((), generator=state.random) < _LARGE_SHARE)
        n = state.plan.batch // 4 if large else state.plan.batch
        optimiser.zero_grad(set_to_none=True)
        loss = lesson_loss(state, _resolution(final, share), 8 if large else 4, n)
        loss.backward()
        optimiser.step()
        state.steps += 1
        state.pictures += state.plan.batch
        state.follow()
        if state.steps % 100 == 0:
            print(f"{time.monotonic() - begun:.0f} s, {state.steps} steps, loss {float(loss.detach()):.4f}", flush=True)
        if state.steps % 1000 == 0:
            _look(state, out)
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
    save_sheet(rows, out / f"warm-{state.steps:05d}.png")
    torch.save(state.average, out / "average.pt")


def main() -> None:
    """Teach, or teach again; leave a state with which `train` goes on, at the last stage of the plan or where it was."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--critic", type=Path, help="the state of an earlier run, whose critic is taken over")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    plan = Plan()
    stored = args.out / "state.pt"
    state = State.load(plan, stored) if stored.is_file() else State.begin(plan)
    first = max(state.pictures, plan.stages[-2][1])
    if args.critic:
        earlier = torch.load(args.critic, weights_only=True)
        state.critic.load_state_dict(earlier["critic"])
    warm(state, args.minutes * 60.0, args.out, _SMALLER[-1][0] if stored.is_file() else 0.0)
    state.steps, state.pictures = 0, first
    state.save(stored)
    torch.save(state.average, args.out / "warm-average.pt")


if __name__ == "__main__":
    main()
