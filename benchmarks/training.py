"""How many pictures a second a small network learns from, at every size: python benchmarks/training.py [--device cuda]."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ganreact_core.training.own import OwnNetwork
from ganreact_core.training.pool import Pool
from ganreact_core.training.state import State
from ganreact_core.training.train import train_step


def main() -> None:
    """One line a size: processor seconds and wall seconds, the penalty's steps included in their share."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--steps", type=int, default=16, help="a multiple of 16, so that the penalty counts as in training")
    args = parser.parse_args()
    plan = OwnNetwork(256).plan(("pictures",))
    g = torch.Generator().manual_seed(0)
    pool = Pool([torch.randint(256, (64, 3, 256, 256), dtype=torch.uint8, generator=g)], plan.classes)
    state = State.begin(plan, args.device)
    for resolution, end in plan.stages:
        state.pictures = min(end - 1, plan.stages[-2][1] + plan.fade)
        train_step(state, pool)
        wall, busy, seen = time.perf_counter(), time.process_time(), state.pictures
        for _ in range(args.steps):
            state.pictures = seen
            train_step(state, pool)
        count = args.steps * plan.batch
        print(f"{resolution:4d} px: {count / (time.perf_counter() - wall):6.1f} pictures a second, "
              f"{count / (time.process_time() - busy):6.1f} a second of processor time", flush=True)


if __name__ == "__main__":
    main()
