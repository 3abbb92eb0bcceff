"""Panels about the parts of a look, one for each of its lists: closed at first. A new list of a look gets its panel too."""

from __future__ import annotations

import bpy

from ..ganreact_core.catalogue import GROUPS, MASKS
from ..ganreact_core.forms import lists, spoken
from . import controls, edits, frames, keying, network_card, thumbnails
from .drawing import Layout, LookPanel, form, listing, sliders
from .place import home

_KEYED_SHOWN = 10


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
        if self.kind in ("directions", "bends", "rewrites") and found:
            layout.operator("ganreact.parameter_strip", icon="IMAGE_BACKGROUND").address = found[0]
        form(layout, scene, self.kind, item, self.leave_out)
        words = network_card.layer_words(look_control, item.layer) if hasattr(item, "layer") else ""
        if words:
            row = layout.row()
            row.active = False
            row.label(text=words, icon="INFO")


class Palette(Items):
    """The pictures that are blended."""

    bl_label = "Palette"
    kind = "entries"
    leave_out = ("default", "parents")

    def chosen(self, layout: Layout, scene: bpy.types.Scene, item) -> None:
        """Its picture, another one by a click, its weights."""
        look_control = controls.active_look(scene)
        look = controls.patch_of(look_control).look
        split = layout.split(factor=0.28)
        icon = thumbnails.of_entry(look, frames.model_of(look_control), item)
        split.template_icon(icon_value=icon, scale=4.0) if icon else split.label(text="", icon="COLOR")
        column = split.column(align=True)
        column.prop(scene.ganreact_form, "entries_label", text="")
        row = column.row(align=True)
        row.prop(scene.ganreact_form, "entries_seed", text="Seed")
        row.operator("ganreact.reroll_entry", text="", icon="FILE_REFRESH").ident = item.id
        column.prop(scene.ganreact_form, "entries_accent", toggle=True)
        found = edits.addresses_of(controls.patch_of(look_control), self.kind, item.id)
        sliders(layout, look_control, [(address, part_of(address)) for address in found])
        names = network_card.class_names_of(look_control)
        if names and not item.classes and not item.latent:
            known = item.class_ is not None and 0 <= item.class_ < len(names)
            layout.label(text=f"Class: {names[item.class_]}" if known else "Class: the seed chooses", icon="INFO")
        hidden = (*self.leave_out, "label", "seed", "accent", *(() if item.parents else ("between",)))
        form(layout, scene, self.kind, item, hidden)


class Variety(LookPanel):
    """Truncation by layer group."""

    bl_label = "Variety by Layer"
    parent = "palette"

    def paint(self, layout: Layout, context: bpy.types.Context, scene: bpy.types.Scene) -> None:
        """Three sliders."""
        sliders(layout, controls.active_look(scene), [(f"truncation.{group}", group.capitalize()) for group in GROUPS])


class Keys(LookPanel):
    """What is keyed of this look, and keys for many sliders at once."""

    bl_label = "Keys"

    def paint(self, layout: Layout, context: bpy.types.Context, scene: bpy.types.Scene) -> None:
        """Buttons, then what is keyed."""
        control = controls.active_look(scene)
        layout.label(text="Key at this frame:")
        layout.column(align=True).operator_enum("ganreact.key_look", "which")
        row = layout.row(align=True)
        row.operator("ganreact.show_curves", icon="GRAPH")
        row.operator("ganreact.keying_sets", icon="KEYINGSET")
        layout.operator("ganreact.copy_range", icon="COPYDOWN")
        found = keying.keyed(control, controls.patch_of(control))
        column = layout.column(align=True)
        column.active = False
        for what, count in found[:_KEYED_SHOWN]:
            column.label(text=f"{what}: {count} key{'s' if count != 1 else ''}", icon="KEYFRAME")
        if not found:
            column.label(text="Nothing is keyed; hover over a slider and press I", icon="INFO")
        if len(found) > _KEYED_SHOWN:
            column.label(text=f"and {len(found) - _KEYED_SHOWN} more")


class Placement(LookPanel):
    """Where a StyleGAN3 puts its picture."""

    bl_label = "Placement"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only a StyleGAN3 has one; a network that is not known yet may be one."""
        look_control = controls.active_look(home(context))
        return super().poll(context) and network_card.may_be(look_control, "stylegan3")

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
    leave_out = ("amount", "mute")

    def paint(self, layout: Layout, context: bpy.types.Context, scene: bpy.types.Scene) -> None:
        """The list, and all of it as a table."""
        super().paint(layout, context, scene)
        layout.operator("ganreact.route_matrix", icon="SPREADSHEET")


class Arrange(LookPanel):
    """What lets the music play the palette, in one click each."""

    bl_label = "Arrange"

    def paint(self, layout: Layout, context: bpy.types.Context, scene: bpy.types.Scene) -> None:
        """What moves by itself; below it, what writes keys."""
        column = layout.column(align=True)
        for verb, icon in (("chords_to_palette", "OUTLINER_OB_FORCE_FIELD"), ("sections_to_palette", "MARKER_HLT"),
                           ("loud_and_quiet", "SPEAKER"), ("loop_path", "FILE_REFRESH"), ("switch_looks", "ARROW_LEFTRIGHT")):
            column.operator(f"ganreact.{verb}", icon=icon)
        column = layout.column(align=True)
        for verb, icon in (("sequence_palette", "SEQ_SEQUENCER"), ("interpret", "WORDWRAP_ON"), ("shuffle_curves", "MOD_NOISE"),
                           ("collapse_routes", "KEYFRAME_HLT")):
            column.operator(f"ganreact.{verb}", icon=icon)
        column = layout.column(align=True)
        column.operator("ganreact.read_latents", icon="IMPORT")
        column.operator("ganreact.sections_from_table", icon="IMPORT")


def part_of(address: str) -> str:
    """What a parameter is called beside its item's name: "palette.c.fine" -> "Fine", "bend.zoom" -> "Amount"."""
    family, _, rest = address.partition(".")
    whole = {"palette": "Weight", "accent": "Cover", "rewrite": "Strength", "direction": "Steps"}
    return spoken(rest.rpartition(".")[2]) if "." in rest else whole.get(family, "Amount")


def _parts() -> tuple[type, ...]:
    """In the panel's order: what is written above, and a plain panel for every other list, before the routes."""
    own = {panel.kind: panel for panel in (Palette, Noise, Routes)}
    plain = {kind: _plain(kind) for kind in lists() if kind not in (*own, "envelopes")}
    after = {"palette": ("sets",), "bends": ("masks", "clusters", "rewrites")}
    ordered = [Palette, Variety, Arrange, *_named(plain, after["palette"]), *_named(plain, ("paths", "directions")), Noise,
               *_named(plain, ("bends", *after["bends"])), Placement]
    return (*ordered, *(panel for panel in plain.values() if panel not in ordered), Routes, Keys)


def _plain(kind: str) -> type:
    parent = {"sets": "palette", "masks": "bends", "clusters": "bends", "rewrites": "bends"}.get(kind, "look")
    name = spoken(kind).title().replace(" ", "")
    sliding = tuple(MASKS) if kind == "masks" else ()  # of a shape; of a picture they say nothing
    return type(name, (Items,), {"bl_label": spoken(kind).title(), "kind": kind, "parent": parent, "__module__": __name__,
                                 "leave_out": sliding,
                                 "__doc__": f"{spoken(kind)} of this look."})


def _named(panels: dict[str, type], kinds: tuple[str, ...]) -> list[type]:
    return [panels[kind] for kind in kinds if kind in panels]


PARTS = _parts()
"""In the panel's order; a panel stands after its parent."""
