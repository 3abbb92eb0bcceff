"""Which beats begin a bar: evidence at every half beat, and the likeliest steady count through it."""

from __future__ import annotations

import numpy as np
import scipy.ndimage

from .spectra import Grid

_NEAR_S = 0.045
_FASTEST_BPM, _SLOWEST_BPM = 200.0, 60.0
_DOUBLED, _HALVED, _BETWEEN = 0.97, 0.85, 0.3
"""Tempi that a track is counted at, and what a count is worth at twice or half the tempo that was found first."""
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
    """Beats and downbeats in seconds, from beats that may lie between the true ones, or be half or twice as many.

    float64 [n], [m]
    """
    if len(beat_times) < 8:
        return beat_times, beat_times[:1]
    found = [(*_best_count(times, features, grid), weight) for times, weight in _octaves(beat_times, features, grid)]
    slots, places = max(found, key=lambda one: one[2] * one[3])[:2]
    return slots[places % 2 == 0], slots[places == 0]


def _octaves(beat_times: np.ndarray, features: dict[str, np.ndarray], grid: Grid) -> list[tuple[np.ndarray, float]]:
    """The beats; twice as many where something falls between them, half as many, where such a tempo is usual; each with
    what its count is worth."""
    step, middles = float(np.median(np.diff(beat_times))), (beat_times[:-1] + beat_times[1:]) / 2
    wanted = [(beat_times, 1.0)]
    on, between = (float(_near(features["onset"], times, grid).mean()) for times in (beat_times, middles))
    if 60 / step * 2 <= _FASTEST_BPM and between > _BETWEEN * on:
        wanted.append((np.sort(np.concatenate([beat_times, middles])), _DOUBLED))
    if 60 / step / 2 >= _SLOWEST_BPM and len(beat_times) >= 16:
        wanted += [(beat_times[k::2], _HALVED) for k in (0, 1)]
    return wanted


def _best_count(beat_times: np.ndarray, features: dict[str, np.ndarray], grid: Grid) -> tuple[np.ndarray, np.ndarray, float]:
    """Half beats, the place in the bar of each, and how well the count fits, per half beat."""
    slots = _half_beats(beat_times)
    evidence = _evidence(slots, features, grid)
    score, places = max((_count(evidence, bar) for bar in (tuple(range(8)), _WALTZ)), key=lambda counted: counted[0])
    return slots, places, score


def _half_beats(beat_times: np.ndarray) -> np.ndarray:
    """The beats and the middles between them, half a beat beyond either end."""
    middles = (beat_times[:-1] + beat_times[1:]) / 2
    first, last = 1.5 * beat_times[0] - 0.5 * beat_times[1], 1.5 * beat_times[-1] - 0.5 * beat_times[-2]
    return np.sort(np.concatenate([beat_times, middles, [t for t in (first, last) if t > 0]]))


def _evidence(slots: np.ndarray, features: dict[str, np.ndarray], grid: Grid) -> dict[str, np.ndarray]:
    """Each kind of evidence at each half beat, of mean square 1: name -> float64 [n]."""
    found = {name: _near(features[name], slots, grid) for name in _EXPECTED if name != "chord"}
    found["chord"] = _chord_changes(features["chroma"], _hops(slots, grid))
    return {name: a / max(float(np.sqrt(np.mean(np.square(a)))), 1e-9) for name, a in found.items()}


def _near(feature: np.ndarray, times: np.ndarray, grid: Grid) -> np.ndarray:
    """The highest value of a feature within 45 ms of each moment: float64 [n]."""
    width = 2 * round(_NEAR_S * grid.hop_rate_hz) + 1
    return scipy.ndimage.maximum_filter1d(feature, width)[_hops(times, grid)].astype(float)


def _hops(times: np.ndarray, grid: Grid) -> np.ndarray:
    return np.minimum(np.round(times * grid.hop_rate_hz).astype(int), grid.n_hops - 1)


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
