"""Noise fields: random, of unit variance at every phase, smooth along it, the same again after a loop.

Both kinds stand on lattices of seeded numbers, one lattice for each whole phase, and are laid over a layer's grid with small
matrices, one for each axis.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

Lattice = Callable[[int, tuple[int, ...]], np.ndarray]
"""(whole phase, shape) -> standard normal numbers, the same every time."""

Planes = tuple[np.ndarray, np.ndarray]

_PERLIN_SCALE = 1 / 8


def gaussian_field(lattice: Lattice, size: tuple[int, int], phase: float, spots: float, *, tiles: bool = False) -> np.ndarray:
    """Grain: four neighbouring lattices mixed with cubic B-spline weights divided by √Σweight², [h, w].

    spots   picture heights that a spot takes; 0 draws a number for every place
    tiles   opposite edges meet
    """
    start = int(np.floor(phase))
    weights = mixing_weights(phase - start)
    down, right = spread_matrices(size, spots, tiles) if has_spots(size, spots) else (None, None)
    shape = size if down is None or right is None else (down.shape[1], right.shape[1])
    drawn = weights[0] * lattice(start - 1, shape)
    weighted = np.empty_like(drawn)
    for k, weight in enumerate(weights[1:]):
        drawn += np.multiply(lattice(start + k, shape), weight, out=weighted)
    return drawn if down is None or right is None else down @ drawn @ right.T


def has_spots(size: tuple[int, int], spots: float) -> bool:
    """Whether grain is spread over several places each, and not drawn for every one."""
    return spots * size[0] > 2


def perlin_field(planes: Callable[[int], Planes], phase: float) -> np.ndarray:
    """Clouds: gradient noise in the plane and the phase (Perlin 2002, quintic fade), [h, w].

    planes   of each whole phase; the field lies between two of them
    Divided by its spread over a cell at this phase, which is known by formula.
    """
    start = int(np.floor(phase))
    t = phase - start
    shares = cloud_shares(t)
    total = shares[0] * planes(start)[0]
    weighted = np.empty_like(total)
    for share, plane in zip(shares[1:], (planes(start)[1], *planes(start + 1)), strict=True):
        total += np.multiply(plane, share, out=weighted)
    return total


def perlin_planes(gradients: Callable[[tuple[int, ...]], np.ndarray], size: tuple[int, int], spots: float, *,
                  tiles: bool = False) -> Planes:
    """What the lattice of a whole phase gives, two maps [h, w]: at that phase, and with every further one.

    gradients   shape -> standard normal numbers
    tiles       opposite edges meet
    """
    (down, down_slope), (right, right_slope) = cell_matrices(size, spots or _PERLIN_SCALE, tiles)
    along_x, along_y, along_t = gradients((3, down.shape[1], right.shape[1]))
    return down @ along_x @ right_slope.T + down_slope @ along_y @ right.T, down @ along_t @ right.T


@lru_cache(maxsize=64)
def spread_matrices(size: tuple[int, int], spots: float, tiles: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """For each axis [places, lattice points]: cubic B-spline weights with rows of length one, so that variance stays one."""
    matrices = []
    for n in size:
        cells, inside, points = _places(n, spots * size[0] / 2, 4, tiles)  # a spot is two lattice steps wide
        matrix = np.zeros((n, points), np.float32)
        for place, (cell, t) in enumerate(zip(cells, inside, strict=True)):
            np.add.at(matrix[place], np.arange(cell, cell + 4) % points, _spline_weights(t))
        matrices.append(matrix / np.linalg.norm(matrix, axis=1, keepdims=True))
    return matrices[0], matrices[1]


@lru_cache(maxsize=64)
def cell_matrices(size: tuple[int, int], spots: float, tiles: bool = False) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """For each axis two [places, lattice points]: fade weights, and those times the distance from the lattice point."""
    axes = []
    for n in size:
        cells, inside, points = _places(n, max(spots * size[0], 1.0), 2, tiles)
        faded, sloped = np.zeros((2, n, points), np.float32)
        for k in (0, 1):
            weight, at = _fade(inside) if k else 1 - _fade(inside), (np.arange(n), (cells + k) % points)
            faded[at] += weight
            sloped[at] += weight * (inside - k)
        axes.append((faded, sloped))
    return tuple(axes)


def _places(n: int, cell: float, reach: int, tiles: bool) -> tuple[np.ndarray, np.ndarray, int]:
    """Of n places, with lattice cells `cell` places wide: the cell of each, where inside it, 0…1, and points of the lattice.

    The middle is a corner. One that tiles has a whole number of cells, as wide as that allows, and as many points.
    """
    cells = max(1, round(n / cell))
    at = (np.arange(n) + 0.5 - n / 2) / (n / cells if tiles else cell)
    at = at - np.floor(at[0])
    whole = np.floor(at).astype(int)
    return whole, at - whole, cells if tiles else int(whole[-1]) + reach


def _fade(t: np.ndarray | float) -> np.ndarray:
    return np.asarray(t ** 3 * (t * (6 * t - 15) + 10))


@lru_cache(maxsize=4096)
def mixing_weights(t: float) -> np.ndarray:
    """B-spline weights of four lattices, of length one: the same for every layer of a frame, float32 [4]."""
    weights = _spline_weights(t)
    return (weights / np.sqrt(np.sum(weights ** 2))).astype(np.float32)


@lru_cache(maxsize=4096)
def cloud_shares(t: float) -> np.ndarray:
    """How much of each of four maps is in the clouds at phase t: those of the lattice before it, those of the one after."""
    before, after = (1 - _fade(t)) / _perlin_spread(t), _fade(t) / _perlin_spread(t)
    return np.array([before, before * t, after, after * (t - 1)], np.float32)


@lru_cache(maxsize=4096)
def _perlin_spread(t: float) -> float:
    """Standard deviation over a cell at phase t, for gradients of standard normal numbers: sums of squared weights."""
    x = (np.arange(64) + 0.5) / 64
    near, far = (1 - _fade(x)) ** 2, _fade(x) ** 2
    flat, sloped = float(np.mean(near + far)), float(np.mean(near * x ** 2 + far * (1 - x) ** 2))
    variance = sum(float(w) ** 2 * (2 * flat * sloped + (t - k) ** 2 * flat ** 2)
                   for k, w in ((0, 1 - _fade(t)), (1, _fade(t))))
    return float(np.sqrt(variance))


def _spline_weights(t: float) -> np.ndarray:
    """Uniform cubic B-spline at t in 0…1: weights of the points before, at, after and after that."""
    return np.array([(1 - t) ** 3, 3 * t ** 3 - 6 * t ** 2 + 4, -3 * t ** 3 + 3 * t ** 2 + 3 * t + 1, t ** 3]) / 6
