"""Verbs about the palette: another picture, a mix of two, a class."""

from __future__ import annotations

import random

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, StringProperty

from ...ganreact_core.errors import LookError
from .. import controls, edits, fcurves, properties
from ..form_properties import chosen
from ..place import home
from .base import LookVerb, allowed

_SEEDS = 1 << 31


def _search(operator: bpy.types.Operator, context: bpy.types.Context, text: str) -> list[tuple[str, str]]:
    return _entries(context)


class RerollEntry(LookVerb, bpy.types.Operator):
    """Another picture in its place, by chance; its keys and routes stay. Undo brings the old one back"""

    bl_idname = "ganreact.reroll_entry"
    bl_label = "Reroll"

    ident: StringProperty(options={"HIDDEN", "SKIP_SAVE"}, description="Empty takes the chosen one")
    every: BoolProperty(name="All", options={"SKIP_SAVE"}, description="Every picture of the palette that is made from a seed")
    seed: IntProperty(name="Seed", default=-1, min=-1, options={"SKIP_SAVE"}, description="−1 draws one")

    def work(self, context: bpy.types.Context) -> str | None:
        """New seeds; entries from files and mixes keep what they are, unless they are named."""
        scene = home(context)
        control = controls.active_look(scene)
        patch, one = controls.patch_of(control), self.ident or getattr(chosen(scene, "entries"), "id", "")
        for entry in patch.look.entries:
            if entry.id == one or (self.every and not (entry.latent or entry.parents)):
                fresh = {"seed": self.seed if self.seed >= 0 else random.randrange(_SEEDS), "latent": "", "parents": ()}
                label = f"Seed {fresh['seed']}" if entry.label == f"Seed {entry.seed}" else entry.label
                patch = edits.change_item(patch, "entries", entry.id, label=label, **fresh)
        controls.store_patch(control, patch)
        properties.refresh(scene)
        return None


class MixEntry(LookVerb, bpy.types.Operator):
    """Add a picture that lies between the chosen one and another; it follows both"""

    bl_idname = "ganreact.mix_entry"
    bl_label = "Add Mix"

    first: StringProperty(name="First", options={"SKIP_SAVE"}, search=_search, description="A picture of the palette")
    second: StringProperty(name="Second", options={"SKIP_SAVE"}, search=_search, description="Another one")
    between: FloatProperty(name="Between", default=0.5, min=0.0, max=1.0, subtype="FACTOR", options={"SKIP_SAVE"},
                           description="0 is the first, 1 the second")

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs two pictures."""
        return super().poll(context) and allowed(cls, {"A mix needs two pictures": len(_entries(context)) < 2})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Propose the chosen one and the next."""
        ids, index = [pair[0] for pair in _entries(context)], home(context).ganreact.entries_index
        self.first, self.second = ids[index % len(ids)], ids[(index + 1) % len(ids)]
        return context.window_manager.invoke_props_dialog(self)

    def work(self, context: bpy.types.Context) -> str | None:
        """An entry with two parents."""
        scene = home(context)
        control = controls.active_look(scene)
        patch = controls.patch_of(control)
        names = [edits.item_of(patch, "entries", ident).label for ident in (self.first, self.second)]
        made = edits.add(patch, "entries", label=" + ".join(names), parents=(self.first, self.second), between=self.between)
        controls.store_patch(control, made)
        properties.choose(scene, "entries", made.look.entries[-1].id)
        properties.refresh(scene)
        return None


class CopyRange(LookVerb, bpy.types.Operator):
    """Copy the keys of a part of the timeline to where the playhead is: a verse that comes again"""

    bl_idname = "ganreact.copy_range"
    bl_label = "Copy Range Here"

    first: IntProperty(name="From", options={"SKIP_SAVE"}, description="First frame of the part that is copied")
    last: IntProperty(name="To", options={"SKIP_SAVE"}, description="Last frame of that part")
    target: IntProperty(name="To Frame", options={"SKIP_SAVE"}, description="Where the copy begins")
    which: EnumProperty(name="Keys", items=(("ALL", "All", "Every parameter"),
                                            ("CHOSEN", "Chosen Picture", "Of the chosen entry")),
                        description="Whose keys are copied")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Propose the preview range, and the playhead."""
        scene = home(context)
        self.first, self.last = ((scene.frame_preview_start, scene.frame_preview_end) if scene.use_preview_range
                                 else (scene.frame_start, scene.frame_current))
        self.target = scene.frame_current
        return context.window_manager.invoke_props_dialog(self)

    def work(self, context: bpy.types.Context) -> str | None:
        """Keys that lie where the copy goes are replaced."""
        scene = home(context)
        control = controls.active_look(scene)
        if self.last <= self.first:
            raise LookError(f"frames {self.first} to {self.last} are no range; let it end after its beginning")
        one = chosen(scene, "entries")
        patch = controls.patch_of(control)
        only = set(edits.addresses_of(patch, "entries", one.id)) if self.which == "CHOSEN" and one else None
        count = fcurves.copy_keys(control, range(self.first, self.last + 1), self.target - self.first, only)
        return f"{count} keys copied to frames {self.target}–{self.target + self.last - self.first}"


def _entries(context: bpy.types.Context) -> list[tuple[str, str]]:
    look_control = controls.active_look(home(context))
    return [(e.id, e.label) for e in controls.patch_of(look_control).look.entries] if look_control else []


CLASSES = (RerollEntry, MixEntry, CopyRange)
