"""One piece of sound to a feature set: every feature on one grid of hops, every event in seconds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..features import FeatureSet
from .attacks import exact_attacks
from .beats import beats, downbeats, tempo
from .dynamics import rms, timbre
from .harmony import BASS_MIDI, LOWEST_CHORD_MIDI, bass_salience, chromagram, pitchgram, weighted
from .load import Audio
from .onsets import band_levels, onset_strengths, pick_onsets
from .spectra import Grid, grid_for, without_offset

DRUMS = ("kick", "snare", "hat")
Progress = Callable[[float, str], None]


def analyze(audio: Audio, progress: Progress | None = None) -> FeatureSet:
    """Features and events of a sound.

    progress   called with the share done, 0…1, and the name of the stage that begins
    """
    tell = progress or (lambda share, stage: None)
    samples = without_offset(audio.samples, audio.sample_rate_hz)
    grid = grid_for(len(samples), audio.sample_rate_hz)
    tell(0.0, "loudness and colour")
    features = {"rms": rms(samples, grid), **timbre(samples, grid)}
    tell(0.3, "onsets")
    features.update(onset_strengths(*band_levels(samples, grid), grid))
    tell(0.6, "harmony")
    features.update(_chromagrams(pitchgram(samples, grid), grid))
    tell(0.8, "beats")
    tempo_bpm, events = _events(features, grid)
    for name in DRUMS:
        events[name] = exact_attacks(events[name], samples, audio.sample_rate_hz)
    tell(1.0, "done")
    return FeatureSet(grid.hop_rate_hz, audio.duration_s, features, events, tempo_bpm)


def _chromagrams(pitches: np.ndarray, grid: Grid) -> dict[str, np.ndarray]:
    """chroma of the whole, bass_chroma of the lowest voice, rest_chroma of what lies above it: [n_hops, 12]."""
    return {
        "chroma": chromagram(weighted(pitches), grid),
        "bass_chroma": chromagram(bass_salience(pitches), grid, BASS_MIDI[0]),
        "rest_chroma": chromagram(weighted(pitches, LOWEST_CHORD_MIDI), grid, LOWEST_CHORD_MIDI),
    }


def _events(features: dict[str, np.ndarray], grid: Grid) -> tuple[float, dict[str, np.ndarray]]:
    """Tempo, and times in seconds of beats, downbeats and the onsets of each part."""
    tempo_bpm = tempo(features["onset"], grid)
    events = {"beats": beats(features["onset"], tempo_bpm, grid)}
    events["downbeats"] = downbeats(events["beats"], features["kick"] + features["bass"], grid)
    events.update({name: pick_onsets(features[name], grid) for name in (*DRUMS, "bass")})
    return tempo_bpm, events
