"""Panels about the parts of a look, one for each of its lists: closed at first. A new list of a look gets its panel too."""

from __future__ import annotations

import bpy

from ..ganreact_core.catalogue import GROUPS
from ..ganreact_core.forms import lists, spoken
from . import controls, edits
from .drawing import Layout, LookPanel, form, listing, sliders


class Items(LookPanel):
    """A sub-panel that lists the named items of one kind; below, the chosen one with its fields and its sliders.

    kind        the look's list
    leave_out   fields shown elsewhere
    """

    kind = ""
    leave_out: tuple[str, ...] = ()

    def paint(self, layout: Layout, context: bpy.types.Context, scene: bpy.types.Scene) -> None:
        """List, sliders, fields."""
        ident = listing(layout, context, scene, self.kind)
        if ident:
            holder = controls.patch_of(controls.active_look(scene))
            self.chosen(layout, scene, edits.item_of(holder, self.kind, ident))

    def chosen(self, layout: Layout, scene: bpy.types.Scene, item) -> None:
        """One item."""
        look_control = controls.active_look(scene)
        found = edits.addresses_of(controls.patch_of(look_control), self.kind, item.id)
        sliders(layout, look_control, [(address, part_of(address)) for address in found])
        form(layout, scene, self.kind, item, self.leave_out)


class Palette(Items):
    """The pictures that are blended."""

    bl_label = "Palette"
    kind = "entries"
    leave_out = ("default", "parents")


class Variety(LookPanel):
    """Truncation by layer group."""

    bl_label = "Variety by Layer"

    def paint(self, layout: Layout, context: bpy.types.Context, scene: bpy.types.Scene) -> None:
        """Three sliders."""
        sliders(layout, controls.active_look(scene), [(f"truncation.{group}", group.capitalize()) for group in GROUPS])


class Placement(LookPanel):
    """Where a StyleGAN3 puts its picture."""

    bl_label = "Placement"

    def paint(self, layout: Layout, context: bpy.types.Context, scene: bpy.types.Scene) -> None:
        """Three sliders."""
        sliders(layout, controls.active_look(scene), [("transform.x", "X"), ("transform.y", "Y"), ("transform.rotate", "Turn")])


class Noise(Items):
    """The network's own noise, and moving noise."""

    bl_label = "Noise"
    kind = "noise_layers"

    def paint(self, layout: Layout, context: bpy.types.Context, scene: bpy.types.Scene) -> None:
        """The network's own first."""
        sliders(layout, controls.active_look(scene), [("noise.base", "Own Noise")])
        super().paint(layout, context, scene)


class Routes(Items):
    """What the music moves."""

    bl_label = "Routes"
    kind = "routes"
    leave_out = ("amount",)


def part_of(address: str) -> str:
    """What a parameter is called beside its item's name: "palette.c.fine" -> "Fine", "bend.zoom" -> "Amount"."""
    family, _, rest = address.partition(".")
    whole = {"palette": "Weight", "accent": "Cover", "rewrite": "Strength", "direction": "Steps"}
    return spoken(rest.rpartition(".")[2]) if "." in rest else whole.get(family, "Amount")


def _parts() -> tuple[type, ...]:
    """In the panel's order: what is written above, and a plain panel for every other list, before the routes."""
    own = {panel.kind: panel for panel in (Palette, Noise, Routes)}
    others = [kind for kind in lists() if kind not in (*own, "envelopes")]
    plain = {kind: type(spoken(kind).replace(" ", ""), (Items,), {
        "bl_label": spoken(kind).title(), "kind": kind, "__doc__": f"{spoken(kind)} of this look.", "__module__": __name__})
        for kind in others}
    known = [plain.pop(kind) for kind in ("sets", "paths", "directions", "bends", "rewrites") if kind in plain]
    return (Palette, Variety, *known[:2], Noise, *known[3:], known[2], Placement, *plain.values(), Routes)


PARTS = _parts()
"""In the panel's order."""
