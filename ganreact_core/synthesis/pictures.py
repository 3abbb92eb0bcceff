"""Pictures from anywhere, opened so that nothing in them is run: what Pillow knows includes PostScript, which is a program."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from ..errors import GANReactError, InputFileError

FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "TGA", "GIF", "JPEG2000", "PPM", "DDS", "PSD", "ICO")
"""Pillow's names of what is taken for a picture, whatever a file is called; each is read by Pillow itself."""


@contextmanager
def opened_picture(path: Path, fault: str, error: type[InputFileError] = InputFileError) -> Iterator[Image.Image]:
    """The picture in a file, to be read inside; raises `error` with the sentence `fault` where there is none."""
    try:
        with Image.open(path, formats=FORMATS) as picture:
            yield picture
    except (GANReactError, MemoryError):
        raise
    except Exception as cause:  # Pillow's readers raise many kinds over damaged files
        raise error(fault) from cause
