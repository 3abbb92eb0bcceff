"""What the look's network is, and its pictures to choose from."""

from __future__ import annotations

import bpy

from ..ganreact_core.class_names import find_classes
from . import controls, network_card
from .drawing import Layout, LookPanel, sentence

_WAITING = bpy.types.UILayout.bl_rna.functions["prop"].parameters["icon"].enum_items["SORTTIME"].value


class Network(LookPanel):
    """What the network is and where it comes from."""

    bl_label = "Network"

    def paint(self, layout: Layout, context: bpy.types.Context, scene: bpy.types.Scene) -> None:
        """The card; why it does not load; what is odd about it."""
        card = network_card.of_look(controls.active_look(scene))
        if not card:
            layout.label(text="Being looked at …", icon="SORTTIME")
            return
        if "error" in card:
            sentence(layout, card["error"], "ERROR")
            return
        column = layout.column(align=True)
        for what, how in network_card.lines_of(card):
            split = column.split(factor=0.28)
            split.label(text=what)
            split.label(text=how)
        for warning in card["warnings"]:
            sentence(layout, warning, "ERROR")


class Pictures(LookPanel):
    """Seeds of the network, of one class where it has classes: a click takes one into the palette."""

    bl_label = "Choose Pictures"
    parent = "network"

    def paint(self, layout: Layout, context: bpy.types.Context, scene: bpy.types.Scene) -> None:
        """Which class, which seeds, the pictures."""
        look_control, settings = controls.active_look(scene), scene.ganreact
        if "error" in network_card.of_look(look_control):
            return
        names = network_card.class_names_of(look_control)
        if names:
            layout.prop(settings, "sheet_class", icon="VIEWZOOM")
        found = find_classes(settings.sheet_class, names) if names and settings.sheet_class else []
        row = layout.row(align=True)
        row.operator("ganreact.turn_sheet", text="", icon="TRIA_LEFT").by = -1
        row.prop(settings, "sheet_first")
        row.operator("ganreact.turn_sheet", text="", icon="TRIA_RIGHT").by = 1
        grid = layout.grid_flow(row_major=True, columns=network_card.COLUMNS, even_columns=True, even_rows=True, align=True)
        number = found[0] if found else None
        for entry, icon in network_card.sheet_of(look_control, settings.sheet_first, number):
            cell = grid.column(align=True)
            cell.template_icon(icon_value=icon or _WAITING, scale=3.6)
            button = cell.operator("ganreact.take_picture", text=str(entry.seed), icon="ADD")
            button.seed, button.number = entry.seed, -1 if number is None else number


PANELS = (Network, Pictures)
