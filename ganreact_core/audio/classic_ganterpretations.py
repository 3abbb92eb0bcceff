"""GANterpretations' listening (Castro 2020), exactly as its code computes it: spectrogram, variation, inflections, alphas.

Column i of the spectrogram, and value i of all that follows, is centred at (128·i + 128) / sample rate seconds.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

N_FFT, HOP, N_BINS = 256, 128, 129
SMOOTHING, WINDOW = 256, 200
LOWEST_MAXIMUM = 0.08
_BLOCK = 8192


def column_seconds(n_columns: int, sample_rate_hz: int) -> np.ndarray:
    """Centres of the columns in seconds: float64 [n_columns]."""
    return (np.arange(n_columns) * HOP + HOP) / sample_rate_hz


def spectrogram(samples: np.ndarray, sample_rate_hz: int) -> np.ndarray:
    """Power density [129, T], T = (n_samples − 128) // 128: 256-point Hann windows, half overlapped, no padding."""
    n = max(0, (len(samples) - HOP) // HOP)
    if not n:
        return np.zeros((N_BINS, 0))
    frames = np.lib.stride_tricks.sliding_window_view(samples, N_FFT)[::HOP][:n]
    window = np.hanning(N_FFT)
    power = np.square(np.abs(np.fft.rfft(frames * window, axis=1))) / (sample_rate_hz * np.square(window).sum())
    power[:, 1:-1] *= 2
    return power.T


def total_variation(samples: np.ndarray, sample_rate_hz: int) -> np.ndarray:
    """Mean change from column to column, divided by its largest: float64 [T − 1], 0…1; 0 for silence."""
    n, parts = max(0, (len(samples) - HOP) // HOP), []
    for first in range(0, n - 1, _BLOCK):
        piece = samples[first * HOP:(min(first + _BLOCK, n - 1) + 2) * HOP]
        columns = spectrogram(piece, sample_rate_hz)
        parts.append(np.abs(np.diff(columns, axis=1)).mean(axis=0))
    variation = np.concatenate(parts) if parts else np.zeros(0)
    top = float(variation.max(initial=0))
    return variation / top if top > 0 else variation


def smoothed(variation: np.ndarray) -> np.ndarray:
    """Running mean over 256 columns, its first value repeated before it: as long as the input and 128 columns late."""
    if len(variation) < SMOOTHING:
        return np.full(len(variation), variation.mean() if len(variation) else 0.0)
    total = np.cumsum(np.concatenate([[0.0], variation]))
    mean = (total[SMOOTHING:] - total[:-SMOOTHING]) / SMOOTHING
    return np.concatenate([np.full(SMOOTHING, mean[0]), mean])


def inflection_points(a: np.ndarray, kind: str = "min", threshold: float = 0.035, window: int = WINDOW) -> list[int]:
    """Columns where the curve turns, from 0 to its end: local extrema that differ from the means on both sides.

    kind   "min", "max" or "both"
    """
    last, total = len(a) - 1, np.concatenate([[0.0], np.cumsum(a)])
    points, i = [0], 0
    while i < len(a) - window - 1:
        c = i + window + 1
        accepted = False
        if _is_candidate(a, total, c, threshold, window):
            accepted = kind == "both" or (a[c] <= a[c - 1] and a[c] <= LOWEST_MAXIMUM if kind == "min" else a[c] >= a[c - 1])
            i += window
        else:
            i += 1
        if accepted:
            points.append(c)
    return [*points, last]


def _is_candidate(a: np.ndarray, total: np.ndarray, c: int, threshold: float, window: int) -> bool:
    """Whether c is a local extremum, further than the threshold from the means of both windows, on one side of them.

    The window before ends two columns before c, and none that is empty counts: as the reference does.
    """
    end = min(c + 1 + window, len(a))
    if c + 1 >= end:
        return False
    before = a[c] - (total[c - 1] - total[c - 1 - window]) / window
    after = a[c] - (total[end] - total[c + 1]) / (end - c - 1)
    return (np.sign(before) == np.sign(after) and np.sign(a[c] - a[c - 1]) == np.sign(a[c] - a[c + 1])
            and abs(before) > threshold and abs(after) > threshold)


def alphas(a: np.ndarray, points: list[int]) -> np.ndarray:
    """Share of each stretch between inflection points that has passed, by its sum: float64 [len(a) − 1], 0…1.

    As in the reference the first stretch begins at 1, and 1.0 ends the series; a silent stretch rises evenly.
    """
    parts = [share_passed(a[max(p, 1):q]) for p, q in pairwise(points)]
    return np.concatenate([*parts, [1.0]])


def share_passed(a: np.ndarray) -> np.ndarray:
    """Cumulative sum divided by the sum: [1, 2, 1] -> [0.25, 0.75, 1]."""
    total = a.sum()
    return np.cumsum(a) / total if total > 0 else np.arange(1, len(a) + 1) / max(len(a), 1)
