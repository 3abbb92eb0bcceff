"""What panels are made of: their common ground, and the pieces they are drawn from."""

from __future__ import annotations

import textwrap

import bpy

from ..ganreact_core.errors import GANReactError
from . import controls, properties
from .place import home
from .preferences import ROOT, engine_trouble
from .session import session

_LETTER, _MARGIN = 6.6, 13  # width of a letter in pixels; letters that icons and borders take

Layout = bpy.types.UILayout


class Panel:
    """Common to all: place, and what they draw about."""

    bl_region_type = "UI"
    bl_category = "GANReact"

    def draw(self, context: bpy.types.Context) -> None:
        """Read the context once, then draw; a damaged control is told, not a traceback."""
        scene = home(context)
        try:
            self.paint(self.layout, context, scene)
        except GANReactError as cause:
            sentence(self.layout, str(cause), "ERROR")

    def paint(self, layout: Layout, context: bpy.types.Context, scene: bpy.types.Scene) -> None:
        """The panel itself."""
        raise NotImplementedError


class LookPanel(Panel):
    """A sub-panel about the active look: hidden where there is none, closed at first."""

    bl_options = frozenset({"DEFAULT_CLOSED"})
    parent = "look"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs a look."""
        return controls.active_look(home(context)) is not None


def job_and_notices(layout: Layout, context: bpy.types.Context) -> None:
    """The job under way with its bar, the last notice, and what is missing on this machine."""
    job = session.busy
    if job:
        row = layout.row(align=True)
        row.progress(factor=job.fraction, text=job.text or job.title)
        row.operator("ganreact.cancel", text="", icon="CANCEL")
    if session.notice:
        row = layout.row()
        sentence(row.column(), session.notice, "INFO")
        row.operator("ganreact.dismiss", text="", icon="X", emboss=False)
    trouble = engine_trouble(context)
    if trouble:
        sentence(layout, trouble, "ERROR")
        layout.operator("preferences.addon_show", text="Open Preferences", icon="PREFERENCES").module = ROOT


def sentence(layout: Layout, text: str, icon: str) -> None:
    """A sentence with a capital letter, over as many lines as the sidebar's width asks for."""
    column = layout.column(align=True)
    column.scale_y = 0.8
    region, scale = bpy.context.region, bpy.context.preferences.system.ui_scale
    width = max(20, int((region.width if region else 300) / scale / _LETTER - _MARGIN))
    for number, one in enumerate(textwrap.wrap(text[:1].upper() + text[1:], width)):
        column.label(text=one, icon=icon if number == 0 else "BLANK1")


def sliders(layout: Layout, control: controls.Control, addresses: list[tuple[str, str]]) -> None:
    """Parameters of a control, one below the other."""
    column = layout.column(align=True)
    for address, text in addresses:
        if address in control:
            column.prop(control, f'["{address}"]', text=text, slider=True)


def head(layout: Layout, kind: str, ident: str, text: str) -> None:
    """A named item with its buttons."""
    row = layout.row(align=True)
    rename(row, kind, ident, text)
    remove = row.operator("ganreact.remove_item", text="", icon="X", emboss=False)
    remove.kind, remove.ident = kind, ident


def rename(layout: Layout, kind: str, ident: str, text: str) -> None:
    """A name that can be changed by a click."""
    button = layout.operator("ganreact.rename_item", text=text, icon="GREASEPENCIL", emboss=False)
    button.kind, button.ident, button.label = kind, ident, text


def listing(layout: Layout, context: bpy.types.Context, scene: bpy.types.Scene, name: str, adding: str = "") -> properties.Rows:
    """A scrolling list with its buttons; returns its rows."""
    rows = properties.rows_of(scene)
    properties.want(rows)
    row = layout.row()
    row.template_list(f"GANREACT_UL_{name}", "", context.window_manager.ganreact, name, scene.ganreact, f"{name}_index", rows=5)
    chosen = chosen_row(scene, name, rows[name])
    if adding:
        column = row.column(align=True)
        column.operator(f"ganreact.{adding}", text="", icon="ADD")
        if chosen:
            remove = column.operator("ganreact.remove_item", text="", icon="REMOVE")
            remove.kind, remove.ident = name, chosen[0]
    return rows[name]


def chosen_row(scene: bpy.types.Scene, name: str, rows: properties.Rows) -> tuple[str, str] | None:
    """The row under the cursor of a list."""
    index = getattr(scene.ganreact, f"{name}_index")
    return rows[index] if 0 <= index < len(rows) else None
