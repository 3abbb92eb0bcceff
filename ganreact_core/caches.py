"""The user's cache: what can be made again at any time, in a folder a kind; the kinds that grow with use are kept to a size."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar

from .errors import DiskError, InputFileError
from .files import disk_error

T = TypeVar("T")


class _Kept(NamedTuple):
    """A kind that grows with every sound, picture or frame that is looked at.

    most_bytes   of all its files together
    ours         how the path of a file that may be removed looks; what somebody else put there stays
    """

    most_bytes: int
    ours: re.Pattern[str]


_GROWING = {
    "features": _Kept(2 << 30, re.compile(r"[0-9a-f]{64}-[0-9a-f-]+\.(npz|png)")),
    "thumbnails": _Kept(256 << 20, re.compile(r"[0-9a-f]{32}\.png")),
    "proxies": _Kept(4 << 30, re.compile(r"[0-9a-f]{24}/-?[0-9]{5,}\.png")),
    "glances": _Kept(1 << 30, re.compile(r"([0-9]+-){3}[0-9]+/(masks|rewrites)/.+\.(png|npz)|[0-9a-f]{24}\.json")),
    "hallu": _Kept(64 << 20, re.compile(r"clip-[0-9]+-[0-9]+-[0-9]+\.wav")),
}


def cache_folder(name: str) -> Path:
    """The folder of one kind, made where it is missing; GANREACT_CACHE moves all of them. Raises DiskError."""
    folder = _root() / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as cause:
        raise disk_error(folder, cause) from cause
    return folder


def remembered(place: Callable[[], Path], load: Callable[[Path], T], make: Callable[[], T],
               save: Callable[[Path, T], None]) -> T:
    """What the cache holds at a place, or else what is made now, and kept there for the next time.

    The cache is a help and not a need: where there can be none, or what it holds is damaged, all it costs is time.
    """
    try:
        path = place()
    except DiskError:
        return make()
    with contextlib.suppress(InputFileError):
        return load(path)
    made = make()
    with contextlib.suppress(DiskError):
        save(path, made)
    return made


def trim_caches() -> None:
    """Remove, of each kind that grows, what was used longest ago and is more than it may hold. What cannot be removed stays."""
    try:
        root = _root()
    except DiskError:
        return
    for name, kept in _GROWING.items():
        left = kept.most_bytes
        for _, size, path in sorted(_files(root / name, kept.ours), reverse=True):
            left -= size
            if left < 0:
                with contextlib.suppress(OSError):  # open in another process, on Windows
                    path.unlink()


def _root() -> Path:
    if os.environ.get("GANREACT_CACHE"):
        return Path(os.environ["GANREACT_CACHE"])
    told = Path(os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_CACHE_HOME", ""))
    if told.is_absolute():  # XDG Base Directory Specification 0.8: what is empty or relative does not count
        return told / "ganreact"
    try:
        return Path.home() / ("ganreact" if os.name == "nt" else ".cache/ganreact")
    except RuntimeError as cause:  # a container's user of no name
        raise DiskError("this user has no home folder to keep a cache in; set GANREACT_CACHE to a folder") from cause


def _files(folder: Path, ours: re.Pattern[str]) -> Iterator[tuple[float, int, Path]]:
    """(when it was used last, bytes, path) of each file that may be removed."""
    for path in folder.rglob("*.*"):
        with contextlib.suppress(OSError):  # removed by another process
            if ours.fullmatch(path.relative_to(folder).as_posix()) and path.is_file() and not path.is_symlink():
                found = path.stat()
                yield max(found.st_atime, found.st_mtime), found.st_size, path
