"""What an empty list says, and every way to get something into a list: a plus at its side, buttons where it is empty."""

from __future__ import annotations

import bpy

from ..ganreact_core.forms import can_be_added, lists, singular, spoken

Way = tuple[str, str, str]
"""Operator, text, icon."""

_WAYS: dict[str, tuple[Way, ...]] = {
    "entries": (("add_entry", "By Seed", "COLOR"), ("mix_entry", "Between Two", "MOD_MIRROR"),
                ("add_entry_from_class", "By Class", "OUTLINER_OB_GROUP_INSTANCE"),
                ("read_latents", "From File", "FILE_FOLDER"), ("project_picture", "From a Picture", "IMAGE_DATA")),
    "directions": (("find_directions", "Find in the Network", "VIEWZOOM"), ("add_directions", "From File", "FILE_FOLDER")),
    "clusters": (("find_clusters", "Find in a Layer", "VIEWZOOM"), ("add_clusters", "From File", "FILE_FOLDER")),
    "masks": (("add_mask", "Shape", "MESH_CIRCLE"), ("mask_from_image", "From an Image", "IMAGE_DATA"),
              ("mask_from_film", "From a Film", "FILE_MOVIE")),
    "rewrites": (("add_rewrite", "By Rule", "MOD_NOISE"), ("mix_networks", "From a Network", "MOD_MIRROR"),
                 ("add_rewrite_file", "From File", "FILE_FOLDER"), ("paint_on_frame", "Paint on This Frame", "BRUSH_DATA"),
                 ("copy_and_paste", "From Two Painted Frames", "PASTEDOWN")),
}
_SAYS = {
    "entries": "The palette is empty: the pictures that are blended come from here",
    "sets": "Pictures can be blended in sets, which are mixed against each other",
    "paths": "A path walks from picture to picture, and the music can push it on",
    "directions": "A direction is what the network varies in, as a slider: bright or dark, calm or busy",
    "noise_layers": "Moving noise makes the fine parts of the picture flow",
    "bends": "A bend turns, blurs or bursts what the network holds at one of its layers",
    "masks": "A mask keeps noise and bends to a part of the picture",
    "clusters": "A cluster is a group of a layer's maps: bends and rewrites can be kept to it",
    "rewrites": "A rewrite leads the network's own weights astray, by a slider",
    "routes": "A route lets an envelope move a slider: the kick the zoom, the chords the palette",
    "envelopes": "An envelope is a curve made from what was heard",
}


def ways_of(kind: str) -> tuple[Way, ...]:
    """How something gets into this list."""
    return _WAYS.get(kind) or ((f"add_{singular(kind)}", f"Add {spoken(singular(kind))}", "ADD"),)


def draw_ways(layout: bpy.types.UILayout, kind: str) -> None:
    """A button for each way."""
    for name, text, icon in ways_of(kind):
        layout.operator(f"ganreact.{name}", text=text, icon=icon)


def says(kind: str) -> str:
    """What a list is for, in one sentence; "" for one that nobody has described."""
    return _SAYS.get(kind, "")


def draw_plus(column: bpy.types.UILayout, kind: str) -> None:
    """The plus beside a list: a menu where there are several ways."""
    if kind in _WAYS:
        column.menu(f"GANREACT_MT_add_{singular(kind)}", text="", icon="ADD")
    elif can_be_added(lists()[kind]):
        column.operator(f"ganreact.add_{singular(kind)}", text="", icon="ADD")


def _menu(kind: str) -> type:
    def draw(self, context: bpy.types.Context) -> None:
        draw_ways(self.layout, kind)

    one = singular(kind)
    return type(f"GANREACT_MT_add_{one}", (bpy.types.Menu,), {
        "bl_idname": f"GANREACT_MT_add_{one}", "bl_label": f"Add {spoken(one)}", "draw": draw, "__module__": __name__,
        "__doc__": "Every way to get another one"})


CLASSES = tuple(_menu(kind) for kind in _WAYS)
