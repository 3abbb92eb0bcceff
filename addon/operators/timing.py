"""Verbs about time: another frame rate, a new recording, sections that were dragged, a nudge, a tempo tapped by hand."""

from __future__ import annotations

from dataclasses import replace

import bpy
from bpy.props import FloatProperty, IntProperty

from ...ganreact_core.corrections import Tempo
from ...ganreact_core.errors import LookError
from .. import baking, conforming, controls, listening, markers, moving, tapping
from ..documents import Hearing
from ..place import home
from ..strips import fps_of
from .audio_verb import AudioVerb, bake_again, bake_here, require_bakeable, why_not
from .base import Verb, allowed


class Conform(AudioVerb, bpy.types.Operator):
    """Keep everything where it is in seconds at the scene's frame rate: strips, markers, keys with their handles, envelopes"""

    bl_idname = "ganreact.conform"
    bl_label = "Conform to Frame Rate"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs another frame rate than that of the bake."""
        scene = home(context)
        control = controls.active_audio(scene)
        before = controls.hearing_of(control).bake if control else None
        same = before is not None and abs(before.fps - fps_of(scene)) < 1e-6
        return allowed(cls, {**why_not(context), "The frame rate is the one that was baked": same})

    def work(self, context: bpy.types.Context) -> str | None:
        """Strips first, so that envelopes are baked to where they are then; nothing moves unless all of them can follow."""
        scene, control = home(context), self.control(context)
        ours = filter(controls.is_own, controls.find(scene, "audio"))
        following = [other for other in ours if controls.hearing_of(other).features]
        for other in following:
            require_bakeable(scene, other)
        keys = conforming.conform(scene, controls.hearing_of(control).bake)
        for other in following:
            conforming.conform_beside(other, scene)
            bake_here(scene, other)
        return f"everything is at {fps_of(scene):g} frames a second; {keys} keys moved"


class MoveKeysWithMusic(AudioVerb, bpy.types.Operator):
    """Move keys made by hand to where their moment is in the new recording"""

    bl_idname = "ganreact.move_keys_with_music"
    bl_label = "Move Keys with the Music"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs an earlier recording to compare with."""
        control = controls.active_audio(home(context))
        return allowed(cls, {**why_not(context), "Analyse another recording of this strip first":
                             not (control and controls.hearing_of(control).earlier)})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """List what moves."""
        return context.window_manager.invoke_props_dialog(self, width=420)

    def draw(self, context: bpy.types.Context) -> None:
        """A line a parameter."""
        plan = moving.planned(home(context), self.control(context), _with_music(self.control(context)))
        for one in plan[:20]:
            self.layout.label(text=str(one), icon="KEYFRAME")
        if len(plan) > 20 or not plan:
            self.layout.label(text=f"and {len(plan) - 20} more" if plan else "No key moves")

    def work(self, context: bpy.types.Context) -> str | None:
        """Keys of looks, and of envelopes that were turned into keys."""
        control = self.control(context)
        moved = _with_music(control)
        plan = moving.planned(home(context), control, moved)
        n = moving.move(plan, moved)
        _forget_earlier(control)
        return f"{n} keys of {len(plan)} parameters moved with the music"


class LeaveKeys(AudioVerb, bpy.types.Operator):
    """Leave keys made by hand where they are, and do not ask again about this recording"""

    bl_idname = "ganreact.leave_keys"
    bl_label = "Leave Keys"

    def work(self, context: bpy.types.Context) -> str | None:
        """Forget the earlier recording."""
        _forget_earlier(self.control(context))
        return None


class RetimeSections(AudioVerb, bpy.types.Operator):
    """Read the section markers that were dragged: sections begin there, and keys made by hand move with them"""

    bl_idname = "ganreact.retime_sections"
    bl_label = "Re-time"

    def work(self, context: bpy.types.Context) -> str | None:
        """Keys are stretched between sections; envelopes of sections are made again."""
        scene, control = home(context), self.control(context)
        hearing = controls.hearing_of(control)
        shown = listening.corrected_of(control)
        if not markers.dragged(scene, shown, hearing.placed):
            raise LookError("no marker of a section was dragged; drag those named GR first")
        moved = markers.frame_map(scene, shown, hearing.placed)
        starts = markers.starts_moved(scene, baking.heard_in(hearing.features), shown, hearing.placed)
        n = moving.move(moving.planned(scene, control, moved), moved)
        controls.store_hearing(control, replace(hearing, corrections=replace(hearing.corrections, sections=starts)))
        bake_again(scene, control)
        return f"{len(starts)} sections begin elsewhere than heard; {n} keys moved with them"


class Nudge(AudioVerb, bpy.types.Operator):
    """Let the picture follow the sound a little later or earlier"""

    bl_idname = "ganreact.nudge"
    bl_label = "Nudge"

    milliseconds: FloatProperty(name="Later by (ms)", soft_min=-200, soft_max=200, min=-60_000, max=60_000, precision=1,
                                description="Envelopes come so much later than the sound; earlier where negative")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Begin with what is set."""
        self.milliseconds = 1000 * controls.hearing_of(self.control(context)).nudge_s
        return context.window_manager.invoke_props_dialog(self)

    def work(self, context: bpy.types.Context) -> str | None:
        """Bake again, so much later."""
        control = self.control(context)
        hearing = baking.collected(control)
        baking.heard_in(hearing.features)  # before anything is changed
        controls.store_hearing(control, replace(hearing, nudge_s=self.milliseconds / 1000))
        baking.bake(control, hearing.bake, fresh=True)
        markers.mark_sections(home(context), listening.corrected_of(control), controls.hearing_of(control).placed)
        return None


class TapTempo(Verb, bpy.types.Operator):
    """Tap along with the music while it plays, four times or more; then use the tempo"""

    bl_idname = "ganreact.tap_tempo"
    bl_label = "Tap"
    bl_options = frozenset({"INTERNAL"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs something that was heard."""
        return allowed(cls, why_not(context))

    def work(self, context: bpy.types.Context) -> str | None:
        """Nothing is written yet."""
        return tapping.tap(context, home(context), controls.hearing_of(controls.active_audio(home(context))))


class SetTempo(AudioVerb, bpy.types.Operator):
    """Use this tempo instead of the beats that were heard"""

    bl_idname = "ganreact.set_tempo"
    bl_label = "Set Tempo"

    bpm: FloatProperty(name="Beats per Minute", default=120, min=10, max=999, precision=3, description="Of all clocks")
    first_frame: FloatProperty(name="A Bar Begins at Frame", default=1, precision=2, description="Any bar's first beat will do")
    metre: IntProperty(name="Beats in a Bar", default=4, min=1, max=32, description="4 in most music, 3 in a waltz")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Begin with what was tapped, else with what was heard."""
        control = self.control(context)
        hearing, found = controls.hearing_of(control), listening.corrected_of(control)
        tempo = tapping.tempo() or hearing.corrections.tempo or Tempo(
            found.tempo_bpm or 120.0, float(next(iter(found.events.get("downbeats", ())), 0.0)))
        self.bpm, self.first_frame, self.metre = tempo.bpm, hearing.placed.frame_near(tempo.first_s), tempo.metre
        return context.window_manager.invoke_props_dialog(self)

    def work(self, context: bpy.types.Context) -> str | None:
        """Beats, bars and all clocks follow it."""
        control = self.control(context)
        hearing = baking.collected(control)
        tempo = Tempo(self.bpm, hearing.placed.time_of(self.first_frame), self.metre)
        tapping.forget()
        _bake_with_tempo(control, hearing, tempo)
        return f"clocks run at {self.bpm:g} beats per minute"


class ForgetTempo(AudioVerb, bpy.types.Operator):
    """Use the beats that were heard again"""

    bl_idname = "ganreact.forget_tempo"
    bl_label = "Beats as Heard"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs a tempo set by hand."""
        control = controls.active_audio(home(context))
        return allowed(cls, {**why_not(context), "The beats are those that were heard":
                             not (control and controls.hearing_of(control).corrections.tempo)})

    def work(self, context: bpy.types.Context) -> str | None:
        """Bake again."""
        control = self.control(context)
        _bake_with_tempo(control, baking.collected(control), None)
        return None


def _bake_with_tempo(control: controls.Control, hearing: Hearing, tempo: Tempo | None) -> None:
    """Beats, bars and clocks by this tempo, or as heard."""
    baking.heard_in(hearing.features)  # before anything is changed
    controls.store_hearing(control, replace(hearing, corrections=replace(hearing.corrections, tempo=tempo)))
    baking.bake(control, hearing.bake, fresh=True)


def _forget_earlier(control: controls.Control) -> None:
    """No earlier recording is compared with any more."""
    controls.store_hearing(control, replace(controls.hearing_of(control), earlier="", earlier_bake=None))


def _with_music(control: controls.Control) -> moving.Moved:
    hearing = controls.hearing_of(control)
    found = listening.aligned(hearing.earlier, hearing.features)
    return moving.between_bakes(hearing.earlier_bake, hearing.placed, found.moved)


CLASSES = (Conform, MoveKeysWithMusic, LeaveKeys, RetimeSections, Nudge, TapTempo, SetTempo, ForgetTempo)
