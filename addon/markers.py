"""Sections of the music as timeline markers, named "GR·03·A": ours are known by that name, nobody else's are touched."""

from __future__ import annotations

import re

import bpy
import numpy as np

from ..ganreact_core.alignment import TimeMap
from ..ganreact_core.features import FeatureSet
from ..ganreact_core.section_sources import section_name
from .documents import Bake

_OURS = re.compile(r"GR·(\d{2,4})·.+")


def mark_sections(scene: bpy.types.Scene, found: FeatureSet, where: Bake) -> int:
    """One marker where each section begins, within the baked frames; earlier ones of ours move. Returns how many."""
    wanted = {f"{n:02d}": (int(np.floor(frame + 1e-3)), letter) for n, (frame, letter) in _marked(found, where).items()}
    ours = _ours(scene)
    for number, marker in ours.items():
        if number not in wanted:
            scene.timeline_markers.remove(marker)
    for number, (frame, letter) in wanted.items():
        marker = ours.get(number) or scene.timeline_markers.new("")
        marker.name, marker.frame = f"GR·{number}·{letter}", frame
    return len(wanted)


def dragged(scene: bpy.types.Scene, found: FeatureSet, where: Bake) -> dict[int, tuple[float, float]]:
    """Sections whose marker is no longer where it was put: number -> (frame before, frame now). Deleted ones are left out."""
    ours = _ours(scene)
    moved = {}
    for number, (frame, _) in _marked(found, where).items():
        marker = ours.get(f"{number:02d}")
        if marker is not None and marker.frame != int(np.floor(frame + 1e-3)):
            moved[number] = (frame, float(marker.frame))
    return moved


def frame_map(scene: bpy.types.Scene, found: FeatureSet, where: Bake) -> TimeMap:
    """Frames before the markers were dragged -> frames after: straight between sections, the ends of the sound stay."""
    moved = dragged(scene, found, where)
    before, after = [float(where.first_frame)], [float(where.first_frame)]
    points = sorted((frame, moved[n][1] if n in moved else frame) for n, (frame, _) in _marked(found, where).items())
    for frame, now in [*points, (float(where.last_frame + 1),) * 2]:
        if frame > before[-1] + 1e-3:
            before.append(frame)
            after.append(now)
        else:
            after[-1] = now
    return TimeMap(np.array(before), np.maximum.accumulate(np.array(after)))


def starts_moved(scene: bpy.types.Scene, heard: FeatureSet, shown: FeatureSet, where: Bake) -> tuple[tuple[float, float], ...]:
    """All section starts that are not where they were heard, in seconds: (start as heard, start as wanted).

    heard, shown   the feature set without and with the corrections so far; sections are in the same order in both
    """
    moved = dragged(scene, shown, where)
    pairs = []
    for n, (first, now) in enumerate(zip(_starts(heard), _starts(shown), strict=True), 1):
        wanted = where.time_of(moved[n][1]) if n in moved else float(now)
        if abs(wanted - first) > 1e-3:
            pairs.append((float(first), max(float(wanted), 0.0)))
    return tuple(pairs)


def _starts(found: FeatureSet) -> np.ndarray:
    return np.asarray(found.events.get("sections", np.zeros((0, 3))), float).reshape(-1, 3)[:, 0]


def _marked(found: FeatureSet, where: Bake) -> dict[int, tuple[float, str]]:
    """Section's number -> frame at which it begins, and its letter; those that are heard in these frames."""
    spans = np.asarray(found.events.get("sections", np.zeros((0, 3))), float).reshape(-1, 3)
    places = [(n, where.frames_of(float(start)), section_name(label))
              for n, (start, _, label) in enumerate(spans, 1)]
    return {n: (frames[0], letter) for n, frames, letter in places if frames}


def _ours(scene: bpy.types.Scene) -> dict[str, bpy.types.TimelineMarker]:
    return {match[1]: marker for marker in scene.timeline_markers if (match := _OURS.fullmatch(marker.name))}
