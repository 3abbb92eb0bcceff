"""Where results go: looked at before the work, not after it."""

from __future__ import annotations

import argparse
import errno
import os
from pathlib import Path

from ..errors import UsageError
from ..files import disk_error

_NAMES = ("out", "sheet", "plot", "json")
_PICTURES_NOT_WRITTEN = (".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".gif", ".bmp")


def require_places(args: argparse.Namespace) -> None:
    """Raises UsageError or DiskError where what was asked for could not be written in the end."""
    makes_frames = hasattr(args, "fps")  # into a folder, or a film
    for name in _NAMES:
        value = getattr(args, name, None)
        if not isinstance(value, str):
            continue
        if not value:
            raise UsageError(f"--{name}: there is no name; give the file to write")
        path = Path(value)
        if not makes_frames and path.is_dir():
            raise UsageError(f"--{name}: '{path}' is a folder; name a file in it")
        if not makes_frames and name != "plot" and path.suffix.lower() in _PICTURES_NOT_WRITTEN:
            ending = ".json" if name == "json" else ".png, the only pictures that are written"
            raise UsageError(f"--{name}: '{path.name}' should end in {ending}")
        _require_writable(path)


def _require_writable(path: Path) -> None:
    folder = next(place for place in path.absolute().parents if place.exists())
    if not folder.is_dir():
        raise disk_error(path, OSError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)))
    if not os.access(folder, os.W_OK):
        read_only = hasattr(os, "statvfs") and os.statvfs(folder).f_flag & os.ST_RDONLY
        number = errno.EROFS if read_only else errno.EACCES
        raise disk_error(path, OSError(number, os.strerror(number)))
