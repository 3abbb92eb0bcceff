"""When exactly a hit begins: times from a grid of hops, moved to the sample where the sound jumps up."""

from __future__ import annotations

import numpy as np

_BEFORE_S, _AFTER_S = 0.045, 0.035  # how far the beginning can lie from a hop: half an analysis window
_QUIET_S, _LOUD_S = 0.010, 0.005  # windows whose energies are compared
_CLEAR_RISE = 2.0  # energy has to double: else there is no attack to be seen and the time stays
_FLOOR = 1e-6  # of the loudest energy around: silence is not infinitely quieter than a hit
_CROSSING = 0.25  # of the way from the level before to the peak
_RINGING = 2  # samples by which a resampler lets a hit ring before it begins


def exact_attacks(times_s: np.ndarray, samples: np.ndarray, rate_hz: int) -> np.ndarray:
    """Onset times [n] in seconds -> the same, each at the start of its attack where one stands out; rising, not doubled."""
    moved = [_attack(t, samples, rate_hz) for t in times_s]
    return np.unique(np.round(moved, 6)) if moved else np.zeros(0)


def _attack(time_s: float, samples: np.ndarray, rate_hz: int) -> float:
    quiet, loud = round(_QUIET_S * rate_hz), round(_LOUD_S * rate_hz)
    place = np.arange(round((time_s - _BEFORE_S) * rate_hz), round((time_s + _AFTER_S) * rate_hz))
    place = place[(place >= 0) & (place + loud <= len(samples))]
    if not len(place):
        return time_s
    first = max(int(place[0]) - quiet, 0)
    near = samples[first:int(place[-1]) + loud]
    energy = np.concatenate([[0.0], np.cumsum(np.square(near, dtype=np.float64))])
    at = place - first
    after = (energy[at + loud] - energy[at]) / loud
    before = (energy[at] - energy[np.maximum(at - quiet, 0)]) / quiet
    rise = (after + _FLOOR * after.max()) / (before + _FLOOR * after.max() + 1e-20)
    if rise.max() < _CLEAR_RISE:
        return time_s
    return (_crossing(int(place[np.argmax(rise)]), samples, quiet, loud) + _RINGING) / rate_hz


def _crossing(jump: int, samples: np.ndarray, quiet: int, loud: int) -> int:
    """The first sample near a jump of energy that leaves the level before it behind."""
    start = max(jump - loud, 0)
    level = np.abs(samples[start:jump + 2 * loud])
    background = np.abs(samples[max(start - quiet, 0):start]).max(initial=0.0)
    peak = level.max(initial=0.0)
    above = np.flatnonzero(level > background + _CROSSING * (peak - background))
    return start + int(above[0]) if peak > background and len(above) else jump
