"""What is done in the file when a job ends: one operator, one undo step, in the scene that the job was started in.

That scene and its controls can have other names by then, be out of sight, or be gone: they are known by Blender's own number
for the session, never by name alone, so that nothing is ever written to what merely stands where they were.
"""

from __future__ import annotations

from typing import Any

import bpy

from ..ganreact_core.errors import LookError
from . import controls
from .place import home, scene_of, working_in

_CONTROLS = ("look", "control")


class Errand:
    """An operator of ours with its arguments, of which `scene`, `look` and `control` name things of the file."""

    def __init__(self, context: bpy.types.Context, operator: str, arguments: dict[str, Any]):
        self.operator, self._arguments = operator, arguments
        scene = bpy.data.scenes.get(arguments.get("scene", "")) or home(context)
        self._scene = scene.session_uid
        named = {key: controls.named(scene, arguments[key]) for key in _CONTROLS if arguments.get(key)}
        self._controls = {key: control.session_uid for key, control in named.items() if control is not None}

    @property
    def writes(self) -> bool:
        """Whether it changes the file: what is only heard or said does not wait for anybody's hands."""
        return "UNDO" in getattr(bpy.types, f"GANREACT_OT_{self.operator}").bl_options

    @property
    def scene(self) -> bpy.types.Scene | None:
        """The scene, whatever it is called now; None where it is gone."""
        return scene_of(self._scene)

    def control(self, key: str) -> bpy.types.Object | None:
        """The control that an argument names, whatever it is called now; None where it is gone."""
        scene, uid = self.scene, self._controls.get(key)
        return next((one for one in scene.objects if one.session_uid == uid), None) if scene else None

    def run(self) -> None:
        """Do it. Raises LookError where what it was for is gone, RuntimeError with what the operator reported."""
        scene, arguments = self.scene, dict(self._arguments)
        if scene is None:
            raise LookError("the scene that this was made for is gone; nothing was changed")
        if "scene" in arguments:
            arguments["scene"] = scene.name
        for key in self._controls:
            control = self.control(key)
            if control is None:
                raise LookError(f"the {key} that this was made for is gone; nothing was changed")
            arguments[key] = control.name
        with working_in(scene, self.control("look")):
            call_operator(self.operator, arguments)


def call_operator(name: str, arguments: dict[str, Any]) -> None:
    """Run an operator as one undo step; a timer knows no window, so one is given to it."""
    operator = getattr(bpy.ops.ganreact, name)
    windows = bpy.context.window_manager.windows
    if bpy.context.window is None and len(windows):
        with bpy.context.temp_override(window=windows[0]):
            operator("EXEC_DEFAULT", True, **arguments)
    else:
        operator("EXEC_DEFAULT", True, **arguments)
