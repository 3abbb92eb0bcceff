"""The small picture in the panel."""

from __future__ import annotations

import bpy
import bpy.utils.previews
import numpy as np

_NAME = "frame"
_LARGEST = 512
_previews: list = []


def show(width: int, height: int, raw: bytes) -> None:
    """Show an RGB picture, 8 bit, rows from the top."""
    step = max(1, -(-max(width, height) // _LARGEST))
    picture = np.frombuffer(raw, np.uint8).reshape(height, width, 3)[::-step, ::step]
    rgba = np.concatenate([picture, np.full((*picture.shape[:2], 1), 255, np.uint8)], axis=2) / np.float32(255)
    if not _previews:
        _previews.append(bpy.utils.previews.new())
    preview = _previews[0].get(_NAME) or _previews[0].new(_NAME)
    preview.image_size = (rgba.shape[1], rgba.shape[0])
    preview.image_pixels_float.foreach_set(rgba.astype(np.float32).ravel())


def icon() -> int:
    """Icon of the last picture; 0 where there is none."""
    preview = _previews[0].get(_NAME) if _previews else None
    return preview.icon_id if preview else 0


def clear() -> None:
    """Forget it."""
    while _previews:
        bpy.utils.previews.remove(_previews.pop())
