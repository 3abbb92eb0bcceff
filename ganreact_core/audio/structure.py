"""Long-term structure: sections by Laplacian segmentation (McFee and Ellis 2014), repeated sections share a label."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import scipy.linalg
import scipy.ndimage
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

from .spectra import Grid

_MOST_UNITS = 700
_FEWEST_UNITS = 12
_EMBED = 4
_MOST_LABELS = 7
_REPETITION = 0.3
"""Weight of repetition within labels beside their clearness: clearness alone prefers too few labels."""
_SHORTEST_UNITS = 8
_WITHOUT_BEATS_S = 0.5
_PART_WITHOUT_BEATS = 16
"""Beats: what rings out for less after the last one is no part of the piece."""


def sections(features: dict[str, np.ndarray], events: dict[str, np.ndarray], duration_s: float, grid: Grid,
             n_labels: int | None = None) -> np.ndarray:
    """Spans (start, end, label) in seconds that cover the whole sound: float64 [m, 3]; labels count from 0 in order.

    events     beats, between which nothing changes, and downbeats, where sections begin if there is one near
    n_labels   how many kinds of section there are; None: the number whose clusters are clearest
    """
    if not features["rms"].any():
        return np.zeros((0, 3))
    bounds = _units(events["beats"], duration_s)
    if len(bounds) - 1 < _FEWEST_UNITS:
        return np.array([[0.0, duration_s, 0.0]])
    described = _described(features, bounds, grid)
    labels = _labels(described, n_labels)
    spans = _spans(_in_order(_without_short(labels)), bounds)
    spans[1:, 0] = spans[:-1, 1] = _on_downbeats(spans[1:, 0], events["downbeats"])
    return spans


def _on_downbeats(times: np.ndarray, downbeats: np.ndarray) -> np.ndarray:
    """Each time moved to the nearest downbeat, where one lies within 0.6 of a bar."""
    if len(downbeats) < 2 or not len(times):
        return times
    nearest = downbeats[np.abs(downbeats[None] - times[:, None]).argmin(axis=1)]
    return np.where(np.abs(nearest - times) <= 0.6 * np.median(np.diff(downbeats)), nearest, times)


def _units(beat_times: np.ndarray, duration_s: float) -> np.ndarray:
    """Times between which nothing changes: beats (several where a track is long), half seconds where there are none; an intro
    or a break without beats is counted on through it."""
    if len(beat_times) < _FEWEST_UNITS:
        beat_times = np.arange(0, duration_s, _WITHOUT_BEATS_S)
    inside = beat_times[(beat_times > 0.05) & (beat_times < duration_s - 0.05)]
    beat_s = float(np.median(np.diff(inside))) if len(inside) > 1 else duration_s
    bounds = np.concatenate([[0.0], inside, [duration_s]])
    inside = np.concatenate([np.linspace(a, b, _count((b - a) / beat_s), endpoint=False) for a, b in pairwise(bounds)])[1:]
    inside = inside[::max(1, -(-len(inside) // _MOST_UNITS))]
    return np.concatenate([[0.0], inside, [duration_s]])


def _count(beats: float) -> int:
    """Of how many units what lies between two beats is: of one, unless it is a part of its own."""
    return round(beats) if beats >= _PART_WITHOUT_BEATS else 1


def _described(features: dict[str, np.ndarray], bounds: np.ndarray, grid: Grid) -> np.ndarray:
    """Every unit with those around it: harmony, colour and drums, each group of equal weight: [n, d]."""
    edges = np.minimum((bounds * grid.hop_rate_hz).astype(int), grid.n_hops - 1)
    groups = [_unit_length(features["chroma"] ** 2), np.log1p(1000 * features["bands"]),
              np.stack([features[name] for name in ("kick", "snare", "hat")], axis=1)]
    described = []
    for a in groups:
        means = np.stack([a[i:max(j, i + 1)].mean(axis=0) for i, j in pairwise(edges)])
        means = means - means.mean(axis=0)
        described.append(means / max(float(np.sqrt(np.square(means).sum(axis=1).mean())), 1e-9))
    flat = np.concatenate(described, axis=1)
    around = np.arange(len(flat))[:, None] + np.arange(-_EMBED // 2, _EMBED // 2)
    return flat[np.clip(around, 0, len(flat) - 1)].reshape(len(flat), -1)


def _unit_length(a: np.ndarray) -> np.ndarray:
    return a / np.maximum(np.linalg.norm(a, axis=1, keepdims=True), 1e-9)


def _labels(described: np.ndarray, n_labels: int | None) -> np.ndarray:
    """A label per unit from the first eigenvectors of the graph's Laplacian, the clearest number of them."""
    counts = [n_labels] if n_labels else range(2, _MOST_LABELS + 1)
    counts = [k for k in counts if k < len(described)] or [1]
    recurrence = _recurrence(described)
    _, vectors = scipy.linalg.eigh(_laplacian(recurrence, described), subset_by_index=(0, max(counts)))
    vectors = scipy.ndimage.median_filter(vectors, size=(9, 1))
    tried = []
    for k in counts:
        x = _unit_length(vectors[:, :k])
        labels = KMeans(k, n_init=10, random_state=0).fit_predict(x)
        clear = silhouette_score(x, labels) if 1 < len(np.unique(labels)) < len(x) else -1.0
        tried.append((clear + _REPETITION * _modularity(recurrence, labels), -k, labels))
    return max(tried, key=lambda t: t[:2])[2]


def _modularity(recurrence: np.ndarray, labels: np.ndarray) -> float:
    """How much more of the repetition lies within labels than chance would put there (Newman 2006), −0.5…1."""
    total = max(float(recurrence.sum()), 1e-12)
    same = labels[:, None] == labels[None]
    share = recurrence.sum(axis=0) / total
    return float(recurrence[same].sum() / total - np.outer(share, share)[same].sum())


def _recurrence(described: np.ndarray) -> np.ndarray:
    """Affinity of units that sound alike, smoothed along diagonals: what repeats repeats in order."""
    n = len(described)
    square = np.square(described).sum(axis=1)
    distance = np.maximum(square[:, None] + square[None] - 2 * described @ described.T, 0)
    distance[np.abs(np.subtract.outer(np.arange(n), np.arange(n))) < 2] = np.inf
    nearest = max(4, int(2 * np.sqrt(n)))
    kth = np.partition(distance, nearest, axis=1)[:, nearest]
    linked = (distance <= kth[:, None]) & (distance <= kth[None])
    affinity = np.where(linked, np.exp(-distance / max(float(np.median(kth)), 1e-9)), 0)
    return _along_diagonals(affinity)


def _along_diagonals(a: np.ndarray, taps: int = 7) -> np.ndarray:
    """Median over `taps` neighbours on each diagonal."""
    half, n = taps // 2, len(a)
    padded = np.pad(a, half)
    shifted = np.stack([padded[half + k:half + k + n, half + k:half + k + n] for k in range(-half, half + 1)])
    return np.median(shifted, axis=0)


def _laplacian(recurrence: np.ndarray, described: np.ndarray) -> np.ndarray:
    """Normalised Laplacian of repetition and neighbourhood, balanced so that both have the same say."""
    n = len(recurrence)
    steps = np.square(np.diff(described, axis=0)).sum(axis=1)
    near = np.exp(-steps / max(float(np.median(steps)), 1e-9))
    path = np.zeros((n, n))
    path[np.arange(n - 1), np.arange(1, n)] = path[np.arange(1, n), np.arange(n - 1)] = near
    by_path, by_both = path.sum(axis=1), path.sum(axis=1) + recurrence.sum(axis=1)
    mu = float(by_path @ by_both / np.maximum(by_both @ by_both, 1e-12))
    graph = mu * recurrence + (1 - mu) * path
    scale = 1 / np.sqrt(np.maximum(graph.sum(axis=1), 1e-12))
    return np.eye(n) - scale[:, None] * graph * scale[None]


def _without_short(labels: np.ndarray) -> np.ndarray:
    """Runs shorter than two bars join the longer neighbour."""
    labels = labels.copy()
    while True:
        starts = np.flatnonzero(np.diff(labels, prepend=-1))
        lengths = np.diff(starts, append=len(labels))
        k = int(np.argmin(lengths))
        if len(starts) == 1 or lengths[k] >= _SHORTEST_UNITS:
            return labels
        neighbours = [j for j in (k - 1, k + 1) if 0 <= j < len(starts)]
        longer = max(neighbours, key=lambda j: lengths[j])
        labels[starts[k]:starts[k] + lengths[k]] = labels[starts[longer]]


def _in_order(labels: np.ndarray) -> np.ndarray:
    """The same partition, labels counted from 0 in the order of their appearance."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse]


def _spans(labels: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    starts = np.flatnonzero(np.diff(labels, prepend=-1))
    return np.stack([bounds[starts], bounds[np.append(starts[1:], len(labels))], labels[starts]], axis=1).astype(float)
