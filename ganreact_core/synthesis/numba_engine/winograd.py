"""3×3 convolutions by tiles: a quarter of the products of the plain way, the same numbers to rounding.

Tiles are taken a few hundred at a time, so that what lies between the steps stays in the processor's caches.
"""

from __future__ import annotations

import math
import threading
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .tiles import HELD, LINE, PLANE, put_together, take_apart
from .tiling import SIDE, WINDOW, whole_lanes

_TILES = (128, 256)  # multiplied at a time
_NO_NOISE = np.zeros(0, np.float32)

_G = torch.tensor([[1 / 4, 0, 0], [-1 / 6, -1 / 6, -1 / 6], [-1 / 6, 1 / 6, -1 / 6], [1 / 24, 1 / 12, 1 / 6],
                   [1 / 24, -1 / 12, 1 / 6], [0, 0, 1]], dtype=torch.float64)


class Curve(NamedTuple):
    """What follows the convolution: y = min(max(leaky(y · scale + noise + offset), −limit), limit).

    scale, offset   [o]
    noise           [h · w]; None for none
    slope           below zero; 1 where there is no bend
    """

    scale: Tensor
    offset: Tensor
    noise: Tensor | None = None
    slope: float = 1.0
    limit: float | None = None


class Tiled:
    """A 3×3 convolution whose weights [o, i, 3, 3] are transformed once."""

    def __init__(self, weight: Tensor):
        self._shown = weight.shape[0]
        o, i = (whole_lanes(channels) for channels in weight.shape[:2])
        found = torch.einsum("ka,lb,oiab->klio", _G, _G, weight.double())
        filled = F.pad(found, (0, o - weight.shape[0], 0, i - weight.shape[1]))
        self._weight = filled.reshape(WINDOW * WINDOW, i, o).float().contiguous()

    def __call__(self, x: Tensor, scale: Tensor | None, curve: Curve, *, pad: int = 1) -> Tensor:
        """x [1, i, h, w], channels last, zeros beyond its edges -> [1, o, h', w'], channels last.

        scale   of the inputs, [i]; None for none
        The result stays what it is until this thread has called twice again.
        """
        pixels = _with_whole_lanes(x[0].permute(1, 2, 0))
        (h, w, i), o = pixels.shape, self._weight.shape[2]
        high, wide = h + 2 * pad - 2, w + 2 * pad - 2
        y = _room.apart_from(pixels, high * wide * o).view(high, wide, o)
        factors = _flat(torch.ones(i) if scale is None else scale, i)
        after = [_flat(t, o) for t in (curve.scale, curve.offset)]
        noise = _NO_NOISE if curve.noise is None else _flat(curve.noise, high * wide)
        bend = np.float32(curve.slope), np.float32(math.inf if curve.limit is None else curve.limit)
        across = -(-wide // SIDE)
        count, most = -(-high // SIDE) * across, min(max(_TILES[0], min(i, _TILES[1])), PLANE // i)
        for first in range(0, count, most):
            tiles = first, min(most, count - first), across
            products = self._multiplied(pixels, factors, tiles, pad)
            put_together(y.numpy(), products, _room.joining, tiles, *after, noise, bend)
        return y.permute(2, 0, 1)[None, :self._shown]

    def _multiplied(self, pixels: Tensor, scale: np.ndarray, tiles: tuple[int, int, int], pad: int) -> np.ndarray:
        """36 products [tiles, o]."""
        n, (planes, i, o) = tiles[1], self._weight.shape
        take_apart(pixels.numpy(), scale, _room.windows.numpy(), _room.lines, tiles, pad)
        found = _room.products(planes * n * o).view(planes, n, o)
        torch.bmm(_room.windows.as_strided((planes, n, i), (PLANE, i, 1)), self._weight, out=found)
        return found.numpy()


class _Room(threading.local):
    """Memory that a thread uses again and again: fetching it afresh would take longer than filling it."""

    def __init__(self) -> None:
        self.windows = torch.zeros(WINDOW * WINDOW * PLANE)
        self.lines = np.zeros(WINDOW * LINE, np.float32)
        self.joining = np.zeros(WINDOW * SIDE * HELD, np.float32), np.zeros(SIDE * SIDE * HELD, np.float32)
        self._products = torch.empty(0)
        self._pictures = [torch.empty(0), torch.empty(0)]

    def products(self, n: int) -> Tensor:
        """[n]"""
        if len(self._products) < n:
            self._products = torch.empty(n)
        return self._products[:n]

    def apart_from(self, x: Tensor, n: int) -> Tensor:
        """[n], none of which is memory of x."""
        which = int(self._pictures[0].untyped_storage().data_ptr() == x.untyped_storage().data_ptr())
        if len(self._pictures[which]) < n:
            self._pictures[which] = torch.empty(n)
        return self._pictures[which][:n]


_room = _Room()


def _flat(x: Tensor, n: int) -> np.ndarray:
    """[n], with zeros where x has fewer."""
    flat = x.detach().reshape(-1)
    return F.pad(flat, (0, n - len(flat))).contiguous().numpy()


def _with_whole_lanes(pixels: Tensor) -> Tensor:
    """[h, w, c], with channels of zeros up to a multiple of LANES, in one piece of memory."""
    missing = whole_lanes(pixels.shape[2]) - pixels.shape[2]
    return F.pad(pixels, (0, missing)) if missing else pixels.contiguous()
