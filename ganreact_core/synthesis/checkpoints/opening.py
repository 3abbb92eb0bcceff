"""From a path to bytes: regular files only, read once through one handle, hashed as they are.

A file is read, not mapped: what was checked cannot change afterwards, and a drive that vanishes is an error and not a crash.
"""

from __future__ import annotations

import contextlib
import hashlib
import mmap
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ...files import not_there
from .records import refuse, shown

_MAX_BYTES = 16 << 30
_PIECE_BYTES = 16 << 20
_LARGE_BYTES = 1 << 20  # from here on memory is taken by the page, so that pages can be given back


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
    except FileNotFoundError as cause:
        raise refuse(not_there(path, "checkpoint")) from cause
    except (OSError, ValueError) as cause:
        reason = getattr(cause, "strerror", None) or str(cause)
        raise refuse(f"'{shown(path, 300)}' cannot be opened ({reason}); choose another checkpoint") from cause
    if not stat.S_ISREG(found.st_mode):
        raise refuse(f"'{shown(path, 300)}' is not a file; choose the checkpoint itself")
    if found.st_size > _MAX_BYTES:
        raise refuse(f"'{shown(path, 300)}' is larger than any known network ({found.st_size >> 30} GiB)")
    return found


def release_rest(content: memoryview, kept: Iterable[np.ndarray]) -> None:
    """Give memory back that lies between the arrays that are views into the content; nothing else of it may be used again.

    Of a training snapshot a third is the network that draws. Where the system knows no such thing, nothing happens.
    """
    memory = content.obj
    if not isinstance(memory, mmap.mmap) or not hasattr(mmap, "MADV_DONTNEED"):
        return
    base, free, page = np.frombuffer(content, np.uint8).ctypes.data, 0, mmap.PAGESIZE
    for begin, end in sorted(span for span in map(_span, kept) if base <= span[0] < base + len(content)):
        _release(memory, free, (begin - base) // page * page)
        free = max(free, -(-(end - base) // page) * page)
    _release(memory, free, -(-len(content) // page) * page)


def _span(array: np.ndarray) -> tuple[int, int]:
    """The addresses of an array's first byte and of the byte after its last, whichever way it runs."""
    reaches = [(side - 1) * stride for side, stride in zip(array.shape, array.strides, strict=True)]
    first = array.ctypes.data
    return first + sum(reach for reach in reaches if reach < 0), first + sum(r for r in reaches if r > 0) + array.itemsize


def _release(memory: mmap.mmap, begin: int, end: int) -> None:
    if begin < end:
        memory.madvise(mmap.MADV_DONTNEED, begin, end - begin)


def _read_steady(file: BinaryIO, path: Path, before: os.stat_result) -> memoryview:
    """All bytes, provided that the file stayed the same from the first look to the last byte."""
    opened = os.fstat(file.fileno())
    content = _memory(opened.st_size if stat.S_ISREG(opened.st_mode) else 0)
    n_read = 0
    while n_read < len(content):
        count = file.readinto(content[n_read:n_read + _PIECE_BYTES])  # type: ignore[attr-defined]
        if not count:
            break
        n_read += count
    after = os.fstat(file.fileno())
    looks = {(look.st_ino, look.st_size, look.st_mtime_ns) for look in (before, opened, after)}
    if len(looks) != 1 or n_read != before.st_size or file.read(1):
        raise refuse(f"'{shown(path, 300)}' changed while it was read; wait until its download is complete")
    return content


def _memory(size: int) -> memoryview:
    """So many bytes to read into."""
    if size < _LARGE_BYTES:
        return memoryview(bytearray(size))
    own = {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if hasattr(mmap, "MAP_ANONYMOUS") else {}
    memory = mmap.mmap(-1, size, **own)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        with contextlib.suppress(OSError):  # a kernel without large pages
            memory.madvise(mmap.MADV_HUGEPAGE)
    return memoryview(memory)
