"""Files that a look speaks of -> into the bundle, in the one form that bundles know."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from ..bundle import Bundle
from ..carried import lay_out, mask_picture_path, rewrite_file
from ..errors import InputFileError
from ..files import write_whole
from ..look import Look
from ..look_regions import Mask
from ..png import grey_png as plain_grey_png
from ..synthesis.pictures import opened_picture
from .unrolling import unrolled

_PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".tga"}
_LARGEST_SIDE = 2048


def carry_masks(bundle: Bundle, look: Look, advance: Callable[[float, str], None] = lambda fraction, text: None) -> None:
    """Put the pictures of a look's masks into the bundle: grey, at most 2048 pixels a side.

    The pictures of a sequence are shown from the bundle's first frame on, one a frame, in the order of their names; a film
    keeps its own speed.
    """
    first, last = bundle.table.first_frame, bundle.table.last_frame
    for mask in look.masks:
        if mask.kind == "image" and mask.file:
            write_whole(mask_picture_path(bundle.folder, mask), grey_png(Path(mask.file)))
        elif mask.kind == "sequence" and mask.file:
            def told(path: Path, make: Callable[[], bytes], name: str = mask.label or mask.id) -> None:
                advance((int(path.stem) - first) / bundle.table.n_frames, f"Mask {name}")
                write_whole(path, make())

            pictures = (partial(told, make=make) for make in _pictures_of(mask, bundle.table.fps))
            lay_out(bundle.folder, mask, first, pictures, last)


def carry_rewrites(bundle: Bundle, look: Look) -> None:
    """Put the files of a look's rewrites into the bundle, as they are, once they could be read."""
    for rewrite in look.rewrites:
        if rewrite.kind == "file" and rewrite.file:
            from ..synthesis.weight_changes import load_changes  # torch: not for a look that has none

            load_changes(rewrite.file)
            write_whole(rewrite_file(bundle.folder, rewrite.id), Path(rewrite.file).read_bytes())


def _pictures_of(mask: Mask, fps: float) -> Iterator[Callable[[], bytes]]:
    """A sequence's pictures, each as a function that gives its PNG; raises InputFileError where there are none."""
    path = Path(mask.file)
    if path.is_file():
        return (partial(plain_grey_png, grey) for grey in unrolled(path, fps))
    found = sorted(p for p in path.glob("*") if p.suffix.lower() in _PICTURES) if path.is_dir() else []
    if not found:
        fault = "holds no pictures" if path.is_dir() else "is not there"
        raise InputFileError(f"'{path.name}', which the mask '{mask.label or mask.id}' shows, {fault}; choose a folder of "
                             "pictures, or a film")
    return (partial(grey_png, source) for source in found)


def grey_png(path: Path) -> bytes:
    """Any picture as a grey 8-bit PNG; raises InputFileError where it cannot be read."""
    with opened_picture(path, f"'{path.name}' is no picture that can be read; choose another") as picture:
        picture.thumbnail((_LARGEST_SIDE, _LARGEST_SIDE))
        packed = io.BytesIO()
        picture.convert("L").save(packed, "PNG")
        return packed.getvalue()
