"""How loud and how bright: RMS, loudness, centroid, flatness, contrast, and a spectrum of 24 bands."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import scipy.ndimage

from .spectra import Grid, frames, magnitudes, triangles, window_size

N_BANDS = 24
_WINDOW_S = 0.09
_QUIET = 1e-5
"""−100 dB: what lies below is silence."""
_PARTS_HZ = {"bass_rms": (30, 200), "rest_rms": (200, 5000)}
_OCTAVES_HZ = 200 * 2.0 ** np.arange(6)
_HANN_BINS = 1.5
"""Over how many bins a Hann window spreads the power of a sine."""


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
    """loudness, centroid (Hz), flatness (0…1), contrast (dB), bass_rms, rest_rms [n_hops] and bands [n_hops, 24].

    All are zero where there is silence. Contrast is how far peaks stand above valleys, the mean over five octaves;
    bass_rms and rest_rms are the RMS below and above 200 Hz, drums included.

    Loudness follows Stevens' law, (weighted power)^0.3, with the A-weighting of IEC 61672; a full-scale sine at 1 kHz
    is about 1.
    """
    size = window_size(grid, _WINDOW_S)
    n_bins = size // 2 + 1
    bins_hz = np.linspace(0, grid.sample_rate_hz / 2, n_bins)
    bank = triangles(np.geomspace(40, 10_000, N_BANDS), n_bins, grid.sample_rate_hz / 2)
    weighting = _a_weighting(bins_hz).astype(np.float32)
    names = ("loudness", "centroid", "flatness", "contrast", *_PARTS_HZ)
    out = {name: np.zeros(grid.n_hops, np.float32) for name in names}
    out["bands"] = np.zeros((grid.n_hops, N_BANDS), np.float32)
    for hops, mag in magnitudes(samples, grid, size):
        power = np.square(mag)
        total = power.sum(axis=1)
        heard = total > _QUIET ** 2
        out["loudness"][hops] = heard * (0.67 * (power @ weighting)) ** 0.3
        out["centroid"][hops] = heard * (mag @ bins_hz) / np.maximum(mag.sum(axis=1), 1e-20)
        geometric = np.exp(np.log(np.maximum(power, 1e-20)).mean(axis=1))
        out["flatness"][hops] = heard * geometric / np.maximum(power.mean(axis=1), 1e-20)
        out["contrast"][hops] = heard * _contrast(mag, bins_hz)
        out["bands"][hops] = heard[:, None] * np.sqrt(power @ bank)
        for name, (low, high) in _PARTS_HZ.items():
            part = power[:, (bins_hz >= low) & (bins_hz < high)].sum(axis=1)
            out[name][hops] = heard * np.sqrt(part / (2 * _HANN_BINS))
    return out


def _contrast(mag: np.ndarray, bins_hz: np.ndarray) -> np.ndarray:
    """Mean over octaves of the level of the strongest fifth of bins above the weakest, in dB: float32 [n]."""
    octaves = []
    for low, high in pairwise(_OCTAVES_HZ):
        ordered = np.sort(mag[:, (bins_hz >= low) & (bins_hz < high)], axis=1)
        fifth = max(1, ordered.shape[1] // 5)
        octaves.append(np.log10(ordered[:, -fifth:].mean(axis=1) + _QUIET) - np.log10(ordered[:, :fifth].mean(axis=1) + _QUIET))
    return 20 * np.mean(octaves, axis=0)


def without_bumps(series: np.ndarray, times_s: np.ndarray, grid: Grid) -> np.ndarray:
    """A level with what rises around given times taken off: a line is drawn below each bump of 0.2 s."""
    out = series.copy()
    before, after = round(0.05 * grid.hop_rate_hz), round(0.15 * grid.hop_rate_hz)
    for hop in np.round(times_s * grid.hop_rate_hz).astype(int):
        first, last = max(0, hop - before), min(len(out) - 1, hop + after)
        line = np.linspace(out[first], out[last], last - first + 1)
        out[first:last + 1] = np.minimum(out[first:last + 1], line)
    return out


def without_peaks(series: np.ndarray, grid: Grid) -> np.ndarray:
    """A level without any peak shorter than 0.15 s."""
    return scipy.ndimage.grey_opening(series, round(0.15 * grid.hop_rate_hz))


def _a_weighting(hz: np.ndarray) -> np.ndarray:
    """Power gain of the A-weighting, 1 at 1 kHz (IEC 61672-1, annex E)."""
    f2 = np.square(hz)
    response = 12194.0 ** 2 * f2 ** 2 / (
        (f2 + 20.6 ** 2) * np.sqrt((f2 + 107.7 ** 2) * (f2 + 737.9 ** 2)) * (f2 + 12194.0 ** 2))
    return np.square(response * 1.2589)
