"""Loops as the code beside Brouwer's paper (2020) makes them, defects and all, at any position instead of on a grid of frames.

A closed sequence is its stops and the first once more. His spline does not know that it closes: its slope jumps at the
seam. His great circles have one leg too many, from the copy of the first stop to the stop itself: they pause there.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from .paths import Walk


def classic_spline_walk(stops: Tensor) -> Walk:
    """The cubic spline through stops [n, num_ws, w_dim] and the first again, not-a-knot at both ends (as splrep's)."""
    closed = torch.cat([stops, stops[:1]]).double()
    n = len(closed)
    slopes = torch.from_numpy(np.linalg.solve(*_not_a_knot(closed.reshape(n, -1).numpy())))
    flat = closed.reshape(n, -1)

    def at(positions: np.ndarray) -> Tensor:
        rows = []
        for position in (np.asarray(positions, float) % (n - 1)).tolist():
            k = min(int(position), n - 2)
            t = position - k
            rows.append((2 * t ** 3 - 3 * t ** 2 + 1) * flat[k] + (t ** 3 - 2 * t ** 2 + t) * slopes[k]
                        + (3 * t ** 2 - 2 * t ** 3) * flat[k + 1] + (t ** 3 - t ** 2) * slopes[k + 1])
        return torch.stack(rows).reshape(-1, *stops.shape[1:]).to(stops.dtype)

    return at


def with_pause(walk: Walk, length: int) -> Walk:
    """A walk whose last leg is spent at the first stop: `length` + 1 legs in the time of `length`."""
    def at(positions: np.ndarray) -> Tensor:
        legs = (np.asarray(positions, float) % length) * (length + 1) / length
        return walk(np.where(legs >= length, 0.0, legs))

    return at


def _not_a_knot(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Equations for the slopes of a cubic spline through values [n, d] at 0, 1, 2 …: (matrix [n, n], right side [n, d])."""
    n = len(values)
    matrix, right = np.zeros((n, n)), np.zeros_like(values)
    for k in range(1, n - 1):
        matrix[k, k - 1:k + 2] = 1, 4, 1
        right[k] = 3 * (values[k + 1] - values[k - 1])
    if n == 3:  # one parabola
        matrix[0, :2], right[0] = (1, 1), 2 * (values[1] - values[0])
        matrix[2, 1:], right[2] = (1, 1), 2 * (values[2] - values[1])
        return matrix, right
    for row, sign in ((0, 1), (n - 1, -1)):
        a, b, c = values[row], values[row + sign], values[row + 2 * sign]
        matrix[row, [row, row + sign]] = 1, 2
        right[row] = sign * (-2.5 * a + 2 * b + 0.5 * c)
    return matrix, right


