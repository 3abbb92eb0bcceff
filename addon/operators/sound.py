"""Verbs about sound: listen, bake, take an envelope into one's own hands."""

from __future__ import annotations

from pathlib import Path

import bpy
from bpy.props import StringProperty

from ...ganreact_core.features import load_features
from .. import baking, controls, fcurves, listening, markers, properties, strips
from ..engine_python import forget_probes
from ..place import home
from ..preferences import engine_trouble
from ..session import session
from .base import JobVerb, Verb, allowed, as_path, busy


class AddSound(Verb, bpy.types.Operator):
    """Put a song on the Sequencer; the scene becomes as long as the song"""

    bl_idname = "ganreact.add_sound"
    bl_label = "Add Sound"

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_glob: StringProperty(default="*.wav;*.flac;*.mp3;*.ogg;*.opus;*.m4a;*.aac;*.aif;*.aiff", options={"HIDDEN"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask for a file."""
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def work(self, context: bpy.types.Context) -> str | None:
        """A strip from the scene's first frame on."""
        scene = home(context)
        strip = strips.add_sound(scene, as_path(self.filepath), scene.frame_start)
        scene.frame_end = strips.sound_of(scene, strip.name).last
        strips.show_in_sequencer(context, scene)
        return None


class Analyse(JobVerb, Verb, bpy.types.Operator):
    """Listen to the sound: find beats, drums and chords, and bake them as envelopes"""

    bl_idname = "ganreact.analyse"
    bl_label = "Analyse"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs a sound and an idle engine."""
        return allowed(cls, {"Add a sound to the Sequencer first": not strips.sound_strips(home(context)),
                             "The engine is at work": busy(), "The engine is missing": bool(engine_trouble(context))})

    def work(self, context: bpy.types.Context) -> str | None:
        """Start the job; its end is `remember`."""
        scene = home(context)
        question = listening.question_about(scene, scene.ganreact.strip)
        found = {"scene": scene.name, "strip": question.sound.name, "sha256": question.sha256,
                 "features": str(question.features)}
        session.start(context, "analyze", question.arguments, title="Listening", finish=("remember", found))
        return None


class Remember(Verb, bpy.types.Operator):
    """Bake what was heard"""

    bl_idname = "ganreact.remember"
    bl_label = "Analyse Sound"
    bl_options = frozenset({"REGISTER", "UNDO", "INTERNAL"})

    scene: StringProperty(options={"SKIP_SAVE"})
    strip: StringProperty(options={"SKIP_SAVE"})
    sha256: StringProperty(options={"SKIP_SAVE"})
    features: StringProperty(options={"SKIP_SAVE"})

    def work(self, context: bpy.types.Context) -> str | None:
        """One undo step: control, envelopes, samples."""
        scene = bpy.data.scenes.get(self.scene) or home(context)
        control, kept = listening.remember(scene, self.strip, self.sha256, self.features)
        for look_control in controls.find(scene, "look"):
            if controls.audio_of(look_control) is None:
                look_control[controls.AUDIO] = control
        markers.mark_sections(scene, load_features(self.features), controls.hearing_of(control).bake)
        properties.refresh(scene)
        return _baked(controls.hearing_of(control), kept)


class Bake(Verb, bpy.types.Operator):
    """Bake the envelopes again, where the strip is now; keys made by hand stay"""

    bl_idname = "ganreact.bake"
    bl_label = "Bake Again"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs something that was heard."""
        audio_control = controls.active_audio(home(context))
        heard = audio_control is not None and bool(controls.hearing_of(audio_control).features)
        return allowed(cls, {"Analyse the sound first": not heard})

    def work(self, context: bpy.types.Context) -> str | None:
        """Bake to where the strip is."""
        scene = home(context)
        audio_control = controls.active_audio(scene)
        where = strips.sound_of(scene, controls.hearing_of(audio_control).strip).bake
        kept = baking.bake(audio_control, where)
        markers.mark_sections(scene, load_features(controls.hearing_of(audio_control).features), where)
        return _baked(controls.hearing_of(audio_control), kept)


class ShowHeard(Verb, bpy.types.Operator):
    """Open the picture of what was heard: beats, drums, chords, sections"""

    bl_idname = "ganreact.show_heard"
    bl_label = "What Was Heard"
    bl_options = frozenset({"INTERNAL"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs the picture, which is kept with what was heard."""
        return allowed(cls, {"Analyse the sound first": _plot(context) is None})

    def work(self, context: bpy.types.Context) -> str | None:
        """In the system's own viewer."""
        bpy.ops.wm.path_open(filepath=str(_plot(context)))
        return None


class EnvelopeToKeys(Verb, bpy.types.Operator):
    """Turn this envelope into keys for the Graph Editor; from then on it is yours and is not baked over"""

    bl_idname = "ganreact.envelope_to_keys"
    bl_label = "Convert to Keys"

    envelope: StringProperty()

    def work(self, context: bpy.types.Context) -> str | None:
        """Samples become keys, shown and unlocked."""
        fcurves.samples_to_keys(controls.active_audio(home(context)), self.envelope)
        return f"'{self.envelope}' is yours now; baking leaves it alone"


class Cancel(bpy.types.Operator):
    """Stop after the frame that is being made; what is done stays, and the next render goes on from there"""

    bl_idname = "ganreact.cancel"
    bl_label = "Cancel"
    bl_options = frozenset({"INTERNAL"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Ask every job to stop."""
        session.cancel()
        return {"FINISHED"}


class Dismiss(bpy.types.Operator):
    """Read and done"""

    bl_idname = "ganreact.dismiss"
    bl_label = "Dismiss"
    bl_options = frozenset({"INTERNAL"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Forget the notice."""
        session.notice = ""
        return {"FINISHED"}


class LookForEngine(bpy.types.Operator):
    """Look again whether the Python chosen here has what the engine needs"""

    bl_idname = "ganreact.look_for_engine"
    bl_label = "Look Again"
    bl_options = frozenset({"INTERNAL"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Forget earlier answers, and ask."""
        forget_probes()
        trouble = engine_trouble(context)
        self.report({"WARNING" if trouble else "INFO"}, trouble or "The engine is ready")
        return {"FINISHED"}


def _plot(context: bpy.types.Context) -> Path | None:
    audio_control = controls.active_audio(home(context))
    features = controls.hearing_of(audio_control).features if audio_control else ""
    plot = Path(features).with_suffix(".png") if features else None
    return plot if plot and plot.is_file() else None


def _baked(hearing: controls.Hearing, kept: list[str]) -> str:
    where = f"{len(hearing.envelopes) - len(kept)} envelopes on frames {hearing.bake.first_frame}–{hearing.bake.last_frame}"
    return f"{where}; left as they are: {', '.join(kept)}" if kept else where


CLASSES = (AddSound, Analyse, Remember, Bake, ShowHeard, EnvelopeToKeys, Cancel,
           Dismiss, LookForEngine)
