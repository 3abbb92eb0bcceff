"""Which scene a click, or a panel, is about."""

from __future__ import annotations

import bpy

from . import controls
from .strips import sequencer_scene, sound_strips


def home(context: bpy.types.Context) -> bpy.types.Scene:
    """The scene that a click is about: the Sequencer's there; elsewhere the window's, if it has sound or controls."""
    if context.area and context.area.type == "SEQUENCE_EDITOR":
        return sequencer_scene(context)
    has_ours = bool(sound_strips(context.scene)) or controls.active_audio(context.scene) is not None
    return context.scene if has_ours else sequencer_scene(context)
