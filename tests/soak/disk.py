"""A disk that is really full: a small tmpfs. Nothing unfinished counts, and with room the render goes on by itself."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ganreact_core.bundle import Bundle

from .nursery import LOOK, Nursery, bad_but_done, contents, done_frames, end_of, require, strays

_FRAMES = 24
_LOOK = replace(LOOK, size=(64, 64))
_ROOM_KIB, _FILLER_STEP = 90, 997


def disk(nursery: Nursery, count: int) -> dict[str, object]:
    """`count` renders into too little room, which ends at another byte each time; every second one waits for more."""
    if os.name != "posix" or os.geteuid() != 0:
        return {"left out": "a small disk is mounted by root alone"}
    quiet = nursery.bundle("roomy", _FRAMES, _LOOK)
    require(end_of(nursery.render(quiet)) == 0, "the quiet run failed")
    wanted, longest_s, paused = contents(quiet), 0.0, 0
    for number in range(count):
        with small_disk(nursery.folder / "small") as small:
            bundle = nursery.bundle("b", _FRAMES, _LOOK, folder=small)
            _fill(small, _ROOM_KIB * 1024 - number * _FILLER_STEP % 20_000)
            if number % 2:
                longest_s, paused = max(longest_s, _wait(nursery, bundle, small)), paused + 1
            else:
                status = end_of(nursery.render(bundle))
                require(status == 4, f"the render on a full disk ended with {status}")
                require(not bad_but_done(bundle) and len(done_frames(bundle)) < _FRAMES, "an unfinished frame counts as done")
                _make_room(small)
                require(end_of(nursery.render(bundle)) == 0, "with room, the next run does not complete")
            require(contents(bundle) == wanted and not strays(bundle), "the frames differ from those of a roomy disk")
    return {"renders on a full disk": count, "ended with 4, completed by the next run": count - paused, "went on by themselves": paused,
            "seconds from room to the end, at most": round(longest_s, 1), "broken frames that counted as done": 0}


def _wait(nursery: Nursery, bundle: Bundle, small: Path) -> float:
    """A render that waits; seconds from the moment there is room until it has ended."""
    pid = nursery.render(bundle, wait_for_disk_s=60.0)
    time.sleep(2.5)
    require(os.waitpid(pid, os.WNOHANG)[0] == 0, "a render that should wait for room has ended")
    require(not bad_but_done(bundle), "an unfinished frame counts as done")
    _make_room(small)
    began = time.monotonic()
    require(end_of(pid) == 0, "with room, the waiting render does not complete")
    return time.monotonic() - began


def _fill(small: Path, room: int) -> None:
    left = os.statvfs(small)
    (small / "filler").write_bytes(b"\0" * max(0, left.f_bavail * left.f_frsize - room))


def _make_room(small: Path) -> None:
    (small / "filler").unlink()


@contextlib.contextmanager
def small_disk(place: Path) -> Iterator[Path]:
    """A megabyte, mounted for a while."""
    place.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)
