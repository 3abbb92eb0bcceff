"""Save As into another folder: paths of ours that begin at the .blend lead from there to the same files.

Blender does this for sounds, strips and images; it does not know what stands in a control's text.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import bpy

from ..ganreact_core.errors import GANReactError
from . import controls, frames, strips
from .documents import TEXT
from .kept_paths import kept_path

_PATHS = ("file", "model")
"""Fields of a control's text that are paths, or begin with // only where they are."""

_before: list[tuple[bpy.types.ID, str, str | None]] = []


@bpy.app.handlers.persistent
def _on_save(path: str = "", *_: object) -> None:
    _before.clear()
    if not path or not bpy.data.filepath or Path(path).parent.resolve() == Path(bpy.data.filepath).parent.resolve():
        return
    start = str(Path(path).parent)
    for scene in bpy.data.scenes:
        for look_control in controls.find(scene, "look"):
            _keep_frames(scene, look_control)
    for control in [one for one in bpy.data.objects if TEXT in one and one.library is None]:
        told = _led(_parsed(str(control[TEXT])), start)
        if told is not None:
            _set(control, TEXT, json.dumps(told, ensure_ascii=False))
        if control.get(frames.FOLDER, "").startswith("//"):
            _set(control, frames.FOLDER, kept_path(control[frames.FOLDER], start))


@bpy.app.handlers.persistent
def _on_saved(*args: object) -> None:
    """A copy leaves the open file where it is, and so does a disk that refused it."""
    path = args[0] if args and isinstance(args[0], str) else ""
    if Path(path).parent.resolve() != Path(bpy.data.filepath).parent.resolve():
        for control, name, value in _before:
            if value is None:
                del control[name]
            else:
                control[name] = value
    _before.clear()


def _keep_frames(scene: bpy.types.Scene, look_control: controls.Control) -> None:
    """Frames that a strip shows stay this look's, though they lie beside the earlier file."""
    try:
        shown = strips.strip_of_frames(scene, controls.patch_of(look_control).look.label)
        if shown and not look_control.get(frames.FOLDER) and frames.frames_folder(scene, look_control).is_dir():
            folder = frames.frames_folder(scene, look_control)
            _before.extend((look_control, name, look_control.get(name)) for name in (frames.FOLDER, frames.OWNER))
            frames.remember_folder(look_control, folder)
    except GANReactError:  # a control that is damaged or from a newer GANReact: its panel says so
        return


def _set(control: bpy.types.ID, name: str, value: str) -> None:
    _before.insert(0, (control, name, control[name]))
    control[name] = value


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _led(plain: Any, start: str) -> Any:
    """What a text says, with its paths as they are from there; None where it holds none."""
    found = False

    def led(value: Any, name: str = "") -> Any:
        nonlocal found
        if isinstance(value, dict):
            return {key: led(one, key) for key, one in value.items()}
        if isinstance(value, list):
            return [led(one, name) for one in value]
        if name in _PATHS and isinstance(value, str) and value.startswith("//"):
            found = True
            return kept_path(value, start)
        return value

    told = led(plain)
    return told if found else None


_HANDLERS = {"save_pre": _on_save, "save_post": _on_saved, "save_post_fail": _on_saved}


def register() -> None:
    """Hear of files being saved."""
    for name, handler in _HANDLERS.items():
        getattr(bpy.app.handlers, name).append(handler)


def unregister() -> None:
    """Leave nothing."""
    for name, handler in _HANDLERS.items():
        getattr(bpy.app.handlers, name).remove(handler)
