"""Verbs about routes: mute, solo, and all of them as a table."""

from __future__ import annotations

from typing import Any, NamedTuple

import bpy
from bpy.props import IntProperty, StringProperty

from ...ganreact_core.envelopes import EnvelopeRecipe
from ...ganreact_core.look import addresses, describe
from ...ganreact_core.patches import Patch
from .. import controls, edits, previewing
from ..place import home
from .base import LookVerb, Verb, allowed, change

_COLUMNS, _ROWS = 8, 22


class Crossing(NamedTuple):
    """A table's columns, and its rows as (address, in words)."""

    columns: tuple[EnvelopeRecipe, ...]
    rows: tuple[tuple[str, str], ...]


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
    """Show only what this route does, in the live picture, while it plays too. Frames that are rendered hold every route"""

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

    only: StringProperty(name="Only", options={"SKIP_SAVE"},
                         description="Parameters and envelopes with this in their name, routed or not; empty: what is routed")
    across: IntProperty(name="Envelopes", default=1, min=1, options={"SKIP_SAVE"}, description="Which page of the envelopes")
    down: IntProperty(name="Parameters", default=1, min=1, options={"SKIP_SAVE"}, description="Which page of the parameters")

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
        found = crossing(patch, hearing.envelopes, self.only)
        columns, rows = _page(found.columns, self.across, _COLUMNS), _page(found.rows, self.down, _ROWS)
        self._head(found)
        grid = self.layout.grid_flow(row_major=True, columns=len(columns) + 1, even_columns=True, align=True)
        for label in ("", *(recipe.label for recipe in columns)):
            cell = grid.row()
            cell.alignment = "CENTER"
            cell.label(text=label)
        for address, words in rows:
            grid.label(text=words)
            for recipe in columns:
                self._cell(grid, control, patch, recipe.id, address)

    def _head(self, found: Crossing) -> None:
        row = self.layout.row()
        row.prop(self, "only", icon="VIEWZOOM", text="", placeholder="What is routed; type to see more")
        for name, items, many in (("across", found.columns, _COLUMNS), ("down", found.rows, _ROWS)):
            pages = -(-len(items) // many)
            if pages > 1:
                row.prop(self, name, text=f"{'Envelopes' if name == 'across' else 'Parameters'}: page of {pages}")

    def _cell(self, grid: bpy.types.UILayout, control: controls.Control, patch: Patch, envelope: str, address: str) -> None:
        route = next((r for r in patch.routes if r.envelope == envelope and r.address == address), None)
        if route is not None and route.amount_address in control:
            cell = grid.row(align=True)
            cell.active = not route.mute
            cell.prop(control, f'["{route.amount_address}"]', text="×" if route.mode == "multiply" else "", slider=True)
            return
        add = grid.operator("ganreact.add_route", text="", icon="ADD", emboss=False)
        add.envelope, add.address = envelope, address


def crossing(patch: Patch, recipes: tuple[EnvelopeRecipe, ...], only: str) -> Crossing:
    """What the table shows: envelopes and parameters that are routed; with a word, those that have it in their name, too."""
    wanted = only.lower()
    used, led = {route.envelope for route in patch.routes}, {route.address for route in patch.routes}
    known = {address: describe(patch.look, address) for address in addresses(patch.look)}
    named = {recipe.id for recipe in recipes if wanted and wanted in recipe.label.lower()}
    rows = [(a, words) for a, words in known.items() if (wanted in f"{words} {a}".lower() if wanted else a in led)]
    if wanted and not rows:  # the word was an envelope's: all that is routed stands below it
        rows = [(a, words) for a, words in known.items() if a in led]
    return Crossing(tuple(recipe for recipe in recipes if recipe.id in (named or used | named)), tuple(rows))


def _page(items: tuple[Any, ...], page: int, many: int) -> tuple[Any, ...]:
    last = max(1, -(-len(items) // many))
    first = (min(page, last) - 1) * many
    return items[first:first + many]


CLASSES = (MuteRoute, SoloRoute, RouteMatrix)
