"""Any sound file as mono samples, streamed: sample 0 is what a player plays at t = 0."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np

from ..errors import AudioError
from ..files import shown
from .decode import Range, decode

MAX_SECONDS = 4 * 3600.0
_FULL_SCALE_CAP = 4.0


@dataclass(frozen=True)
class Audio:
    """Mono sound in memory.

    samples         float32 [n_samples], nominally −1…1, finite
    sample_rate_hz  samples per second
    source_s        length of the whole file in seconds as far as it is known, whatever part was asked for
    warnings        one sentence for each thing that was not as it should be
    """

    samples: np.ndarray
    sample_rate_hz: int
    source_s: float = 0.0
    warnings: tuple[str, ...] = ()

    @property
    def duration_s(self) -> float:
        """Length of the samples in seconds."""
        return len(self.samples) / self.sample_rate_hz


def load_audio(
    path: str | os.PathLike, *, start_s: float = 0.0, duration_s: float | None = None,
    sample_rate_hz: int | None = 22050, channel: int | None = None, track: int = 0,
) -> Audio:
    """Decode a sound or video file, or the range of it that starts at `start_s`.

    sample_rate_hz   what to resample to; None keeps the file's own
    channel          one channel from 0; None mixes all down by their mean, which cannot clip
    track            which audio track of a video, from 0
    Raises AudioError, one sentence, for anything that holds no usable sound.
    """
    wanted = _check_range(start_s, duration_s, sample_rate_hz)
    name = shown(path)
    decoded = decode(path, wanted, channel=channel, track=track)
    samples, warnings = _repair(decoded.samples, name)
    if not len(samples):
        raise AudioError(f"'{name}' ends before {start_s:g} s; choose an earlier start")
    return Audio(samples, decoded.sample_rate_hz, decoded.source_s, decoded.warnings + warnings)


def _check_range(start_s: float, duration_s: float | None, sample_rate_hz: int | None) -> Range:
    if not start_s >= 0:
        raise AudioError(f"a start of {start_s:g} s is before the sound; use 0 or more")
    if duration_s is not None and not duration_s > 0:
        raise AudioError(f"a duration of {duration_s:g} s is no range; use more than 0")
    if sample_rate_hz is not None and not 1000 <= sample_rate_hz <= 768_000:
        raise AudioError(f"a sample rate of {sample_rate_hz} Hz cannot be used; take 1000 to 768000")
    return Range(start_s, MAX_SECONDS if duration_s is None else min(duration_s, MAX_SECONDS), sample_rate_hz,
                 whole=duration_s is None)


def _repair(samples: np.ndarray, name: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Sound within reach of −1…1, and what was wrong with it."""
    if not len(samples):
        return samples, ()
    low, high = float(samples.min()), float(samples.max())
    peak = max(-low, high)
    if low == high:
        return samples, (f"'{name}' is silent, so nothing will move",)
    if peak <= _FULL_SCALE_CAP:
        return samples, ()
    samples /= np.float32(peak)
    return samples, (f"'{name}' is {20 * np.log10(peak):.0f} dB over full scale and was turned down",)
