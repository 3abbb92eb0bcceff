"""Phases that are easy to draw and sound right: what a made sound's second picture is, in place of the measured one.

Measured phases jump from bin to bin where a sound begins, and wrap. But the way back only asks that a partial's bins turn
alike, and that they begin so that the window's energy lies in its middle. So every bin takes the step of the partial that it
hears most, for all of the time; in the three frames before the sound begins, phases fall by π from bin to bin.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..synthesis.sound.mel import mel_matrix
from ..synthesis.sound.spectrogram import Representation
from .sound_lessons import Parts

_LARGEST = 1.25  # of what the network's tanh can say, in π
_LOBE_BINS = 1.2  # how fast a partial is heard less beside itself
_STEEPEST = 0.9
_TINY = 1e-9


def easy_phases(made: Parts, shape: Representation) -> tuple[np.ndarray, np.ndarray]:
    """A sound's parts -> (phase steps / π, share of noise 0…1), both float32 [frames, bands] on the mel scale."""
    tonal, noise = _magnitudes(made.tonal, shape), _magnitudes(made.noise, shape)
    steps, lead = _steps(made.hertz, tonal.max(axis=0), shape)
    mel = mel_matrix(shape.n_bands, shape.n_bands, shape.sample_rate)
    rustling = (noise > tonal).astype(np.float32)
    linear = np.where(rustling > 0, _random_steps(shape), steps[None])
    early = _silent_frames(shape)
    linear[:early] = lead[None] / early
    loudest = np.maximum(mel.sum(axis=0), _TINY)
    return np.clip(linear @ mel, -_LARGEST, _LARGEST).astype(np.float32), (rustling @ mel) / loudest


def _steps(hertz: tuple[float, ...], heard: np.ndarray, shape: Representation) -> tuple[np.ndarray, np.ndarray]:
    """Of each bin: the step of its partial / π, and the phase with which it begins / π."""
    bins = np.arange(1, shape.n_bands + 1)
    places = np.asarray(hertz or (0.0,)) * shape.n_fft / shape.sample_rate
    level = np.log(heard[np.clip(np.round(places).astype(int) - 1, 0, shape.n_bands - 1)] + _TINY)
    beside = (bins[:, None] - places[None]) / _LOBE_BINS
    owner = (level[None] - beside ** 2).argmax(axis=1)
    centre = places[owner]
    steps = np.mod(2.0 * centre * shape.hop / shape.n_fft + 1.0, 2.0) - 1.0
    first = np.random.default_rng(1).uniform(-1.0, 1.0, 1 << 10)[owner]  # else all partials begin together, with one great peak
    early = _silent_frames(shape)
    lead = np.clip(centre - bins, -_STEEPEST * early, _STEEPEST * early) + first
    return steps, lead


def _magnitudes(sound: np.ndarray, shape: Representation) -> np.ndarray:
    """[n_samples] -> [frames, bins], the lowest bin left out."""
    padded = np.pad(sound, (shape.padding, 0))
    frames = np.lib.stride_tricks.sliding_window_view(padded, shape.n_fft)[::shape.hop]
    window = np.hanning(shape.n_fft + 1)[:-1].astype(np.float32)
    return np.abs(np.fft.rfft(frames * window))[:, 1:]


def _silent_frames(shape: Representation) -> int:
    """Frames that see nothing but the silence in front."""
    return (shape.padding - shape.n_fft) // shape.hop + 1


@lru_cache(maxsize=2)
def _random_steps(shape: Representation) -> np.ndarray:
    return np.random.default_rng(7).uniform(-1.0, 1.0, (shape.n_frames, shape.n_bands)).astype(np.float32)
