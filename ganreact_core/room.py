"""Room on a disk: is there enough for what is to come, and waiting until there is."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from .errors import Cancelled, DiskFull

T = TypeVar("T")
_RETRY_S = 2.0
_MARGIN = 1.1


def free_bytes(folder: Path) -> int | None:
    """What is free to this user where a folder is; None where the system does not say."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def require_room(folder: Path, n_frames: int, frame_bytes: float) -> None:
    """Raises DiskFull where frames of this size will not all find room, with a tenth to spare."""
    free, needed = free_bytes(folder), n_frames * frame_bytes * _MARGIN
    if free is not None and free < needed:
        raise DiskFull(f"the disk of '{folder}' has {_size(free)} free and {n_frames} more frames need about {_size(needed)}; "
                       "make room, choose another folder, or wait for room with --wait-for-disk")


class Patience:
    """Tries again while a disk is full, as long as somebody is willing to wait.

    wait_s     how long for one file; 0: not at all, inf: until there is room
    cancelled  asked twice a second meanwhile
    told       called with True when the waiting begins, with False when it has ended
    """

    def __init__(self, wait_s: float, cancelled: Callable[[], bool], told: Callable[[bool], None]):
        self._wait_s, self._cancelled, self._told = wait_s, cancelled, told

    def __call__(self, write: Callable[[], T]) -> T:
        """What `write` returns, once it has not raised DiskFull; its last DiskFull where that took too long."""
        began, waiting = time.monotonic(), False
        while True:
            try:
                result = write()
            except DiskFull:
                if time.monotonic() - began >= self._wait_s:
                    raise
                if not waiting:
                    waiting = True
                    self._told(True)
                self._pause()
            else:
                if waiting:
                    self._told(False)
                return result

    def _pause(self) -> None:
        until = time.monotonic() + _RETRY_S
        while time.monotonic() < until:
            if self._cancelled():
                raise Cancelled("stopped while the disk was full; what is finished stays")
            time.sleep(0.2)


def _size(n_bytes: float) -> str:
    return f"{n_bytes / 1e9:.1f} GB" if n_bytes >= 1e8 else f"{n_bytes / 1e6:.1f} MB"
