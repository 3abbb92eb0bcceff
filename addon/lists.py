"""The scrolling lists and menus of the panels."""

from __future__ import annotations

import bpy

from . import controls
from .place import home


class EntriesList(bpy.types.UIList):
    """Palette: a name and a weight a row."""

    bl_idname = "GANREACT_UL_entries"

    def draw_item(self, context, layout, data, item, icon, active_data, active_property) -> None:
        """Weights are the look control's own properties: hover and press I to key one."""
        look_control = controls.active_look(home(context))
        row = layout.row(align=True)
        accent = f"accent.{item.name}"
        address = accent if look_control and accent in look_control else f"palette.{item.name}"
        row.label(text=item.label, icon="LIGHT_SUN" if address == accent else "COLOR")
        if look_control and address in look_control:
            row.prop(look_control, f'["{address}"]', text="", slider=True)


class RoutesList(bpy.types.UIList):
    """Routes: what leads where, and how much."""

    bl_idname = "GANREACT_UL_routes"

    def draw_item(self, context, layout, data, item, icon, active_data, active_property) -> None:
        """The amount is a parameter like any other."""
        look_control, address = controls.active_look(home(context)), f"route.{item.name}"
        row = layout.row(align=True)
        row.label(text=item.label)
        if look_control and address in look_control:
            row.prop(look_control, f'["{address}"]', text="")


class EnvelopesList(bpy.types.UIList):
    """Envelopes: a name and the present value."""

    bl_idname = "GANREACT_UL_envelopes"

    def draw_item(self, context, layout, data, item, icon, active_data, active_property) -> None:
        """A bar that moves with the music."""
        audio_control = controls.active_audio(home(context))
        row = layout.row(align=True)
        row.label(text=item.label)
        if audio_control and item.name in audio_control:
            row.progress(factor=min(max(audio_control[item.name], 0.0), 1.0), text="")


CLASSES = (EntriesList, RoutesList, EnvelopesList)
