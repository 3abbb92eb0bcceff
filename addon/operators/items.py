"""Verbs about what a look consists of: pictures, bends, noise layers, routes."""

from __future__ import annotations

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, StringProperty

from ...ganreact_core.catalogue import BENDS, PATHS, REWRITES
from ...ganreact_core.look import addresses, describe
from .. import controls, edits
from ..place import home
from .base import LookVerb, change

_BEND_ITEMS = tuple((kind, kind.replace("_", " ").capitalize(), parameter.help) for kind, parameter in BENDS.items())
_REWRITE_ITEMS = tuple((kind, kind.capitalize(), parameter.help) for kind, parameter in REWRITES.items())
_PATH_ITEMS = tuple((kind, kind.capitalize(), "") for kind in PATHS)
_KIND_ITEMS = tuple((kind, kind.replace("_", " ").capitalize(), "") for kind in (*edits.LISTS, "routes"))


def _envelopes(operator: bpy.types.Operator, context: bpy.types.Context, text: str) -> list[str]:
    audio_control = controls.active_audio(home(context))
    return [recipe.id for recipe in controls.hearing_of(audio_control).envelopes] if audio_control else []


def _parameters(operator: bpy.types.Operator, context: bpy.types.Context, text: str) -> list[str]:
    look_control = controls.active_look(home(context))
    look = controls.patch_of(look_control).look if look_control else None
    return [f"{address}  ({describe(look, address)})" for address in addresses(look)] if look else []


class AddEntry(LookVerb, bpy.types.Operator):
    """Add a picture to the palette, by its seed"""

    bl_idname = "ganreact.add_entry"
    bl_label = "Add Picture"

    label: StringProperty(name="Name", options={"SKIP_SAVE"})
    seed: IntProperty(name="Seed", min=0, max=2**31 - 1)
    accent: BoolProperty(name="Accent", description="Covers the blend instead of being a part of it")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Propose a seed that is not there yet."""
        look = controls.patch_of(controls.active_look(home(context))).look
        self.seed = max((entry.seed for entry in look.entries), default=0) + 1
        return context.window_manager.invoke_props_dialog(self)

    def work(self, context: bpy.types.Context) -> str | None:
        """Entry, weight and group weights."""
        change(context, lambda patch: edits.add_entry(patch, self.label, self.seed, accent=self.accent))
        return None


class SetSeed(LookVerb, bpy.types.Operator):
    """Give this picture another seed: another picture, with the same keys and routes"""

    bl_idname = "ganreact.set_seed"
    bl_label = "Another Picture"

    entry: StringProperty(options={"SKIP_SAVE"})
    seed: IntProperty(name="Seed", min=0, max=2**31 - 1)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Begin with its own."""
        look = controls.patch_of(controls.active_look(home(context))).look
        self.seed = next((e.seed for e in look.entries if e.id == self.entry), 0)
        return context.window_manager.invoke_props_dialog(self)

    def work(self, context: bpy.types.Context) -> str | None:
        """Change the look's text."""
        change(context, lambda patch: edits.change_item(patch, "entries", self.entry, seed=self.seed))
        return None


class AddBend(LookVerb, bpy.types.Operator):
    """Add a bend: a transformation of what the network does at one of its layers"""

    bl_idname = "ganreact.add_bend"
    bl_label = "Add Bend"

    kind: EnumProperty(name="Kind", items=_BEND_ITEMS)
    layer: IntProperty(name="Layer", default=3, min=0, max=40, description="0 is the input, then every convolution")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask for kind and layer."""
        return context.window_manager.invoke_props_dialog(self)

    def work(self, context: bpy.types.Context) -> str | None:
        """A bend at its neutral value."""
        change(context, lambda patch: edits.add_bend(patch, self.kind, self.layer))
        return None


class AddRewrite(LookVerb, bpy.types.Operator):
    """Add a rewrite: other weights at one of the network's layers"""

    bl_idname = "ganreact.add_rewrite"
    bl_label = "Add Rewrite"

    kind: EnumProperty(name="Kind", items=_REWRITE_ITEMS)
    layer: IntProperty(name="Layer", default=3, min=1, max=40, description="Convolutions are counted from 1")
    seed: IntProperty(name="Seed", min=0)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask for kind and layer."""
        return context.window_manager.invoke_props_dialog(self)

    def work(self, context: bpy.types.Context) -> str | None:
        """A rewrite at strength 0."""
        change(context, lambda patch: edits.add_rewrite(patch, self.kind, self.layer, self.seed))
        return None


class AddPath(LookVerb, bpy.types.Operator):
    """Add a walk through all pictures of the palette: key its position, and mix it in"""

    bl_idname = "ganreact.add_path"
    bl_label = "Add Path"

    label: StringProperty(name="Name", default="Walk")
    kind: EnumProperty(name="Kind", items=_PATH_ITEMS)

    def work(self, context: bpy.types.Context) -> str | None:
        """A path that is not mixed in yet."""
        change(context, lambda patch: edits.add_path(patch, self.label, self.kind))
        return None


class AddNoiseLayer(LookVerb, bpy.types.Operator):
    """Add a moving noise field"""

    bl_idname = "ganreact.add_noise_layer"
    bl_label = "Add Noise"

    label: StringProperty(name="Name", default="Noise")
    seed: IntProperty(name="Seed", min=0)

    def work(self, context: bpy.types.Context) -> str | None:
        """A layer at strength 0."""
        change(context, lambda patch: edits.add_noise_layer(patch, self.label, self.seed))
        return None


class AddRoute(LookVerb, bpy.types.Operator):
    """Let an envelope move a parameter"""

    bl_idname = "ganreact.add_route"
    bl_label = "Add Route"

    envelope: StringProperty(name="Envelope", search=_envelopes)
    address: StringProperty(name="Parameter", search=_parameters,
                            description="What the envelope moves")
    mode: EnumProperty(name="Mode", items=(("add", "Add", "The envelope is added"),
                                           ("multiply", "Multiply", "Silence takes the parameter away")))
    amount: FloatProperty(name="Amount", default=1.0, soft_min=-2.0, soft_max=2.0)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask what leads where."""
        return context.window_manager.invoke_props_dialog(self)

    def work(self, context: bpy.types.Context) -> str | None:
        """A route with an amount of its own."""
        address = self.address.split("  ", 1)[0]
        change(context, lambda patch: edits.add_route(patch, self.envelope, address, mode=self.mode, amount=self.amount))
        return None


class RemoveItem(LookVerb, bpy.types.Operator):
    """Remove it, with its keys and the routes that led to it"""

    bl_idname = "ganreact.remove_item"
    bl_label = "Remove"

    kind: EnumProperty(items=_KIND_ITEMS, options={"HIDDEN"})
    ident: StringProperty(options={"HIDDEN"})

    def work(self, context: bpy.types.Context) -> str | None:
        """Nothing is left behind."""
        change(context, lambda patch: edits.remove_item(patch, self.kind, self.ident))
        return None


class RenameItem(LookVerb, bpy.types.Operator):
    """Give it another name; its keys, drivers and routes stay"""

    bl_idname = "ganreact.rename_item"
    bl_label = "Rename"

    kind: EnumProperty(items=_KIND_ITEMS, options={"HIDDEN"})
    ident: StringProperty(options={"HIDDEN"})
    label: StringProperty(name="Name")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask for the name."""
        return context.window_manager.invoke_props_dialog(self)

    def work(self, context: bpy.types.Context) -> str | None:
        """Only the label changes."""
        change(context, lambda patch: edits.rename_item(patch, self.kind, self.ident, self.label))
        return None


CLASSES = (AddEntry, SetSeed, AddBend, AddRewrite, AddPath, AddNoiseLayer,
           AddRoute, RemoveItem, RenameItem)
