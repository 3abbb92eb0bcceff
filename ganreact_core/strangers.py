"""What a file from somebody else may not ask for: to look at a place on another machine.

Windows tells that machine who one is, with a hash of one's password, as soon as such a path is looked at, whether or not
anything is there. So a patch, a bundle or a piece that names one is refused before any of its paths is touched. What users
name themselves, on a command line or in a file browser, is theirs to name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from .errors import LookError

_DEVICES = re.compile(r"\\(?:\\[?.]|\?\?)\\(?:UNC\\)?", re.IGNORECASE)
_DRIVE = re.compile(r"[A-Za-z]:(?:\\|$)")
_SHOWN = 80


def host_of(path: str) -> str:
    r"""The machine that Windows would ask for a path, in small letters: r"\\nas\music\a.wav" -> "nas"; "" for one of its own.

    Slashes of either kind are the same; `\\?\UNC\nas\…` is another spelling of `\\nas\…`. What is no file (`\\.\pipe\…`)
    counts as elsewhere too.
    """
    path = path.replace("/", "\\")
    device = _DEVICES.match(path)
    if device is None and not path.startswith("\\\\"):
        return ""
    rest = path[device.end():] if device else path[2:]
    return "" if _DRIVE.match(rest) else rest.lstrip("\\").partition("\\")[0].casefold() or "?"


def require_near(paths: Iterable[str], what: str, beside: str | os.PathLike = "") -> None:
    """Raises LookError where a file names a place on another machine than the one that it lies on itself.

    paths    that the file names
    what     the file, for the sentence
    beside   where it lies; nothing where it came without a place
    """
    home = host_of(os.fspath(beside))
    for path in paths:
        if host_of(path) not in ("", home):
            name = "".join(c if c.isprintable() else "?" for c in path[:_SHOWN])
            raise LookError(f"{what} names '{name}', a place on another machine; if you trust it, copy that file here, write "
                            f"the copy's path into {what}, and try again")
