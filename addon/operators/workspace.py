"""The verb that builds GANReact's own workspace."""

from __future__ import annotations

import bpy

from .. import workspace
from ..place import home
from .base import Verb, allowed


class OpenWorkspace(Verb, bpy.types.Operator):
    """A workspace with the film, the live picture, strips, keys and these panels; the scene plays in sync, in true colours"""

    bl_idname = "ganreact.workspace"
    bl_label = "GANReact Workspace"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs a window with its areas in place."""
        screen = getattr(context, "screen", None)
        return allowed(cls, {"There is no window": bpy.app.background or context.window is None,
                             "Leave the full-screen area first (Back to Previous)": bool(screen and screen.show_fullscreen)})

    def work(self, context: bpy.types.Context) -> str | None:
        """The scene at once, as one undo step; the workspace a moment later."""
        workspace.set_up_scene(home(context))
        workspace.build_soon(context.window)
        return None


def draw_in_window_menu(menu: bpy.types.Menu, context: bpy.types.Context) -> None:
    """Appended to the Window menu."""
    menu.layout.separator()
    menu.layout.operator("ganreact.workspace", icon="WORKSPACE")


def register() -> None:
    """Join Blender's Window menu; hear of files that want to be opened there."""
    workspace.register()
    bpy.types.TOPBAR_MT_window.append(draw_in_window_menu)


def unregister() -> None:
    """Leave both."""
    bpy.types.TOPBAR_MT_window.remove(draw_in_window_menu)
    workspace.unregister()


CLASSES = (OpenWorkspace,)
