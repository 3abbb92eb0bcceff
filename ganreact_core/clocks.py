"""Clocks: waves and ramps that are locked to the beat, whatever the frame rate or the tempo."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

_PULSE_WIDTH = 0.125
UNITS = ("beats", "bars")
"""What a clock counts."""


def beat_position(beats_s: np.ndarray, times_s: np.ndarray) -> np.ndarray:
    """Moments in seconds -> position in beats: 0 at the first beat, k at beat k, straight between, on at the same tempo.

    beats_s [n >= 2], rising.
    """
    beats_s, times_s = np.asarray(beats_s, float), np.asarray(times_s, float)
    place = np.interp(times_s, beats_s, np.arange(len(beats_s)))
    first, last = beats_s[1] - beats_s[0], beats_s[-1] - beats_s[-2]
    place = np.where(times_s < beats_s[0], (times_s - beats_s[0]) / first, place)
    return np.where(times_s > beats_s[-1], len(beats_s) - 1 + (times_s - beats_s[-1]) / last, place)


WAVES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "sine": lambda turns: 0.5 - 0.5 * np.cos(2 * np.pi * turns),
    "triangle": lambda turns: 1.0 - np.abs(2.0 * (turns % 1.0) - 1.0),
    "saw": lambda turns: 1.0 - turns % 1.0,
    "ramp": lambda turns: turns % 1.0,
    "square": lambda turns: np.where(turns % 1.0 < 0.5, 1.0, 0.0),
    "pulse": lambda turns: np.where(turns % 1.0 < _PULSE_WIDTH, 1.0, 0.0),
    "rise": lambda turns: np.clip(turns, 0.0, 1.0),
    "fall": lambda turns: 1.0 - np.clip(turns, 0.0, 1.0),
}
"""Name -> (position in turns) -> 0…1. "saw" jumps up on the beat and falls, "ramp" rises and jumps down on the beat;
"rise" and "fall" go once from end to end, and stay there."""
