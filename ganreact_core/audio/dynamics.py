"""How loud and how bright: RMS, loudness, centroid, flatness, and a spectrum of 24 bands."""

from __future__ import annotations

import numpy as np

from .spectra import Grid, frames, magnitudes, triangles, window_size

N_BANDS = 24
_WINDOW_S = 0.09
_QUIET = 1e-5
"""−100 dB: what lies below is silence."""


def rms(samples: np.ndarray, grid: Grid) -> np.ndarray:
    """Root mean square around each hop, float32 [n_hops], 0…1."""
    out = np.zeros(grid.n_hops, np.float32)
    window = np.hanning(window_size(grid, _WINDOW_S) + 2)[1:-1].astype(np.float32)
    window /= window.sum()
    for hops, block in frames(samples, grid, len(window)):
        out[hops] = np.sqrt(np.square(block) @ window)
    out[out < _QUIET] = 0
    return out


def timbre(samples: np.ndarray, grid: Grid) -> dict[str, np.ndarray]:
    """loudness, centroid (Hz), flatness (0…1) [n_hops] and bands [n_hops, 24]; all zero where there is silence.

    Loudness follows Stevens' law, (weighted power)^0.3, with the A-weighting of IEC 61672; a full-scale sine at 1 kHz
    is about 1.
    """
    size = window_size(grid, _WINDOW_S)
    n_bins = size // 2 + 1
    bins_hz = np.linspace(0, grid.sample_rate_hz / 2, n_bins)
    bank = triangles(np.geomspace(40, 10_000, N_BANDS), n_bins, grid.sample_rate_hz / 2)
    weighting = _a_weighting(bins_hz).astype(np.float32)
    out = {name: np.zeros(grid.n_hops, np.float32) for name in ("loudness", "centroid", "flatness")}
    out["bands"] = np.zeros((grid.n_hops, N_BANDS), np.float32)
    for hops, mag in magnitudes(samples, grid, size):
        power = np.square(mag)
        total = power.sum(axis=1)
        heard = total > _QUIET ** 2
        out["loudness"][hops] = heard * (0.67 * (power @ weighting)) ** 0.3
        out["centroid"][hops] = heard * (mag @ bins_hz) / np.maximum(mag.sum(axis=1), 1e-20)
        geometric = np.exp(np.log(np.maximum(power, 1e-20)).mean(axis=1))
        out["flatness"][hops] = heard * geometric / np.maximum(power.mean(axis=1), 1e-20)
        out["bands"][hops] = heard[:, None] * np.sqrt(power @ bank)
    return out


def _a_weighting(hz: np.ndarray) -> np.ndarray:
    """Power gain of the A-weighting, 1 at 1 kHz (IEC 61672-1, annex E)."""
    f2 = np.square(hz)
    response = 12194.0 ** 2 * f2 ** 2 / (
        (f2 + 20.6 ** 2) * np.sqrt((f2 + 107.7 ** 2) * (f2 + 737.9 ** 2)) * (f2 + 12194.0 ** 2))
    return np.square(response * 1.2589)
