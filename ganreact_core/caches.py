"""The user's cache: what can be made again at any time, in a folder a kind; the kinds that grow with use are kept to a size."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from .files import disk_error


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


def trim_caches() -> None:
    """Remove, of each kind that grows, what was used longest ago and is more than it may hold. What cannot be removed stays."""
    for name, kept in _GROWING.items():
        left = kept.most_bytes
        for _, size, path in sorted(_files(_root() / name, kept.ours), reverse=True):
            left -= size
            if left < 0:
                with contextlib.suppress(OSError):  # open in another process, on Windows
                    path.unlink()


def _root() -> Path:
    if os.environ.get("GANREACT_CACHE"):
        return Path(os.environ["GANREACT_CACHE"])
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "ganreact"
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "ganreact"


def _files(folder: Path, ours: re.Pattern[str]) -> Iterator[tuple[float, int, Path]]:
    """(when it was used last, bytes, path) of each file that may be removed."""
    for path in folder.rglob("*.*"):
        with contextlib.suppress(OSError):  # removed by another process
            if ours.fullmatch(path.relative_to(folder).as_posix()) and path.is_file() and not path.is_symlink():
                found = path.stat()
                yield max(found.st_atime, found.st_mtime), found.st_size, path
