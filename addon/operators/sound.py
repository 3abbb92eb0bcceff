"""Verbs about listening: add a sound, analyse it or what plays, choose stems, look at what was heard."""

from __future__ import annotations

import re
from pathlib import Path

import bpy
from bpy.props import BoolProperty, EnumProperty, StringProperty

from ...ganreact_core.listening import PARTS
from .. import controls, endings, listening, properties, sequencer_views, showing, strips
from ..place import home
from ..preferences import engine_trouble
from ..session import session
from .audio_verb import AudioVerb, baked_words, mark, names_of_sounds
from .base import FileVerb, JobVerb, Verb, allowed, as_path, busy

_NAMED = {"kick": r"kick|bassdrum|\bbd\b", "snare": r"snare|clap|\bsd\b", "hat": r"hat|cymbal|\bhh\b",
          "bass": r"bass|sub\b", "rest": r"keys|synth|pad|guitar|piano|melody|harmony|other|rest"}


class AddSound(FileVerb, Verb, bpy.types.Operator):
    """Put a song on the Sequencer; the scene becomes as long as the song"""

    bl_idname = "ganreact.add_sound"
    bl_label = "Add Sound"

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_glob: StringProperty(default=endings.pattern(endings.SOUNDS), options={"HIDDEN"})

    def work(self, context: bpy.types.Context) -> str | None:
        """A strip from the scene's first frame on; the scene becomes longer where it must, and as long for the first."""
        scene = home(context)
        first = not strips.sound_strips(scene)
        strip = strips.add_sound(scene, as_path(self.filepath), scene.frame_start)
        strips.make_room(scene, strip)
        sequencer_views.show_in_sequencer(context, scene)
        if first:
            sequencer_views.show_all(context)
        return None


class Analyse(JobVerb, Verb, bpy.types.Operator):
    """Listen to the sound: find beats, drums and chords, and bake them as envelopes"""

    bl_idname = "ganreact.analyse"
    bl_label = "Analyse"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs a sound and an idle engine."""
        return _can_listen(cls, context)

    def work(self, context: bpy.types.Context) -> str | None:
        """Start the job; its end is `remember`."""
        scene = home(context)
        _ask(context, scene, listening.question_about(scene, scene.ganreact.strip))
        return None


class AnalyseWhatPlays(JobVerb, Verb, bpy.types.Operator):
    """Listen to a mix of the Sequencer as it plays, with fades, retiming and equalisers, over the scene's frames"""

    bl_idname = "ganreact.analyse_what_plays"
    bl_label = "Analyse What Plays"

    selected: BoolProperty(name="Selected Strips Only", options={"SKIP_SAVE"},
                           description="Mix the sound strips that are selected; else all that are heard")

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs a sound and an idle engine."""
        return _can_listen(cls, context)

    def work(self, context: bpy.types.Context) -> str | None:
        """Mix, then start the job."""
        scene = home(context)
        _ask(context, scene, listening.question_about_what_plays(scene, selected=self.selected))
        return None


class Remember(Verb, bpy.types.Operator):
    """Bake what was heard"""

    bl_idname = "ganreact.remember"
    bl_label = "Analyse Sound"
    bl_options = frozenset({"REGISTER", "UNDO", "INTERNAL"})

    scene: StringProperty(options={"SKIP_SAVE"})
    strip: StringProperty(options={"SKIP_SAVE"})
    file: StringProperty(options={"SKIP_SAVE"})
    sha256: StringProperty(options={"SKIP_SAVE"})
    features: StringProperty(options={"SKIP_SAVE"})

    def work(self, context: bpy.types.Context) -> str | None:
        """One undo step: control, envelopes, samples."""
        scene = bpy.data.scenes.get(self.scene) or home(context)
        is_first = controls.active_audio(scene) is None
        control, kept = listening.remember(scene, self.strip, self.file, self.sha256, self.features)
        for look_control in filter(controls.is_own, controls.find(scene, "look")):
            audio = controls.audio_of(look_control)
            if audio is None or not audio.users_scene:  # deleted in the Outliner it is still held by the look
                look_control[controls.AUDIO] = control
        mark(scene, control)
        if is_first:
            sequencer_views.show_all(context)  # the markers are drawn over the lowest channel
        properties.refresh(scene)
        return baked_words(controls.hearing_of(control), kept)


class SetStem(AudioVerb, bpy.types.Operator):
    """Let a part of the music be heard on a strip of its own, instead of in the mix"""

    bl_idname = "ganreact.set_stem"
    bl_label = "Stem"

    part: EnumProperty(name="Part", items=tuple((part, part.capitalize(), "") for part in PARTS),
                       description="The part of the music that is on a strip of its own")
    strip: StringProperty(name="Strip", search=names_of_sounds,
                          description="The sound strip; empty gives the part back to the mix")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Begin with what is chosen."""
        self.strip = controls.hearing_of(self.control(context)).stems.get(self.part, "")
        return context.window_manager.invoke_props_dialog(self)

    def work(self, context: bpy.types.Context) -> str | None:
        """It is heard at the next analysis."""
        listening.choose_stem(self.control(context), self.part, self.strip)
        return f"'{self.strip}' is the {self.part} now; analyse again" if self.strip else f"the mix says the {self.part} again"


class FindStems(AudioVerb, bpy.types.Operator):
    """Take the strips that are named like parts (kick, snare, hat, bass, keys …) as stems"""

    bl_idname = "ganreact.find_stems"
    bl_label = "Find Stems"

    def work(self, context: bpy.types.Context) -> str | None:
        """By their names and those of their files; the strip that is listened to is none."""
        scene, control = home(context), self.control(context)
        hearing, found = controls.hearing_of(control), {}
        for strip in strips.sound_strips(scene):
            text = f"{strip.name} {strips.sound_path(strip).stem}".lower()
            part = next((part for part, named in _NAMED.items() if re.search(named, text.replace("_", " "))), None)
            if part and strip.name != hearing.strip and part not in found:
                found[part] = strip.name
        for part, name in found.items():
            listening.choose_stem(control, part, name)
        return f"{', '.join(f'{part}: {name}' for part, name in found.items())}; analyse again" if found else (
            "no strip is named like a part of the music")


class ShowHeard(Verb, bpy.types.Operator):
    """Show the picture of what was heard: beats, drums, chords, sections"""

    bl_idname = "ganreact.show_heard"
    bl_label = "What Was Heard"
    bl_options = frozenset({"INTERNAL"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs the picture, which is kept with what was heard."""
        return allowed(cls, {"Analyse the sound first": _plot(context) is None})

    def work(self, context: bpy.types.Context) -> str | None:
        """In an Image Editor of this window, or in a window of its own."""
        showing.show(context, _plot(context))
        return None


def _can_listen(cls: type, context: bpy.types.Context) -> bool:
    return allowed(cls, {"Add a sound to the Sequencer first": not strips.sound_strips(home(context)),
                         "The engine is at work": busy(), "The engine is missing": bool(engine_trouble(context))})


def _ask(context: bpy.types.Context, scene: bpy.types.Scene, question: listening.Question) -> None:
    found = {"scene": scene.name, **question.found}
    session.start(context, "analyze", question.arguments, title="Listening", finish=("remember", found))


def _plot(context: bpy.types.Context) -> Path | None:
    audio_control = controls.active_audio(home(context))
    features = controls.hearing_of(audio_control).features if audio_control else ""
    plot = Path(features).with_suffix(".png") if features else None
    return plot if plot and plot.is_file() else None


CLASSES = (AddSound, Analyse, AnalyseWhatPlays, Remember, SetStem, FindStems, ShowHeard)
