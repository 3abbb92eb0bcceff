"""How large a network works: its first map extended to more cells, and everything that is as large as a layer with it.

The field always covers the frame that is wanted; what is too much is cropped evenly, and nothing is ever stretched.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ..look import Canvas, Look
from .transfers import onto

_INPUT_CELLS = 4
_SLACK = 0.01  # of a cell: sizes that are a rounding error larger than so many cells get no further one
_CLASSIC_NOISE = 0.025  # standard deviation of what maua adds to a constant of double width


@dataclass(frozen=True)
class Field:
    """The grid a network works on.

    cells   (height, width) of its first map: StyleGAN3's count samples of its input inside the picture
    mode    how the learned ones are continued
    own     cells that the network was trained on
    """

    cells: tuple[int, int]
    mode: str
    own: int = _INPUT_CELLS

    @property
    def extended(self) -> bool:
        """Whether it is larger than what the network was trained on."""
        return self.cells != (self.own, self.own)

    def size_at(self, layer_size: tuple[int, int]) -> tuple[int, int]:
        """(height, width) on this field of a layer that is layer_size in the network as trained."""
        return tuple(n * c // self.own for n, c in zip(layer_size, self.cells, strict=True))  # type: ignore[return-value]

    def extend(self, x: Tensor) -> Tensor:
        """A map [b, c, h, w] of the network as trained, continued over the field."""
        if not self.extended:
            return x
        for axis, wanted in zip((2, 3), self.size_at((x.shape[2], x.shape[3])), strict=True):
            x = x.index_select(axis, onto(_continued(x.shape[axis], wanted, self.mode), x.device))
        return x

    def extend_input(self, x: Tensor) -> Tensor:
        """The first activations, continued over the field."""
        x = self.extend(x)
        if self.mode != "classic" or not self.extended:
            return x
        rough = torch.randn(x.shape[1:], generator=torch.Generator().manual_seed(0))
        return x + _CLASSIC_NOISE * onto(rough.to(x.dtype), x.device)

    def shown(self, look: Look, resolution: tuple[int, int]) -> tuple[int, int]:
        """(height, width) of the middle of the network's picture that becomes the frame, in the frame's proportions.

        It is what `detail` asks for, or the most there is where the network's own size is more than that anyway.
        """
        picture = self.size_at(resolution)
        if look.canvas.seamless:
            return picture
        wanted = [pixels * look.canvas.detail for pixels in reversed(look.size)]
        room = min(has / wants for has, wants in zip(picture, wanted, strict=True))
        least = any(c == self.own for c in self.cells)
        scale = room if least or room < 1 else 1.0
        height, width = (min(max(round(w * scale), 1), p) for w, p in zip(wanted, picture, strict=True))
        return height, width


OWN_FIELD = Field((_INPUT_CELLS, _INPUT_CELLS), "mirror")
"""The network as it was trained."""


def plan_field(look: Look, resolution: tuple[int, int], own: int = _INPUT_CELLS) -> Field:
    """The smallest field that gives `detail` network pixels per output pixel; never smaller than the network's own."""
    return Field(_cells(look.size, look.canvas, resolution, own), look.canvas.mode, own)


def cropped_evenly(x: Tensor, size: tuple[int, int]) -> Tensor:
    """The middle (height, width) of pictures [b, c, h, w]."""
    top, left = ((has - wanted) // 2 for has, wanted in zip(x.shape[2:], size, strict=True))
    return x[:, :, top:top + size[0], left:left + size[1]]


def _cells(size: tuple[int, int], canvas: Canvas, resolution: tuple[int, int], own: int) -> tuple[int, int]:
    """Rows and columns that cover the frame; of one that tiles, those nearest to it, as nothing can be cropped."""
    width, height = size
    wanted = [pixels * canvas.detail * own / each for pixels, each in zip((height, width), resolution, strict=True)]
    rows, columns = (max(own, round(n) if canvas.seamless else math.ceil(n - _SLACK)) for n in wanted)
    return rows, columns


def _continued(n: int, wanted: int, mode: str) -> Tensor:
    """Indices into 0…n−1 for `wanted` places, the original in the middle."""
    place = torch.arange(wanted) - (wanted - n) // 2
    if mode == "tile":
        return place % n
    if mode in ("replicate", "classic"):
        return place.clamp(0, n - 1)
    turn = place % (2 * n)
    return torch.where(turn < n, turn, 2 * n - 1 - turn)
