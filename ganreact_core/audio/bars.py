"""Which beats begin a bar: evidence at every half beat, and the likeliest steady count through it."""

from __future__ import annotations

import numpy as np
import scipy.ndimage

from .spectra import Grid

_NEAR_S = 0.045
_JUMP = 90.0
"""What a change of count costs, against about one for each half beat that fits."""
# How much each kind of evidence speaks for a place in the bar, in half beats from its first: kicks and new chords begin
# bars, snares answer on two and four, little falls between beats.
_EXPECTED = {
    "kick": (1.0, -0.3, -0.4, -0.2, 0.5, -0.2, -0.4, -0.3),
    "snare": (-0.5, -0.4, 1.0, -0.4, -0.2, -0.4, 1.0, -0.3),
    "bass": (0.8, -0.2, -0.1, -0.2, 0.2, -0.2, -0.1, -0.2),
    "chord": (2.5, -0.7, -0.5, -0.7, 0.3, -0.7, -0.5, -0.7),
    "onset": (0.4, -0.3, 0.3, -0.3, 0.3, -0.3, 0.3, -0.3),
}
_WALTZ = (0, 1, 2, 3, 2, 3)
"""Places of a 4/4 bar whose expectations a bar of three beats borrows."""


def count(beat_times: np.ndarray, features: dict[str, np.ndarray], grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Beats and downbeats in seconds, from beats that may lie between the true ones: float64 [n], [m]."""
    if len(beat_times) < 8:
        return beat_times, beat_times[:1]
    slots = _half_beats(beat_times)
    evidence = _evidence(slots, features, grid)
    best = max((_count(evidence, places) for places in (tuple(range(8)), _WALTZ)), key=lambda found: found[0])
    places = best[1]
    return slots[places % 2 == 0], slots[places == 0]


def _half_beats(beat_times: np.ndarray) -> np.ndarray:
    """The beats and the middles between them, half a beat beyond either end."""
    middles = (beat_times[:-1] + beat_times[1:]) / 2
    first, last = 1.5 * beat_times[0] - 0.5 * beat_times[1], 1.5 * beat_times[-1] - 0.5 * beat_times[-2]
    return np.sort(np.concatenate([beat_times, middles, [t for t in (first, last) if t > 0]]))


def _evidence(slots: np.ndarray, features: dict[str, np.ndarray], grid: Grid) -> dict[str, np.ndarray]:
    """Each kind of evidence at each half beat, of mean square 1: name -> float64 [n]."""
    hops = np.minimum(np.round(slots * grid.hop_rate_hz).astype(int), grid.n_hops - 1)
    near = 2 * round(_NEAR_S * grid.hop_rate_hz) + 1
    found = {name: scipy.ndimage.maximum_filter1d(features[name], near)[hops].astype(float) for name in _EXPECTED
             if name != "chord"}
    found["chord"] = _chord_changes(features["chroma"], hops)
    return {name: a / max(float(np.sqrt(np.mean(np.square(a)))), 1e-9) for name, a in found.items()}


def _chord_changes(chroma: np.ndarray, hops: np.ndarray) -> np.ndarray:
    """How different the harmony of the next beat is from that of the last one, at each half beat, where it is
    more so than at the half beats around: 0…1."""
    total = np.concatenate([np.zeros((1, 12)), np.cumsum(chroma, axis=0, dtype=float)])
    edges = np.concatenate([[max(0, 2 * hops[0] - hops[2]), hops[0]], hops, [len(chroma), len(chroma)]])
    before = total[edges[2:-2]] - total[edges[:-4]]
    after = total[edges[4:]] - total[edges[2:-2]]
    length = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    change = np.where(length > 1e-9, 1 - (before * after).sum(axis=1) / np.maximum(length, 1e-9), 0)
    around = np.pad(change, 1)
    return np.maximum(change - 0.5 * (around[:-2] + around[2:]), 0)


def _count(evidence: dict[str, np.ndarray], borrowed: tuple[int, ...]) -> tuple[float, np.ndarray]:
    """Mean score of the likeliest count (Viterbi: each half beat one place on, jumps are dear), and the places [n]."""
    expected = {name: np.array(row)[list(borrowed)] for name, row in _EXPECTED.items()}
    emission = sum(a[:, None] * (expected[name] - expected[name].mean())[None] for name, a in evidence.items())
    n, k = emission.shape
    score, came_from = emission[0], np.zeros((n, k), int)
    for j in range(1, n):
        steady, jump = np.roll(score, 1), float(score.max()) - _JUMP
        came_from[j] = np.where(steady >= jump, (np.arange(k) - 1) % k, int(score.argmax()))
        score = np.maximum(steady, jump) + emission[j]
    places = np.empty(n, int)
    places[-1] = int(score.argmax())
    for j in range(n - 1, 0, -1):
        places[j - 1] = came_from[j, places[j]]
    return float(score.max()) / n, places
