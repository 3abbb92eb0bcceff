"""Verbs about what a look consists of: pictures, sets, paths, noise, bends, rewrites, directions, routes, envelopes.

One verb of each sort serves every list; adding and editing take the fields of its dataclass, whatever they are.
"""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import EnumProperty, IntProperty, StringProperty

from ...ganreact_core.errors import LookError
from ...ganreact_core.forms import can_be_added, fields_of, lists, singular, spoken
from ...ganreact_core.unread import is_read
from .. import baking, controls, edits, properties
from ..form_properties import chosen, from_property, operator_properties, to_property
from ..place import home
from .base import LookVerb, allowed

_KIND_ITEMS = tuple((kind, spoken(kind), "") for kind in lists())


class ItemVerb(LookVerb):
    """A verb on one item of one list: the one named, or the chosen one."""

    form = ""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs a look; envelopes need something that was heard, and no look."""
        return allowed(cls, _nothing_heard(context)) if cls.form == "envelopes" else super().poll(context)

    ident: StringProperty(name="Id", description="Empty takes the chosen one", options={"HIDDEN", "SKIP_SAVE"})

    @property
    def which(self) -> str:
        """Name of the list."""
        return self.form

    def named(self, scene: bpy.types.Scene) -> str:
        """Id of the item that this is about."""
        item = None if self.ident else chosen(scene, self.which)
        return self.ident or (item.id if item else "")

    def store(self, scene: bpy.types.Scene, holder: Any, now: str = "") -> None:
        """Write the list; `now` is the id of the item to be chosen then."""
        baking.store(controls.holder_of(scene, self.which)[0], holder)
        properties.choose(scene, self.which, now)
        properties.refresh(scene)

    def holder(self, scene: bpy.types.Scene) -> Any:
        """The document with the list."""
        return controls.holder_of(scene, self.which)[1]


class AnyItemVerb(ItemVerb):
    """A verb that serves every list."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs something that has lists; which one is meant is known later."""
        scene = home(context)
        only_heard = controls.active_look(scene) is None and controls.active_audio(scene) is not None
        return allowed(cls, _nothing_heard(context)) if only_heard else super().poll(context)

    kind: EnumProperty(name="List", items=_KIND_ITEMS, options={"HIDDEN", "SKIP_SAVE"})

    @property
    def which(self) -> str:
        """Name of the list."""
        return self.kind


class FormVerb(ItemVerb):
    """A verb that takes the fields of a form."""

    def fill(self, values: dict[str, Any]) -> None:
        """Set the fields to begin with, but for those that were given."""
        for field in fields_of(lists()[self.which]):
            if not self.properties.is_property_set(field.name):
                setattr(self, field.name, to_property(field, values[field.name]))

    def given(self) -> dict[str, Any]:
        """The fields that were set, by a click or by a script."""
        fields = [f for f in fields_of(lists()[self.which]) if self.properties.is_property_set(f.name)]
        return {field.name: from_property(field, getattr(self, field.name)) for field in fields}

    def draw(self, context: bpy.types.Context) -> None:
        """What it is comes first, its name last: one is proposed; fields that its kind does not read are left out."""
        self.layout.use_property_split = True
        shown = [f for f in fields_of(lists()[self.which])
                 if f.name != "mute" and is_read(lists()[self.which].__name__, f.name, self)]
        for field in sorted(shown, key=lambda field: field.name == "label"):
            self.layout.prop(self, field.name, text="Name" if field.name == "label" else field.label,
                             **({"placeholder": "Proposed"} if field.name == "label" else {}))


class AddItem(FormVerb):
    """Adds one: `work` proposes what is not given."""

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask, beginning with a proposal; a route begins at the envelope that is chosen in its list."""
        scene = home(context)
        values = edits.proposed(self.holder(scene), self.which)
        if self.which == "routes" and controls.active_audio(scene):
            values["envelope"] = getattr(chosen(scene, "envelopes"), "id", "")
        self.fill(values)
        return context.window_manager.invoke_props_dialog(self)

    def work(self, context: bpy.types.Context) -> str | None:
        """At the end of the list, at its neutral value."""
        scene = home(context)
        made = edits.add(self.holder(scene), self.which, **self.given())
        self.store(scene, made, edits.items_of(made, self.which)[-1].id)
        return None


class EditItem(FormVerb):
    """Changes fields of one."""

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask, beginning with what it is."""
        scene = home(context)
        self.ident = self.named(scene)
        item = edits.item_of(self.holder(scene), self.which, self.ident)
        self.fill({field.name: getattr(item, field.name) for field in fields_of(type(item))})
        return context.window_manager.invoke_props_dialog(self)

    def work(self, context: bpy.types.Context) -> str | None:
        """Its address, its keys and its routes stay."""
        scene = home(context)
        ident = self.named(scene)
        self.store(scene, edits.change_item(self.holder(scene), self.which, ident, **self.given()), ident)
        return None


class DuplicateItem(AnyItemVerb, bpy.types.Operator):
    """Add a copy of it, with its values, keys and drivers, and the routes that lead to it"""

    bl_idname = "ganreact.duplicate_item"
    bl_label = "Duplicate"

    def work(self, context: bpy.types.Context) -> str | None:
        """The copy has an id, and with that parameters, of its own."""
        scene = home(context)
        before, ident = self.holder(scene), self.named(scene)
        made, copy = edits.duplicate_item(before, self.which, ident)
        self.store(scene, made, copy)
        control = controls.holder_of(scene, self.which)[0]
        if self.which == "envelopes":
            controls.copy_motion(control, {ident: copy})
            return None
        twins = {address: edits.twin_of(address, copy) for address in edits.addresses_of(before, self.which, ident)}
        old = [route for route in before.routes if route.address in twins]
        twins |= {a.amount_address: b.amount_address for a, b in zip(old, made.routes[len(before.routes):], strict=False)}
        controls.copy_motion(control, twins)
        return None


class MoveItem(AnyItemVerb, bpy.types.Operator):
    """Move it up or down in the list; its keys and routes stay with it"""

    bl_idname = "ganreact.move_item"
    bl_label = "Move"

    by: IntProperty(name="By", default=1, options={"SKIP_SAVE"}, description="−1 is up, 1 is down")

    def work(self, context: bpy.types.Context) -> str | None:
        """Order matters for accents, paths and bends."""
        scene = home(context)
        ident = self.named(scene)
        self.store(scene, edits.move_item(self.holder(scene), self.which, ident, self.by), ident)
        return None


class RemoveItem(AnyItemVerb, bpy.types.Operator):
    """Remove it, with its keys and the routes that led to it"""

    bl_idname = "ganreact.remove_item"
    bl_label = "Remove"

    def work(self, context: bpy.types.Context) -> str | None:
        """Nothing is left behind."""
        scene = home(context)
        self.store(scene, edits.remove_item(self.holder(scene), self.which, self.named(scene)))
        return None


class RenameItem(AnyItemVerb, bpy.types.Operator):
    """Give it another name; its keys, drivers and routes stay"""

    bl_idname = "ganreact.rename_item"
    bl_label = "Rename"

    label: StringProperty(name="Name", description="What it is called from now on, in any script")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask for the name."""
        return context.window_manager.invoke_props_dialog(self)

    def work(self, context: bpy.types.Context) -> str | None:
        """Only the label changes."""
        scene = home(context)
        ident = self.named(scene)
        self.store(scene, edits.change_item(self.holder(scene), self.which, ident, label=self.label.strip()), ident)
        return None


class ToggleMember(AnyItemVerb, bpy.types.Operator):
    """Take this picture in at the end, or out again"""

    bl_idname = "ganreact.toggle_member"
    bl_label = "Take In or Out"

    field: StringProperty(default="entries", options={"HIDDEN", "SKIP_SAVE"})
    member: StringProperty(options={"HIDDEN", "SKIP_SAVE"})

    def work(self, context: bpy.types.Context) -> str | None:
        """A set or path names its pictures in this order."""
        scene = home(context)
        ident = self.named(scene)
        members = getattr(edits.item_of(self.holder(scene), self.which, ident), self.field, None)
        if not isinstance(members, tuple):
            raise LookError(f"'{ident}' is made of no pictures; choose a set or a path")
        left = tuple(m for m in members if m != self.member)
        members = left if len(left) < len(members) else (*members, self.member)
        self.store(scene, edits.change_item(self.holder(scene), self.which, ident, **{self.field: members}), ident)
        return None


def _nothing_heard(context: bpy.types.Context) -> dict[str, bool]:
    control = controls.active_audio(home(context))
    return {"Analyse the sound first": control is None,
            "This sound is linked from another file; make it local first": bool(control and not controls.is_own(control))}


def _generated() -> tuple[type, ...]:
    """Two operators for each list: ganreact.add_bend(kind="zoom", layer=3), ganreact.edit_bend(ident="zoom", layer=4)."""
    made = []
    for kind, cls in lists().items():
        one = spoken(singular(kind))
        if can_be_added(cls):
            made.append(_operator("add", AddItem, kind, f"Add {_article(one)} {one.lower()}"))
        made.append(_operator("edit", EditItem, kind, f"Change this {one.lower()}"))
    return tuple(made)


def _operator(verb: str, base: type, kind: str, text: str) -> type:
    one = singular(kind)
    name = f"{verb.capitalize()}{''.join(word.capitalize() for word in one.split('_'))}"
    body = {"bl_idname": f"ganreact.{verb}_{one}", "bl_label": f"{verb.capitalize()} {spoken(one)}", "form": kind,
            "__doc__": text, "__annotations__": operator_properties(kind), "__module__": __name__}
    return type(name, (base, bpy.types.Operator), body)


def _article(word: str) -> str:
    return "an" if word[:1] in "AEIOU" else "a"


CLASSES = (*_generated(), DuplicateItem, MoveItem, RemoveItem, RenameItem, ToggleMember)
