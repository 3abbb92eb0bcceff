"""Verbs about Hallu: a control, its steps, what is heard, the sound strip."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, StringProperty

from ...ganreact_core.steps import CHOICES
from .. import controls, hallu, hallu_playing, sequencer_views, strips
from ..errands import call_operator
from ..place import home
from ..preferences import engine_choice, engine_trouble
from ..session import session
from .base import JobVerb, Verb, allowed, as_path, busy

_TIMES = ("spacing_s", "trim_s", "attack_s", "sustain_s", "release_s")


def _items(name: str) -> tuple[tuple[str, str, str], ...]:
    return tuple((choice, choice.replace("_", " ").capitalize(), "") for choice in CHOICES[name])


def _time(name: str, help_: str) -> FloatProperty:
    return FloatProperty(name=name, min=0.0, soft_max=4.0, max=60.0, step=5, unit="TIME_ABSOLUTE", description=help_)


class HalluVerb(Verb):
    """A verb on the scene's Hallu control."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs a Hallu control that this file may change."""
        control = hallu.active(home(context))
        return allowed(cls, {"Add a Hallu control first": control is None,
                             "This control is linked from another file; make it local first": bool(
                                 control and not controls.is_own(control))})


class SoundVerb(JobVerb, HalluVerb):
    """A verb that has the engine make sound."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs a Hallu control and an idle engine."""
        return super().poll(context) and allowed(
            cls, {"The engine is at work": busy(), "The engine is missing": bool(engine_trouble(context))})


class AddHallu(Verb, bpy.types.Operator):
    """Add a Hallu control: a network that makes sound, steered by sliders that can be keyed"""

    bl_idname = "ganreact.add_hallu"
    bl_label = "Add Hallu"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """One for a scene."""
        return allowed(cls, {"This scene has a Hallu control already": hallu.active(home(context)) is not None})

    def work(self, context: bpy.types.Context) -> str | None:
        """The control with its first step at the present frame."""
        scene = home(context)
        control = hallu.create(scene)
        hallu.write_step(control, scene.frame_current, hallu.values_at(control, scene.frame_current))
        return None


class RemoveHallu(HalluVerb, bpy.types.Operator):
    """Remove the Hallu control with its steps; sound strips stay"""

    bl_idname = "ganreact.remove_hallu"
    bl_label = "Remove Hallu"

    def work(self, context: bpy.types.Context) -> str | None:
        """The control goes."""
        hallu_playing.rest()
        controls.remove_control(hallu.active(home(context)))
        return None


class HalluStep(HalluVerb, bpy.types.Operator):
    """Add a step at the present frame, copy, remove or go to one"""

    bl_idname = "ganreact.hallu_step"
    bl_label = "Step"

    what: EnumProperty(name="What", description="What is done with steps", items=(
        ("ADD", "Add Step", "A key on every slider at the present frame"),
        ("COPY", "Copy Step", "The step under the playhead once more, a second later"),
        ("REMOVE", "Remove Step", "Take the step under the playhead away"),
        ("PREVIOUS", "Previous Step", "Go to the step before"),
        ("NEXT", "Next Step", "Go to the next one")))

    @classmethod
    def description(cls, context: bpy.types.Context, properties: bpy.types.OperatorProperties) -> str:
        """What this button does."""
        return bpy.types.UILayout.enum_item_description(properties, "what", properties.what)

    def work(self, context: bpy.types.Context) -> str | None:
        """One of five."""
        scene = home(context)
        control, now = hallu.active(scene), scene.frame_current
        here = hallu.step_at(control, now)
        if self.what == "ADD" or here is None:
            hallu.write_step(control, now, {a: float(control[a]) for a in (*hallu.COMPONENTS, hallu.SEED)})
        elif self.what == "COPY":
            to = hallu.next_free(control, here, strips.fps_of(scene))
            hallu.write_step(control, to, hallu.values_at(control, here))
            scene.frame_set(int(to))
        elif self.what == "REMOVE":
            hallu.remove_step(control, here)
        else:
            self._go(scene, hallu.step_frames(control), now)
        return None

    def _go(self, scene: bpy.types.Scene, frames: list[float], now: int) -> None:
        """To the neighbour; from the last to the first and back."""
        if self.what == "NEXT":
            target = next((f for f in frames if f > now + 0.5), frames[0])
        else:
            target = next((f for f in reversed(frames) if f < now - 0.5), frames[-1])
        scene.frame_set(round(target))


class MoveHalluStep(HalluVerb, bpy.types.Operator):
    """Move the step under the playhead to another frame"""

    bl_idname = "ganreact.move_hallu_step"
    bl_label = "Move Step"

    to: IntProperty(name="To Frame", description="Where the step will lie")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Begin where it is."""
        scene = home(context)
        self.to = round(hallu.step_at(hallu.active(scene), scene.frame_current) or scene.frame_current)
        return context.window_manager.invoke_props_dialog(self)

    def work(self, context: bpy.types.Context) -> str | None:
        """All keys of the column."""
        scene = home(context)
        control = hallu.active(scene)
        here = hallu.step_at(control, scene.frame_current)
        if here is not None:
            hallu.move_step(control, here, self.to)
            scene.frame_set(self.to)
        return None


class HalluSettings(HalluVerb, bpy.types.Operator):
    """Set the network, the points between steps, and how each clip rises and falls"""

    bl_idname = "ganreact.hallu_settings"
    bl_label = "Hallu Settings"

    model: StringProperty(name="Model", subtype="FILE_PATH", description="A GANSynth folder or file; empty is the embedded one")
    components: StringProperty(name="Components", subtype="FILE_PATH", description="Principal components; empty has them found")
    edit: EnumProperty(name="Sound", items=_items("edit"), description="Sliders alone, sliders added to a seed, or seeds alone")
    pitch: FloatProperty(name="Pitch", min=-1.0, max=127.0, default=-1.0, description="MIDI number; -1 is the lowest trained")
    between: IntProperty(name="Points Between", min=0, max=64, soft_max=16, description="Clips between two steps")
    interpolation: EnumProperty(name="Interpolation", items=_items("interpolation"), description="The way from step to step")
    trim_s: _time("Trim", "Left silent at a clip's beginning")
    attack_s: _time("Attack", "In which a clip rises")
    sustain_s: _time("Sustain", "In which it stays")
    release_s: _time("Release", "In which it falls")
    trim_tail: BoolProperty(name="Trim Tail", description="The strip ends where nothing more is heard")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Begin with what is set."""
        piece = hallu.settings_of(hallu.active(home(context)))
        for name in self._names():
            setattr(self, name, getattr(piece, name))
        self.pitch = -1.0 if piece.pitch is None else piece.pitch
        return context.window_manager.invoke_props_dialog(self)

    def work(self, context: bpy.types.Context) -> str | None:
        """Only what was given changes."""
        control = hallu.active(home(context))
        given = {name: getattr(self, name) for name in self._names() if self.properties.is_property_set(name)}
        if self.properties.is_property_set("pitch"):
            given["pitch"] = None if self.pitch < 0 else self.pitch
        hallu.store(control, replace(hallu.settings_of(control), **given))
        return None

    def _names(self) -> tuple[str, ...]:
        times = (name for name in _TIMES if name != "spacing_s")
        return ("model", "components", "edit", "between", "interpolation", "trim_tail", *times)


class HearHallu(SoundVerb, bpy.types.Operator):
    """Hear the sliders as they stand"""

    bl_idname = "ganreact.hear_hallu"
    bl_label = "Hear"

    def work(self, context: bpy.types.Context) -> str | None:
        """Start the job; its end plays the clip."""
        hallu_playing.hear_step(context, hallu.active(home(context)))
        return None


class LiveHallu(SoundVerb, bpy.types.Operator):
    """Repeat the clip of the sliders, and let it follow them"""

    bl_idname = "ganreact.live_hallu"
    bl_label = "Loop"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """A running loop can always be stopped."""
        return hallu_playing.is_live() or super().poll(context)

    def work(self, context: bpy.types.Context) -> str | None:
        """On or off."""
        if hallu_playing.is_live():
            hallu_playing.rest()
        else:
            hallu_playing.follow(home(context))
        return None


class RenderSound(SoundVerb, bpy.types.Operator):
    """Make the sound of all steps, and put it into the Sequencer where they lie"""

    bl_idname = "ganreact.render_sound"
    bl_label = "Render Sound"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs two steps."""
        return super().poll(context) and allowed(
            cls, {"One step is too few for a piece: go to another frame and add a second": len(hallu.step_frames(
                hallu.active(home(context)))) < 2})

    def work(self, context: bpy.types.Context) -> str | None:
        """Start the job; its end is the strip. What was made before is not made again."""
        scene = home(context)
        control = hallu.active(scene)
        piece = hallu.piece_of(scene, control)
        out = hallu.sound_file(piece)
        finish = {"filepath": str(out), "frame": round(hallu.step_frames(control)[0]), "scene": scene.name}
        if out.is_file():
            call_operator("place_hallu_sound", finish)  # with the undo step that a job's end has
            return None
        session.start(context, "hallu", hallu.arguments(piece, out, engine_choice(context).device), title="Making sound",
                      finish=("place_hallu_sound", finish))
        return None


class PlaceHalluSound(Verb, bpy.types.Operator):
    """Put a sound that was made into the Sequencer, instead of the one made before"""

    bl_idname = "ganreact.place_hallu_sound"
    bl_label = "Render Sound"
    bl_options = frozenset({"REGISTER", "UNDO", "INTERNAL"})

    filepath: StringProperty(options={"SKIP_SAVE"})
    frame: IntProperty(options={"SKIP_SAVE"})
    scene: StringProperty(options={"SKIP_SAVE"})

    def work(self, context: bpy.types.Context) -> str | None:
        """One strip, on the channel it had."""
        scene = bpy.data.scenes.get(self.scene) or home(context)
        strips.place_sound(scene, "Hallu", as_path(self.filepath), self.frame)
        sequencer_views.show_in_sequencer(context, scene)
        return None


class PlayHallu(Verb, bpy.types.Operator):
    """Play a clip that was made"""

    bl_idname = "ganreact.hallu_play"
    bl_label = "Play"
    bl_options = frozenset({"INTERNAL"})

    filepath: StringProperty(options={"SKIP_SAVE"})

    def work(self, context: bpy.types.Context) -> str | None:
        """Once."""
        hallu_playing.play(Path(self.filepath))
        return None


class SwapHallu(Verb, bpy.types.Operator):
    """Let the loop go on with the next clip"""

    bl_idname = "ganreact.hallu_swap"
    bl_label = "Play"
    bl_options = frozenset({"INTERNAL"})

    filepath: StringProperty(options={"SKIP_SAVE"})

    def work(self, context: bpy.types.Context) -> str | None:
        """If it still runs."""
        hallu_playing.swap(self.filepath)
        return None


CLASSES = (AddHallu, RemoveHallu, HalluStep, MoveHalluStep, HalluSettings, HearHallu, LiveHallu, RenderSound, PlaceHalluSound,
           PlayHallu, SwapHallu)
