"""A contact sheet of what a network draws: to pick seeds and classes from."""

from __future__ import annotations

import io

import numpy as np
import torch
from PIL import Image

from ..look import Entry
from .directions import Directions
from .entries import entry_latent
from .generators.base import Generator
from .images import contact_sheet, to_bytes

_ROWS, _STEPS = 8, np.linspace(-3.0, 3.0, 7)


@torch.inference_mode()
def draw_sheet(generator: Generator, *, first_seed: int, columns: int, rows: int, psi: float) -> np.ndarray:
    """uint8 [h, w, 3]: seeds first_seed… in columns; each row a class, or the next seeds of a network without classes."""
    count = min(rows, generator.c_dim) if generator.c_dim else rows
    pictures = []
    for row in range(count):
        for column in range(columns):
            seed = abs(first_seed) + column + (0 if generator.c_dim else row * columns)
            w = entry_latent(generator, Entry("sheet", "", seed, row if generator.c_dim else None))
            mean = generator.w_avg.cpu() if generator.w_avg is not None else 0.0
            pictures.append(to_bytes(generator.synthesize((mean + psi * (w - mean))[None].to(generator.device)))[0])
    return contact_sheet(pictures, columns)


@torch.inference_mode()
def draw_directions(generator: Generator, found: Directions, *, seed: int = 1) -> np.ndarray:
    """uint8 [h, w, 3]: the strongest directions, a row each, from −3σ to 3σ about one picture."""
    w = entry_latent(generator, Entry("sheet", "", seed, 0 if generator.c_dim else None))
    pictures = []
    for vector, sigma in list(zip(found.vectors, found.sigmas, strict=True))[:_ROWS]:
        for steps in _STEPS:
            moved = w + float(steps * sigma) * torch.from_numpy(vector)
            pictures.append(to_bytes(generator.synthesize(moved[None].to(generator.device)))[0])
    return contact_sheet(pictures, len(_STEPS))


def png_bytes(picture: np.ndarray) -> bytes:
    """uint8 [h, w, 3] as a PNG in memory."""
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG")
    return out.getvalue()
