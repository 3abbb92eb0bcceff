"""How many frames a render would make: counted beside the artist's work, shown in the panel before anybody presses Render.

The table is evaluated on Blender's thread, which takes milliseconds; keys and files are compared on another.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

import bpy

from ..ganreact_core.bundle import Bundle
from ..ganreact_core.errors import GANReactError
from . import baking, controls, frames, hands
from .noticing import CHANGES, forget, notice
from .redrawing import redraw

_QUIET_S, _MOST_BY_ITSELF = 0.8, 8_000
_EVENTS = (*CHANGES, "load_post")


@dataclass
class Count:
    """What was counted last, for the look and scene named in `about`; `is_due` since something changed."""

    about: tuple[str, str] = ("", "")
    total: int = 0
    wanted: int = 0
    is_known: bool = False
    is_due: bool = True
    thread: threading.Thread | None = None


count = Count()
"""The one count of this Blender."""


def sentence_of(scene: bpy.types.Scene, look_control: controls.Control) -> str:
    """ "312 of 2,400 frames to make"; empty until it is known. Called while drawing: has it counted where it must be."""
    about = (scene.name, look_control.name)
    if count.about != about:
        count.about, count.is_known, count.is_due = about, False, True
    if count.is_due and not bpy.app.background and not bpy.app.timers.is_registered(_look_again):
        bpy.app.timers.register(_look_again, first_interval=_QUIET_S)
    if not count.is_known:
        return ""
    if not count.wanted:
        return f"All {count.total:,} frames are there"
    return f"{count.wanted:,} of {count.total:,} frames to make"


@bpy.app.handlers.persistent
def note_change(*_: object) -> None:
    """Handler: something changed, and the count may be another. Also called from render threads: touches nothing else."""
    count.is_due = True


def count_now(scene: bpy.types.Scene, look_control: controls.Control, *, wait: bool = False) -> None:
    """Evaluate, and start comparing; `wait` for the end of it."""
    bundle = _as_bundle(scene, look_control)
    count.is_due = False
    count.thread = threading.Thread(target=_compare, args=(bundle, count.about), daemon=True)
    count.thread.start()
    if wait:
        count.thread.join()


def rest() -> None:
    """Forget it."""
    if bpy.app.timers.is_registered(_look_again):
        bpy.app.timers.unregister(_look_again)
    if count.thread:
        count.thread.join(5.0)
    count.about, count.is_known, count.is_due, count.thread = ("", ""), False, True, None


def _look_again() -> float | None:
    """The timer: counts once nothing has changed for a moment; ends when there is nothing to count."""
    if count.thread and count.thread.is_alive():
        return _QUIET_S
    if not count.is_due:
        redraw()
        return None
    scene = bpy.data.scenes.get(count.about[0])
    look_control = controls.named(scene, count.about[1]) if scene else None
    screen = bpy.context.screen
    if look_control is None or hands.are_full() or (screen and screen.is_animation_playing):
        return _QUIET_S if look_control else None
    try:
        if len(frames.wanted_frames(scene, look_control)) > _MOST_BY_ITSELF:
            return None
        count_now(scene, look_control)
    except GANReactError:  # an unsaved file has no frames, a damaged look none to make: the panel says so elsewhere
        count.is_due, count.is_known = False, False
        return None
    return 0.1


def _as_bundle(scene: bpy.types.Scene, look_control: controls.Control) -> Bundle:
    numbers = frames.wanted_frames(scene, look_control)
    table = baking.table_of(scene, look_control, numbers).table
    folder = Path(frames.frames_folder(scene, look_control))
    look = controls.patch_of(look_control).look
    return Bundle(folder, look, table, frames.sha256_of(frames.model_of(look_control)))


def _compare(bundle: Bundle, about: tuple[str, str]) -> None:
    numbers = bundle.frame_numbers()
    wanted = len(bundle.wanted(numbers)) if bundle.frames_folder.is_dir() else len(numbers)
    if count.about == about:
        count.total, count.wanted, count.is_known = len(numbers), wanted, True


def register() -> None:
    """Hear of changes."""
    notice(note_change, *_EVENTS)


def unregister() -> None:
    """Leave no handler, timer or thread."""
    forget(note_change, *_EVENTS)
    rest()
