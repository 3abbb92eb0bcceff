"""Verbs about events that are corrected by hand: an onset too many, a missing beat."""

from __future__ import annotations

from dataclasses import replace

import bpy
from bpy.props import StringProperty

from .. import baking, controls, events
from ..place import home
from .audio_verb import AudioVerb, bake_again


def _names(operator: bpy.types.Operator, context: bpy.types.Context, text: str) -> list[str]:
    control = controls.active_audio(home(context))
    features = controls.hearing_of(control).features if control else ""
    return events.editable(baking.heard_in(features)) if features else []


class EventVerb(AudioVerb):
    """A verb on the events of one name."""

    event: StringProperty(name="Events", search=_names, default="kick", description="Which of those that were heard")


class EditEvents(EventVerb, bpy.types.Operator):
    """Show events as keys: move, add and delete them in the Dope Sheet or the Graph Editor, then bake again"""

    bl_idname = "ganreact.edit_events"
    bl_label = "Edit Events"

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask which."""
        return context.window_manager.invoke_props_dialog(self)

    def work(self, context: bpy.types.Context) -> str | None:
        """A key an event, as high as it is strong."""
        control = self.control(context)
        n = events.show(control, self.event, baking.heard_in(controls.hearing_of(control).features))
        return f"{n} keys on '{control.name}'; bake again after editing them"


class HideEvents(EventVerb, bpy.types.Operator):
    """Take the keys of these events off the control; what was corrected stays corrected"""

    bl_idname = "ganreact.hide_events"
    bl_label = "Done with Events"

    def work(self, context: bpy.types.Context) -> str | None:
        """Read them, then hide them."""
        control = self.control(context)
        bake_again(home(context), control)
        events.hide(control, self.event)
        return None


class ForgetEdits(EventVerb, bpy.types.Operator):
    """Forget what was corrected by hand about these events: they are again as they were heard"""

    bl_idname = "ganreact.forget_event_edits"
    bl_label = "Forget Corrections"

    def work(self, context: bpy.types.Context) -> str | None:
        """Keys go, then envelopes are made again."""
        control = self.control(context)
        shown, hearing = self.event in events.shown(control), controls.hearing_of(control)
        baking.heard_in(hearing.features)  # before anything is changed
        events.hide(control, self.event)
        controls.store_hearing(control, replace(hearing, corrections=events.without(hearing.corrections, self.event)))
        bake_again(home(context), control)
        if shown:
            events.show(control, self.event, baking.heard_in(hearing.features))
        return f"'{self.event}' is as it was heard"


CLASSES = (EditEvents, HideEvents, ForgetEdits)
