"""Sections of the music as timeline markers, named "GR·03·A": ours are known by that name, nobody else's are touched."""

from __future__ import annotations

import re

import bpy
import numpy as np

from ..ganreact_core.features import FeatureSet
from .documents import Bake

_OURS = re.compile(r"GR·(\d\d)·.+")


def mark_sections(scene: bpy.types.Scene, found: FeatureSet, bake: Bake) -> int:
    """One marker where each section begins, within the baked frames; earlier ones of ours move. Returns how many."""
    spans = np.asarray(found.events.get("sections", np.zeros((0, 3))), float).reshape(-1, 3)
    frames = bake.range.frame_of(spans[:, 0]) + bake.first_frame
    wanted = {f"{n:02d}": (int(frame), chr(ord("A") + int(label) % 26))
              for n, (frame, label) in enumerate(zip(frames, spans[:, 2], strict=True), 1) if frame in bake.frames}
    ours = {match[1]: marker for marker in scene.timeline_markers if (match := _OURS.fullmatch(marker.name))}
    for number, marker in ours.items():
        if number not in wanted:
            scene.timeline_markers.remove(marker)
    for number, (frame, letter) in wanted.items():
        marker = ours.get(number) or scene.timeline_markers.new("")
        marker.name, marker.frame = f"GR·{number}·{letter}", frame
    return len(wanted)
