"""A feature set as plain values, for JSON."""

from __future__ import annotations

from typing import Any

from ..features import FeatureSet
from ..section_sources import section_name

PARTS = ("kick", "snare", "hat", "bass")


def feature_summary(found: FeatureSet) -> dict[str, Any]:
    """What was heard, times in seconds to the millisecond; section labels are "A", "B", … in order of appearance."""
    return {
        "duration": round(found.duration_s, 3),
        "tempo_bpm": round(found.tempo_bpm, 2),
        "beats": _times(found, "beats"),
        "downbeats": _times(found, "downbeats"),
        "onsets": {part: _times(found, part) for part in PARTS},
        "sections": [{"start": round(float(start), 3), "end": round(float(end), 3), "label": section_name(label)}
                     for start, end, label in found.events.get("sections", ())],
        "inflections": _times(found, "inflections"),
        "features": {name: list(a.shape) for name, a in sorted(found.features.items())},
    }


def _times(found: FeatureSet, name: str) -> list[float]:
    return [round(float(t), 3) for t in found.events.get(name, ())]
