"""What a bundle carries beside look and table, written from Blender: pictures of masks, files of rewrites."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import bpy
import numpy as np

from ..ganreact_core.carried import lay_out, mask_picture_path, rewrite_file
from ..ganreact_core.errors import LookError
from ..ganreact_core.files import disk_error, write_whole
from ..ganreact_core.look import Look, Mask
from ..ganreact_core.png import grey_png
from .kept_paths import whole_path

MOVING = ("SEQUENCE", "MOVIE")
"""Sources of images that are another picture at every frame."""

_KNOWN_AS = "ganreact_mask"
"""Property of an image: the name that masks know it by."""

_PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".tga"}
_FILMS = {".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ogv", ".mpg", ".mpeg", ".gif"}
_NUMBERED = re.compile(r"(?P<head>.*?)(?P<n>\d+)(?P<tail>\D*)")


def carry(folder: Path, look: Look, numbers: range, first: int, *, library: bpy.types.Library | None = None) -> None:
    """Put into a bundle's folder what its look needs of files and images; what is there already and the same stays.

    numbers   the bundle's frames
    first     the frame from which sequences run, whichever of their frames the bundle holds
    library   the file that the look is from, where its relative paths start; None is this one
    A mask's image is one of this file by name, painted ones too, or a file; a sequence is such an image, or a folder.
    """
    for mask in look.masks:
        if mask.kind == "image":
            _put(mask_picture_path(folder, mask), _image_bytes(mask, library))
        elif mask.kind == "sequence":
            pictures = (partial(_copy, source, mask.id) for source in sequence_files(mask, library))
            lay_out(folder, mask, first, pictures, numbers[-1])
    for rewrite in look.rewrites:
        if rewrite.kind == "file":
            _put(rewrite_file(folder, rewrite.id), _read(whole_path(rewrite.file, library), rewrite.id))


def needs_carrying(look: Look) -> bool:
    """Whether a look is more than its text."""
    return any(mask.is_picture for mask in look.masks) or any(rewrite.kind == "file" for rewrite in look.rewrites)


def _image_bytes(mask: Mask, library: bpy.types.Library | None) -> bytes:
    image = _image_of(mask, library)
    if image is None:
        return _read(whole_path(mask.file, library), mask.id)
    if image.source in MOVING:
        raise LookError(f"the image '{mask.file}' of the mask '{mask.id}' moves; add it with Mask from Image, or as a sequence")
    return _pixels_of(image, f"the image '{mask.file}' of the mask '{mask.id}' holds no pixels; load or paint it again")


def _pixels_of(image: bpy.types.Image, fault: str) -> bytes:
    width, height = image.size
    if not (width and height):
        raise LookError(fault)
    pixels = np.empty(width * height * image.channels, np.float32)
    image.pixels.foreach_get(pixels)
    colours = pixels.reshape(height, width, image.channels)[::-1, :, :3]  # Blender counts rows from below
    grey = colours @ np.float32([0.2126, 0.7152, 0.0722]) if colours.shape[2] == 3 else colours[..., 0]
    return grey_png(np.clip(grey * 255 + 0.5, 0, 255).astype(np.uint8))


def known_as(image: bpy.types.Image) -> str:
    """What a mask calls an image from now on, whatever it is renamed to."""
    name, others = image.name, {one.get(_KNOWN_AS) for one in bpy.data.images if one != image}
    while _KNOWN_AS not in image and name in others:  # an image that was renamed is known by this name
        name += "'"
    image[_KNOWN_AS] = image.get(_KNOWN_AS, name)
    return image[_KNOWN_AS]


def _image_of(mask: Mask, library: bpy.types.Library | None) -> bpy.types.Image | None:
    """The image that a mask names: its own file's, before one of another file that is called so."""
    renamed = next((one for one in bpy.data.images if one.get(_KNOWN_AS) == mask.file and one.library == library), None)
    own = bpy.data.images.get((mask.file, library.filepath if library else None))
    return renamed or own or bpy.data.images.get(mask.file)


def sequence_files(mask: Mask, library: bpy.types.Library | None = None) -> list[Path]:
    """The pictures of a sequence in order; raises LookError where one is missing.

    Of an image of this file they are those that Blender would show: numbered on from its own file.
    """
    image = _image_of(mask, library)
    path = whole_path(image.filepath, image.library) if image else whole_path(mask.file, library)
    if path.suffix.lower() in _FILMS:
        raise LookError(f"'{path.name}' of the mask '{mask.id}' is a film; press Mask from Film, which makes pictures of it")
    if image is not None or path.is_file():
        return _numbered_on(path, mask)
    found = sorted(one for one in path.glob("*") if one.suffix.lower() in _PICTURES)
    if not found:
        fault = "holds no pictures" if path.is_dir() else "is not there"
        raise LookError(f"the folder '{path.name}' of the mask '{mask.id}' {fault}; choose another")
    return found


def _numbered_on(path: Path, mask: Mask) -> list[Path]:
    """A file and those beside it with higher numbers."""
    parts = _NUMBERED.fullmatch(path.stem)
    if parts is None or not path.is_file():
        fault = "is not there; find it, or choose another" if parts else "has no number; choose the first of a sequence"
        raise LookError(f"the picture '{path.name}' of the mask '{mask.id}' {fault}")
    beside = ((_NUMBERED.fullmatch(one.stem), one) for one in path.parent.iterdir() if one.suffix == path.suffix)
    name = parts.group("head", "tail")
    alike = {int(other["n"]): one for other, one in beside if other and other.group("head", "tail") == name}
    first = int(parts["n"])
    for number in range(first, max(alike) + 1):
        if number not in alike:
            missing = f"{parts['head']}{number:0{len(parts['n'])}d}{parts['tail']}{path.suffix}"
            raise LookError(f"the picture '{missing}' of the mask '{mask.id}' is missing from its sequence; put it there")
    return [alike[number] for number in range(first, max(alike) + 1)]


def _copy(source: Path, ident: str, target: Path) -> None:
    """A picture as it is, or through Blender where only Blender reads it (EXR, HDR …)."""
    if source.suffix.lower() in _PICTURES:
        return _put(target, _read(source, ident))
    image = bpy.data.images.load(str(source))
    try:
        fault = f"the picture '{source.name}' of the mask '{ident}' cannot be read; save it as PNG"
        return _put(target, _pixels_of(image, fault))
    finally:
        bpy.data.images.remove(image)


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
