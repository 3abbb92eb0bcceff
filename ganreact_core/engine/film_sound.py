"""What a film sounds like: stretches of files, each from a moment of the film on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..audio import load_audio
from ..errors import AudioError


@dataclass(frozen=True)
class Stretch:
    """A stretch of a sound file.

    file        its path
    start_s     second of the file at which it begins
    duration_s  how long it is heard
    at_s        second of the film from which on it is heard
    """

    file: str
    start_s: float
    duration_s: float
    at_s: float = 0.0


def heard(stretches: Sequence[Stretch], duration_s: float, rate_hz: int) -> np.ndarray:
    """float32 [2, n] of that length: the stretches added up, silence where there are none, or where a file ends early.

    Raises AudioError for what is no sound, or ends before a stretch begins.
    """
    n = round(duration_s * rate_hz)
    film = np.zeros((2, n), np.float32)
    for stretch in stretches:
        first = round(stretch.at_s * rate_hz)
        sound = _stereo(stretch, rate_hz)[:, :max(0, n - first)]
        film[:, first:first + sound.shape[1]] += sound
    return film


def _stereo(stretch: Stretch, rate_hz: int) -> np.ndarray:
    """float32 [2, n]: the first two channels, or the only one twice."""
    def side(channel: int) -> np.ndarray:
        return load_audio(stretch.file, start_s=stretch.start_s, duration_s=stretch.duration_s, sample_rate_hz=rate_hz,
                          channel=channel).samples

    left, n = side(0), round(stretch.duration_s * rate_hz)
    try:
        right = side(1)
    except AudioError:  # one channel
        right = left
    return np.stack([left[:n], right[:n]])
