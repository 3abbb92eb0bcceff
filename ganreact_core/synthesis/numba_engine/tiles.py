"""Winograd's transforms of the tiles of a 3×3 convolution (Lavin and Gray 2016, F(4×4, 3×3)), compiled by Numba.

A window of 6×6 pixels gives a tile of 4×4 with 36 products a channel instead of 144, once windows and weights are transformed:
what is multiplied then are 36 matrices [tiles, channels]. Here is what goes before and after. Everything lies with channels
last. Compilers make vectors of these loops only where they see that what is written is apart from what is read: hence flat
arrays, unsigned places in them, fixed distances between planes and fixed numbers of channels at a time.

Planes are float32, or uint16 that hold bfloat16. The polynomials are evaluated at 0, ±NEAR, ±FAR and infinity: not at the usual
±1 and ±2, as what is shortened is off by half as much then.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from .bfloat16 import get, put
from .tiling import FAR, LANES, MOST_CHANNELS, NEAR, SIDE, WINDOW

COMPILED_WITH = "e42f7c2357f53e45"
"""Of what compiled code takes from `bfloat16` and `tiling` (tests/synthesis/test_winograd.py says which). Numba keeps what it
compiled for as long as this file is the same: with other numbers of channels at a time it would write where nothing is."""

PLANE = (1 << 17) + 1040
"""Numbers between two of the 36 planes of transformed windows: no power of two, as these share places in caches."""

LINE, HELD = (1 << 14) + 272, 1024 + 16
"""Numbers between two sifted rows of a window, and between two planes of a tile that is being put together."""

_MOST_TILES = 16  # that are sifted at a time: their windows lie in the nearest cache

_FAST: dict[str, Any] = {"nogil": True, "cache": True, "fastmath": {"contract", "nsz"}, "error_model": "numpy"}
_u = np.uint64
_LANES = _u(LANES)
_L1, _L2, _L3, _L4, _L5 = (_u(k * LINE) for k in range(1, 6))
_P1, _P2, _P3, _P4, _P5, _P6 = (_u(k * PLANE) for k in range(1, 7))
_P12, _P18, _P24, _P30 = (_u(k * PLANE) for k in (12, 18, 24, 30))
_H1, _H2, _H3, _H4, _H5, _H6 = (_u(k * HELD) for k in range(1, 7))
_H12, _H18 = _u(12 * HELD), _u(18 * HELD)
_A, _AA, _AAA = (np.float32(NEAR ** k) for k in (1, 2, 3))
_B, _BB, _BBB = (np.float32(FAR ** k) for k in (1, 2, 3))
_AABB, _AA_BB = _AA * _BB, _AA + _BB


@njit(**_FAST)
def _sift_rows(out, a, b, c, d, e, f, n):
    """Six rows of pixels -> six lines, along columns: Bᵀ · window."""
    for j in range(_u(n)):
        near, far = d[j] - _BB * b[j], e[j] - _BB * c[j]
        out[j] = _AABB * a[j] - _AA_BB * c[j] + e[j]
        out[j + _L1] = far + _A * near
        out[j + _L2] = far - _A * near
        near, far = d[j] - _AA * b[j], e[j] - _AA * c[j]
        out[j + _L3] = far + _B * near
        out[j + _L4] = far - _B * near
        out[j + _L5] = _AABB * b[j] - _AA_BB * d[j] + f[j]


@njit(**_FAST)
def _sift(planes, at, a, b, c, d, e, f):
    """Six numbers of a line -> six planes: a row of Bᵀ · window · B."""
    put(planes, at, _AABB * a - _AA_BB * c + e)
    near, far = d - _BB * b, e - _BB * c
    put(planes, at + _P1, far + _A * near)
    put(planes, at + _P2, far - _A * near)
    near, far = d - _AA * b, e - _AA * c
    put(planes, at + _P3, far + _B * near)
    put(planes, at + _P4, far - _B * near)
    put(planes, at + _P5, _AABB * b - _AA_BB * d + f)


@njit(**_FAST)
def _sift_columns(planes, at, lines, first, scale):
    """The six lines of a window, from place `first` on -> 36 planes, at place `at`."""
    n = _u(len(scale))
    a, b, c, d, e, f = first, first + n, first + _u(2) * n, first + _u(3) * n, first + _u(4) * n, first + _u(5) * n
    for base in range(_u(0), n, _LANES):
        for lane in range(_LANES):
            j = base + lane
            s = scale[j]
            _sift(planes, at + j, lines[a + j] * s, lines[b + j] * s, lines[c + j] * s, lines[d + j] * s, lines[e + j] * s,
                  lines[f + j] * s)
            _sift(planes, at + j + _P6, lines[a + j + _L1] * s, lines[b + j + _L1] * s, lines[c + j + _L1] * s,
                  lines[d + j + _L1] * s, lines[e + j + _L1] * s, lines[f + j + _L1] * s)
            _sift(planes, at + j + _P12, lines[a + j + _L2] * s, lines[b + j + _L2] * s, lines[c + j + _L2] * s,
                  lines[d + j + _L2] * s, lines[e + j + _L2] * s, lines[f + j + _L2] * s)
            _sift(planes, at + j + _P18, lines[a + j + _L3] * s, lines[b + j + _L3] * s, lines[c + j + _L3] * s,
                  lines[d + j + _L3] * s, lines[e + j + _L3] * s, lines[f + j + _L3] * s)
            _sift(planes, at + j + _P24, lines[a + j + _L4] * s, lines[b + j + _L4] * s, lines[c + j + _L4] * s,
                  lines[d + j + _L4] * s, lines[e + j + _L4] * s, lines[f + j + _L4] * s)
            _sift(planes, at + j + _P30, lines[a + j + _L5] * s, lines[b + j + _L5] * s, lines[c + j + _L5] * s,
                  lines[d + j + _L5] * s, lines[e + j + _L5] * s, lines[f + j + _L5] * s)


@njit(**_FAST)
def take_apart(x, scale, planes, lines, tiles, pad):
    """Pixels x [h, w, c], beyond which lie zeros -> 36 planes [tiles, c] of transformed windows, scaled by channel.

    planes   flat; a plane begins every PLANE numbers
    lines    room for 6 · LINE numbers
    tiles    (the first tile, how many, tiles in a row of them)
    """
    (h, w, c), (tile, left, across) = x.shape, tiles
    rows, blank, place = x.reshape(h, w * c), np.zeros(w * c, np.float32), 0
    at_a_time = min(_MOST_TILES, (LINE // c - 2) // SIDE)
    while left > 0:
        y, column = tile // across, tile % across
        n = min(left, at_a_time, across - column)
        top, begin = SIDE * y - pad, SIDE * column - pad
        end = begin + SIDE * n + 2
        inside, until = max(begin, 0), min(end, w)
        if inside > begin or until < end:
            lines[:] = 0
        if until > inside:
            a, b, d = (rows[top] if 0 <= top < h else blank), (rows[top + 1] if 0 <= top + 1 < h else blank), inside * c
            e, f = (rows[top + 2] if 0 <= top + 2 < h else blank), (rows[top + 3] if 0 <= top + 3 < h else blank)
            g, i = (rows[top + 4] if 0 <= top + 4 < h else blank), (rows[top + 5] if 0 <= top + 5 < h else blank)
            _sift_rows(lines[(inside - begin) * c:], a[d:], b[d:], e[d:], f[d:], g[d:], i[d:], (until - inside) * c)
        for k in range(n):
            _sift_columns(planes, _u((place + k) * c), lines, _u(SIDE * k * c), scale)
        tile, left, place = tile + n, left - n, place + n


@njit(**_FAST)
def _join_rows(out, a, b, c, d, e, f, n):
    """Six planes -> four: Aᵀ · tile."""
    for j in range(_u(n)):
        q, r, s, t = get(b, j), get(c, j), get(d, j), get(e, j)
        out[j] = get(a, j) + (q + r) + (s + t)
        out[j + _H6] = _A * (q - r) + _B * (s - t)
        out[j + _H12] = _AA * (q + r) + _BB * (s + t)
        out[j + _H18] = _AAA * (q - r) + _BBB * (s - t) + get(f, j)


@njit(**_FAST)
def _join_columns(out, row, n):
    """Six planes of a row -> four: a row of Aᵀ · tile · A."""
    for j in range(_u(n)):
        q, r, s, t = row[j + _H1], row[j + _H2], row[j + _H3], row[j + _H4]
        out[j] = row[j] + (q + r) + (s + t)
        out[j + _H1] = _A * (q - r) + _B * (s - t)
        out[j + _H2] = _AA * (q + r) + _BB * (s + t)
        out[j + _H3] = _AAA * (q - r) + _BBB * (s - t) + row[j + _H5]


@njit(**_FAST)
def _finish(out, pixels, places, scale, offset, noise, curve):
    """Channels of a pixel, from places[1] on to places[0]: scaled, noise and offset added, leaky ReLU, clamp."""
    (at, first), (slope, limit) = places, curve
    for base in range(_u(0), _u(len(scale)), _LANES):
        for lane in range(_LANES):
            j = base + lane
            v = pixels[first + j] * scale[j] + (noise + offset[j])
            v = v if v > 0 else v * slope
            out[at + j] = min(max(v, -limit), limit)


@njit(**_FAST)
def put_together(y, products, room, tiles, scale, offset, noise, curve):
    """36 planes [tiles, c] -> pixels y [h, w, c] of these tiles: scaled and offset by channel, noise [h · w], curve.

    room     for 24 and for 16 · HELD numbers
    noise    empty for none
    curve    slope of the leaky ReLU below zero, limit of what comes out
    """
    (h, w, c), (first, count, across), (half, whole) = y.shape, tiles, room
    flat, planes = y.reshape(h * w * c), products.reshape(WINDOW * WINDOW, count * c)
    at_a_time = max(1, MOST_CHANNELS // c)
    for begin in range(0, count, at_a_time):
        n, a = min(at_a_time, count - begin), begin * c
        for k in range(WINDOW):
            _join_rows(half[k * HELD:], planes[k, a:], planes[6 + k, a:], planes[12 + k, a:], planes[18 + k, a:],
                       planes[24 + k, a:], planes[30 + k, a:], n * c)
        for i in range(SIDE):
            _join_columns(whole[SIDE * i * HELD:], half[WINDOW * i * HELD:], n * c)
        for k in range(n):
            top, left = (first + begin + k) // across * SIDE, (first + begin + k) % across * SIDE
            for i in range(min(SIDE, h - top)):
                for j in range(min(SIDE, w - left)):
                    pixel = (top + i) * w + left + j
                    added = noise[pixel] if len(noise) else np.float32(0)
                    places = _u(pixel * c), _u((SIDE * i + j) * HELD + k * c)
                    _finish(flat, whole, places, scale, offset, added, curve)
