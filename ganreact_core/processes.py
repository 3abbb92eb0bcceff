"""Processes: who wrote a file, and does he live; small ones that are asked something; ones that end with their parent.

A process is known by its machine, its number, and, where that can be told, when it was started: numbers are used again.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import platform
import re
import select
import signal
import subprocess
import sys
import uuid
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""A process that is started with these `creationflags` opens no console on Windows."""

_PROC = Path("/proc")
_SET_PARENT_DEATH_SIGNAL = 1
_PID = re.compile(r"[1-9][0-9]{0,9}")
_SYNCHRONIZE, _ERROR_INVALID_PARAMETER, _WAIT_TIMEOUT = 0x0010_0000, 87, 0x102  # of the Windows API
_STARTED_FIELD = 19  # of /proc/PID/stat, counted after the name in parentheses: field 22 of proc(5)


@lru_cache(maxsize=1)
def machine() -> str:
    """This machine, since it was switched on, and the space its process numbers are counted in: two containers of one
    name are two machines; so are two of one name on a network. Letters, digits and dashes."""
    parts = [platform.node()]
    if _has_proc():
        with contextlib.suppress(OSError):  # a container that hides it
            parts.append((_PROC / "sys/kernel/random/boot_id").read_text())
            parts.append(str((_PROC / "self/ns/pid").readlink()))
    else:
        parts.append(f"{uuid.getnode():012x}")
    name = re.sub(r"[^A-Za-z0-9-]", "-", platform.node())[:24] or "host"
    return f"{name}-{hashlib.blake2b('|'.join(parts).encode(), digest_size=4).hexdigest()}"


def process_name(pid: int | None = None) -> str:
    """A process of this machine as "PID-STARTED", the present one where none is named."""
    return _own_name(os.getpid()) if pid is None else f"{pid}-{_started(pid) or 0}"


def is_gone(on_machine: str, name: str) -> bool:
    """Whether a process has certainly ended. Of other machines' processes nothing is certain, nor, where there is no /proc,
    of one whose number is in use again."""
    pid, dash, started = name.partition("-")
    if on_machine != machine() or not dash or not _PID.fullmatch(pid):
        return False
    if not _has_proc():
        return not _is_in_use(int(pid))
    now = _started(int(pid))
    return now is None or now != started


def run_quietly(command: Sequence[str], *, timeout_s: float,
                environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a short program to its end: no console opens, nothing waits for a keyboard; what it says is read as UTF-8.

    Raises OSError where it does not start, subprocess.TimeoutExpired.
    """
    return subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8",
                          errors="replace", timeout=timeout_s, check=False, creationflags=NO_WINDOW)


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


def _has_proc() -> bool:
    return (_PROC / "self").exists()


def _is_in_use(pid: int) -> bool:
    """Whether a process has this number, as far as this user may know."""
    if sys.platform == "win32":
        return _is_in_use_on_windows(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # somebody else's
        return True
    return True


if sys.platform == "win32":
    def _is_in_use_on_windows(pid: int) -> bool:
        """A process that has ended keeps its number while somebody holds it open: it can be waited for without waiting."""
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.OpenProcess.restype = ctypes.c_void_p
        handle = kernel.OpenProcess(_SYNCHRONIZE, False, pid)
        if not handle:
            return ctypes.get_last_error() != _ERROR_INVALID_PARAMETER
        try:
            return kernel.WaitForSingleObject(ctypes.c_void_p(handle), 0) == _WAIT_TIMEOUT
        finally:
            kernel.CloseHandle(ctypes.c_void_p(handle))


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


def cores() -> int:
    """Cores that this process may use, which on a farm can be fewer than there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
