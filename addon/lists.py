"""The scrolling lists of the panels: one for each list of a look, drawn alike."""

from __future__ import annotations

import bpy

from ..ganreact_core.forms import lists
from . import controls, edits
from .place import home


class ItemsList:
    """A row: a name, and its foremost parameter as a slider: hover and press I to key it."""

    kind = ""

    def draw_item(self, context, layout, data, item, icon, active_data, active_property) -> None:
        """The value is the control's own property."""
        control = controls.active_look(home(context))
        row = layout.row(align=True)
        row.label(text=item.label or item.name)
        if control is None:
            return
        address = next(iter(edits.addresses_of(controls.patch_of(control), self.kind, item.name)), "")
        if address in control:
            row.prop(control, f'["{address}"]', text="", slider=True)


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


def _of(kind: str) -> type:
    name = f"GANREACT_UL_{kind}"
    return type(name, (ItemsList, bpy.types.UIList), {"bl_idname": name, "kind": kind, "__module__": __name__,
                                                      "__doc__": ItemsList.__doc__})


CLASSES = (*(_of(kind) for kind in lists() if kind != "envelopes"), EnvelopesList)
