"""Onset strength: how much begins at each hop, in the mix, in its percussive part and per region of the spectrum."""

from __future__ import annotations

import numpy as np
import scipy.ndimage

from .spectra import Grid, band_centres, magnitudes, triangles, window_size

_WINDOW_S = 0.046
_PER_OCTAVE = 12
_FLOOR = 1e-4
"""−80 dB: level below which a sound is not turned up any further."""
_COMPRESSION = 300.0
_LAG_S = 0.0232
_BLOCK, _HALO = 8192, 64
"""Hops that are looked at together, and those around them that the medians reach: both even, for every second counts."""
REGIONS_HZ = {"kick": (30, 150), "snare": (150, 5000), "hat": (5000, 11_000), "bass": (40, 300)}


def band_levels(samples: np.ndarray, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Magnitudes of 75 bands with a short window: float32 [n_hops, n_bands], and their centres in Hz."""
    return _banked(samples, grid, _WINDOW_S, (30, 11_000))


def low_levels(samples: np.ndarray, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """As band_levels, but twice as fine in frequency, for the lowest four octaves, where a kick hides in a bass."""
    return _banked(samples, grid, 2 * _WINDOW_S, (30, 400))


def _banked(samples, grid: Grid, window_s: float, range_hz: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    size = window_size(grid, window_s)
    centres_hz = band_centres(*range_hz, _PER_OCTAVE, grid.sample_rate_hz / size)
    bank = triangles(centres_hz, size // 2 + 1, grid.sample_rate_hz / 2)
    levels = np.zeros((grid.n_hops, len(centres_hz)), np.float32)
    for hops, mag in magnitudes(samples, grid, size):
        levels[hops] = mag @ bank
    return levels, centres_hz


def compressed(levels: np.ndarray, reference: float | None = None) -> np.ndarray:
    """Levels on a scale like the ear's, the same for a loud and a quiet copy of a sound: float32, 0 for silence."""
    loudest = float(np.max(levels, initial=0.0)) if reference is None else reference
    return np.log1p(_COMPRESSION / max(loudest, _FLOOR) * levels).astype(np.float32)


def flux(log_levels: np.ndarray, grid: Grid) -> np.ndarray:
    """Rise of each band since 23 ms ago, against the loudest neighbour then (SuperFlux, Böck and Widmer 2013).

    float32 [n_hops, n_bands], >= 0; a vibrato does not rise, a click peaks at its own hop.
    """
    lag = max(1, round(_LAG_S * grid.hop_rate_hz))
    before = scipy.ndimage.maximum_filter1d(np.pad(log_levels, ((lag, 0), (0, 0)))[:len(log_levels)], 3, axis=1)
    return np.maximum(log_levels - before, 0)


def percussive_share(log_levels: np.ndarray, grid: Grid) -> np.ndarray:
    """How percussive each band is at each hop, 0…1: medians along time and frequency (Fitzgerald 2010), on bands."""
    along = 2 * round(0.1 * grid.hop_rate_hz) + 1
    lasting = scipy.ndimage.percentile_filter(log_levels[::2], 50, size=(along // 2 | 1, 1))
    lasting = np.repeat(lasting, 2, axis=0)[:len(log_levels)]
    broad = scipy.ndimage.median_filter(log_levels, size=(1, 13))
    return np.square(broad) / np.maximum(np.square(broad) + np.square(lasting), 1e-12)


def onset_strengths(levels: np.ndarray, centres_hz: np.ndarray, grid: Grid) -> dict[str, np.ndarray]:
    """onset, percussive, and the rise in the regions of kick, snare, hat, bass: float32 [n_hops], >= 0, 0 for silence."""
    out = {name: np.zeros(len(levels), np.float32) for name in ("onset", "percussive", *REGIONS_HZ)}
    reference = float(np.max(levels, initial=0))
    for first in range(0, len(levels), _BLOCK):
        before = min(first, _HALO)
        log_levels = compressed(levels[first - before:first + _BLOCK + _HALO], reference)
        rising, inner = flux(log_levels, grid), slice(before, before + _BLOCK)
        block = slice(first, first + _BLOCK)
        out["onset"][block] = rising[inner].mean(axis=1)
        out["percussive"][block] = (rising * percussive_share(log_levels, grid))[inner].mean(axis=1)
        for name, (low, high) in REGIONS_HZ.items():
            out[name][block] = rising[inner, (centres_hz >= low) & (centres_hz < high)].mean(axis=1)
    return out


def pick_onsets(strength: np.ndarray, grid: Grid, *, height: float = 0.12, apart_s: float = 0.06) -> np.ndarray:
    """Times in seconds of the peaks of an onset strength: float64 [n].

    A peak is the largest within `apart_s`, and stands above the local mean by `height` of what strong peaks reach.
    """
    if not strength.any():
        return np.zeros(0)
    apart = max(1, round(apart_s * grid.hop_rate_hz))
    around = scipy.ndimage.uniform_filter1d(strength, 2 * round(0.4 * grid.hop_rate_hz) + 1)
    largest = scipy.ndimage.maximum_filter1d(strength, 2 * apart + 1)
    peaks = np.flatnonzero(strength == largest)
    strong = np.percentile(strength[peaks], 95)
    peaks = peaks[strength[peaks] > around[peaks] + height * strong]
    peaks = peaks[np.diff(peaks, prepend=-apart - 1) > apart]
    return peaks / grid.hop_rate_hz
