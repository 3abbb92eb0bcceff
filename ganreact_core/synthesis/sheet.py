"""A contact sheet of what a network draws: to pick seeds and classes from."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from ..class_names import short_name
from ..errors import UsageError
from ..look import Entry
from .directions import Directions
from .entries import entry_latent
from .generators.base import Generator
from .generators.stylegan3 import StyleGAN3
from .images import contact_sheet, to_bytes

_MOST = 64
_ROWS, _STEPS = 8, np.linspace(-3.0, 3.0, 7)
_PAPER, _INK = (18, 18, 18), (225, 225, 225)


@dataclass(frozen=True)
class SheetPlan:
    """What is drawn; raises UsageError for a sheet that is too large or holds nothing.

    first_seed     of each row; of a network without classes, rows go on counting
    columns, rows  pictures; a network with classes has a class in each row
    classes        the rows' classes by number; none takes the first
    psi            truncation
    side           pixels that a picture has at most
    """

    first_seed: int = 1
    columns: int = 8
    rows: int = 8
    classes: tuple[int, ...] = ()
    psi: float = 0.8
    side: int = 256

    def __post_init__(self) -> None:
        if not (0 < self.columns <= _MOST and 0 < self.rows <= _MOST):
            raise UsageError(f"a sheet of {self.columns}×{self.rows} cannot be drawn; use 1 to {_MOST} columns and rows")

    def cells(self, c_dim: int) -> list[tuple[int, int | None]]:
        """(seed, class) of every picture, row by row."""
        seeds = [abs(self.first_seed) + column for column in range(self.columns)]
        if not c_dim:
            return [(seed + row * self.columns, None) for row in range(self.rows) for seed in seeds]
        return [(seed, number) for number in self.classes or range(min(self.rows, c_dim)) for seed in seeds]


@torch.inference_mode()
def draw_sheet(generator: Generator, plan: SheetPlan, names: Sequence[str] = (),
               advance: Callable[[float], None] = lambda fraction: None) -> np.ndarray:
    """uint8 [h, w, 3]: a picture for every cell of the plan, with its seed and its class below."""
    cells = plan.cells(generator.c_dim)
    pictures = []
    for done, cell in enumerate(cells):
        pictures.append(thumbnail(generator, *cell, psi=plan.psi, side=plan.side))
        advance((done + 1) / len(cells))
    captioned = [_captioned(picture, caption(*cell, names)) for picture, cell in zip(pictures, cells, strict=True)]
    return contact_sheet(captioned, plan.columns)


def caption(seed: int, number: int | None, names: Sequence[str]) -> str:
    """Which seed and class a picture has: "3", "3 · class 2", "3 · 207 golden retriever"."""
    if number is None:
        return str(seed)
    name = short_name(number, names) if number < len(names) else f"class {number}"
    return f"{seed} · {name}" if name == f"class {number}" else f"{seed} · {number} {name}"


@torch.inference_mode()
def thumbnail(generator: Generator, seed: int, number: int | None = None, *, psi: float = 0.8, side: int = 256) -> np.ndarray:
    """uint8 [h, w, 3], at most `side` pixels a side: the picture of a seed and a class."""
    w = truncated(generator, entry_latent(generator, Entry("sheet", "", seed, number)), psi, number)
    options: dict[str, Any] = {"truncation": psi} if generator.kind == "biggan" else {}
    picture = to_bytes(generator.synthesize(w[None].to(generator.device), **options))[0]
    return _reduced(picture, side)


def truncated(generator: Generator, w: Tensor, psi: float, number: int | None = None) -> Tensor:
    """w+ pulled towards the mean, that of the class where there is one; of BigGAN, whose w holds a z, that z made smaller."""
    if generator.kind == "biggan":
        return torch.cat([psi * w[..., :generator.z_dim], w[..., generator.z_dim:]], dim=-1)
    mean = generator.w_avg
    if number is not None and isinstance(generator, StyleGAN3):
        mean = generator.mean_of_class(number)
    return w if mean is None else mean.cpu().lerp(w, psi)


@torch.inference_mode()
def draw_directions(generator: Generator, found: Directions, *, seed: int = 1, psi: float = 0.7, only: int | None = None,
                    layers: tuple[int, int] = (0, -1)) -> np.ndarray:
    """uint8 [h, w, 3]: the strongest directions, a row each, from −3σ to 3σ about one picture.

    only     the number of one direction: a strip of that alone
    layers   first and last layer on which they act; −1 is the last there is
    """
    w = truncated(generator, entry_latent(generator, Entry("sheet", "", seed, 0 if generator.c_dim else None)), psi)
    shown = range(len(found.sigmas))[:_ROWS] if only is None else [only]
    first, last = layers[0], layers[1] if layers[1] >= 0 else generator.num_ws + layers[1]
    if not all(0 <= k < len(found.sigmas) for k in shown) or not 0 <= first <= last < generator.num_ws:
        raise UsageError(f"there is no direction {only} on layers {layers[0]} to {layers[1]}; there are {len(found.sigmas)} "
                         f"directions and layers 0 to {generator.num_ws - 1}")
    pictures = []
    for k in shown:
        for steps in _STEPS:
            moved = w.clone()
            moved[first:last + 1] += float(steps * found.sigmas[k]) * torch.from_numpy(found.vectors[k])
            pictures.append(to_bytes(generator.synthesize(moved[None].to(generator.device)))[0])
    return _numbered(contact_sheet(pictures, len(_STEPS)), list(shown))


def _numbered(sheet: np.ndarray, rows: list[int]) -> np.ndarray:
    """With the number of each row on its left and the steps above."""
    left, top = 28, 18
    page = Image.new("RGB", (sheet.shape[1] + left, sheet.shape[0] + top), _PAPER)
    page.paste(Image.fromarray(sheet), (left, top))
    draw = ImageDraw.Draw(page)
    for place, number in enumerate(rows):
        draw.text((6, top + (place + 0.5) * sheet.shape[0] / len(rows) - 6), str(number), _INK)
    for column, steps in enumerate(_STEPS):
        draw.text((left + column * sheet.shape[1] / len(_STEPS) + 6, 3), f"{steps:+.0f}".replace("+0", "0"), _INK)
    return np.asarray(page)


def png_bytes(picture: np.ndarray) -> bytes:
    """uint8 [h, w, 3] as a PNG in memory."""
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG")
    return out.getvalue()


def _reduced(picture: np.ndarray, side: int) -> np.ndarray:
    image = Image.fromarray(picture)
    if max(image.size) > side:
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return np.asarray(image)


def _captioned(picture: np.ndarray, text: str) -> np.ndarray:
    """The picture with a line below that says what it is; cut where it is longer than the picture is wide."""
    height, width = picture.shape[:2]
    size = max(8, min(14, width // 10))
    font = ImageFont.load_default(size)
    while text and font.getlength(text) > width - 4:
        text = text[:-1]
    image = Image.new("RGB", (width, height + size + 6), _PAPER)
    image.paste(Image.fromarray(picture), (0, 0))
    ImageDraw.Draw(image).text((2, height + 2), text, font=font, fill=_INK)
    return np.asarray(image)
