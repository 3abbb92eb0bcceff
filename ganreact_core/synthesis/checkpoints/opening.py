"""From a path to bytes: regular files only, read once through one handle, hashed as they are."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import BinaryIO

from .records import refuse, shown

_MAX_BYTES = 16 << 30


def read_file(path: Path) -> memoryview:
    """The content of a regular file. Fifos, devices and folders are refused before they are opened."""
    before = _regular(path)
    try:
        with open(path, "rb") as file:
            return _read_steady(file, path, before)
    except OSError as cause:
        raise refuse(f"'{shown(path, 300)}' cannot be read ({cause.strerror or cause}); "
                     "check the disk and its permissions") from cause
    except MemoryError as cause:
        raise refuse(f"'{shown(path, 300)}' does not fit into memory ({before.st_size} bytes); "
                     "close other programs or use a smaller network") from cause


def sha256(*content: memoryview | bytes) -> str:
    """The hash of a whole file's content, as hexadecimal digits; of several files, of one after the other."""
    digest = hashlib.sha256()
    for part in content:
        digest.update(part)
    return digest.hexdigest()


def _regular(path: Path) -> os.stat_result:
    try:
        found = path.stat()
    except (OSError, ValueError) as cause:
        reason = getattr(cause, "strerror", None) or str(cause)
        raise refuse(f"there is no checkpoint at '{shown(path, 300)}' ({reason}); check the path") from cause
    if not stat.S_ISREG(found.st_mode):
        raise refuse(f"'{shown(path, 300)}' is not a file; choose the checkpoint itself")
    if found.st_size > _MAX_BYTES:
        raise refuse(f"'{shown(path, 300)}' is larger than any known network ({found.st_size >> 30} GiB)")
    return found


def _read_steady(file: BinaryIO, path: Path, before: os.stat_result) -> memoryview:
    """All bytes, provided that the file stayed the same from the first look to the last byte."""
    opened = os.fstat(file.fileno())
    content = file.read(opened.st_size) if stat.S_ISREG(opened.st_mode) else b""
    after = os.fstat(file.fileno())
    looks = {(look.st_ino, look.st_size, look.st_mtime_ns) for look in (before, opened, after)}
    if len(looks) != 1 or len(content) != before.st_size:
        raise refuse(f"'{shown(path, 300)}' changed while it was read; wait until its download is complete")
    return memoryview(content)
