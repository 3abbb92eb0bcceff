"""Paths as a .blend keeps them: relative to it, so that both can be moved together; whole where it lies on another drive."""

from __future__ import annotations

from pathlib import Path

import bpy


def kept_path(path: str | Path) -> str:
    """A path, however it is written, as the open .blend should keep it."""
    whole = bpy.path.abspath(str(path))
    if not bpy.data.filepath:
        return whole
    try:
        return bpy.path.relpath(whole)
    except ValueError:  # Windows: nothing leads from one drive to another
        return whole
