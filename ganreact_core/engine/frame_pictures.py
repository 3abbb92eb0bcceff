"""A frame's file -> its picture as a screen shows it."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from PIL import Image

from ..depths import as_bytes, as_words


def read_frame(path: Path, *, fine: bool = False) -> np.ndarray:
    """uint8 [h, w, 3]; `fine`: uint16, with what a file of more than 8 bits has."""
    if path.suffix == ".exr":
        return (as_words if fine else as_bytes)(_as_shown(read_light(path)))
    if fine:
        with av.open(str(path), format="png_pipe") as film:
            return next(film.decode(video=0)).to_ndarray(format="rgb48le")
    with Image.open(path, formats=("PNG", "JPEG")) as image:
        return np.asarray(image.convert("RGB"))


def read_light(path: Path) -> np.ndarray:
    """An EXR of red, green and blue -> float32 [h, w, 3] of linear light, whatever FFmpeg reads it as."""
    with av.open(str(path), format="exr_pipe") as film:
        (frame,) = film.decode(video=0)
        kind = np.float16 if "f16" in frame.format.name else np.float32
        green, blue, red = (np.frombuffer(bytes(plane), kind).reshape(plane.height, -1)[:, :plane.width]
                            for plane in frame.planes[:3])
        return np.stack([red, green, blue], axis=2).astype(np.float32)


def _as_shown(light: np.ndarray) -> np.ndarray:
    """Linear light -> values as a screen shows them (IEC 61966-2-1), 0…1."""
    light = light.clip(0.0, 1.0)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
