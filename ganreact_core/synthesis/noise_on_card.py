"""Noise fields mixed on a card from lattices that are drawn once and stay there.

A frame's fields are sums of four maps; drawn on the host, those of a large batch would take longer than the network does.
The same fields as `noise_fields` gives, up to rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from .noise_fields import Planes, cloud_shares, has_spots, mixing_weights, perlin_planes, spread_matrices
from .transfers import onto

Draw = Callable[[tuple[int, ...], tuple[int, ...]], np.ndarray]
"""(seeds, shape) -> standard normal numbers, the same every time."""

Seeds = Callable[[int], tuple[int, ...]]
"""Whole phase -> the seeds of its lattice."""


class CardFields:
    """Makes fields on one device; keeps the lattices it has drawn.

    kept    how many of them
    tiles   opposite edges meet
    """

    def __init__(self, draw: Draw, device: str, *, kept: int, tiles: bool):
        self._draw, self._device, self._tiles = draw, device, tiles
        self._lattice = lru_cache(maxsize=kept)(self._drawn)
        self._planes = lru_cache(maxsize=kept)(self._clouds)
        self._matrices = lru_cache(maxsize=64)(self._spread)

    def grain(self, seeds: Seeds, size: tuple[int, int], phase: float, spots: float) -> Tensor:
        """See `noise_fields.gaussian_field`."""
        start = int(np.floor(phase))
        down, right = self._matrices(size, spots) if has_spots(size, spots) else (None, None)
        shape = size if down is None or right is None else (down.shape[1], right.shape[1])
        maps = (self._lattice(seeds(start - 1 + k), shape) for k in range(4))
        drawn = _mixed(maps, mixing_weights(phase - start))
        return drawn if down is None or right is None else down @ drawn @ right.T

    def clouds(self, seeds: Seeds, size: tuple[int, int], phase: float, spots: float) -> Tensor:
        """See `noise_fields.perlin_field`."""
        start = int(np.floor(phase))
        maps = (plane for point in (start, start + 1) for plane in self._planes(seeds(point), size, spots))
        return _mixed(maps, cloud_shares(phase - start))

    def _drawn(self, seeds: tuple[int, ...], shape: tuple[int, int]) -> Tensor:
        return onto(torch.from_numpy(self._draw(seeds, shape)), self._device)

    def _clouds(self, seeds: tuple[int, ...], size: tuple[int, int], spots: float) -> tuple[Tensor, ...]:
        planes: Planes = perlin_planes(lambda shape: self._draw(seeds, shape), size, spots, tiles=self._tiles)
        return tuple(onto(torch.from_numpy(np.ascontiguousarray(plane)), self._device) for plane in planes)

    def _spread(self, size: tuple[int, int], spots: float) -> tuple[Tensor, ...]:
        return tuple(onto(torch.from_numpy(matrix), self._device) for matrix in spread_matrices(size, spots, self._tiles))


def _mixed(maps: Iterator[Tensor], weights: np.ndarray) -> Tensor:
    """Σ weight · map."""
    first, *others = weights.tolist()
    total = next(maps) * first
    for weight, one in zip(others, maps, strict=True):
        total.add_(one, alpha=weight)
    return total
