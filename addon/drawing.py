"""What panels are made of: their common ground, and the pieces they are drawn from."""

from __future__ import annotations

import textwrap

import bpy

from ..ganreact_core.errors import GANReactError
from ..ganreact_core.forms import Field, fields_of
from ..ganreact_core.unread import is_read
from . import beginnings, controls, edits, properties, seeing
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
    job_bar(layout)
    if session.notice:
        row = layout.row()
        sentence(row.column(), session.notice, "INFO")
        row.operator("ganreact.dismiss", text="", icon="X", emboss=False)
    trouble = engine_trouble(context)
    if trouble:
        sentence(layout, trouble, "ERROR")
        layout.operator("preferences.addon_show", text="Open Preferences", icon="PREFERENCES").module = ROOT


def job_bar(layout: Layout) -> bool:
    """The job that somebody waits for, with its bar and what stops it; says whether there is one."""
    job = session.busy
    if job:
        row = layout.row(align=True)
        row.progress(factor=job.fraction, text=f"{job.title}: {job.text}" if job.text else job.title)
        row.operator("ganreact.cancel", text="", icon="CANCEL")
    return bool(job)


def sentence(layout: Layout, text: str, icon: str) -> None:
    """A sentence with a capital letter, over as many lines as the sidebar's width asks for."""
    column = layout.column(align=True)
    column.scale_y = 0.8
    region, scale = bpy.context.region, bpy.context.preferences.system.ui_scale
    width = max(20, int((region.width if region else 300) / scale / _LETTER - _MARGIN))
    for number, one in enumerate(textwrap.wrap(text[:1].upper() + text[1:], width)):
        column.label(text=one, icon=icon if number == 0 else "BLANK1")


def sliders(layout: Layout, control: controls.Control, addresses: list[tuple[str, str]]) -> None:
    """Parameters of a control, one below the other, each with its slider and its keyframe button.

    Where the music moves one, what comes of it stands below: red where its range cuts it.
    """
    column = layout.column(align=True)
    column.use_property_split = column.use_property_decorate = True
    seen = seeing.at_this_frame(home(bpy.context), control)
    for address, text in addresses:
        if address not in control:
            continue
        column.prop(control, f'["{address}"]', text=text, slider=True)
        if address in seen:
            split = column.split(factor=0.4)
            split.label(text="")
            row = split.row()
            row.active, row.alert = seen[address].is_clipped, seen[address].is_clipped
            row.label(text=f"→ {seen[address].final:.3g}{', clipped' if seen[address].is_clipped else ' with the music'}")


def listing(layout: Layout, context: bpy.types.Context, scene: bpy.types.Scene, kind: str, rows: int = 4) -> str:
    """A scrolling list with its buttons, or what an empty one is for; returns the id of the chosen row, or ""."""
    shown = properties.rows_of(scene)
    properties.want(scene, shown)
    if not shown[kind]:
        sentence(layout, beginnings.says(kind), "INFO")
        beginnings.draw_ways(layout.column(align=True), kind)
        return ""
    row = layout.row()
    mirror = properties.mirror_of(scene)
    if mirror:  # made right after the first drawing
        row.template_list(f"GANREACT_UL_{kind}", "", mirror, kind, scene.ganreact, f"{kind}_index", rows=rows)
    index = getattr(scene.ganreact, f"{kind}_index")
    ident = shown[kind][index][0] if 0 <= index < len(shown[kind]) else ""
    buttons(row.column(align=True), kind, ident)
    return ident


def buttons(column: Layout, kind: str, ident: str) -> None:
    """Add, remove, duplicate, up, down: what a list of Blender has at its right."""
    beginnings.draw_plus(column, kind)
    column = column.column(align=True)
    column.enabled = bool(ident)
    for verb, icon, by in (("remove", "REMOVE", 0), ("duplicate", "DUPLICATE", 0), ("move", "TRIA_UP", -1),
                           ("move", "TRIA_DOWN", 1)):
        button = column.operator(f"ganreact.{verb}_item", text="", icon=icon)
        button.kind, button.ident = kind, ident
        if by:
            button.by = by


def form(layout: Layout, scene: bpy.types.Scene, kind: str, item: object, leave_out: tuple[str, ...] = ()) -> None:
    """The fields of the chosen item, whatever its dataclass has, but for those that its kind does not read."""
    column = layout.column()
    column.use_property_split, column.use_property_decorate = True, False
    for field in fields_of(type(item)):
        if field.name in leave_out or not is_read(type(item).__name__, field.name, item):
            continue
        if field.kind == "members":
            members(layout, scene, kind, item, field)
        else:
            column.prop(scene.ganreact_form, f"{kind}_{field.name}", text="Name" if field.name == "label" else field.label)


def members(layout: Layout, scene: bpy.types.Scene, kind: str, item: object, field: Field) -> None:
    """Buttons for all that may be in it; those that are stand first, in their order."""
    taken = getattr(item, field.name)
    holder = controls.holder_of(scene, kind)[1]
    known = {one.id: one.label for one in edits.items_of(holder, field.of) if not getattr(one, "accent", False)}
    layout.label(text=f"{field.label}: {len(taken)} of {len(known)}, in this order")
    grid = layout.grid_flow(row_major=True, columns=3, even_columns=True, align=True)
    for ident in [*taken, *(one for one in known if one not in taken)]:
        button = grid.operator("ganreact.toggle_member", text=known.get(ident, ident), depress=ident in taken)
        button.kind, button.ident, button.field, button.member = kind, item.id, field.name, ident
