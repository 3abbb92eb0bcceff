"""Who wrote a file: a process is known by its machine, its number, and when it was started, since numbers are used again."""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import re
from functools import lru_cache
from pathlib import Path

_PROC = Path("/proc")
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
