"""The small picture of the present frame, asked for once, or again whenever what it shows has changed.

Live means: a few times a second the values of this frame are read, which costs milliseconds; only where they are
others than before is the engine asked.
"""

from __future__ import annotations

import bpy

from ..ganreact_core.errors import GANReactError
from ..ganreact_core.files import cache_folder
from . import controls, frames, viewing
from .preferences import engine_choice
from .session import session

_PERIOD_S = 0.15


class _Live:
    """Whether the picture follows, whose it is, and which values it shows."""

    scene = ""
    shown = ""


def ask(context: bpy.types.Context, scene: bpy.types.Scene) -> None:
    """Ask for the picture of the scene's present frame, if it would be another than the one shown."""
    look_control, now = controls.active_look(scene), scene.frame_current
    bundle = frames.make_bundle(scene, look_control, cache_folder("preview"), range(now, now + 1))
    key = bundle.frame_keys([now])[now]
    if key == _Live.shown and viewing.icon():
        return
    asked = frames.render_arguments(bundle, look_control, range(now, now + 1), engine_choice(context).device)
    asked.pop("frames")
    _Live.shown = key
    session.start(context, "preview", {**asked, "frame": now}, title="Preview", quiet=is_live(),
                  on_picture=lambda picture, raw: viewing.show(picture.width, picture.height, raw))


def is_live() -> bool:
    """Whether the picture follows by itself."""
    return bool(_Live.scene)


def follow(scene: bpy.types.Scene) -> None:
    """Let the picture follow this scene."""
    _Live.scene, _Live.shown = scene.name, ""
    if not bpy.app.background:
        bpy.app.timers.register(tick, first_interval=0.0)


def rest() -> None:
    """Stop following."""
    _Live.scene, _Live.shown = "", ""
    if bpy.app.timers.is_registered(tick):
        bpy.app.timers.unregister(tick)


def tick() -> float | None:
    """The timer: asks where the engine is idle and Blender is not rendering; an error ends the following."""
    scene = bpy.data.scenes.get(_Live.scene)
    if scene is None or controls.active_look(scene) is None:
        _Live.scene = ""
        return None
    if session.running is None and not bpy.app.is_job_running("RENDER"):
        try:
            ask(bpy.context, scene)
        except GANReactError as cause:
            session.notice, _Live.scene = str(cause), ""
            return None
    return _PERIOD_S
