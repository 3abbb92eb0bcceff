"""Paths: closed walks over a few entries or by chance, at any position, 1 being one picture further.

"linear" goes straight in w; "slerp" goes along great circles in z, so that every picture on the way is as likely as the
entries are; "spline" is the periodic cubic spline through the entries in w, whose velocity never jumps, also at the seam;
"wander" and "circle" draw their own z's from a seed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

Walk = Callable[[np.ndarray], Tensor]
"""Positions [b] -> w+ [b, num_ws, w_dim]."""

_SPREAD = 0.6
"""Of the bell that smooths random latents, in stops."""

_TURNS, _CELLS = 2, 3
"""How far that bell is followed: in whole turns of a sequence, in cells of a plane."""


def slerp(t: float, a: Tensor, b: Tensor) -> Tensor:
    """From a to b along the great circle between their directions (Shoemake 1985); straight where they are parallel."""
    cosine = torch.clamp((a / a.norm()) @ (b / b.norm()), -1.0, 1.0)
    angle = torch.arccos(cosine)
    if torch.sin(angle) < 1e-6:
        return torch.lerp(a, b, t)
    return (torch.sin((1 - t) * angle) * a + torch.sin(t * angle) * b) / torch.sin(angle)


def linear_walk(stops: Tensor) -> Walk:
    """Straight between stops [n, num_ws, w_dim], from the last back to the first."""
    return lambda positions: _each(positions, len(stops), lambda k, n, t: torch.lerp(stops[k], stops[n], t))


def spline_walk(stops: Tensor) -> Walk:
    """The periodic cubic spline through stops [n, num_ws, w_dim]."""
    bent = _second_derivatives(stops)

    def between(k: int, n: int, t: float) -> Tensor:
        u = 1.0 - t
        return u * stops[k] + t * stops[n] + ((u ** 3 - u) * bent[k] + (t ** 3 - t) * bent[n]) / 6.0

    return lambda positions: _each(positions, len(stops), between)


def slerp_walk(z: Sequence[Tensor], c: Sequence[Tensor | None], to_w: Callable[[Tensor, Tensor | None], Tensor]) -> Walk:
    """Great circles between z's [z_dim]; classes [c_dim] are mixed on the way. to_w maps one (z, c) to [num_ws, w_dim]."""
    def between(k: int, n: int, t: float) -> Tensor:
        here, there = c[k], c[n]
        mixed = None if here is None or there is None else torch.lerp(here, there, t)
        return to_w(slerp(t, z[k], z[n]), mixed)

    return lambda positions: _each(positions, len(z), between)


def _each(positions: np.ndarray, count: int, between: Callable[[int, int, float], Tensor]) -> Tensor:
    rows = []
    for position in np.asarray(positions, float).tolist():
        k = int(np.floor(position))
        rows.append(between(k % count, (k + 1) % count, position - k))
    return torch.stack(rows)


def _second_derivatives(stops: Tensor) -> Tensor:
    """Of the periodic spline at its knots: M solves circulant(1, 4, 1)·M = 6·(next − 2·here + previous)."""
    values = stops.double()
    bend = 6.0 * (values.roll(-1, 0) - 2.0 * values + values.roll(1, 0))
    n = len(stops)
    matrix = 4.0 * torch.eye(n, dtype=torch.float64)
    for k in range(n):
        matrix[k, (k + 1) % n] += 1.0
        matrix[k, (k - 1) % n] += 1.0
    return torch.linalg.solve(matrix, bend.reshape(n, -1)).reshape(values.shape).to(stops.dtype)


Drawn = Callable[[float], Tensor]
"""Position -> z [z_dim] of unit variance."""


def stray_walk(to_w: Callable[[float], Tensor]) -> Walk:
    """A walk that is computed anew at every position."""
    return lambda positions: torch.stack([to_w(position) for position in np.asarray(positions, float).tolist()])


def wander(seed: int, stops: int, z_dim: int) -> Drawn:
    """A closed sequence of random z's, Gaussian-smoothed, its spread restored: Σ g·z / √Σ g² has unit variance everywhere.

    Brouwer's third loop (2020, after Karras 2018), whose division by the standard deviation of the whole is exact here.
    """
    points = torch.from_numpy(np.random.RandomState(seed).randn(stops, z_dim).astype(np.float32))
    turns = np.arange(-_TURNS, _TURNS + 1) * stops

    def at(position: float) -> Tensor:
        apart = (position % stops) - np.arange(stops)
        weights = _bell(apart[:, None] + turns).sum(axis=1)
        return torch.from_numpy((weights / np.sqrt(np.sum(weights ** 2))).astype(np.float32)) @ points

    return at


def circle(seed: int, stops: int, z_dim: int) -> Drawn:
    """Round a circle in a plane of random z's, `stops` cells in circumference; few stops hardly leave one picture."""
    radius = stops / (2.0 * np.pi)
    reach = np.arange(-_CELLS, _CELLS + 1)

    @lru_cache(maxsize=4096)
    def cell(i: int, j: int) -> np.ndarray:
        return np.random.default_rng([seed, i & 0xFFFF, j & 0xFFFF]).standard_normal(z_dim, dtype=np.float32)

    def at(position: float) -> Tensor:
        angle = 2.0 * np.pi * position / stops
        x, y = radius * np.cos(angle), radius * np.sin(angle)
        columns, rows = round(x) + reach, round(y) + reach
        weights = _bell(x - columns)[:, None] * _bell(y - rows)
        field = sum(np.float32(weights[n, m]) * cell(int(i), int(j))
                    for n, i in enumerate(columns) for m, j in enumerate(rows))
        return torch.from_numpy(np.asarray(field / np.sqrt(np.sum(weights ** 2)), np.float32))

    return at


def _bell(x: np.ndarray) -> np.ndarray:
    return np.exp(-0.5 * (x / _SPREAD) ** 2)
