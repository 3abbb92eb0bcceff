"""Pitch classes: chromagrams from the peaks of a long-window spectrum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.ndimage

from .spectra import Grid, at_every_hop, magnitudes, window_size

_WINDOW_S = 0.37
EVERY = 4
"""Pitch is looked at every fourth hop, about 22 times a second; chords are slower."""
_GATE = 1e-3
_MEDIAN_S = 0.25


@dataclass(frozen=True)
class Peaks:
    """The peaks of all spectra: which coarse hop, what pitch (MIDI number with its fraction), what magnitude: [n]."""

    hop: np.ndarray
    midi: np.ndarray
    magnitude: np.ndarray
    n_coarse: int


def spectral_peaks(samples: np.ndarray, grid: Grid, low_hz: float = 50.0, high_hz: float = 4200.0) -> Peaks:
    """Peaks between two frequencies, their place refined by a parabola through three bins."""
    size = window_size(grid, _WINDOW_S)
    bin_hz = grid.sample_rate_hz / size
    low, high = max(2, int(low_hz / bin_hz)), min(size // 2 - 1, int(high_hz / bin_hz))
    found = []
    for hops, mag in magnitudes(samples, grid, size, EVERY):
        m = mag[:, low - 1:high + 2]
        top = (m[:, 1:-1] > m[:, :-2]) & (m[:, 1:-1] >= m[:, 2:]) & (m[:, 1:-1] > 1e-6)
        hop, k = np.nonzero(top)
        left, centre, right = (np.log(np.maximum(m[hop, k + d], 1e-12)) for d in (0, 1, 2))
        shift = 0.5 * (left - right) / np.minimum(left - 2 * centre + right, -1e-9)
        hz = (k + low + np.clip(shift, -0.5, 0.5)) * bin_hz
        found.append((hop + hops.start, 69 + 12 * np.log2(hz / 440), np.exp(centre)))
    hop, midi, magnitude = (np.concatenate(a) for a in zip(*found, strict=True)) if found else (np.zeros(0),) * 3
    return Peaks(hop.astype(int), midi, magnitude, -(-grid.n_hops // EVERY))


def tuning(peaks: Peaks) -> float:
    """How far the track is from A = 440 Hz, in semitones, −0.5…0.5: the circular mean of the peaks' fractions."""
    turn = np.sum(np.square(peaks.magnitude) * np.exp(2j * np.pi * peaks.midi))
    return float(np.angle(turn) / (2 * np.pi)) if abs(turn) > 0 else 0.0


def chromagram(peaks: Peaks, grid: Grid, tuned: float = 0.0) -> np.ndarray:
    """Pitch classes over time: float32 [n_hops, 12], C first, the strongest of a hop is 1; silence is 0."""
    pitch = peaks.midi - tuned
    low = np.floor(pitch).astype(int)
    share = np.clip((pitch - low - 0.25) * 2, 0, 1)
    coarse = np.zeros((peaks.n_coarse, 12))
    for place, part in ((low, 1 - share), (low + 1, share)):
        np.add.at(coarse, (peaks.hop, place % 12), part * peaks.magnitude)
    taps = round(_MEDIAN_S * grid.hop_rate_hz / EVERY) | 1
    coarse = np.minimum(coarse, scipy.ndimage.median_filter(coarse, size=(taps, 1)))
    return at_every_hop(normalised(coarse), grid, EVERY)


def normalised(chroma: np.ndarray) -> np.ndarray:
    """Each row divided by its largest; rows far below the track's level fade to zero, and none is divided by zero."""
    top = chroma.max(axis=1, keepdims=True, initial=0)
    gate = _GATE * np.max(top, initial=0)
    return (chroma / (top + gate + 1e-12)).astype(np.float32) if gate > 0 else np.zeros_like(chroma, np.float32)
