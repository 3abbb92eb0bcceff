"""Files that a look speaks of -> into the bundle, in the one form that bundles know."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from ..bundle import Bundle
from ..carried import mask_picture_path, rewrite_file
from ..errors import InputFileError
from ..files import write_whole
from ..look import Look
from ..look_regions import Mask

_PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".tga"}
_LARGEST_SIDE = 2048


def carry_masks(bundle: Bundle, look: Look, advance: Callable[[float, str], None] = lambda fraction, text: None) -> None:
    """Put the pictures of a look's masks into the bundle: grey, at most 2048 pixels a side.

    The pictures of a sequence are shown from the bundle's first frame on, one a frame, in the order of their names.
    """
    for mask in look.masks:
        if mask.is_picture and mask.file:
            sources = picture_files(mask)
            for n, source in enumerate(sources[:bundle.table.n_frames]):
                advance(n / len(sources), f"Mask {mask.label or mask.id}")
                write_whole(mask_picture_path(bundle.folder, mask, bundle.table.first_frame + n), grey_png(source))


def carry_rewrites(bundle: Bundle, look: Look) -> None:
    """Put the files of a look's rewrites into the bundle, as they are, once they could be read."""
    from ..synthesis.weight_changes import load_changes

    for rewrite in look.rewrites:
        if rewrite.kind == "file" and rewrite.file:
            load_changes(rewrite.file)
            write_whole(rewrite_file(bundle.folder, rewrite.id), Path(rewrite.file).read_bytes())


def picture_files(mask: Mask) -> list[Path]:
    """The file of an image, or the pictures in the folder of a sequence; raises InputFileError where there are none."""
    path = Path(mask.file)
    found = [path] if mask.kind == "image" else sorted(p for p in path.glob("*") if p.suffix.lower() in _PICTURES)
    if not found:
        raise InputFileError(f"the folder '{path.name}' of the mask '{mask.id}' holds no pictures; choose another")
    return found


def grey_png(path: Path) -> bytes:
    """Any picture as a grey 8-bit PNG; raises InputFileError where it cannot be read."""
    try:
        with Image.open(path) as picture:
            picture.thumbnail((_LARGEST_SIDE, _LARGEST_SIDE))
            packed = io.BytesIO()
            picture.convert("L").save(packed, "PNG")
            return packed.getvalue()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as cause:
        raise InputFileError(f"'{path.name}' is no picture that can be read; choose another") from cause
