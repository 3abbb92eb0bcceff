"""How much the spectrum changes, and where that turns (GANterpretations, Castro 2020, section 2), centred in time."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import scipy.ndimage

from ..features import FeatureSet
from .classic_ganterpretations import column_seconds, inflection_points, share_passed, total_variation
from .spectra import Grid

_SMOOTHING_S = 1.5
_THRESHOLD = 0.03


def variation(samples: np.ndarray, grid: Grid, heard: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Smoothed total variation, float32 [n_hops], 0…1, and the times in seconds where it turns, float64 [n].

    heard   bool [n_hops]: where there is sound at all; elsewhere the variation is zero
    """
    columns = total_variation(samples, grid.sample_rate_hz)
    if not columns.any():
        return np.zeros(grid.n_hops, np.float32), np.zeros(0)
    seconds = column_seconds(len(columns), grid.sample_rate_hz)
    taps = round(_SMOOTHING_S / (seconds[1] - seconds[0])) if len(seconds) > 1 else 1
    smooth = np.maximum(scipy.ndimage.uniform_filter1d(columns, taps), 0)
    smooth /= smooth.max()
    points = inflection_points(smooth, "both", _THRESHOLD)
    on_hops = np.interp(np.arange(grid.n_hops) / grid.hop_rate_hz, seconds, smooth)
    return np.where(heard, on_hops, 0).astype(np.float32), seconds[points[1:-1]]


def alphas(found: FeatureSet) -> np.ndarray:
    """From each inflection point to the next the share of the variation that has passed: float64 [n_hops], 0…1."""
    curve = np.asarray(found.features.get("variation", np.zeros(found.n_hops)), float)
    turns = np.round(found.events.get("inflections", np.zeros(0)) * found.hop_rate_hz).astype(int)
    edges = [0, *np.clip(turns, 0, len(curve)).tolist(), len(curve)]
    return np.concatenate([share_passed(curve[p:q]) for p, q in pairwise(edges)])
