"""Finding files again that are not where they were."""

from __future__ import annotations

import contextlib
from pathlib import Path

import bpy
from bpy.props import StringProperty

from ...ganreact_core.errors import GANReactError
from .. import relinking
from ..noticing import forget, notice
from ..place import home
from ..session import session
from .base import Verb


class FindFiles(Verb, bpy.types.Operator):
    """Look for missing sounds, networks and frames around this file, or in a folder; nothing is cleared"""

    bl_idname = "ganreact.find_files"
    bl_label = "Find GANReact's Files"

    directory: StringProperty(subtype="DIR_PATH", options={"SKIP_SAVE"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask for a folder where what is around the file does not suffice."""
        lost = relinking.lost_files(home(context))
        if len(relinking.search(lost, _around())) == len(lost):
            return self.execute(context)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def work(self, context: bpy.types.Context) -> str | None:
        """One undo step; tells what is still lost."""
        scene = home(context)
        found, lost = relinking.mend(scene, _around())
        if lost and self.directory:
            more, lost = relinking.mend(scene, Path(bpy.path.abspath(self.directory)))
            found += more
        session.notice = relinking.as_sentence(lost)
        return session.notice or (f"found {len(found)}" if found else "nothing is missing")


def _around() -> Path:
    """The folder of the .blend; of an unsaved one, none."""
    return Path(bpy.data.filepath).parent if bpy.data.filepath else Path("/nonexistent")


def draw_in_external_data(menu: bpy.types.Menu, context: bpy.types.Context) -> None:
    """Appended to File > External Data."""
    menu.layout.separator()
    menu.layout.operator("ganreact.find_files", icon="VIEWZOOM")


@bpy.app.handlers.persistent
def on_load(*_: object) -> None:
    """A file was opened: what has moved is used where it is now, what is lost is told."""
    lost = []
    for scene in (scene for scene in bpy.data.scenes if not scene.library):
        with contextlib.suppress(GANReactError):  # a control that is damaged or from a newer GANReact: its panel says so
            lost += relinking.mend(scene, _around())[1]
    session.notice = relinking.as_sentence(lost)


def register() -> None:
    """Join Blender's menu, and look when a file is opened."""
    bpy.types.TOPBAR_MT_file_external_data.append(draw_in_external_data)
    notice(on_load, "load_post")


def unregister() -> None:
    """Leave both."""
    bpy.types.TOPBAR_MT_file_external_data.remove(draw_in_external_data)
    forget(on_load, "load_post")


CLASSES = (FindFiles,)
