"""Does the picture move with the music? Lag and strength of its change against events and curves, in plain numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from .catalogue import Parameter

REACH = 6
"""Lags that are tried, in frames on either side."""


@dataclass(frozen=True)
class Answer:
    """How a picture answers to one cause.

    lag           frames from the cause to the answer: 0 in the same frame, below 0 before it
    strength      of events: change at them divided by the median change; of curves: correlation at that lag
    count         how many events there were, or frames
    """

    lag: int
    strength: float
    count: int


def changes(pictures: Iterable[np.ndarray]) -> np.ndarray:
    """Mean absolute difference of each picture [h, w, 3] uint8 to the one before, 0…255; 0 for the first."""
    return np.array([0.0, *_each_change(pictures)])


def change_between(before: np.ndarray, after: np.ndarray) -> float:
    """Mean absolute difference of two pictures, uint8 [h, w, 3] -> 0…255."""
    return float(np.abs(np.asarray(after, np.int16) - before).mean())


def answer_to_events(change: np.ndarray, frames: np.ndarray) -> Answer:
    """How the change of a picture [n_frames] answers to events in these frames (from 0).

    The lag is the one at which the events' own frames change most against the frames about them; its strength is the
    median change at the events, in medians of all changes.
    """
    frames = np.unique(frames)
    inside = frames[(frames >= REACH + 1) & (frames < len(change) - REACH)]
    usual = float(np.median(change[1:])) if len(change) > 1 else 0.0
    if not len(inside) or not change.any():
        return Answer(0, 0.0, len(inside))
    lags = np.arange(-REACH, REACH + 1)
    jumps = np.diff(change, prepend=0.0)[inside[:, None] + lags].mean(axis=0)
    lag = int(lags[jumps.argmax()])
    return Answer(lag, float(np.median(change[inside + lag]) / max(usual, 1e-6)), len(inside))


def answer_to_curve(effect: np.ndarray, cause: np.ndarray) -> Answer:
    """How an effect [n_frames] follows a curve: the lag of the highest correlation, and that; of equals the smallest lag."""
    return answer_in_pieces([(effect, cause)])


def answer_in_pieces(pieces: Sequence[tuple[np.ndarray, np.ndarray]]) -> Answer:
    """`answer_to_curve` where only pieces of an effect and its cause were looked at, each of frames in a row."""
    lags = sorted(range(-REACH, REACH + 1), key=abs)
    found = [_correlated(*map(np.concatenate, zip(*(_apart(*piece, lag) for piece in pieces), strict=True))) for lag in lags]
    best = int(np.argmax(np.round(found, 4)))
    return Answer(lags[best], found[best], sum(len(effect) for effect, _ in pieces))


def correlation(effect: np.ndarray, cause: np.ndarray, lag: int = 0) -> float:
    """Pearson's, of the effect with the cause so many frames before; 0 where either stands still."""
    return _correlated(*_apart(effect, cause, lag))


def shaken(envelope: np.ndarray, seed: int = 0, by: float = 0.25) -> np.ndarray:
    """An envelope 0…1 [n_frames] moved at every frame by chance, by at most so much, towards the middle.

    A slow curve hardly differs from itself a few frames later; what answers to it is seen by shaking it.
    """
    step = by * np.random.default_rng(seed).random(len(envelope))
    return np.where(np.asarray(envelope) > 0.5, envelope - step, envelope + step).astype(np.float32)


def _apart(effect: np.ndarray, cause: np.ndarray, lag: int) -> tuple[np.ndarray, np.ndarray]:
    effect, cause = np.asarray(effect, float), np.asarray(cause, float)
    return (effect[lag:], cause[:len(cause) - lag]) if lag >= 0 else (effect[:lag], cause[-lag:])


def _correlated(a: np.ndarray, b: np.ndarray) -> float:
    if len(a) < 3 or np.ptp(a) < 1e-9 or np.ptp(b) < 1e-9:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def displacement(moved: np.ndarray, still: np.ndarray, parameter: Parameter) -> np.ndarray:
    """How far a parameter is from where it would be without its route [n_frames]; round a cyclic one by the chord."""
    apart = np.asarray(moved, float) - np.asarray(still, float)
    if not parameter.cyclic:
        return np.abs(apart)
    return np.abs(np.sin(np.pi * apart / (parameter.maximum - parameter.minimum)))


def _each_change(pictures: Iterable[np.ndarray]) -> Iterator[float]:
    before: np.ndarray | None = None
    for picture in pictures:
        if before is not None:
            yield change_between(before, picture)
        before = picture
