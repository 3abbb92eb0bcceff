"""Paths through the palette: closed walks over a few entries, at any position, 1 being one entry further.

"linear" goes straight in w; "slerp" goes along great circles in z, so that every picture on the way is as likely as the
entries are; "spline" is the periodic cubic spline through the entries in w, whose velocity never jumps, also at the seam.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

Walk = Callable[[np.ndarray], Tensor]
"""Positions [b] -> w+ [b, num_ws, w_dim]."""


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
