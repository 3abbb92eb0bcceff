"""The mel scale of GANSynth (Engel et al. 2019) as a matrix, and its approximate inverse.

HTK's scale, mel = 1127·ln(1 + f/700), with bands narrower than a bin and a half widened around their centre.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

_Q, _BREAK_HZ = 1127.0, 700.0
_NARROWEST_BINS = 1.5
_NOTHING = 1e-8


def hertz_to_mel(hertz: np.ndarray | float) -> np.ndarray:
    """Frequencies in Hz -> mel."""
    return _Q * np.log1p(np.asarray(hertz) / _BREAK_HZ)


def mel_to_hertz(mel: np.ndarray | float) -> np.ndarray:
    """Mel -> frequencies in Hz."""
    return _BREAK_HZ * np.expm1(np.asarray(mel) / _Q)


@lru_cache(maxsize=8)
def mel_matrix(n_bins: int, n_bands: int, sample_rate: int) -> np.ndarray:
    """float32 [n_bins, n_bands]: how much of each linear bin each band hears; the lowest bin is heard by none.

    Triangles are linear in Hz. Every network of GANSynth was trained on bands whose edges were widened in place, in one array
    that neighbours share: a band's edge is the next one's centre, so each widening moves what comes after it. That is kept.
    """
    edges = widened_edges(n_bins, n_bands, sample_rate)
    low, centre, high = (mel_to_hertz(edges[start:start + n_bands])[None] for start in range(3))
    hertz = np.linspace(0.0, sample_rate / 2, n_bins)[1:, None]
    triangles = np.maximum(0.0, np.minimum((hertz - low) / (centre - low), (high - hertz) / (high - centre)))
    return np.concatenate([np.zeros((1, n_bands)), triangles]).astype(np.float32)


def widened_edges(n_bins: int, n_bands: int, sample_rate: int) -> np.ndarray:
    """Edges in mel, float64 [n_bands + 2]: band b lies between edges b and b + 2, its centre at b + 1."""
    edges = np.linspace(0.0, hertz_to_mel(sample_rate / 2), n_bands + 2)
    narrowest = _NARROWEST_BINS * sample_rate / 2 / n_bins
    for b in range(n_bands):
        low, centre, high = mel_to_hertz(edges[b:b + 3])
        if high - low < narrowest:
            half = _Q * np.arcsinh(0.5 * narrowest / (centre + _BREAK_HZ))
            edges[b], edges[b + 2] = edges[b + 1] - half, edges[b + 1] + half
    return edges


@lru_cache(maxsize=8)
def linear_matrix(n_bins: int, n_bands: int, sample_rate: int) -> np.ndarray:
    """float32 [n_bands, n_bins]: Mᵀ·diag(1 / column sums of M·Mᵀ), with columns that sum to nothing left as they are."""
    mel = mel_matrix(n_bins, n_bands, sample_rate)
    sums = (mel @ mel.T).sum(axis=0)
    scale = np.divide(1.0, sums, out=sums.copy(), where=np.abs(sums) > _NOTHING)
    return (mel.T * scale).astype(np.float32)
