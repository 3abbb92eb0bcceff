#!/usr/bin/env python3
"""Whether memory stays where it is: one render of many real frames, its size in memory taken as it goes.

    python3 benchmarks/memory.py                    54,000 frames of 64×64: half an hour of music at 30 a second
    python3 benchmarks/memory.py --frames 5000
    python3 benchmarks/memory.py --tiles            a wide network, whose convolutions are computed by tiles
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent.parent / "scripts")]

import numpy as np  # noqa: E402 - the project beside this script is found first
from bench_parts.networks import stylegan2  # noqa: E402

from ganreact_core.bundle import create_bundle  # noqa: E402
from ganreact_core.look import Bend, Canvas, Entry, Look, NoiseLayer  # noqa: E402
from ganreact_core.synthesis.render import Audience, render_bundle  # noqa: E402
from ganreact_core.table import evaluate  # noqa: E402

_LOOK = Look(size=(64, 64), canvas=Canvas(detail=1.0), entries=(Entry("a", "A", 1), Entry("b", "B", 2)),
             noise_layers=(NoiseLayer("n", "N"),), bends=(Bend("zoom", "Zoom", "zoom", 3),))
_FIRST = 100


def main() -> int:
    """Renders, and prints how much the process has grown by."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=54_000)
    parser.add_argument("--tiles", action="store_true")
    args = parser.parse_args()
    net, ramp = stylegan2(64, 32768 if args.tiles else 1024), np.linspace(0, 1, args.frames)
    keyed = {"palette.a": 1 - ramp, "palette.b": ramp, "noise.n.phase": 3 * ramp, "bend.zoom": 1 + ramp}
    sizes: dict[int, float] = {}
    began = time.perf_counter()

    def progress(done: int, total: int, frame: int | None) -> None:
        if done in (_FIRST, total) or done % (total // 10) == 0:
            sizes[done] = _resident_mb()
            print(f"{done} frames, {time.perf_counter() - began:.0f} s: {sizes[done]:.1f} MB", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        table = evaluate(_LOOK, (), keyed, {}, n_frames=args.frames, fps=30)
        bundle = create_bundle(Path(folder), _LOOK, table, "0" * 64)
        render_bundle(bundle, net, bundle.frame_numbers(), audience=Audience(progress=progress))
        missing = bundle.wanted(bundle.frame_numbers())
    print(f"from frame {_FIRST} to {args.frames}: {sizes[args.frames] - sizes[_FIRST]:+.1f} MB; {len(missing)} frames missing")
    return bool(missing)


def _resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2 ** 20


if __name__ == "__main__":
    sys.exit(main())
