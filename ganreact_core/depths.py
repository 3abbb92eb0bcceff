"""One picture in 8 bits, in 16, or in floats as a screen shows it (0…1)."""

from __future__ import annotations

import numpy as np


def as_bytes(picture: np.ndarray) -> np.ndarray:
    """uint8, uint16 or float32 -> uint8."""
    if picture.dtype == np.uint16:
        return (picture >> 8).astype(np.uint8)
    return picture if picture.dtype == np.uint8 else (picture * 255.0 + 0.5).clip(0, 255).astype(np.uint8)


def as_words(picture: np.ndarray) -> np.ndarray:
    """uint8, uint16 or float32 -> uint16."""
    if picture.dtype == np.uint8:
        return picture.astype(np.uint16) * 257
    return picture if picture.dtype == np.uint16 else (picture * 65535.0 + 0.5).clip(0, 65535).astype(np.uint16)
