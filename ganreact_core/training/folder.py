"""An artist's own pictures: a folder, or a folder of folders, each of which is a class -> a pool."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from ..errors import InputFileError
from ..synthesis.pictures import opened_picture
from .pool import Pool

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp"})
FEWEST, MOST = 8, 20_000
_MOST_PIXELS = 100_000_000


def folder_pool(folder: Path, size: int, tell: Callable[[str], None] = lambda text: None) -> Pool:
    """Every picture below the folder, its middle square, size × size.

    Folders inside are classes, by their name; pictures beside them are left out, and said. A file that cannot be read is
    left out, and said. Raises InputFileError where fewer than 8 pictures remain in a class, or more than 20,000 in all.
    """
    if not folder.is_dir():
        raise InputFileError(f"there is no folder '{folder}'; give one with a few hundred pictures in it")
    inside = sorted(path for path in folder.iterdir() if path.is_dir() and _pictures(path))
    loose = _pictures(folder)
    if inside and loose:
        tell(f"{len(loose)} pictures beside the folders are left out: the folders are the classes")
    groups = {path.name: _pictures(path) for path in inside} or {folder.name: loose}
    total = sum(map(len, groups.values()))
    if total > MOST:
        raise InputFileError(f"'{folder.name}' holds {total} pictures, more than memory is planned for; choose {MOST} of them")
    stacks = [_stack(name, files, size, tell) for name, files in groups.items()]
    return Pool(stacks, tuple(groups))


def _pictures(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file() and path.suffix.lower() in SUFFIXES)


def _stack(name: str, files: list[Path], size: int, tell: Callable[[str], None]) -> Tensor:
    """uint8 [n, 3, size, size] of the files that are pictures."""
    rows = []
    for path in files:
        try:
            rows.append(read_square(path, size))
        except InputFileError as cause:
            tell(str(cause))
    if len(rows) < FEWEST:
        plural = "" if len(rows) == 1 else "s"
        raise InputFileError(f"'{name}' holds {len(rows)} readable picture{plural}; a network needs {FEWEST} at the least, "
                             "and a few hundred to be worth its time")
    return torch.from_numpy(np.stack(rows))


def read_square(path: Path, size: int) -> np.ndarray:
    """The middle square of a picture, turned as the camera held it -> uint8 [3, size, size]; raises InputFileError."""
    fault = f"'{path.name}' is left out: it is no picture that can be read"
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with opened_picture(path, fault) as image:
            if image.width * image.height > _MOST_PIXELS:
                raise InputFileError(f"'{path.name}' has {image.width}×{image.height} pixels; make it smaller")
            image.draft("RGB", (2 * size, 2 * size))  # a large JPEG is read at a fraction of its size
            upright = ImageOps.exif_transpose(image).convert("RGB")
            square = ImageOps.fit(upright, (size, size), Image.Resampling.LANCZOS)
    return np.asarray(square).transpose(2, 0, 1)
