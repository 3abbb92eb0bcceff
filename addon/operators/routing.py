"""Verbs about routes: mute, solo, and all of them as a table."""

from __future__ import annotations

import bpy
from bpy.props import StringProperty

from ...ganreact_core.look import addresses, describe
from .. import controls, edits, previewing
from ..place import home
from .base import LookVerb, Verb, allowed, change

_COLUMNS, _ROWS = 8, 22


class MuteRoute(LookVerb, bpy.types.Operator):
    """Let this route rest, or act again; its amount and its keys stay"""

    bl_idname = "ganreact.mute_route"
    bl_label = "Mute Route"

    ident: StringProperty(options={"HIDDEN", "SKIP_SAVE"})

    def work(self, context: bpy.types.Context) -> str | None:
        """A field of the route, so that renders and patches know it too."""
        mute = not edits.item_of(controls.patch_of(controls.active_look(home(context))), "routes", self.ident).mute
        change(context, lambda patch: edits.change_item(patch, "routes", self.ident, mute=mute))
        return None


class SoloRoute(LookVerb, bpy.types.Operator):
    """Show only what this route does, in the live picture; a render is not changed by it"""

    bl_idname = "ganreact.solo_route"
    bl_label = "Solo Route"

    ident: StringProperty(options={"HIDDEN", "SKIP_SAVE"})

    def work(self, context: bpy.types.Context) -> str | None:
        """On, or off again."""
        settings = home(context).ganreact
        settings.solo = "" if settings.solo == self.ident else self.ident
        previewing.note_change()
        return None


class RouteMatrix(Verb, bpy.types.Operator):
    """All routes as a table: envelopes across, parameters down, amounts where they cross"""

    bl_idname = "ganreact.route_matrix"
    bl_label = "Routes as a Table"
    bl_options = frozenset({"INTERNAL"})

    only: StringProperty(name="Only", description="Parameters and envelopes whose name has this in it")

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs a look that listens."""
        look_control = controls.active_look(home(context))
        return allowed(cls, {"Add a look first": look_control is None,
                             "This look listens to nothing": bool(look_control) and controls.audio_of(look_control) is None})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """A window of its own, which stays until the mouse leaves it."""
        return context.window_manager.invoke_popup(self, width=820)

    def work(self, context: bpy.types.Context) -> str | None:
        """Only looks."""
        return None

    def draw(self, context: bpy.types.Context) -> None:
        """Amounts are parameters: hover and press I to key one. A plus adds a route."""
        control = controls.active_look(home(context))
        patch, hearing = controls.patch_of(control), controls.hearing_of(controls.audio_of(control))
        used = {route.envelope for route in patch.routes}
        columns = [r for r in hearing.envelopes if r.id in used or self._wanted(r.label)][:_COLUMNS]
        known = {address: describe(patch.look, address) for address in addresses(patch.look)}
        led = {route.address for route in patch.routes}
        rows = [a for a in known if (a in led if not self.only else self._wanted(known[a]) or self._wanted(a))][:_ROWS]
        self.layout.prop(self, "only", icon="VIEWZOOM", text="")
        grid = self.layout.grid_flow(row_major=True, columns=len(columns) + 1, even_columns=True, align=True)
        grid.label(text="")
        for recipe in columns:
            grid.label(text=recipe.label)
        for address in rows:
            grid.label(text=known[address])
            for recipe in columns:
                self._cell(grid, control, patch, recipe.id, address)

    def _cell(self, grid: bpy.types.UILayout, control: controls.Control, patch, envelope: str, address: str) -> None:
        route = next((r for r in patch.routes if r.envelope == envelope and r.address == address), None)
        if route is not None and route.amount_address in control:
            cell = grid.row(align=True)
            cell.active = not route.mute
            cell.prop(control, f'["{route.amount_address}"]', text="×" if route.mode == "multiply" else "", slider=True)
            return
        add = grid.operator("ganreact.add_route", text="", icon="ADD", emboss=False)
        add.envelope, add.address = envelope, address

    def _wanted(self, text: str) -> bool:
        return bool(self.only) and self.only.lower() in text.lower()


CLASSES = (MuteRoute, SoloRoute, RouteMatrix)
