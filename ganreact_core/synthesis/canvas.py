"""How large a network works: its 4×4 input extended to more cells, and everything that is as large as a layer with it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..look import Canvas, Look

_INPUT_CELLS = 4


@dataclass(frozen=True)
class Field:
    """The grid a network works on: cells (height, width) of its input, and how the learned 4×4 is continued."""

    cells: tuple[int, int]
    mode: str

    @property
    def extended(self) -> bool:
        """Whether it is larger than what the network was trained on."""
        return self.cells != (_INPUT_CELLS, _INPUT_CELLS)

    def size_at(self, layer_size: tuple[int, int]) -> tuple[int, int]:
        """(height, width) on this field of a layer that is layer_size in the network as trained."""
        return tuple(n * c // _INPUT_CELLS for n, c in zip(layer_size, self.cells, strict=True))  # type: ignore[return-value]

    def extend(self, x: Tensor) -> Tensor:
        """A map [b, c, h, w] of the network as trained, continued over the field."""
        if not self.extended:
            return x
        for axis, wanted in zip((2, 3), self.size_at((x.shape[2], x.shape[3])), strict=True):
            x = x.index_select(axis, _continued(x.shape[axis], wanted, self.mode).to(x.device))
        return x


OWN_FIELD = Field((_INPUT_CELLS, _INPUT_CELLS), "mirror")
"""The network as it was trained."""


def plan_field(look: Look, resolution: tuple[int, int]) -> Field:
    """The smallest field that gives `detail` network pixels per output pixel; never smaller than the network's own."""
    return Field(_cells(look.size, look.canvas, resolution), look.canvas.mode)


def _cells(size: tuple[int, int], canvas: Canvas, resolution: tuple[int, int]) -> tuple[int, int]:
    width, height = size
    per_cell = (resolution[0] / _INPUT_CELLS, resolution[1] / _INPUT_CELLS)
    rows, columns = (max(_INPUT_CELLS, round(pixels * canvas.detail / each))
                     for pixels, each in zip((height, width), per_cell, strict=True))
    return rows, columns


def _continued(n: int, wanted: int, mode: str) -> Tensor:
    """Indices into 0…n−1 for `wanted` places, the original in the middle."""
    place = torch.arange(wanted) - (wanted - n) // 2
    if mode == "tile":
        return place % n
    if mode == "replicate":
        return place.clamp(0, n - 1)
    turn = place % (2 * n)
    return torch.where(turn < n, turn, 2 * n - 1 - turn)
