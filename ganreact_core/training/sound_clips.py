"""Long recordings become clips of one length: with overlap, without silence, each at the same peak."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

PEAK = 0.8
_SILENCE_DB = -45.0  # a stretch whose mean power lies so far below the recording's loudest stretch is not worth learning
_FLOOR = 1e-4
_LONGEST_SILENCE = 0.5  # share of a clip that may be below a hundredth of its peak at its beginning


def cut_clips(samples: np.ndarray, n_samples: int, overlap: float = 0.5) -> np.ndarray:
    """float32 [n] -> [clips, n_samples], in order; a shorter recording is one clip, with silence after it.

    overlap   share of a clip that the next one repeats, 0 to below 1
    """
    hop = max(1, round(n_samples * (1.0 - overlap)))
    if len(samples) < n_samples:
        samples = np.pad(samples, (0, n_samples - len(samples)))
    starts = range(0, len(samples) - n_samples + 1, hop)
    clips = [np.asarray(samples[start:start + n_samples], np.float32) for start in starts]
    loudest = max((power(clip) for clip in clips), default=0.0)
    kept = [clip for clip in clips if power(clip) > max(_FLOOR ** 2, loudest * 10 ** (_SILENCE_DB / 10)) and _begins(clip)]
    return np.stack([clip * (PEAK / np.abs(clip).max()) for clip in kept]) if kept else np.zeros((0, n_samples), np.float32)


def power(clip: np.ndarray) -> float:
    """Mean square."""
    return float(np.mean(np.square(clip, dtype=np.float64)))


def pitches_of(names: Iterable[str]) -> list[int] | None:
    """MIDI numbers in file names as NSynth writes them (bass_021-048-100.wav); None unless every name has one."""
    found = [re.search(r"-(\d{3})-\d{3}\b", name) for name in names]
    if not found or any(m is None or int(m[1]) > 127 for m in found):
        return None
    return [int(m[1]) for m in found if m]


def _begins(clip: np.ndarray) -> bool:
    """Whether something is heard before the clip is half over."""
    loud = np.abs(clip) > 0.01 * np.abs(clip).max()
    return bool(loud.any()) and int(loud.argmax()) < _LONGEST_SILENCE * len(clip)
