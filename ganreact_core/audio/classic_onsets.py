"""Onset functions of the literature on one filtered spectrogram, and their unweighted sum: Brouwer's type "mm".

Frames of 2048 samples, 50 a second at 22050 Hz, Hann window, circularly shifted so that phases are those of the frame's
middle; bands of 24 an octave, triangles of weight 1 at their peaks, on bins; logarithm where a function asks for one.
After Böck, Krebs and Schedl (Evaluating the online capabilities of onset detection methods, 2012).
"""

from __future__ import annotations

import numpy as np
import scipy.fft
import scipy.ndimage

_SIZE, _HOP_S, _PER_OCTAVE = 2048, 0.02, 24
_EPSILON = float(np.finfo(np.float32).eps)
_BLOCK = 512


def spectral_onsets(samples: np.ndarray, sample_rate_hz: int, band_hz: tuple[float, float]) -> np.ndarray:
    """Spectral difference + flux + superflux + complex flux + modified Kullback-Leibler: float64 [n_steps], 50 a second."""
    magnitudes, slopes = _spectrogram(samples, sample_rate_hz)
    bank = _bank(sample_rate_hz, band_hz)
    filtered = magnitudes @ bank
    total = spectral_difference(filtered) + spectral_flux(filtered) + superflux(filtered)
    return total + complex_flux(filtered, slopes, bank) + modified_kullback_leibler(filtered)


def spectral_difference(filtered: np.ndarray) -> np.ndarray:
    """Sum of squares of what rose since the step before (Duxbury 2002): [n_steps]."""
    return np.square(_risen(filtered)).sum(axis=1)


def spectral_flux(filtered: np.ndarray) -> np.ndarray:
    """Sum of what rose since the step before (Masri 1996): [n_steps]."""
    return _risen(filtered).sum(axis=1)


def superflux(filtered: np.ndarray) -> np.ndarray:
    """Sum of what rose above the loudest of three neighbours of the step before (Böck and Widmer 2013): [n_steps]."""
    return _risen(filtered, scipy.ndimage.maximum_filter1d(filtered, 3, axis=1)).sum(axis=1)


def complex_flux(filtered: np.ndarray, slopes: np.ndarray, bank: np.ndarray) -> np.ndarray:
    """Superflux, less where the local group delay says that a tone wavers (Böck and Widmer, local group delay, 2013).

    slopes   group delay 0…1 of each bin: [n_steps, n_bins]; a band takes the least of its bins
    """
    least = np.ones_like(filtered)
    steady = scipy.ndimage.minimum_filter(slopes, size=(3, 1))
    for band, weights in enumerate(bank.T):
        inside = np.flatnonzero(weights > 0)
        if len(inside):
            least[:, band] = steady[:, inside[0]:inside[-1] + 1].min(axis=1)
    return (_risen(filtered, scipy.ndimage.maximum_filter1d(filtered, 3, axis=1)) * least).sum(axis=1)


def modified_kullback_leibler(filtered: np.ndarray) -> np.ndarray:
    """Mean of log(1 + now / before) (Brossier 2006): [n_steps]."""
    out = np.zeros(len(filtered))
    out[1:] = np.log1p(filtered[1:] / (filtered[:-1] + _EPSILON)).mean(axis=1)
    return out


def _risen(filtered: np.ndarray, before: np.ndarray | None = None) -> np.ndarray:
    before = filtered if before is None else before
    return np.maximum(np.diff(filtered, axis=0, prepend=filtered[:1]) if before is filtered else
                      np.concatenate([np.zeros((1, filtered.shape[1])), filtered[1:] - before[:-1]]), 0.0)


def _spectrogram(samples: np.ndarray, sample_rate_hz: int) -> tuple[np.ndarray, np.ndarray]:
    """Magnitudes and the local group delay's distance from the frame's middle, 0…1: float32 [n_steps, 1024] each."""
    hop = round(_HOP_S * sample_rate_hz)
    n_steps = -(-len(samples) // hop)
    padded = np.pad(samples, (_SIZE // 2, _SIZE + hop))
    views = np.lib.stride_tricks.sliding_window_view(padded, _SIZE)[::hop][:n_steps]
    window = np.hanning(_SIZE).astype(np.float32)
    magnitudes = np.empty((n_steps, _SIZE // 2), np.float32)
    slopes = np.empty_like(magnitudes)
    for first in range(0, n_steps, _BLOCK):
        block = np.roll(views[first:first + _BLOCK] * window, _SIZE // 2, axis=1)
        spectrum = np.asarray(scipy.fft.rfft(block, axis=1))[:, :_SIZE // 2]
        magnitudes[first:first + _BLOCK] = np.abs(spectrum)
        turn = np.angle(spectrum * np.conj(np.roll(spectrum, -1, axis=1)))
        slopes[first:first + _BLOCK] = np.clip(np.abs(turn) / np.pi, 0.0, 1.0)
    return magnitudes, slopes


def _bank(sample_rate_hz: int, band_hz: tuple[float, float]) -> np.ndarray:
    """Triangles of 24 an octave around 440 Hz, each one bin wide at least: float32 [1024, n_bands]."""
    low, high = (np.log2(hz / 440.0) * _PER_OCTAVE for hz in band_hz)
    centres_hz = 440.0 * 2.0 ** (np.arange(np.floor(low), np.ceil(high) + 1) / _PER_OCTAVE)
    centres_hz = centres_hz[(centres_hz >= band_hz[0]) & (centres_hz <= band_hz[1])]
    bins = np.unique(np.clip(np.round(centres_hz * _SIZE / sample_rate_hz).astype(int), 0, _SIZE // 2 - 1))
    bank = np.zeros((_SIZE // 2, max(len(bins) - 2, 0)), np.float32)
    for k in range(bank.shape[1]):
        start, centre, stop = bins[k:k + 3]
        bank[start:centre, k] = np.linspace(0, 1, centre - start, endpoint=False)
        bank[centre:stop, k] = np.linspace(1, 0, stop - centre, endpoint=False)
    return bank
