"""Network output -> 8-bit pictures -> files that are whole or not there."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps, PngImagePlugin
from torch import Tensor

from ..files import write_whole

_PNG_LEVEL = 1  # the default level takes four times as long for a tenth less (measured)

_REACH = 64  # pixels beyond the edge that a resampled picture looks at, enough to make it 20 times smaller


def to_bytes(x: Tensor) -> np.ndarray:
    """Raw images [b, 3, h, w], nominally −1…1 -> uint8 [b, h, w, 3]: floor(clamp(127.5·x + 128, 0, 255))."""
    scaled = (x * 127.5 + 128.0).clamp(0, 255).to(torch.uint8)
    return scaled.permute(0, 2, 3, 1).contiguous().cpu().numpy()


def fit(picture: np.ndarray, size: tuple[int, int], *, wrap: bool = False) -> np.ndarray:
    """uint8 [h, w, 3] -> filling (width, height): cropped evenly to its proportions, resampled with Lanczos.

    wrap   the picture tiles, and goes on doing so: nothing is cropped, and it is resampled across its edges
    """
    if picture.shape[1::-1] == tuple(size):
        return picture
    if not wrap:
        return np.asarray(ImageOps.fit(Image.fromarray(picture), size, Image.Resampling.LANCZOS))
    h, w = picture.shape[:2]
    around = Image.fromarray(np.pad(picture, ((_REACH, _REACH), (_REACH, _REACH), (0, 0)), mode="wrap"))
    return np.asarray(around.resize(size, Image.Resampling.LANCZOS, box=(_REACH, _REACH, _REACH + w, _REACH + h)))


def write_png(path: Path, picture: np.ndarray, texts: dict[str, str]) -> None:
    """uint8 [h, w, 3] -> PNG with text chunks at its head; temporary file, flush to disk, rename."""
    chunks = PngImagePlugin.PngInfo()
    for keyword, text in texts.items():
        chunks.add_itxt(keyword, text)
    encoded = io.BytesIO()  # straight into a file, the encoder would not notice a write that was cut short
    Image.fromarray(picture).save(encoded, "PNG", compress_level=_PNG_LEVEL, pnginfo=chunks)
    write_whole(path, encoded.getvalue())


def contact_sheet(pictures: list[np.ndarray], columns: int, gap: int = 4) -> np.ndarray:
    """Equal uint8 [h, w, 3] pictures side by side on black."""
    height, width = pictures[0].shape[:2]
    rows = -(-len(pictures) // columns)
    sheet = np.zeros((rows * (height + gap) - gap, columns * (width + gap) - gap, 3), np.uint8)
    for n, picture in enumerate(pictures):
        top, left = (n // columns) * (height + gap), (n % columns) * (width + gap)
        sheet[top:top + height, left:left + width] = picture
    return sheet
