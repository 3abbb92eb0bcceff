#!/usr/bin/env python3
"""How long until the first frame is there, in a fresh process: the embedded network and one of 1024², the first time and again.

    python benchmarks/readiness.py

Loading, checking and compiling, and one frame; without what importing torch takes, which is told apart. Seconds by the wall and
of the processor. The first time nothing that Numba compiled is at hand.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT)]


def first_frame(model: str, side: int) -> dict[str, float]:
    """In this process, which has imported nothing yet."""
    clocks = [(time.perf_counter(), time.process_time())]
    from ganreact_core.look import Canvas, Entry, Look
    from ganreact_core.synthesis import load_generator
    from ganreact_core.synthesis.frame_maker import FrameMaker
    from ganreact_core.table import evaluate

    clocks.append((time.perf_counter(), time.process_time()))
    look = Look(size=(side, side), canvas=Canvas(detail=1.0), entries=(Entry("a", "A", 1),))
    maker = FrameMaker(load_generator(model), look, parallel=1)
    table = evaluate(look, (), {"palette.a": 1.0}, {}, n_frames=2, fps=24)
    maker.pictures(table, [1])
    clocks.append((time.perf_counter(), time.process_time()))
    maker.pictures(table, [2])
    clocks.append((time.perf_counter(), time.process_time()))
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(clocks)]
    return {f"{what}_{how}_s": step[n] for what, step in zip(("import", "ready", "frame"), steps, strict=True)
            for n, how in enumerate(("wall", "processor"))}


def main() -> int:
    """A line for each network and each time."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        print(json.dumps(first_frame(args.child[0], int(args.child[1]))))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        large = _large(Path(folder) / "large.safetensors")
        for name, model, side in (("embedded", "embedded", 128), ("StyleGAN2 1024²", large, 1024)):
            for again in (False, True):
                found = _in_a_child(model, side, Path(folder) / f"compiled-{side}")
                when = "again" if again else "the first time"
                print(f"{name}, {when}: ready after {found['ready_wall_s']:.1f} s "
                      f"({found['ready_processor_s']:.1f} s of processor), "
                      f"after {found['import_processor_s']:.1f} s of imports; a frame then {found['frame_processor_s']:.2f} s",
                      flush=True)
    return 0


def _large(path: Path) -> str:
    from bench_parts.networks import stylegan2

    from ganreact_core.synthesis.checkpoints import Checkpoint, save_safetensors

    net = stylegan2(1024, 32768)
    save_safetensors(path, Checkpoint("stylegan2", asdict(net.config), {name: t.numpy() for name, t in net.tensors.items()}))
    return str(path)


def _in_a_child(model: str, side: int, compiled: Path) -> dict[str, float]:
    around = {**os.environ, "NUMBA_CACHE_DIR": str(compiled), "OMP_NUM_THREADS": "1"}
    words = [sys.executable, __file__, "--child", model, str(side)]
    done = subprocess.run(words, env=around, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    sys.exit(main())
