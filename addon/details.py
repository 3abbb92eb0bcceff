"""Panels about the parts of a look: closed at first."""

from __future__ import annotations

import bpy

from ..ganreact_core.catalogue import GROUPS
from . import controls
from .drawing import Layout, LookPanel, chosen_row, head, listing, rename, sliders


class Palette(LookPanel):
    """The pictures that are blended."""

    bl_label = "Palette"

    def paint(self, layout: Layout, context: bpy.types.Context, scene: bpy.types.Scene) -> None:
        """The list with weights; below it the chosen one by layer group."""
        look_control = controls.active_look(scene)
        rows = listing(layout, context, scene, "entries", "add_entry")
        chosen = chosen_row(scene, "entries", rows)
        entry = next((e for e in controls.patch_of(look_control).look.entries if chosen and e.id == chosen[0]), None)
        if entry is None:
            return
        row = layout.row(align=True)
        rename(row, "entries", entry.id, entry.label)
        seed = row.operator("ganreact.set_seed", text=f"Seed {entry.seed}", icon="FILE_REFRESH")
        seed.entry = entry.id
        if not entry.accent:
            sliders(layout, look_control, [(f"palette.{entry.id}.{group}", group.capitalize()) for group in GROUPS])


class Variety(LookPanel):
    """Truncation by layer group."""

    bl_label = "Variety by Layer"

    def paint(self, layout: Layout, context: bpy.types.Context, scene: bpy.types.Scene) -> None:
        """Three sliders."""
        sliders(layout, controls.active_look(scene), [(f"truncation.{group}", group.capitalize()) for group in GROUPS])


class Noise(LookPanel):
    """Moving noise."""

    bl_label = "Noise"

    def paint(self, layout: Layout, context: bpy.types.Context, scene: bpy.types.Scene) -> None:
        """The network's own, then each layer."""
        look_control = controls.active_look(scene)
        sliders(layout, look_control, [("noise.base", "Own Noise")])
        for layer in controls.patch_of(look_control).look.noise_layers:
            head(layout, "noise_layers", layer.id, layer.label)
            sliders(layout, look_control, [(f"noise.{layer.id}.strength", "Strength"), (f"noise.{layer.id}.phase", "Phase")])
        layout.operator("ganreact.add_noise_layer", icon="ADD")


class Bends(LookPanel):
    """What is done to activations."""

    bl_label = "Bends"

    def paint(self, layout: Layout, context: bpy.types.Context, scene: bpy.types.Scene) -> None:
        """Each with its amount."""
        look_control = controls.active_look(scene)
        for bend in controls.patch_of(look_control).look.bends:
            head(layout, "bends", bend.id, f"{bend.label} · layer {bend.layer}")
            sliders(layout, look_control, [(f"bend.{bend.id}", bend.kind.replace("_", " ").capitalize())])
        layout.operator("ganreact.add_bend", icon="ADD")


class Routes(LookPanel):
    """What the music moves."""

    bl_label = "Routes"

    def paint(self, layout: Layout, context: bpy.types.Context, scene: bpy.types.Scene) -> None:
        """The list with amounts."""
        rows = listing(layout, context, scene, "routes", "add_route")
        chosen = chosen_row(scene, "routes", rows)
        route = next((r for r in controls.patch_of(controls.active_look(scene)).routes if chosen and r.id == chosen[0]), None)
        if route:
            row = layout.row(align=True)
            rename(row, "routes", route.id, chosen[1])
            row.label(text=f"{route.mode}s" if route.mode == "add" else "multiplies", icon="DRIVER")
