"""What only some families of networks take from a frame's values."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from .generators.base import Generator
from .generators.stylegan3 import placement
from .latents import Values

_LEAST_TRUNCATION = 0.02
"""BigGAN's statistics begin here."""


def own_inputs(generator: Generator, values: Values) -> dict[str, Any]:
    """Keyword arguments for `synthesize`: StyleGAN3's placement of the picture, BigGAN's statistics."""
    if generator.kind == "stylegan3":
        moves = zip(*(values[f"transform.{name}"].tolist() for name in ("x", "y", "rotate")), strict=True)
        return {"transform": torch.stack([placement(*move) for move in moves]).to(generator.device)}
    if generator.kind == "biggan":
        truncation = np.clip(np.abs(values["truncation"]), _LEAST_TRUNCATION, 1.0)
        return {"truncation": torch.from_numpy(truncation).to(generator.device)}
    return {}
