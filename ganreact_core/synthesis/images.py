"""Network output -> pictures of 8 or 16 bits, or of floats -> files that are whole or not there."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from .. import jpeg
from ..files import write_whole
from ..frame_files import with_digest
from ..look import Look
from .exr_encoding import encode_exr
from .png_encoding import encode_png

_REACH = 64  # pixels beyond the edge that a resampled picture looks at, enough to make it 20 times smaller
_EDGE, _SMALLEST_CROPPED = 3, 64  # pixels of the network
_JPEG_QUALITY = 92


def as_kept(x: Tensor, look: Look) -> Tensor:
    """Raw images [b, 3, h, w] -> [b, h, w, 3] in the numbers of a look's files, where they are: uint8, int32 for 16 bits, or
    float32 for EXR."""
    if look.format == "exr":
        return _floats(x)
    return _words(x) if look.format == "png" and look.depth == 16 else _bytes(x)


def pictures_of(kept: Tensor) -> np.ndarray:
    """What `as_kept` gave, on the host -> uint8, uint16 or float32 [b, h, w, 3]."""
    found = kept.numpy()
    return found.astype(np.uint16) if found.dtype == np.int32 else found


def to_bytes(x: Tensor) -> np.ndarray:
    """Raw images [b, 3, h, w], nominally −1…1 -> uint8 [b, h, w, 3]: floor(clamp(127.5·x + 128, 0, 255))."""
    return pictures_of(_bytes(x).cpu())


def to_floats(x: Tensor) -> np.ndarray:
    """Raw images [b, 3, h, w] -> float32 [b, h, w, 3], nominally 0…1, never cut off."""
    return pictures_of(_floats(x).cpu())


def _bytes(x: Tensor) -> Tensor:
    return _channels_last((x * 127.5 + 128.0).clamp(0, 255).to(torch.uint8))


def _words(x: Tensor) -> Tensor:
    """floor(clamp(32767.5·x + 32768, 0, 65535))"""
    return _channels_last((x * 32767.5 + 32768.0).clamp(0, 65535).to(torch.int32))  # torch has hardly anything for uint16


def _floats(x: Tensor) -> Tensor:
    return _channels_last(x.float() * 0.5 + 0.5)


def _channels_last(x: Tensor) -> Tensor:
    return x.permute(0, 2, 3, 1).contiguous()


def linear_light(picture: np.ndarray) -> np.ndarray:
    """Values as a screen shows them -> linear light (IEC 61966-2-1), float32; below 0 mirrored, above 1 continued."""
    size = np.abs(picture)
    return np.copysign(np.where(size <= 0.04045, size / 12.92, ((size + 0.055) / 1.055) ** 2.4), picture).astype(np.float32)


def fit(picture: np.ndarray, size: tuple[int, int], *, wrap: bool = False) -> np.ndarray:
    """uint8, uint16 or float32 [h, w, 3] -> filling (width, height): cropped evenly to its proportions, resampled with Lanczos.

    What is enlarged leaves its outermost pixels away: convolutions see nothing beyond them, and large they would frame the
    picture.

    wrap   the picture tiles, and goes on doing so: nothing is cropped, and it is resampled across its edges
    """
    if picture.shape[1::-1] == tuple(size):
        return picture
    if picture.dtype != np.uint8:
        fitted = np.stack([_fitted(picture[..., k].astype(np.float32), size, wrap) for k in range(3)], axis=2)
        return fitted.round().clip(0, 65535).astype(np.uint16) if picture.dtype == np.uint16 else fitted
    return _fitted(picture, size, wrap)


def _fitted(picture: np.ndarray, size: tuple[int, int], wrap: bool) -> np.ndarray:
    """uint8 [h, w, 3], or float32 [h, w]."""
    if not wrap:
        h, w = picture.shape[:2]
        bleed = _EDGE / min(h, w) if w < size[0] and h < size[1] and min(h, w) > _SMALLEST_CROPPED else 0.0
        return np.asarray(ImageOps.fit(Image.fromarray(picture), size, Image.Resampling.LANCZOS, bleed=bleed))
    h, w = picture.shape[:2]
    around = Image.fromarray(np.pad(picture, ((_REACH, _REACH), (_REACH, _REACH), (0, 0))[:picture.ndim], mode="wrap"))
    return np.asarray(around.resize(size, Image.Resampling.LANCZOS, box=(_REACH, _REACH, _REACH + w, _REACH + h)))


def write_picture(path: Path, picture: np.ndarray, texts: Mapping[str, str]) -> None:
    """[h, w, 3] -> a file with texts at its head: temporary file, flush to disk, rename.

    PNG of uint8 or uint16; .exr of float32 as a screen shows it, kept as linear light; .jpg of uint8.
    """
    if path.suffix == ".exr":
        write_whole(path, encode_exr(linear_light(picture), texts))
    elif path.suffix == ".jpg":
        write_whole(path, encode_jpeg(picture, texts))
    else:
        write_whole(path, encode_png(picture, texts))


def encode_jpeg(picture: np.ndarray, texts: Mapping[str, str]) -> bytes:
    """uint8 [h, w, 3] -> a file's bytes, with the texts as comments at its head."""
    packed = io.BytesIO()
    Image.fromarray(picture).save(packed, "JPEG", quality=_JPEG_QUALITY, subsampling="4:4:4")
    content = packed.getvalue()
    return jpeg.with_texts(content, with_digest(texts, content[jpeg.read_head(content)[1]:]))


def contact_sheet(pictures: list[np.ndarray], columns: int, gap: int = 4) -> np.ndarray:
    """Equal uint8 [h, w, 3] pictures side by side on black."""
    height, width = pictures[0].shape[:2]
    rows = -(-len(pictures) // columns)
    sheet = np.zeros((rows * (height + gap) - gap, columns * (width + gap) - gap, 3), np.uint8)
    for n, picture in enumerate(pictures):
        top, left = (n // columns) * (height + gap), (n % columns) * (width + gap)
        sheet[top:top + height, left:left + width] = picture
    return sheet
