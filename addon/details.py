"""Panels about the parts of a look: closed at first."""

from __future__ import annotations

import bpy

from ..ganreact_core.catalogue import GROUPS
from . import controls
from .drawing import Layout, LookPanel, chosen_row, head, listing, rename, sliders
from .place import home


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


class Placement(LookPanel):
    """Where a StyleGAN3 puts its picture."""

    bl_label = "Placement"

    def paint(self, layout: Layout, context: bpy.types.Context, scene: bpy.types.Scene) -> None:
        """Three sliders."""
        sliders(layout, controls.active_look(scene), [("transform.x", "X"), ("transform.y", "Y"), ("transform.rotate", "Turn")])


class Items(LookPanel):
    """A sub-panel that lists the named items of one kind, each with its parameters.

    kind        the look's list
    adding      operator that adds one, or empty
    addresses   (address, with {} for the id; label)
    """

    kind = adding = ""
    addresses: tuple[tuple[str, str], ...] = ()

    def paint(self, layout: Layout, context: bpy.types.Context, scene: bpy.types.Scene) -> None:
        """Name, sliders; at the end the button that adds one."""
        look_control = controls.active_look(scene)
        for item in getattr(controls.patch_of(look_control).look, self.kind):
            head(layout, self.kind, item.id, item.label)
            layer = f" · layer {item.layer}" if hasattr(item, "layer") else ""
            sliders(layout, look_control, [(address.format(item.id), label + layer) for address, label in self.addresses])
        if self.adding:
            layout.operator(self.adding, icon="ADD")


class Paths(Items):
    """Walks through the palette."""

    bl_label = "Paths"
    kind, adding = "paths", "ganreact.add_path"
    addresses = (("path.{}.position", "Position"), ("path.{}.mix", "Mix"))


class Directions(Items):
    """Directions found in the network."""

    bl_label = "Directions"
    kind = "directions"
    addresses = (("direction.{}", "Steps"),)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs a look that has some."""
        look_control = controls.active_look(home(context))
        return look_control is not None and any(key.startswith("direction.") for key in look_control.keys())  # noqa: SIM118


class Noise(Items):
    """The network's own noise, and moving noise."""

    bl_label = "Noise"
    kind, adding = "noise_layers", "ganreact.add_noise_layer"
    addresses = (("noise.{}.strength", "Strength"), ("noise.{}.phase", "Phase"))

    def paint(self, layout: Layout, context: bpy.types.Context, scene: bpy.types.Scene) -> None:
        """The network's own first."""
        sliders(layout, controls.active_look(scene), [("noise.base", "Own Noise")])
        super().paint(layout, context, scene)


class Bends(Items):
    """What is done to activations."""

    bl_label = "Bends"
    kind, adding = "bends", "ganreact.add_bend"
    addresses = (("bend.{}", "Amount"),)


class Rewrites(Items):
    """What is done to weights."""

    bl_label = "Rewrites"
    kind, adding = "rewrites", "ganreact.add_rewrite"
    addresses = (("rewrite.{}", "Strength"),)


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


PARTS = (Palette, Variety, Paths, Directions, Placement, Noise, Bends, Rewrites, Routes)
"""In the panel's order."""
