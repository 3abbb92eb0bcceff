"""Verbs that make films: one written by the engine, and Blender's own set up."""

from __future__ import annotations

import bpy
from bpy.props import StringProperty

from ...ganreact_core.arguments import FILMS
from .. import baking, controls, filming, frames, materials
from ..place import home
from ..session import session
from .base import AnyLookVerb, RenderVerb, Verb, as_path


class WriteFilm(RenderVerb, Verb, bpy.types.Operator):
    """Write the frames of this look into a film, with all that is heard, exactly in step; other pictures of the Sequencer are
    not in it"""

    bl_idname = "ganreact.write_film"
    bl_label = "Write Film"

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})
    check_existing: bpy.props.BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})
    filter_glob: StringProperty(default=";".join(f"*{ending}" for ending in FILMS), options={"HIDDEN"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Propose a name beside the file."""
        look = controls.patch_of(controls.active_look(home(context))).look
        self.filepath = bpy.path.abspath(f"//{look.id}.mp4") if bpy.data.filepath else f"{look.id}.mp4"
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def work(self, context: bpy.types.Context) -> str | None:
        """Start the job; frames that are missing or stale end it with a sentence."""
        scene, path = home(context), as_path(self.filepath)
        look_control = controls.active_look(scene)
        if path.suffix.lower() not in FILMS:
            path = path.with_name(f"{path.name}.mp4")
        wanted = frames.wanted_frames(scene, look_control)
        bundle = frames.make_bundle(scene, look_control, frames.frames_folder(scene, look_control), wanted)
        why = filming.why_blender(scene, look_control, wanted)
        left_out = "" if not why or "does not show" in why else f"; {why}, which is not in it"
        session.start(context, "film", filming.job(scene, bundle, wanted, path.absolute()), title=f"Writing {path.name}",
                      finish=("film_written", {"text": f"{path.name} is written{left_out}"}))
        return None


class FilmWritten(bpy.types.Operator):
    """Say that a film is there"""

    bl_idname = "ganreact.film_written"
    bl_label = "Film Written"
    bl_options = frozenset({"INTERNAL"})

    text: StringProperty(options={"HIDDEN", "SKIP_SAVE"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        """In the status bar, and in the panel until it is dismissed."""
        session.notice = f"{self.text}. {session.notice}".removesuffix(". ")
        self.report({"INFO"}, self.text)
        return {"FINISHED"}


class FilmSettings(AnyLookVerb, bpy.types.Operator):
    """Set the scene up to render the whole Sequencer as an .mp4 with sound, as long as the sound"""

    bl_idname = "ganreact.film_settings"
    bl_label = "Set Up Film"

    def work(self, context: bpy.types.Context) -> str | None:
        """Output settings and the frame range; rendering is Blender's own Render Animation."""
        scene = home(context)
        look_control = controls.active_look(scene)
        patch, span = controls.patch_of(look_control), baking.frames_of(scene, look_control)
        materials.film_settings(scene, f"//{patch.look.id}.mp4", patch.look.size)
        scene.frame_start, scene.frame_end = span[0], span[-1]
        return f"Render > Render Animation now makes {patch.look.id}.mp4"


CLASSES = (WriteFilm, FilmWritten, FilmSettings)
