"""StyleGAN3's leaky ReLU, row by row: what is upsampled never leaves the processor's nearest cache.

For each channel, each row of the higher rate is made (vertical and horizontal polyphase low-pass), bent and narrowed at once;
the last few such rows lie in a ring, from which the rows of the result are summed. Zeros that upsampling puts in are never
touched. The same numbers as `generators.filtered_activation`, to rounding.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

GROUP = 6
"""Taps are summed six at a time; filters are filled up with zeros to a multiple of that."""

_FAST: dict[str, Any] = {"nogil": True, "cache": True, "fastmath": {"contract", "nsz"}, "error_model": "numpy"}


@njit(**_FAST)
def _sum_rows(out, rows, first, taps, n):
    """out[j] = Σ_k taps[k] · rows[first[k], j] for j < n."""
    for g in range(0, len(taps), GROUP):
        t0, t1, t2, t3, t4, t5 = taps[g], taps[g + 1], taps[g + 2], taps[g + 3], taps[g + 4], taps[g + 5]
        a, b, c = rows[first[g]], rows[first[g + 1]], rows[first[g + 2]]
        d, e, f = rows[first[g + 3]], rows[first[g + 4]], rows[first[g + 5]]
        if g == 0:
            for j in range(n):
                out[j] = t0 * a[j] + t1 * b[j] + t2 * c[j] + t3 * d[j] + t4 * e[j] + t5 * f[j]
        else:
            for j in range(n):
                out[j] += t0 * a[j] + t1 * b[j] + t2 * c[j] + t3 * d[j] + t4 * e[j] + t5 * f[j]


@njit(**_FAST)
def _slide(out, row, start, taps, n, add):
    """out[j] (+)= Σ_k taps[k] · row[start + j + k] for j < n."""
    for g in range(0, len(taps), GROUP):
        t0, t1, t2, t3, t4, t5 = taps[g], taps[g + 1], taps[g + 2], taps[g + 3], taps[g + 4], taps[g + 5]
        s = row[start + g:]
        if g == 0 and not add:
            for j in range(n):
                out[j] = t0 * s[j] + t1 * s[j + 1] + t2 * s[j + 2] + t3 * s[j + 3] + t4 * s[j + 4] + t5 * s[j + 5]
        else:
            for j in range(n):
                out[j] += t0 * s[j] + t1 * s[j + 1] + t2 * s[j + 2] + t3 * s[j + 3] + t4 * s[j + 4] + t5 * s[j + 5]


@njit(**_FAST)
def _bend(row, n, slope, gain, limit):
    """Leaky ReLU, gain, clamp, in place."""
    for j in range(n):
        v = row[j]
        v = (v if v > 0 else v * slope) * gain
        row[j] = min(max(v, -limit), limit)


@njit(**_FAST)
def _narrow(out, phases, taps_by_phase, n, add):
    """out[j] (+)= Σ_k taps[k] · row[d·j + k], the row lying in d phases: row[d·m + p] = phases[p, m]."""
    for p in range(len(phases)):
        _slide(out, phases[p], 0, taps_by_phase[p], n, add or p > 0)


@njit(**_FAST)
def _raise(y, work, raising, margin, phases, n):
    """Row y of the higher rate, n samples, into `phases` [d, ·]; work: the plane with zeros around it, and room."""
    (given, line, apart, order), (up_taps, first) = work, raising
    up, down = len(up_taps), len(phases)
    start = y // up + first[y % up] + margin
    for k in range(up_taps.shape[1]):
        order[k] = start + k
    _sum_rows(line, given, order, up_taps[y % up], given.shape[1])
    for p in range(up):
        count = (n - p + up - 1) // up
        if up == down:
            _slide(phases[p], line, first[p] + margin, up_taps[p], count, False)
            continue
        _slide(apart, line, first[p] + margin, up_taps[p], count, False)
        if up % down == 0:
            target, step = phases[p % down, p // down:], up // down
            for m in range(count):
                target[step * m] = apart[m]
        else:
            for m in range(count):
                phases[(up * m + p) % down, (up * m + p) // down] = apart[m]


@njit(**_FAST)
def _lower_radial(out, full, pair, begin, down_taps):
    """A row of the result from len(full) rows of the higher rate, the first being row `begin`."""
    taps = len(full)
    for k in range(len(down_taps)):
        a, b = full[(begin + k) % taps], full[(begin + taps - 1 - k) % taps]
        for p in range(len(pair)):
            for j in range(pair.shape[1]):
                pair[p, j] = a[p, j] + b[p, j]
        _narrow(out, pair, down_taps[k], len(out), k > 0)


@njit(**_FAST)
def _lower(out, ring, order, begin, vertical):
    """A row of the result from narrowed rows, the first being row `begin`."""
    for k in range(len(ring)):
        order[k] = (begin + k) % len(ring)
    _sum_rows(out, ring, order, vertical, len(out))


@njit(**_FAST)
def filter_planes(x, y, raising, lowering, sizes, curve):
    """x [planes, h, w] -> y [planes, h', w'].

    raising    ([up, k] taps by phase, [up] where a phase begins to read, in samples of x)
    lowering   ([sets, down, k] taps by phase of the horizontal low-pass, [taps] of the vertical one). Where the filter is
               radial, rows that lie opposite are summed and each pair has a set; the vertical taps are not used then
    sizes      (height, width) at the higher rate, margin, number of vertical taps, whether radial
    curve      slope, gain, limit
    """
    (high, wide, margin, taps, radial), (down_taps, vertical) = sizes, lowering
    slope, gain, limit = curve
    h, w, down = x.shape[1], x.shape[2], down_taps.shape[1]
    given = np.zeros((h + 2 * margin, w + 2 * margin), np.float32)
    line, apart = np.zeros(w + 2 * margin + 2 * GROUP, np.float32), np.zeros(wide + 2 * GROUP, np.float32)
    order = np.zeros(max(len(vertical), raising[0].shape[1]), np.int64)
    full = np.zeros((taps if radial else 1, down, wide // down + 1 + down_taps.shape[2]), np.float32)
    pair, ring = np.zeros_like(full[0]), np.zeros((len(vertical), y.shape[2]), np.float32)
    for plane in range(len(x)):
        given[margin:margin + h, margin:margin + w] = x[plane]
        for row in range(high):
            phases = full[row % len(full)]
            _raise(row, (given, line, apart, order), raising, margin, phases, wide)
            for p in range(down):
                _bend(phases[p], (wide - p + down - 1) // down, slope, gain, limit)
            if not radial:
                _narrow(ring[row % len(ring)], phases, down_taps[0], y.shape[2], False)
            done, left = divmod(row - taps + 1, down)
            if left == 0 and 0 <= done < y.shape[1]:
                if radial:
                    _lower_radial(y[plane, done], full, pair, done * down, down_taps)
                else:
                    _lower(y[plane, done], ring, order, done * down, vertical)
