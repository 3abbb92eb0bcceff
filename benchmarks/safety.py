#!/usr/bin/env python3
"""What safety costs: a frame of 1024² with and without the lease, the temporary file, the flush, the rename, the journal.

    python benchmarks/safety.py [FRAMES] [FOLDER]      one thread; prints milliseconds, and per cent of a frame
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ganreact_core import journal
from ganreact_core.bundle import KEY_NAME, Bundle, create_bundle
from ganreact_core.files import write_whole
from ganreact_core.leases import Leases
from ganreact_core.look import Canvas
from ganreact_core.models import model_sha256
from ganreact_core.patches import load_patch
from ganreact_core.shares import Shares
from ganreact_core.synthesis import load_generator
from ganreact_core.synthesis.frame_maker import FrameMaker
from ganreact_core.synthesis.images import write_picture
from ganreact_core.table import evaluate

_ROUNDS = 5


def main(n_frames: int = 12, folder: str = "") -> None:
    """Compute some frames; then write each plainly and safely, in turns, and compare the best rounds."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory(dir=folder or None) as place:
        look = replace(load_patch("pulse").look, size=(1024, 1024), canvas=Canvas("mirror", 1.0))
        keyed = {"truncation": np.linspace(0.5, 1, n_frames)}
        table = evaluate(look, (), keyed, {}, n_frames=n_frames, fps=24)
        bundle = create_bundle(Path(place) / "b", look, table, model_sha256("embedded"))
        maker = FrameMaker(load_generator("embedded"), look, parallel=1)
        frames = list(bundle.frame_numbers())
        made: list[np.ndarray] = []
        compute = _each(frames, lambda frame: made.append(maker.pictures(bundle.table, [frame])[0]))
        files = {frame: Path(place) / f"{frame}.png" for frame in frames}
        encode = _each(frames, lambda frame: write_picture(files[frame], made[frame - 1], {KEY_NAME: "0" * 40}))
        contents = [files[frame].read_bytes() for frame in frames]
        plain = min(_each(frames, lambda frame: files[frame].write_bytes(contents[frame - 1])) for _ in range(_ROUNDS))
        safe = min(_safe(bundle, contents) for _ in range(_ROUNDS))
    frame = compute + encode
    print(f"computing {1000 * compute:.1f} ms, encoding and writing {1000 * encode:.1f} ms; plain write {1000 * plain:.2f} ms, "
          f"with lease, key, temporary file, flush, rename and journal {1000 * safe:.2f} ms: "
          f"safety costs {1000 * (safe - plain):.2f} ms, {100 * (safe - plain) / frame:.2f} % of a frame")


def _safe(bundle: Bundle, contents: list[bytes]) -> float:
    """Seconds a frame: everything that a render does around computing and encoding."""
    for path in bundle.frames_folder.glob("*.png"):
        path.unlink()
    began = time.perf_counter()
    wanted = bundle.wanted(bundle.frame_numbers())
    with Leases(bundle.folder / "leases") as leases:
        shares = Shares(bundle, wanted, leases)
        while batch := shares.take(1):
            frame = batch[0]
            write_whole(bundle.frame_path(frame), contents[frame - 1])
            journal.append(bundle.journal_path, event="frame", frame=frame, key=wanted[frame], bytes=len(contents[frame - 1]))
            shares.finished(frame)
    bundle.wanted(bundle.frame_numbers())
    return (time.perf_counter() - began) / len(contents)


def _each(frames: list[int], work: Callable[[int], object]) -> float:
    """Seconds a frame."""
    began = time.perf_counter()
    for frame in frames:
        work(frame)
    return (time.perf_counter() - began) / len(frames)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]), *sys.argv[2:3])
