"""Masks of a shape as numbers, by formula."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from .look_regions import Mask


def moved(mask: Mask, place: Mapping[str, float]) -> Mask:
    """A mask with other values of some fields; where single precision sees no difference it stays to the last bit."""
    away: dict[str, Any] = {part: value for part, value in place.items()
                            if np.float32(value) != np.float32(getattr(mask, part))}
    return replace(mask, **away) if away else mask


def shape_weights(mask: Mask, across: np.ndarray, down: np.ndarray, aspect: float) -> np.ndarray:
    """A shape at places across [w] and down [h] the picture (0…1 inside it) -> float32 [h, w] in 0…1.

    aspect   width of the picture over its height
    Edges are never narrower than the distance of two places, so that they do not flicker when things move.
    """
    right, below = (across[None] - mask.x) * aspect, down[:, None] - mask.y
    finest = abs(down[1] - down[0]) if len(down) > 1 else 1.0
    soft = max(mask.soft, float(finest))
    if mask.kind == "circle":
        inside = (mask.size - np.hypot(right, below)) / soft + 0.5
    else:
        angle = math.radians(mask.angle)
        along = right * math.cos(angle) - below * math.sin(angle)
        inside = along / (max(mask.size, soft) if mask.kind == "gradient" else soft) + 0.5
    weights = np.broadcast_to(np.clip(inside, 0.0, 1.0), (len(down), len(across))).astype(np.float32)
    return 1 - weights if mask.invert else weights
