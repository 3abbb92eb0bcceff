"""Who wrote a file: a process is known by its machine, its number, and when it was started, since numbers are used again."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import platform
import re
import select
import signal
import sys
from functools import lru_cache
from pathlib import Path

_PROC = Path("/proc")
_SET_PARENT_DEATH_SIGNAL = 1
_STARTED_FIELD = 19  # of /proc/PID/stat, counted after the name in parentheses: field 22 of proc(5)


@lru_cache(maxsize=1)
def machine() -> str:
    """This machine, since it was switched on, and the space its process numbers are counted in: two containers of one
    name are two machines. Letters, digits and dashes."""
    parts = [platform.node()]
    with contextlib.suppress(OSError):  # not Linux, or a container that hides it
        parts.append((_PROC / "sys/kernel/random/boot_id").read_text())
        parts.append(str((_PROC / "self/ns/pid").readlink()))
    name = re.sub(r"[^A-Za-z0-9-]", "-", platform.node())[:24] or "host"
    return f"{name}-{hashlib.blake2b('|'.join(parts).encode(), digest_size=4).hexdigest()}"


def process_name(pid: int | None = None) -> str:
    """A process of this machine as "PID-STARTED", the present one where none is named."""
    return _own_name(os.getpid()) if pid is None else f"{pid}-{_started(pid) or 0}"


def is_gone(on_machine: str, name: str) -> bool:
    """Whether a process has certainly ended. Of other machines' processes, and where there is no /proc, nothing is certain."""
    pid, dash, started = name.partition("-")
    if on_machine != machine() or not (dash and pid.isdigit()) or not (_PROC / "self").exists():
        return False
    now = _started(int(pid))
    return now is None or now != started


def end_with_parent(wish: bool) -> None:
    """Let the system kill this process when its parent ends, or not any more; of the main thread. Elsewhere than on Linux,
    nothing. For while a process imports, and cannot notice by itself that nobody waits for it."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL if wish else 0, 0, 0, 0)
        if wish and _is_pipe_closed(0):  # it ended before this was said
            os._exit(0)


def _is_pipe_closed(descriptor: int) -> bool:
    watch = select.poll()
    watch.register(descriptor, 0)
    return any(event & select.POLLHUP for _, event in watch.poll(0))


@lru_cache(maxsize=1)
def _own_name(pid: int) -> str:
    return f"{pid}-{_started(pid) or 0}"


def _started(pid: int) -> str | None:
    """Clock ticks from the machine's start to the process's; None where there is no such process, or it is a zombie."""
    try:
        state, *fields = (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except (OSError, ValueError):
        return None
    return None if state in "ZX" or len(fields) < _STARTED_FIELD else fields[_STARTED_FIELD - 1]
