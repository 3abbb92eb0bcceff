"""The live picture: follows the timeline and every slider, a few milliseconds behind; never in the way of anything.

Handlers only note that something may have changed. A timer reads the values of the present frame, which costs a
millisecond or two, and asks the engine where they are others than those shown. One picture is under way at a time: what
was asked for and is out of date by then is followed by the latest, and by nothing between. Of a picture that takes
long a rough one comes first, and the sharp one when nothing has changed for a moment.
"""

from __future__ import annotations

import math
import time
from typing import ClassVar

import bpy

from ..ganreact_core.errors import GANReactError
from ..ganreact_core.messages import Picture
from . import controls, hands, viewing
from .glancing import View, row_now, view_of
from .noticing import CHANGES, forget, notice
from .place import scene_of
from .preferences import engine_choice, engine_trouble
from .session import session

_PERIOD_S, _REST_S, _STILL_S, _RESUME_S = 0.02, 0.25, 0.3, 0.5
_LONG_S = 0.15
_EVENTS = (*CHANGES, "frame_change_post")


class _Live:
    """Whether the picture follows, whose it is, what it shows, whether that may be out of date."""

    scene = 0  # its number for the session: it can be renamed
    shown = ""
    is_due = False
    sharpen_at = asked_at = 0.0
    sharp_s: ClassVar[dict[tuple, float]] = {}


def ask(context: bpy.types.Context, scene: bpy.types.Scene, *, in_haste: bool = False) -> bool:
    """Ask for the picture of the scene's present frame, if it would be another than the one shown.

    in_haste   of a picture that takes long a rough one will do, which is followed by the sharp one when nothing has changed
               for a moment
    """
    look_control, now = controls.active_look(scene), scene.frame_current
    view = view_of(scene, look_control)
    row = row_now(scene, look_control, getattr(context, "scene", None))
    rough, asked_at = in_haste and _takes_long(view), time.monotonic()
    key = view.key(row, now)
    if _Live.shown in (key, f"{key} rough" if rough else key):
        return False
    arguments = view.arguments([row], [now], engine_choice(context).device) | ({"rough": True} if rough else {})

    def arrived(picture: Picture, raw: bytes) -> None:
        if is_live() and hands.renders():  # whose threads may read the image: it is asked for again
            _Live.shown, _Live.is_due = "", True
            return
        viewing.show(picture.width, picture.height, raw, view.look.size)
        if not rough:  # the first one waits for the network to be read, and says nothing
            kind = _kind_of(view)
            _Live.sharp_s[kind] = time.monotonic() - asked_at if kind in _Live.sharp_s else _at_first(view)

    session.start(context, "glance", arguments, title="Preview", quiet=is_live(), on_failure=_failed if is_live() else None,
                  on_picture=arrived)
    _Live.shown, _Live.asked_at = f"{key} rough" if rough else key, asked_at
    _Live.sharpen_at = time.monotonic() + _STILL_S if rough else 0.0
    return True


def _takes_long(view: View) -> bool:
    """What the last sharp picture of this kind took says it; before there was one, its size."""
    return _Live.sharp_s.get(_kind_of(view), _at_first(view)) > _LONG_S


def _at_first(view: View) -> float:
    return math.inf if view.is_large else 0.0


def _kind_of(view: View) -> tuple:
    return view.look.size, view.look.canvas.detail, view.sha256


def is_live() -> bool:
    """Whether the picture follows by itself."""
    return bool(_Live.scene)


def waits() -> bool:
    """Whether the live picture wants to be asked for, or did a moment ago: what is looked at now comes before thumbnails."""
    return is_live() and (_Live.is_due or time.monotonic() - _Live.asked_at < _STILL_S)


def follow(scene: bpy.types.Scene) -> None:
    """Let the picture follow this scene."""
    _Live.scene, _Live.shown, _Live.is_due = scene.session_uid, "", True
    _Live.sharp_s.clear()
    notice(note_change, *_EVENTS)
    if not bpy.app.background and not bpy.app.timers.is_registered(tick):
        bpy.app.timers.register(tick, first_interval=0.0)


def rest() -> None:
    """Stop following."""
    _Live.scene, _Live.shown, _Live.is_due, _Live.sharpen_at = 0, "", False, 0.0
    forget(note_change, *_EVENTS)
    if bpy.app.timers.is_registered(tick):
        bpy.app.timers.unregister(tick)


def tick() -> float | None:
    """The timer: asks where the engine is idle and Blender is not rendering; an error is told and waited out."""
    scene = scene_of(_Live.scene)
    if scene is None or controls.active_look(scene) is None:
        rest()
        return None
    sharpens = not _Live.is_due and 0.0 < _Live.sharpen_at < time.monotonic() and not _plays()
    if not (_Live.is_due or sharpens) or session.running is not None:
        return _PERIOD_S if session.busy is None else _REST_S
    if hands.renders():
        return _REST_S
    _Live.is_due, _Live.sharpen_at = False, 0.0
    try:
        ask(bpy.context, scene, in_haste=not sharpens)
    except GANReactError as cause:
        session.notice = str(cause)
        return _REST_S
    return _PERIOD_S


def _plays() -> bool:
    """Whether the timeline plays: sharp pictures would come too late for it."""
    return any(window.screen.is_animation_playing for window in bpy.context.window_manager.windows)


def _failed() -> None:
    """The engine could not make it: nothing new is shown until something changes."""
    session.notice = "there is no picture of this frame; press Preview to hear why"
    rest()


@bpy.app.handlers.persistent
def note_change(*_: object) -> None:
    """Called by Blender, while rendering from other threads too: touches nothing of the file."""
    _Live.is_due = True


@bpy.app.handlers.persistent
def _on_load(*_: object) -> None:
    """Another file: its picture follows again where an Image Editor shows it, once the windows stand."""
    rest()
    if not bpy.app.background:
        bpy.app.timers.register(resume, first_interval=_RESUME_S)


def resume() -> None:
    """Follow where an Image Editor shows the picture, and there is something to show."""
    for window in bpy.context.window_manager.windows:
        scene = getattr(window.workspace, "sequencer_scene", None) or window.scene
        shown = [area.spaces.active.image for area in window.screen.areas if area.type == "IMAGE_EDITOR"]
        if any(image and image.name == viewing.IMAGE for image in shown) and controls.active_look(scene) is not None:
            if not engine_trouble(bpy.context):
                follow(scene)
            return


def register() -> None:
    """Hear of files being opened."""
    notice(_on_load, "load_post")


def unregister() -> None:
    """Leave nothing."""
    forget(_on_load, "load_post")
    if bpy.app.timers.is_registered(resume):
        bpy.app.timers.unregister(resume)
    rest()
