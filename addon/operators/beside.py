"""Verbs about files beside the sound: MIDI clips, tables, other sounds, each with a place of its own in time."""

from __future__ import annotations

import bpy
from bpy.props import FloatProperty, StringProperty

from ...ganreact_core.files import file_sha256
from ...ganreact_core.listening import Listening
from .. import baking, beside, controls, endings, properties
from ..documents import Beside
from ..kept_paths import kept_path
from ..place import home
from ..preferences import engine_trouble
from ..session import session
from .audio_verb import AudioVerb, bake_again, why_not
from .base import FileVerb, JobVerb, Verb, allowed, as_path, busy


class AddBeside(JobVerb, FileVerb, Verb, bpy.types.Operator):
    """Put a MIDI clip, a table (CSV, TSV) or another sound beside the sound: envelopes can listen to it"""

    bl_idname = "ganreact.add_beside"
    bl_label = "Add MIDI or Table"

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_glob: StringProperty(default=endings.pattern(endings.BESIDE), options={"HIDDEN"})
    frame: FloatProperty(name="Begins at Frame", options={"SKIP_SAVE"}, description="0 takes the sound's first frame")
    rate_hz: FloatProperty(name="Rows per Second", min=0.0, max=1e5, options={"SKIP_SAVE"},
                           description="Of a table without times")

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs a sound that was heard, and an idle engine."""
        return allowed(cls, {**why_not(context), "The engine is at work": busy(),
                             "The engine is missing": bool(engine_trouble(context))})

    def work(self, context: bpy.types.Context) -> str | None:
        """Start the job; its end is `remember_beside`."""
        scene, path = home(context), as_path(self.filepath)
        beside.require_file(path)
        control = controls.active_audio(scene)
        what = Listening(str(path), rate_hz=self.rate_hz)
        features = what.kept_at()
        found = {"control": control.name, "file": str(path), "features": str(features), "sha256": file_sha256(path),
                 "rate_hz": self.rate_hz, "frame": self.frame or float(controls.hearing_of(control).bake.first_frame)}
        session.start(context, "analyze", {**what.as_arguments(), "features": str(features)}, title="Reading",
                      finish=("remember_beside", found))
        return None


class RememberBeside(Verb, bpy.types.Operator):
    """Bake what was read"""

    bl_idname = "ganreact.remember_beside"
    bl_label = "Add MIDI or Table"
    bl_options = frozenset({"REGISTER", "UNDO", "INTERNAL"})

    control: StringProperty(options={"SKIP_SAVE"})
    file: StringProperty(options={"SKIP_SAVE"})
    features: StringProperty(options={"SKIP_SAVE"})
    sha256: StringProperty(options={"SKIP_SAVE"})
    frame: FloatProperty(options={"SKIP_SAVE"})
    rate_hz: FloatProperty(options={"SKIP_SAVE"})

    def work(self, context: bpy.types.Context) -> str | None:
        """One undo step: the file, its envelopes, their samples."""
        scene, path = home(context), as_path(self.file)
        control = controls.named(scene, self.control) or controls.active_audio(scene)
        made = Beside("clip", path.stem, kept_path(path), self.frame, self.features, self.sha256, self.rate_hz)
        one, n = beside.remember(control, made)
        bake_again(scene, control)
        properties.refresh(scene)
        return f"'{one.label}' begins at frame {one.frame:g}, with {n} new envelopes"


class BesideVerb(AudioVerb):
    """A verb on one file beside the sound."""

    ident: StringProperty(name="File", options={"SKIP_SAVE"}, description="Which of the files beside the sound")


class PlaceBeside(BesideVerb, bpy.types.Operator):
    """Let it begin at another frame"""

    bl_idname = "ganreact.place_beside"
    bl_label = "Place"

    frame: FloatProperty(name="Begins at Frame", default=1.0, precision=2, description="The scene frame of its first moment")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Begin with where it is."""
        self.frame = beside.one_of(self.control(context), self.ident).frame
        return context.window_manager.invoke_props_dialog(self)

    def work(self, context: bpy.types.Context) -> str | None:
        """Its envelopes move with it."""
        beside.place(self.control(context), self.ident, self.frame)
        return None


class RemoveBeside(BesideVerb, bpy.types.Operator):
    """Take it away, with the envelopes that listen to it"""

    bl_idname = "ganreact.remove_beside"
    bl_label = "Remove"

    def work(self, context: bpy.types.Context) -> str | None:
        """Routes that started there move nothing."""
        control = self.control(context)
        controls.store_hearing(control, baking.collected(control))
        beside.remove(control, self.ident)
        properties.refresh(home(context))
        return None


CLASSES = (AddBeside, RememberBeside, PlaceBeside, RemoveBeside)
