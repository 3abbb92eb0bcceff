"""Where the moments of one recording are in another of the same piece: a new master with a longer intro, a cut, a fade."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from .features import FeatureSet

_RATE_HZ = 40.0
_WINDOW_S, _STEP_S = 8.0, 2.0
_HITS = ("onset", "kick", "snare", "hat", "bass")
_JUMP = 1.0
"""What a change of the offset costs, in likeness (0…1) of one window."""
_ALIKE, _FEWEST = 0.35, 3
"""Likeness of a window, and windows in a row, from which on a place is believed."""
_UNLIKE = 1e-6  # 0 is a cut


@dataclass(frozen=True)
class TimeMap:
    """Moments before -> moments after, straight between points and beyond them.

    before, after   seconds, or frames: float64 [n >= 1], `before` rising
    """

    before: np.ndarray
    after: np.ndarray

    def __call__(self, x: np.ndarray | float) -> np.ndarray:
        """The moments after, of moments before."""
        x = np.asarray(x, float)
        if len(self.before) == 1:
            return x + (self.after[0] - self.before[0])
        k = np.clip(np.searchsorted(self.before, x, side="right") - 1, 0, len(self.before) - 2)
        return self.after[k] + (x - self.before[k]) * self.slopes[k]

    @property
    def slopes(self) -> np.ndarray:
        """Of each stretch between two points."""
        return np.diff(self.after) / np.maximum(np.diff(self.before), 1e-9)


@dataclass(frozen=True)
class Alignment:
    """How two recordings lie on each other, in stretches of the old one.

    starts_s     moments of the old recording at which a stretch begins: float64 [n], the first is 0
    offsets_s    seconds by which its start is later in the new one: float64 [n]
    likeness     how alike they are there, 0…1; 0 for what was cut out, all of which falls on the cut: float64 [n]
    """

    starts_s: np.ndarray
    offsets_s: np.ndarray
    likeness: np.ndarray

    def moved(self, times_s: np.ndarray) -> np.ndarray:
        """Moments of the old recording -> of the new one."""
        times_s = np.asarray(times_s, float)
        k = self._stretch(times_s)
        return np.where(self.likeness[k] > 0, times_s, self.starts_s[k]) + self.offsets_s[k]

    def known(self, times_s: np.ndarray) -> np.ndarray:
        """Whether what was there is found in the new recording: bool."""
        return self.likeness[self._stretch(np.asarray(times_s, float))] >= _ALIKE

    def _stretch(self, times_s: np.ndarray) -> np.ndarray:
        return np.clip(np.searchsorted(self.starts_s, times_s + 1e-6, side="right") - 1, 0, len(self.starts_s) - 1)

    @property
    def is_plain(self) -> bool:
        """Whether nothing moves by as much as 10 ms."""
        return bool(np.all(np.abs(self.offsets_s) < 0.01) and self.likeness.all())


def align(old: FeatureSet, new: FeatureSet) -> Alignment:
    """Windows of the old recording are looked for in the new one, by onsets and chroma; neighbours prefer one offset.

    Where nothing can be compared, or the new one is much too short, nothing moves and nothing is known.
    """
    shared = {name for name in (*_HITS, "chroma") if all(len(found.features.get(name, ())) for found in (old, new))}
    a, b = _described(old, shared), _described(new, shared)
    window = min(round(_WINDOW_S * _RATE_HZ), len(a))
    starts = np.arange(0, max(len(a) - window, 0) + 1, round(_STEP_S * _RATE_HZ))
    if not shared or len(b) < len(starts):
        return Alignment(np.zeros(1), np.zeros(1), np.full(1, _UNLIKE))
    likeness = np.stack([_likeness(a[s:s + window], b) for s in starts])
    path = _path(likeness, starts)
    stretches = _stretches(path - starts, likeness[np.arange(len(starts)), path])
    rows = [(0.0, stretches[0][0] / _RATE_HZ, stretches[0][1])]
    for (offset, _), (after, alike) in pairwise(stretches):
        seam = _seam(a, b, offset, after)
        if after < offset:  # a cut: what was there falls on it
            rows.append((seam / _RATE_HZ, offset / _RATE_HZ, 0.0))
            seam += offset - after
        rows.append((seam / _RATE_HZ, after / _RATE_HZ, alike))
    ends = [*(row[0] for row in rows[1:]), old.duration_s]
    exact = [_refined(old, new, row[1], row[0], end) for row, end in zip(rows, ends, strict=True)]
    exact = [exact[max(k - 1, 0)] if row[2] == 0 else exact[k] for k, row in enumerate(rows)]
    return Alignment(np.array([row[0] for row in rows]), np.array(exact), np.array([row[2] for row in rows]))


def _stretches(offsets: np.ndarray, alike: np.ndarray) -> list[tuple[int, float]]:
    """(offset in steps, likeness) of the runs of windows that agree and are alike; the best run where none is."""
    bounds = [0, *(np.flatnonzero(np.diff(offsets)) + 1).tolist(), len(offsets)]
    runs = [(int(offsets[i]), max(float(np.median(alike[i:j])), _UNLIKE), j - i) for i, j in pairwise(bounds)]
    good = [run[:2] for run in runs if run[1] >= _ALIKE and (run[2] >= _FEWEST or len(offsets) < _FEWEST)]
    best = max(runs, key=lambda run: run[1] * run[2])
    merged: list[tuple[int, float]] = []
    for run in good or [best[:2]]:
        if not merged or merged[-1][0] != run[0]:
            merged.append(run)
    return merged


def _seam(a: np.ndarray, b: np.ndarray, before: int, after: int) -> int:
    """The step of the old recording where one offset gives way to the next, so that most of it is alike."""
    cut = max(before - after, 0)
    likes = []
    for offset in (before, after):
        place = np.arange(len(a)) + offset
        inside = (place >= 0) & (place < len(b))
        likes.append(np.where(inside, (a * b[np.clip(place, 0, len(b) - 1)]).sum(axis=1), 0.0))
    first = np.concatenate([[0.0], np.cumsum(likes[0])])
    second = np.concatenate([np.cumsum(likes[1][::-1])[::-1], [0.0]])
    return int(np.argmax(first[:len(first) - cut] + second[cut:]))


def _described(found: FeatureSet, names: Collection[str]) -> np.ndarray:
    """What a moment sounds like by these features, the hits and the harmony of equal weight: float64 [n, d] at 40 Hz."""
    n = max(round(found.duration_s * _RATE_HZ), 2)
    edges = np.arange(n + 1) / _RATE_HZ * found.hop_rate_hz
    hits = [_peaks(found.features[name], edges) for name in _HITS if name in names]
    groups = [np.stack(hits, axis=1)] if hits else []
    if "chroma" in names:
        middle = np.clip(((edges[:-1] + edges[1:]) / 2).astype(int), 0, found.n_hops - 1)
        groups.append(np.asarray(found.features["chroma"], float)[middle])
    return np.concatenate([_even(group) for group in groups], axis=1) if groups else np.zeros((n, 1))


def _peaks(curve: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """The highest hop between edges, compressed, so that one loud hit does not decide."""
    low = np.clip(edges[:-1].astype(int), 0, len(curve) - 1)
    high = np.clip(edges[1:].astype(int), low + 1, len(curve))
    top = max(float(np.max(curve, initial=0.0)), 1e-12)
    return np.sqrt(np.array([curve[i:j].max() for i, j in zip(low, high, strict=True)], float) / top)


def _even(group: np.ndarray) -> np.ndarray:
    centred = group - group.mean(axis=0)
    return centred / max(float(np.sqrt(np.square(centred).sum(axis=1).mean())), 1e-12)


def _likeness(piece: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Normalised correlation of a window with every place of the other recording: float64 [len(whole)], −1…1."""
    n, m = len(piece), len(whole)
    size = 1 << (n + m - 1).bit_length()
    spectrum = np.fft.rfft(whole, size, axis=0) * np.conj(np.fft.rfft(piece, size, axis=0))
    product = np.fft.irfft(spectrum.sum(axis=1), size)[:m]
    energy = np.concatenate([[0.0], np.cumsum(np.square(whole).sum(axis=1))])
    there = energy[np.minimum(np.arange(m) + n, m)] - energy[:m]
    mean = energy[-1] / max(m, 1) * n
    return product / np.sqrt(np.maximum(np.square(piece).sum(), 0.05 * mean) * np.maximum(there, 0.05 * mean) + 1e-12)


def _path(likeness: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Place of each window in the new recording: alike, and at the offset of the one before unless that costs (Viterbi)."""
    n, m = likeness.shape
    score, came = likeness[0].copy(), np.zeros((n, m), int)
    for k in range(1, n):
        step = int(starts[k] - starts[k - 1])
        kept = np.full(m, -np.inf)
        kept[step:] = score[:max(m - step, 0)]
        highest = np.maximum.accumulate(score)
        jump = np.concatenate([[-np.inf], highest[:-1]]) - _JUMP  # only from before: a song does not go back in time
        best = np.maximum.accumulate(np.where(score >= highest, np.arange(m), 0))
        came[k] = np.where(kept >= jump, np.arange(m) - step, np.concatenate([[0], best[:-1]]))
        score = np.maximum(kept, jump) + likeness[k]
    places = [int(np.argmax(score))]
    for k in range(n - 1, 0, -1):
        places.append(int(came[k, places[-1]]))
    return np.array(places[::-1])


def _refined(old: FeatureSet, new: FeatureSet, offset_s: float, start_s: float, end_s: float) -> float:
    """An offset to a few milliseconds: the median distance of the hits that lie close under it."""
    distances = []
    for name in _HITS[1:]:
        here, there = (np.asarray(found.events.get(name, np.zeros(0)), float) for found in (old, new))
        here = here[(here >= start_s) & (here < end_s)] + offset_s
        if len(here) and len(there):
            nearest = there[np.abs(there[None] - here[:, None]).argmin(axis=1)]
            distances += [d for d in (nearest - here).tolist() if abs(d) < 1.5 / _RATE_HZ]
    return offset_s + (float(np.median(distances)) if len(distances) >= 4 else 0.0)
