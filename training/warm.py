"""The warm start: teach a fresh generator the lessons, before the critic takes over.

python -m training.warm --out training/runs/b --minutes 15 [--critic training/runs/a/state.pt]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.optim import Adam

from ganreact_core.synthesis.generators.stylegan2 import StyleGAN2

from .imagery import CLASSES
from .lessons import draw
from .networks import noise_maps, trained
from .sheets import save_sheet
from .state import Plan, State

_RATE = 0.004
_SMALLER = ((0.06, 4), (0.45, 2))  # (share of the time until when, divisor of the resolution): small ones are cheap
_LARGE_SHARE = 0.25  # of the steps on a field of 8×8 cells


def lesson_loss(state: State, resolution: int, cells: int, n: int) -> Tensor:
    """Error of n pictures on a field of cells × cells, and of their edges; squares, because grey pleases absolute values."""
    network, g = StyleGAN2(state.plan.shape.at(resolution), state.tensors), state.random
    classes = torch.randint(len(CLASSES), (n,), generator=g)
    z = torch.randn(n, network.z_dim, generator=g)
    noise = noise_maps(network, g, n, cells)
    const = network.input_map
    if cells == 8:
        const = torch.cat([const, const.flip(3)], dim=3)
        const = torch.cat([const, const.flip(2)], dim=2)
    with torch.autocast("cpu", torch.bfloat16):
        w = network.map(z, F.one_hot(classes, network.c_dim).float())
        made = network.synthesize(w, noise, input_map=const).float()
    off = made - draw(z, classes, noise, resolution)
    edges = off.diff(dim=2).square().mean() + off.diff(dim=3).square().mean()
    return 2.0 * off.square().mean() + 0.3 * off.abs().mean() + edges


def warm(state: State, seconds: float, out: Path) -> None:
    """Lessons for so long, the rate falling over the last half; the average follows."""
    optimiser = Adam(trained(state.tensors), lr=_RATE, betas=(0.9, 0.99))
    begun = time.monotonic()
    final = state.plan.shape.config.resolution
    while (share := (time.monotonic() - begun) / seconds) < 1.0:
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
            rate = state.steps * state.plan.batch / (time.monotonic() - begun)
            print(f"{state.steps} steps, {rate:.0f} pictures/s, loss {float(loss.detach()):.4f}", flush=True)
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
    """Teach, then leave a state with which training.train goes on, at the last stage of the plan."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--critic", type=Path, help="the state of an earlier run, whose critic is taken over")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    plan = Plan()
    state = State.begin(plan)
    if args.critic:
        earlier = torch.load(args.critic, weights_only=True)
        state.critic.load_state_dict(earlier["critic"])
    warm(state, args.minutes * 60.0, args.out)
    state.steps, state.pictures = 0, plan.stages[-2][1]
    state.save(args.out / "state.pt")


if __name__ == "__main__":
    main()
