"""Tempo, beats and bars from onset strength."""

from __future__ import annotations

import numpy as np
import scipy.fft
import scipy.ndimage
import scipy.signal

from .spectra import Grid

_TEMPO_BPM = (50.0, 220.0)
_USUAL_BPM = 120.0
_OCTAVES = 0.8
"""Spread of the preference for usual tempi."""
_TIGHTNESS = 1000.0
_STEADY_ENOUGH = 0.8


def tempo(strength: np.ndarray, grid: Grid) -> float:
    """Beats per minute, 0 where nothing repeats: autocorrelation with its multiples, weighed by how usual a tempo is."""
    n = len(strength)
    longest = int(4 * 60 / _TEMPO_BPM[0] * grid.hop_rate_hz) + 2
    if n < longest // 2 or not strength.any():
        return 0.0
    pulse = strength - scipy.ndimage.uniform_filter1d(strength, 2 * round(grid.hop_rate_hz) + 1)
    spectrum = scipy.fft.rfft(pulse, scipy.fft.next_fast_len(2 * n, real=True))
    likeness = np.asarray(scipy.fft.irfft(np.square(np.abs(spectrum))))[:n]
    if likeness[0] <= 0:
        return 0.0
    bpm = np.geomspace(*_TEMPO_BPM, 2000)
    period = 60 * grid.hop_rate_hz / bpm
    score = np.mean([np.interp(k * period, np.arange(n), likeness / likeness[0], right=0) for k in (1, 2, 3, 4)], axis=0)
    usual = np.exp(-0.5 * np.square(np.log2(bpm / _USUAL_BPM) / _OCTAVES))
    best = int(np.argmax(score * usual))
    return float(bpm[best]) if score[best] > 0.01 else 0.0


def tempo_of(beat_times: np.ndarray) -> float:
    """Beats per minute that found beats keep, finer than an autocorrelation can tell; 0 where there are too few."""
    steps = np.diff(beat_times)
    usual = steps[np.abs(steps / np.median(steps) - 1) < 0.1] if len(steps) >= 4 else steps[:0]
    return float(60 / usual.mean()) if len(usual) else 0.0


def beats(strength: np.ndarray, tempo_bpm: float, grid: Grid) -> np.ndarray:
    """Times in seconds of the beats: float64 [n].

    A perfectly steady grid where it meets the strong hops nearly as well as a free path does, else that path.
    """
    if tempo_bpm <= 0 or not strength.any():
        return np.zeros(0)
    period = 60 * grid.hop_rate_hz / tempo_bpm
    local = scipy.ndimage.gaussian_filter1d(strength / strength.std(), period / 32)
    free, steady = _free_path(local, period), _steady_path(local, period)
    if len(free) < 2 or np.interp(steady, np.arange(len(local)), local).mean() > _STEADY_ENOUGH * local[free].mean():
        free = steady
    return _within_sound(free, strength) / grid.hop_rate_hz


def _free_path(local: np.ndarray, period: float) -> np.ndarray:
    """Hops of the path of nearly equal steps through strong hops (Ellis 2007): int [n]."""
    best, came_from = _best_path(local, period)
    tail = best[-round(1.5 * period):]
    path = [len(best) - len(tail) + int(np.argmax(tail))]
    while came_from[path[-1]] >= 0:
        path.append(int(came_from[path[-1]]))
    return np.array(path[::-1])


def _steady_path(local: np.ndarray, period: float) -> np.ndarray:
    """Fractional hops of the grid of one period within 1 % of the one given that meets most strength: float64 [n].

    The period is that of the strongest line of the spectrum together with its harmonics.
    """
    n = len(local)
    rate, points = 1 / period, int(8 * n / period) + 64
    pulse = local - local.mean()
    lines = sum(np.abs(scipy.signal.zoom_fft(pulse, [0.99 * k * rate, 1.01 * k * rate], m=points, fs=1)) for k in (1, 2, 4))
    exact = 1 / np.linspace(0.99 * rate, 1.01 * rate, points, endpoint=False)[int(np.argmax(lines))]
    starts = np.arange(64) / 64 * exact
    grids = [np.arange(start, n - 1, exact) for start in starts]
    sums = [np.interp(grid, np.arange(n), local).mean() if len(grid) else 0 for grid in grids]
    return grids[int(np.argmax(sums))]


def _best_path(local: np.ndarray, period: float) -> tuple[np.ndarray, np.ndarray]:
    """Score of the best path that ends at each hop, and the hop before it (−1: the path begins)."""
    steps = np.arange(round(2 * period), max(1, round(period / 2)) - 1, -1)
    cost = _TIGHTNESS * np.square(np.log(steps / period))
    best, came_from = local.astype(float), np.full(len(local), -1)
    for j in range(int(steps[-1]), len(local)):
        reach = min(len(steps), j - int(steps[-1]) + 1)
        scores = best[j - steps[-reach:]] - cost[-reach:]
        k = int(np.argmax(scores))
        if scores[k] > 0:
            best[j] += scores[k]
            came_from[j] = j - steps[len(steps) - reach + k]
    return best, came_from


def _within_sound(path: np.ndarray, strength: np.ndarray) -> np.ndarray:
    """The path without beats before the sound begins or after it ends."""
    heard = np.flatnonzero(strength > 0.02 * strength.max())
    return path[(path >= heard[0] - 2) & (path <= heard[-1] + 2)]

