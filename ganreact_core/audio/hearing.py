"""From a file of any kind to a feature set: sound is heard, notes and tables are read.

The verdict on a file comes from its decoder; the libraries of the analysis are loaded only after it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..features import FeatureSet
from ..listening import Listening, Stem
from .containers import require_small
from .decode import check_sound
from .load import MAX_SECONDS, Audio, load_audio

Progress = Callable[[float, str], None]
_TABLES = (".csv", ".tsv")
_MIDI = (b"MThd", b"RMID")
_READ = 0.1


def hear(what: Listening, advance: Progress = lambda fraction, stage: None) -> FeatureSet:
    """The feature set of a file, with a sentence for each thing that was odd about it; raises InputFileError."""
    if is_midi(what.file) or _is_table(what.file):
        from .imports import load_csv, load_midi

        advance(0.0, "Reading the notes" if is_midi(what.file) else "Reading the table")
        return load_midi(what.file) if is_midi(what.file) else load_csv(what.file, rate_hz=what.rate_hz or None)
    advance(0.0, "Reading the sound")
    sound = load_audio(what.file, channel=what.channel, track=what.track)
    stems: dict[str, Audio] = {}
    for part, stem in what.stems.items():
        advance(_READ * len(stems) / len(what.stems), f"Reading the {part}")
        stems[part] = _shifted(load_audio(stem.file), stem)
    from .analysis import analyze

    found = analyze(sound, lambda share, stage: advance(_READ + (1 - _READ) * share, stage), stems)
    warnings = [sentence for heard in (sound, *stems.values()) for sentence in heard.warnings]
    return replace(found, warnings=tuple(warnings))


def check(what: Listening) -> None:
    """Raises InputFileError at once where a file, or one of its stems, cannot be what it should be."""
    if is_midi(what.file) or _is_table(what.file):
        require_small(what.file)
    else:
        check_sound(what.file, longest_s=MAX_SECONDS, track=what.track)
    for stem in what.stems.values():
        check_sound(stem.file, longest_s=MAX_SECONDS)


def _is_table(path: str | Path) -> bool:
    return Path(path).suffix.lower() in _TABLES


def is_midi(path: str | Path) -> bool:
    """Whether a file begins as notes do; a file that cannot be read is none, and told about by whoever reads it."""
    file = Path(path)
    try:
        if not file.is_file():
            return False
        with file.open("rb") as opened:
            head = opened.read(12)
    except (OSError, ValueError):
        return False
    return head[:4] == _MIDI[0] or (head[:4] == b"RIFF" and head[8:12] == _MIDI[1])


def _shifted(sound: Audio, stem: Stem) -> Audio:
    """A stem in the time of the sound that it is a part of: silence before it, or its beginning cut off."""
    n = round(stem.shift_s * sound.sample_rate_hz)
    samples = np.pad(sound.samples, (n, 0)) if n > 0 else sound.samples[-n:]
    return Audio(samples, sound.sample_rate_hz, sound.source_s, sound.warnings)
