"""Nobody can connect: not to the engine, not to a render on the command line, nor to what these start."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from .engines import engine, listening
from .nursery import Nursery, require

_FRAMES, _LOOK_S = 2000, 0.2


def sockets(nursery: Nursery, count: int) -> dict[str, object]:
    """Look at every process of each way to render, several times while it renders; then end its parent by force."""
    looks, found = 0, []
    with engine() as kept:
        bundle = nursery.bundle("engine", _FRAMES)
        kept.start("render", {"bundle": str(bundle.folder), "device": "cpu"})
        for _ in range(20):
            kept.poll()
            time.sleep(_LOOK_S)
            looks, found = looks + 1, found + listening(kept.pid)
    bundle = nursery.bundle("line", _FRAMES)
    run = subprocess.Popen([sys.executable, "-m", "ganreact_core", "bundle", "run", str(bundle.folder)], stderr=subprocess.DEVNULL)
    family: set[int] = set()
    for _ in range(20):
        time.sleep(_LOOK_S)
        family |= {run.pid, *_children(run.pid)}
        looks, found = looks + len(family), found + [place for pid in family for place in listening(pid)]
    require(len(family) > 1, "the command line renders without an engine of its own")
    run.kill()
    run.wait()
    gone_s = _until_gone(family - {run.pid})
    require(not found, f"somebody could connect to {found}")
    require(gone_s < 2, f"the engine lived on for {gone_s:.1f} s after its parent was killed")
    return {"looks": looks, "listening sockets": 0, "engine gone after its parent's SIGKILL, s": round(gone_s, 2)}


def _children(pid: int) -> list[int]:
    return [int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()]


def _until_gone(pids: set[int]) -> float:
    began = time.monotonic()
    while time.monotonic() - began < 10 and any(_lives(pid) for pid in pids):
        time.sleep(0.01)
    return time.monotonic() - began


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
