"""What was rendered when, by whom and in which numerics class: lines of JSON. It informs; the frames themselves are the truth.

    {"event": "start", "frames": n, "numerics": {…}, "machine": …, "process": …}
    {"event": "frame", "frame": n, "key": …, "bytes": n}
    {"event": "memory", "numerics": {…}}         less at a time from here on
    {"event": "disk", "waiting": true | false}
    {"event": "died" | "left out", "frames": [n]}

Many processes append to one file. A line that was torn, by a crash or by a network share, is passed over in reading.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from .files import BINARY, write_all, write_whole

_LINE_LIMIT = 1 << 16
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)  # a bundle from a stranger writes into no other file
_SIZE_LIMIT_BYTES = 1 << 28


def append(path: Path, **entry: object) -> None:
    """Add one line, with the time. A journal that cannot be written stops nothing."""
    line = json.dumps({"time": round(time.time(), 3), **entry}, separators=(",", ":")).encode() + b"\n"
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | BINARY | _NO_LINK, 0o666)
        try:
            if entry.get("event") == "start" and _is_torn(handle):
                line = b"\n" + line
            write_all(handle, line)
        finally:
            os.close(handle)


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Every entry that can be read, oldest first; none where there is no journal."""
    try:
        if path.stat().st_size > _SIZE_LIMIT_BYTES:
            return
        with open(path, "rb") as file:
            for line in file:
                with contextlib.suppress(ValueError, RecursionError):
                    entry = json.loads(line) if len(line) < _LINE_LIMIT else None
                    if isinstance(entry, dict) and isinstance(entry.get("event"), str):
                        yield entry
    except OSError:
        return


def rebuild(path: Path, entries: Iterable[dict[str, Any]]) -> None:
    """Write a journal anew, whole."""
    write_whole(path, b"".join(json.dumps(entry, separators=(",", ":")).encode() + b"\n" for entry in entries))


def _is_torn(handle: int) -> bool:
    """Whether the last line has no end."""
    size = os.lseek(handle, 0, os.SEEK_END)
    if not size:
        return False
    os.lseek(handle, size - 1, os.SEEK_SET)
    return os.read(handle, 1) != b"\n"
