"""Whole files or none: what is written here appears at its name complete, or not at all."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from .errors import DiskError, DiskFull, InputFileError
from .processes import is_gone, machine, process_name

_BUSY_ON_WINDOWS = {5, 32, 33}  # virus scanners and indexers hold a fresh file for a moment
BINARY = getattr(os, "O_BINARY", 0)  # or Windows writes every line feed of a picture as two bytes
TEMPORARY = ".tmp"
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)
_LEFT_OVER_S = 3600.0
_WRITTEN_BY = re.compile(r"\..*\.(?P<machine>[A-Za-z0-9-]+)\.(?P<process>\d+-\d+)\.[0-9a-f]+\.tmp", re.DOTALL)
"""A temporary name of ours; whatever else is called .tmp is somebody else's."""
_NAME_KEPT = 40  # letters of a name that its temporary one repeats: systems take 255 bytes, four a letter

_unfinished: set[Path] = set()
_unfinished_lock = threading.Lock()


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write to; on leaving it is flushed to disk and renamed to `path`, on an error it is removed.

    Raises DiskError where the disk refuses, DiskFull where it is full.
    """
    with _temporary(path) as temporary:
        with open(temporary, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _replace(temporary, path)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole, in one go; errors as `whole_file`."""
    with _temporary(path) as temporary:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | BINARY, 0o666)
        try:
            write_all(handle, content)
            os.fsync(handle)
        finally:
            os.close(handle)
        _replace(temporary, path)


def write_all(handle: int, content: bytes) -> None:
    """Write every byte, however many the system takes at a time."""
    left = memoryview(content)
    while left:
        written = os.write(handle, left)
        if written <= 0:
            raise OSError(errno.EIO, "nothing could be written")
        left = left[written:]


def file_sha256(path: Path) -> str:
    """Hexadecimal sha256 of a regular file's bytes; raises InputFileError where it cannot be read."""
    if not path.is_file():
        raise InputFileError(f"'{path.name}' is no file that can be read; choose it again")
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as cause:
        raise InputFileError(f"'{path.name}' cannot be read ({cause.strerror}); choose another file") from cause


def require_there(path: str | os.PathLike, what: str, error: type[InputFileError] = InputFileError) -> None:
    """Raises where nothing is at a path: the one sentence for it, whatever the file would be."""
    with contextlib.suppress(OSError):  # a name that no system takes is told where the file is opened
        if not Path(path).exists():
            raise error(not_there(path, what))


def read_small(path: Path, what: str, error: type[InputFileError] = InputFileError, *, most_bytes: int = 16 << 20) -> bytes:
    """The content of a regular file that cannot be large, whatever it is; raises where it is missing, is none, or is."""
    require_there(path, what, error)
    try:
        if not path.is_file():
            raise error(f"'{shown(path)}' is no file; choose the {what} again")
        if path.stat().st_size > most_bytes:
            raise error(f"'{shown(path)}' is too large for what it should be; choose the {what} again")
        return path.read_bytes()
    except (OSError, ValueError) as cause:
        reason = getattr(cause, "strerror", None) or "its name cannot be used"
        raise error(f"'{shown(path)}' cannot be read ({reason}); choose the {what} again") from cause


def without_waiting(path: str, flags: int) -> int:
    """An opener for `open`: a pipe that lies where a file should be does not wait for somebody who writes into it."""
    return os.open(path, flags | _NO_WAIT)


def shown(path: str | os.PathLike) -> str:
    """The file's name for a message: one line, nothing that moves a cursor or turns the reading direction."""
    name = Path(os.fsdecode(path)).name or os.fsdecode(path)
    return "".join(c if c.isprintable() else "?" for c in name)


def not_there(path: str | os.PathLike, what: str) -> str:
    """The sentence for a file that is missing."""
    if re.match(r"(https?|ftp):/", os.fsdecode(path)):
        return f"'{shown(path)}' is an address on the network, not a file; download it and give the file"
    return f"'{shown(path)}' is not there; choose the {what} again"


def disk_error(path: Path, cause: OSError) -> DiskError:
    """One sentence on why a path cannot be written."""
    if cause.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(f"the disk of '{path.parent}' is full; make room and try again, what is done stays")
    return DiskError(f"'{path}' cannot be written ({cause.strerror or cause}); choose another folder")


def remove_left_overs(folder: Path) -> None:
    """Remove temporary files that a killed process left in a folder; those of processes that may still be at work stay."""
    strays = [(path, told) for path in folder.glob(f".*{TEMPORARY}") if (told := _WRITTEN_BY.fullmatch(path.name))]
    now_s = folder_clock_s(folder) if strays else 0.0
    for stray, told in strays:
        with contextlib.suppress(OSError):
            if is_gone(told["machine"], told["process"]) or now_s - stray.stat().st_mtime > _LEFT_OVER_S:
                stray.unlink()


def remove_unfinished() -> None:
    """Remove what this process was just writing, and begin nothing any more: the last thing before it ends without asking
    its threads."""
    _unfinished_lock.acquire()  # for good
    for path in _unfinished:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def folder_clock_s(folder: Path) -> float:
    """The time by the clock that stamps the files of a folder, which on a shared one is not this machine's; 0 where unknown."""
    probe = folder / temporary_name("clock")
    try:
        os.close(os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        return probe.stat().st_mtime
    except OSError:
        return 0.0
    finally:
        with contextlib.suppress(OSError):
            probe.unlink(missing_ok=True)


def temporary_name(name: str) -> str:
    """A name that no other file has and that tells its writer, for a file that will be `name`, or will be removed."""
    return f".{name[:_NAME_KEPT]}.{machine()}.{process_name()}.{secrets.token_hex(4)}{TEMPORARY}"


@contextlib.contextmanager
def _temporary(path: Path) -> Iterator[Path]:
    """A fresh name beside `path`, gone at the end; the disk's refusals become the core's errors."""
    temporary = path.with_name(temporary_name(path.name))
    with _unfinished_lock:
        _unfinished.add(temporary)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
    except OSError as cause:
        raise disk_error(path, cause) from cause
    finally:
        with contextlib.suppress(OSError):  # a disk that refuses to write refuses this too
            temporary.unlink(missing_ok=True)
        with _unfinished_lock:
            _unfinished.discard(temporary)


def _replace(source: Path, target: Path, *, pause: Callable[[float], None] = time.sleep) -> None:
    for delay_s in (0.05, 0.1, 0.2, 0.4, 0.8, 0.9):
        try:
            source.replace(target)
            return
        except OSError as cause:
            if getattr(cause, "winerror", None) not in _BUSY_ON_WINDOWS:
                raise
            pause(delay_s)
    source.replace(target)
