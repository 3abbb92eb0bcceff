"""Verbs about envelopes: bake, lock, take into one's own hands, and the steps that shape them."""

from __future__ import annotations

from dataclasses import replace

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, StringProperty

from ...ganreact_core.chain_words import SETTINGS, STEPS
from ...ganreact_core.chains import COMBINATIONS, OPERATIONS, limits_of, settings_of
from ...ganreact_core.forms import spoken
from .. import baking, chain_edits, choices, controls, edits, fcurves, moving, properties
from ..form_properties import chosen
from ..place import home
from .audio_verb import AudioVerb, bake_here, baked_words, envelopes_of

_STEPS = tuple((name, spoken(name), STEPS[name]) for name in (*OPERATIONS, *COMBINATIONS))


_items: list[tuple[str, str, str]] = []
_asked: list[str] = []


def _sources(operator: bpy.types.Operator, context: bpy.types.Context | None) -> list[tuple[str, str, str]]:
    """What an envelope of this kind can name; kept alive, for Blender only borrows the texts."""
    control = controls.active_audio(home(context or bpy.context))
    hearing = controls.hearing_of(control) if control else None
    ident = operator.envelope or next(iter(_asked), "")
    recipe = next((recipe for recipe in hearing.envelopes if recipe.id == ident), None) if hearing else None
    names = choices.names_for(hearing, recipe) if recipe else []
    _items[:] = [(name, name, "") for name in names] or [("-", "Nothing heard", "")]
    return _items


class Bake(AudioVerb, bpy.types.Operator):
    """Make the envelopes again, where the strip is now; keys made by hand stay"""

    bl_idname = "ganreact.bake"
    bl_label = "Bake Again"

    move_keys: BoolProperty(name="Move Keys Along", options={"SKIP_SAVE"},
                            description="Move keys made by hand as the strip has moved under them")

    def work(self, context: bpy.types.Context) -> str | None:
        """Bake to where the strip is."""
        scene, control = home(context), self.control(context)
        before = controls.hearing_of(control).placed
        kept = bake_here(scene, control)
        hearing = controls.hearing_of(control)
        words = baked_words(hearing, kept)
        if not self.move_keys:
            return words
        moved = moving.between_bakes(before, hearing.placed)
        return f"{words}; {moving.move(moving.planned(scene, control, moved), moved)} keys moved along"


class EnvelopeVerb(AudioVerb):
    """A verb on one envelope: the one named, or the chosen one."""

    envelope: StringProperty(name="Envelope", search=envelopes_of, options={"SKIP_SAVE"},
                             description="Empty takes the chosen one")

    def named(self, context: bpy.types.Context) -> str:
        """Its id."""
        item = chosen(home(context), "envelopes")
        return self.envelope or (item.id if item else "")

    def change(self, context: bpy.types.Context, hearing: controls.Hearing) -> None:
        """Write what the control knows, and make this envelope and those that need it again."""
        baking.store(self.control(context), hearing, {self.named(context)})


class EnvelopeToKeys(EnvelopeVerb, bpy.types.Operator):
    """Turn this envelope into keys for the Graph Editor; from then on it is yours and is not baked over"""

    bl_idname = "ganreact.envelope_to_keys"
    bl_label = "Convert to Keys"

    def work(self, context: bpy.types.Context) -> str | None:
        """Samples become keys, shown and unlocked."""
        fcurves.samples_to_keys(self.control(context), self.named(context))
        return f"'{self.named(context)}' is yours now; baking leaves it alone"


class EnvelopeFromSound(EnvelopeVerb, bpy.types.Operator):
    """Give the envelope back to the sound: its keys are replaced by what is heard"""

    bl_idname = "ganreact.envelope_from_sound"
    bl_label = "Back to the Sound"

    def work(self, context: bpy.types.Context) -> str | None:
        """Keys go, samples come."""
        control, ident = self.control(context), self.named(context)
        hearing = controls.hearing_of(control)
        baking.heard_in(hearing.features)  # or there would be nothing to replace the keys with
        fcurves.remove_curves(control, [ident])
        self.change(context, replace(hearing, locked=tuple(name for name in hearing.locked if name != ident)))
        return None


class LockEnvelope(EnvelopeVerb, bpy.types.Operator):
    """Keep this envelope as it is: baking leaves it alone until it is unlocked"""

    bl_idname = "ganreact.lock_envelope"
    bl_label = "Lock"

    def work(self, context: bpy.types.Context) -> str | None:
        """Lock, or unlock and make it again."""
        hearing, ident = controls.hearing_of(self.control(context)), self.named(context)
        chain_edits.chain_of(hearing, ident)
        if ident not in hearing.locked:
            controls.store_hearing(self.control(context), replace(hearing, locked=(*hearing.locked, ident)))
            return f"'{ident}' stays as it is"
        self.change(context, replace(hearing, locked=tuple(name for name in hearing.locked if name != ident)))
        return f"'{ident}' follows the sound again"


class GhostEnvelope(EnvelopeVerb, bpy.types.Operator):
    """Show this envelope in the Graph Editor as a locked curve, to key beside what the music does; or hide it again"""

    bl_idname = "ganreact.ghost_envelope"
    bl_label = "Ghost Curve"

    def work(self, context: bpy.types.Context) -> str | None:
        """It stays locked, and is hidden again by the next bake."""
        shown = fcurves.show_ghost(self.control(context), self.named(context))
        return "Shown in the Graph Editor" if shown else "Hidden again"


class ChooseSource(EnvelopeVerb, bpy.types.Operator):
    """Choose from what was heard: features, events, waves, sections"""

    bl_idname = "ganreact.choose_source"
    bl_label = "Choose Source"
    bl_property = "source"

    source: EnumProperty(name="Source", items=_sources, description="What this envelope listens to")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """A list to search in."""
        _asked[:] = [self.named(context)]
        context.window_manager.invoke_search_popup(self)
        return {"RUNNING_MODAL"}

    def work(self, context: bpy.types.Context) -> str | None:
        """The recipe's name."""
        control = self.control(context)
        hearing = controls.hearing_of(control)
        baking.store(control, edits.change_item(hearing, "envelopes", self.named(context), name=self.source))
        properties.refresh(home(context))
        return None


class AddStep(EnvelopeVerb, bpy.types.Operator):
    """Shape the envelope further: add a step at the end of its chain"""

    bl_idname = "ganreact.add_step"
    bl_label = "Add Step"

    operation: EnumProperty(name="Step", items=_STEPS, description="What is done to the curve")

    def work(self, context: bpy.types.Context) -> str | None:
        """With its default settings."""
        hearing = chain_edits.add_step(controls.hearing_of(self.control(context)), self.named(context), self.operation)
        self.change(context, hearing)
        return None


class StepVerb(EnvelopeVerb):
    """A verb on one step of a chain."""

    index: IntProperty(name="Step", min=0, options={"SKIP_SAVE"}, description="Counted from 0")


class RemoveStep(StepVerb, bpy.types.Operator):
    """Take this step out of the chain"""

    bl_idname = "ganreact.remove_step"
    bl_label = "Remove Step"

    def work(self, context: bpy.types.Context) -> str | None:
        """The others keep their order."""
        hearing = controls.hearing_of(self.control(context))
        self.change(context, chain_edits.remove_step(hearing, self.named(context), self.index))
        return None


class MoveStep(StepVerb, bpy.types.Operator):
    """Move this step up or down: the order matters"""

    bl_idname = "ganreact.move_step"
    bl_label = "Move Step"

    by: IntProperty(name="By", default=1, options={"SKIP_SAVE"}, description="−1 is up, 1 is down")

    def work(self, context: bpy.types.Context) -> str | None:
        """Stays within the chain."""
        hearing = controls.hearing_of(self.control(context))
        self.change(context, chain_edits.move_step(hearing, self.named(context), self.index, self.by)[0])
        return None


_Settings = type("StepSettings", (), {"__annotations__": {
    name: FloatProperty(name=SETTINGS[name][0], description=SETTINGS[name][1], default=default, precision=3, step=1,
                        min=limits_of(name)[0], max=limits_of(name)[1], options={"SKIP_SAVE"})
    for step in (*OPERATIONS, *COMBINATIONS) for name, default in settings_of(step).items()}, "__module__": __name__})
"""Every setting that any step has, as a property."""


class EditStep(StepVerb, _Settings, bpy.types.Operator):
    """Change the settings of this step"""

    bl_idname = "ganreact.edit_step"
    bl_label = "Edit Step"

    other: StringProperty(name="Other Envelope", search=envelopes_of, options={"SKIP_SAVE"},
                          description="The envelope it is combined with")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Begin with what is set."""
        step = chain_edits.step_of(controls.hearing_of(self.control(context)), self.named(context), self.index)
        for name, value in chain_edits.settings_shown(step).items():
            setattr(self, name, value)
        self.other = step.envelope
        return context.window_manager.invoke_props_dialog(self)

    def draw(self, context: bpy.types.Context) -> None:
        """Only what this step has."""
        step = chain_edits.step_of(controls.hearing_of(self.control(context)), self.named(context), self.index)
        self.layout.use_property_split = True
        for name in settings_of(step.operation):
            self.layout.prop(self, name)
        if step.operation in COMBINATIONS:
            self.layout.prop(self, "other")

    def work(self, context: bpy.types.Context) -> str | None:
        """Those that were given."""
        hearing, given = controls.hearing_of(self.control(context)), self.properties.is_property_set
        step = chain_edits.step_of(hearing, self.named(context), self.index)
        settings = {name: float(getattr(self, name)) for name in settings_of(step.operation) if given(name)}
        other = self.other if given("other") and step.operation in COMBINATIONS else None
        changed = chain_edits.change_step(hearing, self.named(context), self.index, settings=settings, envelope=other)
        self.change(context, changed)
        return None


CLASSES = (Bake, EnvelopeToKeys, EnvelopeFromSound, LockEnvelope, GhostEnvelope, ChooseSource, AddStep, RemoveStep, MoveStep,
           EditStep)
