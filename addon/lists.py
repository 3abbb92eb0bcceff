"""The scrolling lists of the panels: one for each list of a look, drawn alike."""

from __future__ import annotations

import bpy

from ..ganreact_core.forms import lists
from . import controls, edits, frames, thumbnails
from .place import home
from .sparklines import sparkline


class ItemsList:
    """A row: a name, and its foremost parameter as a slider: hover and press I to key it."""

    kind = ""

    def draw_item(self, context, layout, data, item, icon, active_data, active_property) -> None:
        """The value is the control's own property."""
        control = controls.active_look(home(context))
        row = layout.row(align=True)
        if control is None:
            return
        patch = controls.patch_of(control)
        self.head(row, control, patch, item)
        address = next(iter(edits.addresses_of(patch, self.kind, item.name)), "")
        if address in control:
            row.prop(control, f'["{address}"]', text="", slider=True)


    def head(self, row, control, patch, item) -> None:
        """What stands before the slider."""
        row.label(text=item.label or item.name)


class EntriesList(ItemsList, bpy.types.UIList):
    """A row of the palette: its picture, its name, its weight."""

    bl_idname = "GANREACT_UL_entries"
    kind = "entries"

    def head(self, row, control, patch, item) -> None:
        """The picture, once there is one."""
        entry = next((e for e in patch.look.entries if e.id == item.name), None)
        icon = thumbnails.of_entry(patch.look, frames.model_of(control), entry) if entry else 0
        text = item.label or item.name
        if icon:
            row.label(text=text, icon_value=icon)
        else:
            row.label(text=text, icon="COLOR")
        if entry and entry.accent:
            row.label(text="", icon="LIGHT_SUN")


class RoutesList(ItemsList, bpy.types.UIList):
    """A row of the routes: heard or not, alone or not, what leads where, how much."""

    bl_idname = "GANREACT_UL_routes"
    kind = "routes"

    def head(self, row, control, patch, item) -> None:
        """Mute, solo, name."""
        route = next((r for r in patch.routes if r.id == item.name), None)
        if route is None:
            return
        eye = "HIDE_ON" if route.mute else "HIDE_OFF"
        row.operator("ganreact.mute_route", text="", icon=eye, emboss=False).ident = route.id
        alone = home(bpy.context).ganreact.solo == route.id
        row.operator("ganreact.solo_route", text="", icon="SOLO_ON" if alone else "SOLO_OFF", emboss=False).ident = route.id
        name = row.row()
        name.active = not route.mute
        name.label(text=item.label)


class EnvelopesList(bpy.types.UIList):
    """Envelopes: a name and the present value."""

    bl_idname = "GANREACT_UL_envelopes"

    def draw_item(self, context, layout, data, item, icon, active_data, active_property) -> None:
        """A bar that moves with the music."""
        audio_control = controls.active_audio(home(context))
        row = layout.row(align=True)
        row.label(text=item.label)
        if audio_control and item.name in audio_control:
            row = row.split(factor=0.62, align=True)
            row.label(text=sparkline(audio_control, item.name))
            row.progress(factor=min(max(audio_control[item.name], 0.0), 1.0), text="")


def _of(kind: str) -> type:
    name = f"GANREACT_UL_{kind}"
    return type(name, (ItemsList, bpy.types.UIList), {"bl_idname": name, "kind": kind, "__module__": __name__,
                                                      "__doc__": ItemsList.__doc__})


_OWN = (EntriesList, RoutesList, EnvelopesList)
CLASSES = (*(_of(kind) for kind in lists() if f"GANREACT_UL_{kind}" not in {own.bl_idname for own in _OWN}), *_OWN)
