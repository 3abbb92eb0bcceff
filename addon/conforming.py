"""Another frame rate: everything that lies in frames keeps its place in seconds. Strips, markers, keys, the scene's range."""

from __future__ import annotations

from dataclasses import replace

import bpy
import numpy as np

from . import controls
from .documents import Bake
from .moving import Moved, move, planned
from .strip_timing import content_start, left, set_content_start
from .strips import fps_of


def scaled(scene: bpy.types.Scene, before: Bake) -> Moved:
    """Frames at the frame rate of a bake -> frames at the scene's; the scene's first frame stays."""
    ratio, pivot = fps_of(scene) / before.fps, scene.frame_start
    return lambda frames: pivot + (np.asarray(frames, float) - pivot) * ratio


def conform(scene: bpy.types.Scene, before: Bake) -> int:
    """Move strips, markers, keys and the scene's end to where they are in seconds; returns how many keys moved."""
    moved, ratio = scaled(scene, before), fps_of(scene) / before.fps
    for strip in scene.sequence_editor.strips_all if scene.sequence_editor else ():
        _conform_strip(strip, moved)
    for marker in scene.timeline_markers:
        marker.frame = round(float(moved(marker.frame)))
    for name in ("frame_end", "frame_preview_end"):
        setattr(scene, name, round(float(moved(getattr(scene, name) + 1))) - 1)
    keys = 0
    for audio_control in controls.find(scene, "audio"):
        keys += move(planned(scene, audio_control, moved), moved, stretch=ratio)
    return keys


def conform_beside(audio_control: controls.Control, scene: bpy.types.Scene) -> None:
    """Files beside the sound begin at the same second as before."""
    hearing = controls.hearing_of(audio_control)
    moved = scaled(scene, hearing.bake)
    beside = tuple(replace(one, frame=float(moved(np.array(one.frame)))) for one in hearing.beside)
    controls.store_hearing(audio_control, replace(hearing, beside=beside))


def _conform_strip(strip: bpy.types.Strip, moved: Moved) -> None:
    """A strip at its place in seconds. Blender itself gives a sound its new length and trim, about its first frame."""
    if strip.type == "SOUND" or hasattr(strip, "directory"):
        target = round(float(moved(left(strip))))
        for _ in range(2):  # a sound that begins between two frames may land one frame off
            if left(strip) != target:
                set_content_start(strip, content_start(strip) + target - left(strip))
