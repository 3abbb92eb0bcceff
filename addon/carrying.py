"""What a bundle carries beside look and table, written from Blender: pictures of masks, files of rewrites."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np

from ..ganreact_core.carried import mask_picture_path, rewrite_file
from ..ganreact_core.errors import LookError
from ..ganreact_core.files import disk_error, write_whole
from ..ganreact_core.look import Look, Mask
from ..ganreact_core.png import grey_png

_PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".tga"}


def carry(folder: Path, look: Look, numbers: range) -> None:
    """Put into a bundle's folder what its look needs of files and images; what is there already and the same stays.

    A mask's image is one of this file by name, painted ones too, or a file; a sequence is a folder of pictures, one a frame.
    """
    for mask in look.masks:
        if mask.kind == "image":
            _put(mask_picture_path(folder, mask), _image_bytes(mask))
        elif mask.kind == "sequence":
            for number, source in zip(numbers, _sequence(mask), strict=False):
                _put(mask_picture_path(folder, mask, number), _read(source, mask.id))
    for rewrite in look.rewrites:
        if rewrite.kind == "file":
            _put(rewrite_file(folder, rewrite.id), _read(Path(bpy.path.abspath(rewrite.file)), rewrite.id))


def needs_carrying(look: Look) -> bool:
    """Whether a look is more than its text."""
    return any(mask.is_picture for mask in look.masks) or any(rewrite.kind == "file" for rewrite in look.rewrites)


def _image_bytes(mask: Mask) -> bytes:
    image = bpy.data.images.get(mask.file)
    if image is None:
        return _read(Path(bpy.path.abspath(mask.file)), mask.id)
    width, height = image.size
    if not (width and height):
        raise LookError(f"the image '{mask.file}' of the mask '{mask.id}' holds no pixels; load or paint it again")
    pixels = np.empty(width * height * image.channels, np.float32)
    image.pixels.foreach_get(pixels)
    colours = pixels.reshape(height, width, image.channels)[::-1, :, :3]  # Blender counts rows from below
    grey = colours @ np.float32([0.2126, 0.7152, 0.0722]) if colours.shape[2] == 3 else colours[..., 0]
    return grey_png(np.clip(grey * 255 + 0.5, 0, 255).astype(np.uint8))


def _sequence(mask: Mask) -> list[Path]:
    folder = Path(bpy.path.abspath(mask.file))
    found = sorted(path for path in folder.glob("*") if path.suffix.lower() in _PICTURES)
    if not found:
        raise LookError(f"the folder '{folder.name}' of the mask '{mask.id}' holds no pictures; choose another")
    return found


def _read(path: Path, ident: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as cause:
        raise LookError(f"'{path.name}', which '{ident}' needs, cannot be read; choose it again") from cause


def _put(path: Path, content: bytes) -> None:
    """Write what differs: a file that is written anew would be read anew."""
    try:
        if path.is_file() and path.read_bytes() == content:
            return
    except OSError as cause:
        raise disk_error(path, cause) from cause
    write_whole(path, content)
