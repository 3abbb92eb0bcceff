"""The grid of hops, the short-time spectrum in blocks, and banks of bands."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.fft
import scipy.signal

ANALYSIS_RATE_HZ = 22050
HOP_RATE_HZ = ANALYSIS_RATE_HZ / 256
"""About 86 hops per second: 11.6 ms, finer than any frame rate in use."""
_BLOCK_HOPS = 1024
_BLOCK_SAMPLES = 1 << 20
_OFFSET_HZ = 5.0
_INAUDIBLE = np.float32(1e-7)


@dataclass(frozen=True)
class Grid:
    """Where the hops of a sound lie: hop j is centred at sample j · hop.

    hop             samples from hop to hop
    n_hops          number of hops; the last one is centred within the sound
    sample_rate_hz  of the sound
    """

    hop: int
    n_hops: int
    sample_rate_hz: int

    @property
    def hop_rate_hz(self) -> float:
        """Hops per second."""
        return self.sample_rate_hz / self.hop


def grid_for(n_samples: int, sample_rate_hz: int, hop_rate_hz: float = HOP_RATE_HZ) -> Grid:
    """The grid nearest to a hop rate for a sound of n_samples."""
    hop = max(1, round(sample_rate_hz / hop_rate_hz))
    return Grid(hop, 1 + (n_samples - 1) // hop if n_samples else 0, sample_rate_hz)


def without_offset(samples: np.ndarray, sample_rate_hz: int) -> np.ndarray:
    """The sound without what is slower than 5 Hz; constants become exactly zero: float32 [n_samples]."""
    if not len(samples):
        return samples
    pole = np.exp(-2 * np.pi * _OFFSET_HZ / sample_rate_hz)
    b, a = np.array([1, -1], np.float32), np.array([1, -pole], np.float32)
    out, state = np.empty(len(samples), np.float32), -samples[:1]
    for first in range(0, len(samples), _BLOCK_SAMPLES):
        part, state = scipy.signal.lfilter(b, a, samples[first:first + _BLOCK_SAMPLES], zi=state)
        out[first:first + _BLOCK_SAMPLES] = np.where(np.abs(part) < _INAUDIBLE, 0, part)
    return out


def at_analysis_rate(samples: np.ndarray, sample_rate_hz: int) -> np.ndarray:
    """Sound of any rate at 22050 Hz, without what is slower than 5 Hz: float32 [n_samples]."""
    if sample_rate_hz != ANALYSIS_RATE_HZ and len(samples):
        common = math.gcd(ANALYSIS_RATE_HZ, sample_rate_hz)
        samples = scipy.signal.resample_poly(samples, ANALYSIS_RATE_HZ // common, sample_rate_hz // common)
    return without_offset(samples.astype(np.float32, copy=False), ANALYSIS_RATE_HZ)


def frames(samples: np.ndarray, grid: Grid, size: int, every: int = 1) -> Iterator[tuple[slice, np.ndarray]]:
    """Blocks of frames: which hops (counted in steps of `every`), and float32 [n, size] centred on them.

    Samples before the start and after the end are zeros.
    """
    step = grid.hop * every
    n_frames = -(-grid.n_hops // every)
    for first in range(0, n_frames, _BLOCK_HOPS):
        n = min(_BLOCK_HOPS, n_frames - first)
        start = first * step - size // 2
        stop = start + (n - 1) * step + size
        piece = samples[max(0, start):max(0, stop)]
        piece = np.pad(piece, (max(0, -start), stop - max(0, start) - len(piece)))
        yield slice(first, first + n), np.lib.stride_tricks.sliding_window_view(piece, size)[::step][:n]


def magnitudes(samples: np.ndarray, grid: Grid, size: int, every: int = 1) -> Iterator[tuple[slice, np.ndarray]]:
    """Blocks of the spectrum: which hops, and float32 [n, size // 2 + 1]; a sine of amplitude 1 peaks at 1."""
    window = scipy.signal.get_window("hann", size).astype(np.float32)
    window *= 2 / window.sum()
    for hops, block in frames(samples, grid, size, every):
        yield hops, np.abs(scipy.fft.rfft(block * window, axis=1))


def window_size(grid: Grid, seconds: float) -> int:
    """An even number of samples, fast to transform, at least that long."""
    return 2 * scipy.fft.next_fast_len(int(np.ceil(seconds * grid.sample_rate_hz / 2)), real=True)


def band_centres(low_hz: float, high_hz: float, per_octave: float, bin_hz: float) -> np.ndarray:
    """Centres in Hz of bands that are logarithmic, but never closer than the bins of the spectrum: float [n]."""
    centres = [max(low_hz, bin_hz)]
    while centres[-1] < high_hz:
        centres.append(max(centres[-1] * 2 ** (1 / per_octave), centres[-1] + bin_hz))
    return np.array(centres)


def triangles(centres_hz: np.ndarray, n_bins: int, nyquist_hz: float) -> np.ndarray:
    """A bank of overlapping triangles on a linear spectrum, each of weight 1 in sum: float32 [n_bins, n_bands].

    Bands above the Nyquist frequency are zero: absent, not noise.
    """
    bins_hz = np.linspace(0, nyquist_hz, n_bins)
    edges = np.concatenate([[2 * centres_hz[0] - centres_hz[1]], centres_hz, [2 * centres_hz[-1] - centres_hz[-2]]])
    rising = (bins_hz[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins_hz[:, None]) / (edges[2:] - edges[1:-1])
    weights = np.clip(np.minimum(rising, falling), 0, None)
    sums = weights.sum(axis=0)
    return np.where((sums > 0) & (centres_hz < nyquist_hz), weights / np.where(sums > 0, sums, 1), 0).astype(np.float32)


def at_every_hop(coarse: np.ndarray, grid: Grid, every: int) -> np.ndarray:
    """A series [m, k] at every n-th hop, drawn out linearly to all hops: float32 [n_hops, k]."""
    if not len(coarse):
        return np.zeros((grid.n_hops, *coarse.shape[1:]), np.float32)
    position = np.minimum(np.arange(grid.n_hops) / every, len(coarse) - 1)
    low = position.astype(int)
    high = np.minimum(low + 1, len(coarse) - 1)
    share = (position - low).astype(np.float32).reshape(-1, *[1] * (coarse.ndim - 1))
    return ((1 - share) * coarse[low] + share * coarse[high]).astype(np.float32)
