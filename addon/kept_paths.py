"""Paths as a .blend keeps them: relative to it, so that both can be moved together; whole where it lies on another drive."""

from __future__ import annotations

import os
from pathlib import Path

import bpy


def kept_path(path: str | Path, start: str = "") -> str:
    """A path, however it is written, as the open .blend should keep it; or one that will be in the folder `start`."""
    whole = bpy.path.abspath(str(path))
    if not (start or bpy.data.filepath):
        return whole
    try:
        return bpy.path.relpath(whole, start=start or None)
    except ValueError:  # Windows: nothing leads from one drive to another
        return whole


def whole_path(path: str, library: bpy.types.Library | None = None) -> Path:
    """A path of the .blend from the root on; the same also where it leads up and down again (`//../music/song.ogg`)."""
    return Path(os.path.normpath(bpy.path.abspath(path, library=library)))
