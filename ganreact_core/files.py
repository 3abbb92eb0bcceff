"""Whole files or none: what is written here appears at its name complete, or not at all."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import platform
import re
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from .errors import DiskError, InputFileError

_BUSY_ON_WINDOWS = {5, 32, 33}  # virus scanners and indexers hold a fresh file for a moment
TEMPORARY = ".tmp"


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write to; on leaving it is flushed to disk and renamed to `path`, on an error it is removed.

    Raises DiskError where the disk refuses.
    """
    temporary = path.with_name(f".{path.name}.{_host()}.{os.getpid()}.{secrets.token_hex(4)}{TEMPORARY}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(temporary, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _replace(temporary, path)
    except OSError as cause:
        raise disk_error(path, cause) from cause
    finally:
        with contextlib.suppress(OSError):  # a disk that refuses to write refuses this too
            temporary.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes) -> None:
    """Write a small file whole."""
    with whole_file(path) as file:
        file.write(content)


def file_sha256(path: Path) -> str:
    """Hexadecimal sha256 of a regular file's bytes; raises InputFileError where it cannot be read."""
    if not path.is_file():
        raise InputFileError(f"'{path.name}' is no file that can be read; choose it again")
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as cause:
        raise InputFileError(f"'{path.name}' cannot be read ({cause.strerror}); choose another file") from cause


def cache_folder(name: str) -> Path:
    """A folder of the user's cache, made where it is missing; GANREACT_CACHE moves it."""
    if os.environ.get("GANREACT_CACHE"):
        root = Path(os.environ["GANREACT_CACHE"])
    elif os.name == "nt":
        root = Path(os.environ.get("LOCALAPPDATA", Path.home())) / "ganreact"
    else:
        root = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "ganreact"
    folder = root / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as cause:
        raise disk_error(folder, cause) from cause
    return folder


def disk_error(path: Path, cause: OSError) -> DiskError:
    """One sentence on why a path cannot be written."""
    if cause.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskError(f"the disk of '{path.parent}' is full; make room and render again, what is done stays")
    return DiskError(f"'{path}' cannot be written ({cause.strerror or cause}); choose another folder")


def remove_left_overs(folder: Path, older_than_s: float = 3600.0) -> None:
    """Remove temporary files that a killed process left in a folder; young ones may belong to a neighbour at work."""
    for stray in folder.glob(f".*{TEMPORARY}"):
        with contextlib.suppress(OSError):
            if _is_orphan(stray, older_than_s):
                stray.unlink()


def _is_orphan(stray: Path, older_than_s: float) -> bool:
    """The file is old, or its process ran on this machine and is gone. Of other machines' processes nothing is known."""
    if time.time() - stray.stat().st_mtime > older_than_s:
        return True
    host, pid = stray.name.split(".")[-4:-2]
    return host == _host() and pid.isdigit() and Path("/proc/self").exists() and not Path("/proc", pid).exists()


def _host() -> str:
    return re.sub(r"[^A-Za-z0-9-]", "-", platform.node())[:32] or "host"


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
