"""Verbs about the network's pictures: turn the page of those shown, take one into the palette, take a class by its name."""

from __future__ import annotations

import bpy
from bpy.props import EnumProperty, IntProperty

from ...ganreact_core.class_names import short_name
from ...ganreact_core.errors import LookError
from .. import controls, edits, network_card, properties
from ..place import home
from .base import LookVerb, allowed

_items: list[tuple[str, str, str]] = []


# A function with a name: Blender asks it for the items and does not keep their texts.
def _classes(operator: bpy.types.Operator, context: bpy.types.Context | None) -> list[tuple[str, str, str]]:
    names = network_card.class_names_of(controls.active_look(home(context or bpy.context)))
    _items[:] = [(str(n), f"{short_name(n, names)} ({n})", name) for n, name in enumerate(names)] or [("-1", "None", "")]
    return _items


class TurnSheet(LookVerb, bpy.types.Operator):
    """Show the next pictures, or those before"""

    bl_idname = "ganreact.turn_sheet"
    bl_label = "Other Pictures"

    by: IntProperty(default=1, options={"HIDDEN", "SKIP_SAVE"})

    def work(self, context: bpy.types.Context) -> str | None:
        """A page on; seeds begin at 0."""
        settings = home(context).ganreact
        settings.sheet_first = max(0, settings.sheet_first + self.by * network_card.COLUMNS * network_card.ROWS)
        return None


class TakePicture(LookVerb, bpy.types.Operator):
    """Take this picture into the palette"""

    bl_idname = "ganreact.take_picture"
    bl_label = "Take Picture"

    seed: IntProperty(name="Seed", min=0, options={"SKIP_SAVE"}, description="Each seed is another picture")
    number: IntProperty(name="Class", default=-1, min=-1, options={"SKIP_SAVE"}, description="−1 lets the seed choose")

    def work(self, context: bpy.types.Context) -> str | None:
        """An entry with this seed and class, chosen in the list."""
        _take(home(context), self.seed, None if self.number < 0 else self.number)
        return None


class AddEntryFromClass(LookVerb, bpy.types.Operator):
    """Add a picture of a class, found by its name"""

    bl_idname = "ganreact.add_entry_from_class"
    bl_label = "Add Picture of a Class"
    bl_property = "wanted"

    wanted: EnumProperty(name="Class", items=_classes, options={"SKIP_SAVE"}, description="What is to be seen in the picture")

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs a network with classes."""
        return super().poll(context) and allowed(cls, {
            "This network has no classes": not network_card.class_names_of(controls.active_look(home(context)))})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """A list to type into."""
        context.window_manager.invoke_search_popup(self)
        return {"RUNNING_MODAL"}

    def work(self, context: bpy.types.Context) -> str | None:
        """With a seed that the palette does not have yet."""
        entries = controls.patch_of(controls.active_look(home(context))).look.entries
        seed = max((entry.seed for entry in entries), default=0) + 1
        _take(home(context), seed, int(self.wanted))
        return None


def _take(scene: bpy.types.Scene, seed: int, number: int | None) -> None:
    """A new entry, chosen in the list. Raises LookError for a class that the network does not have."""
    control = controls.active_look(scene)
    names = network_card.class_names_of(control)
    if number is not None and number >= len(names) > 0:
        raise LookError(f"this network has no class {number}; choose 0 to {len(names) - 1}")
    label = f"Seed {seed}" if number is None else short_name(number, names) if names else f"Class {number}"
    made = edits.add(controls.patch_of(control), "entries", label=label[:1].upper() + label[1:], seed=seed, class_=number)
    controls.store_patch(control, made)
    properties.choose(scene, "entries", made.look.entries[-1].id)
    properties.refresh(scene)


CLASSES = (TurnSheet, TakePicture, AddEntryFromClass)
