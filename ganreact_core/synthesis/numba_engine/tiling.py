"""When a 3×3 convolution is computed by tiles. Nothing here imports Numba, which takes a second."""

from __future__ import annotations

import math

from torch import Tensor

SIDE, WINDOW = 4, 6
"""Pixels of a tile's side, and of the side of the window that it is computed from."""

NEAR, FAR = 3 / 4, 3 / 2
"""Where the polynomials of tiles are evaluated, beside 0 and infinity: ±NEAR and ±FAR (points with small fractions are off by
less, Barabasz et al. 2020; of all of eighths and sixteenths these are among the best, and exact in float32)."""

LANES, MOST_CHANNELS = 32, 1024
"""Numbers of channels are filled up to multiples of the one, and are at most the other."""

_FEWEST_TILES = 64  # of a picture, below which transformed weights are too many for what is gained
_MOST_FILLED = 1.5  # channels that are filled up are multiplied too
_FEWEST_PRODUCTS = 1e9  # ten ms; small networks are not worth the seconds in which Numba compiles


def gains(weight: Tensor, size: tuple[int, int]) -> bool:
    """Whether a convolution with weights [o, i, k, k] to a map of (height, width) is faster by tiles."""
    o, i, *kernel = weight.shape
    tiles, products = math.prod(-(-side // SIDE) for side in size), weight.numel() * math.prod(size)
    fits = kernel == [3, 3] and max(o, i) <= MOST_CHANNELS and whole_lanes(o) * whole_lanes(i) <= _MOST_FILLED * o * i
    return fits and tiles >= _FEWEST_TILES and products >= _FEWEST_PRODUCTS


def whole_lanes(channels: int) -> int:
    """The next multiple of LANES."""
    return -(-channels // LANES) * LANES
