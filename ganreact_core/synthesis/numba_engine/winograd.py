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
from .tiling import FAR, NEAR, SIDE, WINDOW, whole_lanes

_TILES, _SHORT_TILES = (128, 256), 512  # multiplied at a time; more where torch rearranges shortened weights each time
_NO_NOISE = np.zeros(0, np.float32)

_POINTS = (0.0, NEAR, -NEAR, FAR, -FAR)
_FINITE = [[p ** k / math.prod(p - q for q in _POINTS if q != p) for k in range(3)] for p in _POINTS]
_G = torch.tensor([*_FINITE, [0.0, 0.0, 1.0]], dtype=torch.float64)


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
    """A 3×3 convolution whose weights [o, i, 3, 3] are transformed once.

    kind   of numbers that are multiplied: float32, or bfloat16. All that is added up is float32
    """

    def __init__(self, weight: Tensor, kind: torch.dtype = torch.float32):
        self._kind, self._shown = kind, weight.shape[0]
        o, i = (whole_lanes(channels) for channels in weight.shape[:2])
        found = torch.einsum("ka,lb,oiab->klio", _G, _G, weight.double())
        filled = F.pad(found, (0, o - weight.shape[0], 0, i - weight.shape[1]))
        self._weight = filled.reshape(WINDOW * WINDOW, i, o).to(kind).contiguous()

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
        count, most = -(-high // SIDE) * across, min(self._at_a_time(i), PLANE // i)
        for first in range(0, count, most):
            tiles = first, min(most, count - first), across
            products = self._multiplied(pixels, factors, tiles, pad)
            put_together(y.numpy(), products, _room.joining, tiles, *after, noise, bend)
        return y.permute(2, 0, 1)[None, :self._shown]

    def _at_a_time(self, channels: int) -> int:
        return _SHORT_TILES if self._kind == torch.bfloat16 else max(_TILES[0], min(channels, _TILES[1]))

    def _multiplied(self, pixels: Tensor, scale: np.ndarray, tiles: tuple[int, int, int], pad: int) -> np.ndarray:
        """36 products [tiles, o]."""
        n, (planes, i, o) = tiles[1], self._weight.shape
        windows = _room.windows(self._kind)
        take_apart(pixels.numpy(), scale, _as_numbers(windows), _room.lines, tiles, pad)
        found = _room.products(planes * n * o, self._kind).view(planes, n, o)
        torch.bmm(windows.as_strided((planes, n, i), (PLANE, i, 1)), self._weight, out=found)
        return _as_numbers(found)


class _Room(threading.local):
    """Memory that a thread uses again and again: fetching it afresh would take longer than filling it."""

    def __init__(self) -> None:
        self.lines = np.zeros(WINDOW * LINE, np.float32)
        self.joining = np.zeros(WINDOW * SIDE * HELD, np.float32), np.zeros(SIDE * SIDE * HELD, np.float32)
        self._windows: dict[torch.dtype, Tensor] = {}
        self._products: dict[torch.dtype, Tensor] = {}
        self._pictures = [torch.empty(0), torch.empty(0)]

    def windows(self, kind: torch.dtype) -> Tensor:
        """36 planes, one every PLANE numbers."""
        if kind not in self._windows:
            self._windows[kind] = _fresh(WINDOW * WINDOW * PLANE, kind)
        return self._windows[kind]

    def products(self, n: int, kind: torch.dtype) -> Tensor:
        """[n]"""
        if kind not in self._products or len(self._products[kind]) < n:
            self._products[kind] = _fresh(n, kind)
        return self._products[kind][:n]

    def apart_from(self, x: Tensor, n: int) -> Tensor:
        """[n], none of which is memory of x."""
        which = int(self._pictures[0].untyped_storage().data_ptr() == x.untyped_storage().data_ptr())
        if len(self._pictures[which]) < n:
            self._pictures[which] = _fresh(n)
        return self._pictures[which][:n]


def _fresh(n: int, kind: torch.dtype = torch.float32) -> Tensor:
    """[n], zeros, that may be written outside inference mode too."""
    with torch.inference_mode(False):
        return torch.zeros(n, dtype=kind)


_room = _Room()


def _as_numbers(x: Tensor) -> np.ndarray:
    """The same memory for compiled loops; bfloat16 as uint16."""
    return x.numpy() if x.dtype == torch.float32 else x.view(torch.int16).numpy().view(np.uint16)


def _flat(x: Tensor, n: int) -> np.ndarray:
    """[n], with zeros where x has fewer."""
    flat = x.detach().reshape(-1)
    return F.pad(flat, (0, n - len(flat))).contiguous().numpy()


def _with_whole_lanes(pixels: Tensor) -> Tensor:
    """[h, w, c], with channels of zeros up to a multiple of LANES, in one piece of memory."""
    missing = whole_lanes(pixels.shape[2]) - pixels.shape[2]
    return F.pad(pixels, (0, missing)) if missing else pixels.contiguous()
