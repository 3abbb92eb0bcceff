#!/usr/bin/env python3
"""How frames a second grow with the cores of a machine: frames are computed side by side, one thread each.

    python benchmarks/cores.py             on 1, 2, 4, … of the cores there are
    python benchmarks/cores.py exact 24    how exact, and how many frames for each core

A StyleGAN2 of 256² with random weights, by the wall, the best of three: to be run on a machine at rest.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT)]

from bench_parts.networks import stylegan2  # noqa: E402 - the project beside this script is found first

from ganreact_core.look import Canvas, Entry, Look  # noqa: E402
from ganreact_core.processes import cores  # noqa: E402
from ganreact_core.synthesis.computing import Computing  # noqa: E402
from ganreact_core.synthesis.frame_maker import FrameMaker  # noqa: E402
from ganreact_core.table import Table, evaluate  # noqa: E402

_ROUNDS = 3


def main() -> int:
    """A line for each number of cores: frames a second, and how many times those of one core."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("precision", nargs="?", default="exact", choices=("exact", "fast"))
    parser.add_argument("frames", nargs="?", type=int, default=16, help="for each core")
    args = parser.parse_args()
    net, most, alone = stylegan2(256, 16384, "cpu"), cores(), 0.0
    every = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    look = Look(size=(256, 256), canvas=Canvas(detail=1.0), entries=(Entry("a", "A", 1),))
    table = evaluate(look, (), {"palette.a": 1.0}, {}, n_frames=args.frames * most, fps=24)
    for count in (n for n in (1, 2, 4, 8, 16) if n <= most):
        if every:
            os.sched_setaffinity(0, every[:count])
        maker = FrameMaker(net, look, parallel=count, precision=args.precision)
        _seconds(maker, table, 2 * count)  # what is compiled on first use is there now
        rate = max(args.frames * count / _seconds(maker, table, args.frames * count) for _ in range(_ROUNDS))
        alone = alone or rate
        print(f"{count} cores: {rate:.2f} frames a second, {rate / alone:.2f} × one core", flush=True)
    return 0


def _seconds(maker: FrameMaker, table: Table, frames: int) -> float:
    waiting = list(range(1, frames + 1))

    def take(n: int) -> list[int]:
        taken, waiting[:] = waiting[:n], waiting[n:]
        return taken

    began = time.perf_counter()
    made = sum(1 for _ in Computing(maker, table, take, begun=lambda batch: None, lessened=lambda: None).pictures())
    assert made == frames
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
