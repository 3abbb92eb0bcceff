"""Verbs about frames: preview, render, show them in the scene, make a film of them."""

from __future__ import annotations

import bpy
from bpy.props import BoolProperty, StringProperty

from ...ganreact_core.bundle import open_bundle
from .. import baking, controls, frames, materials, previewing, strips, viewing
from ..place import home
from ..preferences import engine_choice, engine_trouble
from ..session import session
from .base import JobVerb, LookVerb, Verb, allowed, busy

_FOR_EVER_S = 1e9
_NOBODY_WAITS = "Without a window nothing waits for the frames: use blender FILE.blend --command ganreact render"


class RenderVerb(JobVerb, LookVerb):
    """A verb that needs the engine and a look."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs a look and an idle engine."""
        return super().poll(context) and allowed(
            cls, {"The engine is at work": busy(), "The engine is missing": bool(engine_trouble(context))})


class Render(RenderVerb, Verb, bpy.types.Operator):
    """Make the frames that are missing or out of date; Blender stays usable meanwhile"""

    bl_idname = "ganreact.render"
    bl_label = "Render Frames"

    def work(self, context: bpy.types.Context) -> str | None:
        """Write the bundle, start the job; its end is `composite`."""
        scene = home(context)
        look_control = controls.active_look(scene)
        wanted = frames.wanted_frames(scene, look_control)
        bundle = frames.make_bundle(scene, look_control, frames.frames_folder(scene, look_control), wanted)
        asked = frames.render_arguments(bundle, look_control, wanted, engine_choice(context).device)
        asked["wait_for_disk_s"] = _FOR_EVER_S
        found = {"scene": scene.name, "look": look_control.name, "bundle": str(bundle.folder)}
        session.start(context, "render", asked, title="Rendering", finish=("composite", found))
        return _NOBODY_WAITS if bpy.app.background else None


class Preview(RenderVerb, Verb, bpy.types.Operator):
    """Make a small picture of this frame"""

    bl_idname = "ganreact.preview"
    bl_label = "Preview Frame"

    def work(self, context: bpy.types.Context) -> str | None:
        """Ask for it; it is shown in the panel."""
        previewing.ask(context, home(context))
        return None


class Live(RenderVerb, Verb, bpy.types.Operator):
    """Let the small picture follow the timeline and every slider"""

    bl_idname = "ganreact.live"
    bl_label = "Live"
    bl_options = frozenset({"INTERNAL"})

    def work(self, context: bpy.types.Context) -> str | None:
        """On, or off again."""
        if previewing.is_live():
            previewing.rest()
        else:
            previewing.follow(home(context))
        return None


class ShowLiveImage(LookVerb, bpy.types.Operator):
    """Show the live picture in an Image Editor, as large as you like"""

    bl_idname = "ganreact.show_live_image"
    bl_label = "Live Picture in Image Editor"
    bl_options = frozenset({"INTERNAL"})

    def work(self, context: bpy.types.Context) -> str | None:
        """Use an Image Editor that is open, else a window of its own."""
        image = viewing.live_image()
        area = next((a for a in context.screen.areas if a.type == "IMAGE_EDITOR"), None) if context.screen else None
        if area is None and context.screen:
            bpy.ops.wm.window_new()
            area = context.window_manager.windows[-1].screen.areas[0]
            area.ui_type = "IMAGE_EDITOR"
        if area:
            area.spaces.active.image = image
        if not previewing.is_live():
            previewing.follow(home(context))
        return None


class Composite(LookVerb, bpy.types.Operator):
    """Show the frames: a strip above the sound, a material, and colours as the network made them"""

    bl_idname = "ganreact.composite"
    bl_label = "Show Frames"

    scene: StringProperty(options={"SKIP_SAVE", "HIDDEN"})
    look: StringProperty(options={"SKIP_SAVE", "HIDDEN"})
    bundle: StringProperty(options={"SKIP_SAVE", "HIDDEN"})
    plane: BoolProperty(name="Plane", description="Also add a plane that shows them in the 3D scene")

    def work(self, context: bpy.types.Context) -> str | None:
        """One undo step; refuses where a frame is missing, since the Sequencer would show nothing for it."""
        scene = bpy.data.scenes.get(self.scene) or home(context)
        look_control = scene.objects.get(self.look) or controls.active_look(scene)
        bundle = open_bundle(self.bundle or frames.frames_folder(scene, look_control))
        frames.require_done(bundle, bundle.frame_numbers())
        frames.place(scene, look_control, bundle, bundle.frame_numbers(), frames.Placing(plane=self.plane))
        baking.write_result(scene, look_control, bundle.table)
        strips.show_in_sequencer(context, scene)
        return f"{bundle.table.n_frames} frames from frame {bundle.table.first_frame} on"


class FilmSettings(LookVerb, bpy.types.Operator):
    """Set the scene up to render the Sequencer as an .mp4 with sound, as long as the sound"""

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


class UpdateResult(LookVerb, bpy.types.Operator):
    """Write keys and music together onto the result control, to be seen in the Graph Editor and read by drivers"""

    bl_idname = "ganreact.update_result"
    bl_label = "Update Result"

    def work(self, context: bpy.types.Context) -> str | None:
        """Evaluate, and write samples."""
        scene = home(context)
        look_control = controls.active_look(scene)
        evaluated = baking.table_of(scene, look_control)
        baking.write_result(scene, look_control, evaluated.table)
        stepped = [f"{name} ({why})" for name, why in evaluated.ways.items() if why]
        return f"read frame by frame: {', '.join(stepped)}" if stepped else None


class OpenFolder(LookVerb, bpy.types.Operator):
    """Open the folder of the frames"""

    bl_idname = "ganreact.open_folder"
    bl_label = "Open Folder"
    bl_options = frozenset({"INTERNAL"})

    def work(self, context: bpy.types.Context) -> str | None:
        """In the system's file browser."""
        scene = home(context)
        folder = frames.frames_folder(scene, controls.active_look(scene)) / "frames"
        if not folder.is_dir():
            return "There are no frames yet"
        bpy.ops.wm.path_open(filepath=str(folder))
        return None


class ShowCurves(LookVerb, bpy.types.Operator):
    """Show this look's keys in a Graph Editor: the controls are not selectable, so it must not filter by selection"""

    bl_idname = "ganreact.show_curves"
    bl_label = "Show Keys"
    bl_options = frozenset({"INTERNAL"})

    def work(self, context: bpy.types.Context) -> str | None:
        """Use a Graph Editor that is open, else a window of its own."""
        area = next((a for a in context.screen.areas if a.type == "GRAPH_EDITOR"), None)
        if area is None:
            bpy.ops.wm.window_new()
            area = context.window_manager.windows[-1].screen.areas[0]
            area.ui_type = "FCURVES"
        filters = area.spaces.active.dopesheet
        filters.show_only_selected, filters.filter_text = False, ""
        return None


CLASSES = (Render, Preview, Live, ShowLiveImage, Composite, FilmSettings,
           UpdateResult, OpenFolder, ShowCurves)
