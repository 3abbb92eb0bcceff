"""What only some families of networks take from a frame's values."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from ..look import Look
from .canvas import OWN_FIELD, Field, plan_field
from .generators.base import Generator
from .generators.stylegan3 import StyleGAN3, placement
from .latents import Values

_LARGER = ("stylegan2", "stylegan3", "biggan")
_LEAST_TRUNCATION = 0.02
"""BigGAN's statistics begin here."""


def field_of(generator: Generator, look: Look) -> Field:
    """The field that covers the look's frames; a family that cannot be extended keeps its own."""
    own = generator.own_cells if isinstance(generator, StyleGAN3) else None
    return plan_field(look, generator.resolution, *filter(None, [own])) if generator.kind in _LARGER else OWN_FIELD


def larger_input(generator: Generator, field: Field) -> dict[str, Any]:
    """Keyword arguments for `synthesize` on a field that is larger than the network's own."""
    if not field.extended:
        return {}
    return {"cells": field.cells} if generator.kind == "stylegan3" else {"extend": field.extend_input}


def own_inputs(generator: Generator, values: Values) -> dict[str, Any]:
    """Keyword arguments for `synthesize`: StyleGAN3's placement of the picture, BigGAN's statistics."""
    if generator.kind == "stylegan3":
        moves = zip(*(values[f"transform.{name}"].tolist() for name in ("x", "y", "rotate")), strict=True)
        return {"transform": torch.stack([placement(*move) for move in moves])}
    if generator.kind == "biggan":
        truncation = np.clip(np.abs(values["truncation"]), _LEAST_TRUNCATION, 1.0)
        return {"truncation": torch.from_numpy(truncation)}
    return {}
