"""Kick, snare, hats and bass: strengths and onsets, from the mix or from stems that replace what it says."""

from __future__ import annotations

import numpy as np
import scipy.ndimage

from .drums import KINDS, drum_likelihoods, heard
from .onsets import band_levels, low_levels, onset_strengths, pick_onsets
from .spectra import Grid

_LIKELY = 0.5
_APART_S = 0.045


def parts_of_mix(samples: np.ndarray, grid: Grid) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Onset strengths float32 [n_hops] of mix, percussion and each part; onset times in seconds of each part."""
    levels, centres_hz = band_levels(samples, grid)
    features = onset_strengths(levels, centres_hz, grid)
    likely = drum_likelihoods(heard(levels, low_levels(samples, grid)[0]))
    events = {}
    for name, likelihood in zip(KINDS, likely.T, strict=True):
        rise = scipy.ndimage.maximum_filter1d(features[name], 3)
        features[name] = (likelihood * np.sqrt(rise)).astype(np.float32)
        events[name] = _peaks(np.where(rise > 0, likelihood, 0), grid)
    return features, events


def part_of_stem(samples: np.ndarray, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Onset strength [n_hops] and onset times in seconds of a part that sounds alone."""
    strength = onset_strengths(*band_levels(samples, grid), grid)["onset"]
    return strength, pick_onsets(strength, grid)


def _peaks(likelihood: np.ndarray, grid: Grid) -> np.ndarray:
    """Times in seconds of the maxima that are more likely than not, refined between hops by their neighbours."""
    apart = round(_APART_S * grid.hop_rate_hz)
    hops = np.flatnonzero((likelihood == scipy.ndimage.maximum_filter1d(likelihood, 2 * apart + 1)) & (likelihood > _LIKELY))
    hops = hops[np.diff(hops, prepend=-apart - 1) > apart]
    left, right = likelihood[np.maximum(hops - 1, 0)], likelihood[np.minimum(hops + 1, len(likelihood) - 1)]
    shift = (right - left) / np.maximum(left + right + likelihood[hops], 1e-9)
    return np.clip(hops + shift, 0, None) / grid.hop_rate_hz
