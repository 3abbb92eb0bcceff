"""Which scene a click, a panel, or the end of a job is about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import bpy

from . import controls
from .strips import sequencer_scene, sound_strips

_given: list[tuple[bpy.types.Scene, controls.Control | None]] = []


def home(context: bpy.types.Context) -> bpy.types.Scene:
    """The scene that a click is about: the Sequencer's there; elsewhere the window's, if it has sound or controls."""
    if _given:
        return _given[-1][0]
    if context.area and context.area.type == "SEQUENCE_EDITOR":
        return sequencer_scene(context)
    has_ours = bool(sound_strips(context.scene)) or controls.active_audio(context.scene) is not None
    return context.scene if has_ours else sequencer_scene(context)


def scene_of(session_uid: int) -> bpy.types.Scene | None:
    """The scene of a number, whatever it is called now; None where it is gone."""
    return next((scene for scene in bpy.data.scenes if scene.session_uid == session_uid), None)


def look_meant(context: bpy.types.Context) -> controls.Control | None:
    """The look that a click is about, or that a job which ends was started for; None where there is none."""
    return (_given[-1][1] if _given else None) or controls.active_look(home(context))


@contextmanager
def working_in(scene: bpy.types.Scene, look_control: controls.Control | None = None) -> Iterator[None]:
    """Operators called meanwhile are about this scene and this look, whatever a window shows and whichever is chosen."""
    _given.append((scene, look_control))
    try:
        yield
    finally:
        _given.pop()
