"""The live picture: in the panel, and as an image for the Image Editor."""

from __future__ import annotations

from pathlib import Path

import bpy
import bpy.utils.previews
import numpy as np

from . import showing

IMAGE = "GANReact · live"
_NAME = "frame"
_LARGEST = 512
_previews: list = []


def show(width: int, height: int, raw: bytes, size: tuple[int, int] | None = None) -> None:
    """Show an RGB picture, 8 bit, rows from the top.

    size   the look's (width, height), where it differs: in the Image Editor a rough picture, which has fewer pixels, is as
           large as the sharp one that follows
    """
    size = size or (width, height)
    pixels = np.frombuffer(raw, np.uint8).reshape(height, width, 3)
    _in_panel(pixels)
    image = bpy.data.images.get(IMAGE)
    if image is not None and not image.library:
        is_new = tuple(image.size) != size
        into_image(image, enlarged(pixels, size))
        if is_new:
            showing.fit(image)


def enlarged(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A picture [h, w, 3] at another size (width, height), linear between pixels; the same array where it has that size."""
    for axis, wanted in enumerate(size[::-1]):
        there = pixels.shape[axis]
        if there != wanted:
            at = np.clip((np.arange(wanted, dtype=np.float32) + 0.5) * (there / wanted) - 0.5, 0, there - 1)
            low = at.astype(int)
            share = (at - low).reshape((-1, 1, 1) if axis == 0 else (-1, 1))
            below, above = pixels.take(low, axis), pixels.take(np.minimum(low + 1, there - 1), axis)
            pixels = below + (above - below.astype(np.float32)) * share
    return pixels


def into_image(image: bpy.types.Image, picture: np.ndarray) -> None:
    """Write a picture [h, w, 3] into an image, which becomes as large."""
    height, width = picture.shape[:2]
    if tuple(image.size) != (width, height):
        image.scale(width, height)
    image.pixels.foreach_set(_rgba(picture[::-1]).ravel())
    image.update()


def named_image(name: str) -> bpy.types.Image:
    """An image that pictures are written into, made where it is missing."""
    image = bpy.data.images.get(name)
    if image is None:
        image = bpy.data.images.new(name, 64, 64, alpha=False)
        image.colorspace_settings.name = "sRGB"
    return image


def icon() -> int:
    """Icon of the last picture; 0 where there is none."""
    preview = _previews[0].get(_NAME) if _previews else None
    return preview.icon_id if preview else 0


def last() -> np.ndarray | None:
    """The last picture as float32 [h, w, 4], rows from below; None where there is none."""
    preview = _previews[0].get(_NAME) if _previews else None
    if preview is None or not preview.image_size[0]:
        return None
    pixels = np.empty(preview.image_size[0] * preview.image_size[1] * 4, np.float32)
    preview.image_pixels_float.foreach_get(pixels)
    return pixels.reshape(preview.image_size[1], preview.image_size[0], 4)


def pixels_of(file: Path) -> np.ndarray:
    """A picture file as float32 [h, w, 4], rows from below."""
    image = bpy.data.images.load(str(file), check_existing=False)
    pixels = np.empty(image.size[0] * image.size[1] * 4, np.float32)
    image.pixels.foreach_get(pixels)
    pixels = pixels.reshape(image.size[1], image.size[0], 4)
    bpy.data.images.remove(image)
    return pixels


def clear() -> None:
    """Forget it."""
    while _previews:
        bpy.utils.previews.remove(_previews.pop())


def _in_panel(picture: np.ndarray) -> None:
    step = max(1, -(-max(picture.shape[:2]) // _LARGEST))
    rgba = _rgba(picture[::-step, ::step])
    if not _previews:
        _previews.append(bpy.utils.previews.new())
    preview = _previews[0].get(_NAME) or _previews[0].new(_NAME)
    preview.image_size = (rgba.shape[1], rgba.shape[0])
    preview.image_pixels_float.foreach_set(rgba.ravel())


def _rgba(picture: np.ndarray) -> np.ndarray:
    """uint8 [h, w, 3] -> float32 [h, w, 4], opaque."""
    rgba = np.ones((*picture.shape[:2], 4), np.float32)
    rgba[..., :3] = picture * np.float32(1 / 255)
    return rgba
