"""One piece of sound to a feature set: every feature on one grid of hops, every event in seconds."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from ..features import FeatureSet
from ..listening import require_parts
from .attacks import exact_attacks
from .bars import count
from .beats import beats, tempo, tempo_of
from .drums import KINDS
from .dynamics import rms, timbre, without_bumps, without_peaks
from .harmony import BASS_MIDI, LOWEST_CHORD_MIDI, chromagram, melody, pitchgram, salience, weighted
from .load import Audio
from .parts import part_of_stem, parts_of_mix
from .spectra import ANALYSIS_RATE_HZ, Grid, at_analysis_rate, grid_for
from .structure import sections
from .variation import variation

Progress = Callable[[float, str], None]


def analyze(audio: Audio, progress: Progress | None = None, stems: Mapping[str, Audio] | None = None) -> FeatureSet:
    """Features and events of a sound.

    progress   called with the share done, 0…1, and the name of the stage that begins
    stems      parts that sound alone, by name ("kick", "snare", "hat", "bass", "rest"): they replace what the mix says
    """
    require_parts(stems or {})
    tell = progress or (lambda share, stage: None)
    alone = {name: at_analysis_rate(stem.samples, stem.sample_rate_hz) for name, stem in (stems or {}).items()}
    samples = at_analysis_rate(audio.samples, audio.sample_rate_hz)
    grid = grid_for(len(samples), ANALYSIS_RATE_HZ)
    tell(0.0, "loudness and colour")
    features = {"rms": rms(samples, grid), **timbre(samples, grid)}
    tell(0.2, "drums and bass")
    strengths, events = parts_of_mix(samples, grid)
    features.update(strengths)
    tell(0.5, "harmony")
    features.update(_harmony(samples, grid))
    features["bass_rms"] = without_bumps(features["bass_rms"], events["kick"], grid)
    features["rest_rms"] = without_peaks(features["rest_rms"], grid)
    _replace(features, events, alone, grid)
    tell(0.75, "beats")
    tempo_bpm = _count_beats(features, events, grid)
    tell(0.85, "structure")
    for name in KINDS:  # after all that works on hops: a picture has to change in the very frame of the hit
        events[name] = exact_attacks(events[name], alone.get(name, samples), ANALYSIS_RATE_HZ)
    events["sections"] = sections(features, events, audio.duration_s, grid)
    features["variation"], events["inflections"] = variation(samples, grid, features["rms"] > 0)
    tell(1.0, "done")
    return FeatureSet(grid.hop_rate_hz, audio.duration_s, features, events, tempo_bpm)


def _harmony(samples: np.ndarray, grid: Grid) -> dict[str, np.ndarray]:
    """chroma of the whole, bass_chroma of the lowest voice, rest_chroma of what lies above it; pitch of the melody."""
    pitches = pitchgram(samples, grid)
    return {
        "chroma": chromagram(weighted(pitches), grid),
        "bass_chroma": chromagram(salience(pitches, *BASS_MIDI), grid, BASS_MIDI[0]),
        "rest_chroma": chromagram(weighted(pitches, LOWEST_CHORD_MIDI), grid, LOWEST_CHORD_MIDI),
        "pitch": melody(pitches, grid),
    }


def _replace(features: dict, events: dict, alone: Mapping[str, np.ndarray], grid: Grid) -> None:
    """What the stems say, in the place of what the mix said; stems are cut or continued with silence to its length."""
    for name, stem in alone.items():
        samples = np.resize(stem, 0) if not len(stem) else stem
        samples = np.pad(samples[:grid.n_hops * grid.hop], (0, max(0, grid.n_hops * grid.hop - len(samples))))
        if name in KINDS:
            features[name], events[name] = (a[:grid.n_hops] for a in part_of_stem(samples, grid))
        if name in ("bass", "rest"):
            features[f"{name}_rms"] = rms(samples, grid)
            features[f"{name}_chroma"] = _harmony(samples, grid)[f"{name}_chroma"]


def _count_beats(features: dict[str, np.ndarray], events: dict[str, np.ndarray], grid: Grid) -> float:
    """Adds beats and downbeats to the events; the tempo in beats per minute, 0 where there is no pulse."""
    onset = features["onset"]
    pulse = np.minimum(onset / max(float(onset.std()), 1e-9), 4.0)
    for name, weight in (("kick", 2.0), ("snare", 2.0), ("bass", 1.0)):
        pulse = pulse + weight * np.clip(features[name] / max(float(np.percentile(features[name], 99.5)), 1e-9), 0, 1)
    tempo_bpm = tempo(pulse, grid) if onset.any() else 0.0
    found = beats(pulse, tempo_bpm, grid)
    events["beats"], events["downbeats"] = count(found, features, grid)
    return tempo_of(events["beats"]) or tempo_bpm
