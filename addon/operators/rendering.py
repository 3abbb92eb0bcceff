"""Verbs about frames: make them, count them, how large they are, let them come round."""

from __future__ import annotations

import time
from dataclasses import replace

import bpy
from bpy.props import BoolProperty, IntProperty, StringProperty

from ...ganreact_core.bundle import Bundle, open_bundle
from ...ganreact_core.messages import Progress
from ...ganreact_core.patches import Patch
from .. import controls, counting, frames, hands, looping, materials, strips
from ..errands import Errand
from ..place import home
from ..preferences import engine_choice
from ..session import session
from .base import AnyLookVerb, Asking, LookVerb, RenderVerb, ShowVerb, Verb, change

_FOR_EVER_S = 1e9
_SHOWN_EVERY_S = 1.0
_NOBODY_WAITS = "Without a window nothing waits for the frames: use blender FILE.blend --command ganreact render"


class Render(RenderVerb, Verb, bpy.types.Operator):
    """Make the frames that are missing or out of date; they appear as they are done, and Blender stays usable"""

    bl_idname = "ganreact.render"
    bl_label = "Render Frames"

    every: BoolProperty(name="All Looks", options={"SKIP_SAVE"}, description="Every look of the scene, one after the other")

    def work(self, context: bpy.types.Context) -> str | None:
        """Write the bundles, start the jobs; the end of each is `composite`."""
        scene = home(context)
        for look_control in controls.find(scene, "look") if self.every else [controls.active_look(scene)]:
            _start(context, scene, look_control)
        return _NOBODY_WAITS if bpy.app.background else None


def _start(context: bpy.types.Context, scene: bpy.types.Scene, look_control: controls.Control) -> None:
    wanted = frames.wanted_frames(scene, look_control)
    bundle = frames.make_bundle(scene, look_control, frames.frames_folder(scene, look_control), wanted)
    asked = frames.render_arguments(bundle, look_control, wanted, engine_choice(context).device)
    asked["wait_for_disk_s"] = _FOR_EVER_S
    found = {"scene": scene.name, "look": look_control.name, "bundle": str(bundle.folder)}
    label = controls.patch_of(look_control).look.label
    session.start(context, "render", asked, title=f"Rendering {label}", finish=("composite", found),
                  on_progress=_Shower(Errand(context, "show_early", found), label, bundle).take)


class _Shower:
    """Shows frames while a job makes them: a strip that grows, at most once a second."""

    def __init__(self, errand: Errand, label: str, bundle: Bundle):
        self.errand, self.label, self.bundle = errand, label, bundle
        self.next, self.is_placed = 0.0, False

    def take(self, progress: Progress) -> None:
        """A frame is done."""
        if progress.frame is None or time.monotonic() < self.next or hands.are_full():
            return
        scene, look_control = self.errand.scene, self.errand.control("look")
        if scene is None or look_control is None:
            return
        self.next = time.monotonic() + _SHOWN_EVERY_S
        counting.count.is_due = True
        if not self.is_placed and self.bundle.frame_path(self.bundle.frame_numbers()[0]).is_file():
            self.is_placed = True
            self.errand.run()
        elif strips.strip_of_frames(scene, self.label) is not None:  # an artist may have undone it
            frames.place_early(scene, look_control, self.bundle, self.bundle.frame_numbers())
        strips.show_again(scene, self.label)
        materials.show_again(scene, self.label)


class ShowEarly(ShowVerb, bpy.types.Operator):
    """Show frames in the Sequencer while they are being made"""

    bl_idname = "ganreact.show_early"
    bl_label = "Show Frames Being Made"

    bundle: StringProperty(options={"SKIP_SAVE", "HIDDEN"})

    def place(self, scene: bpy.types.Scene, look_control: controls.Control) -> bool:
        """A strip, where none shows these frames already."""
        bundle = open_bundle(self.bundle or frames.frames_folder(scene, look_control))
        return frames.place_early(scene, look_control, bundle, bundle.frame_numbers())


class CountFrames(AnyLookVerb, bpy.types.Operator):
    """Count the frames that a render would make: those that are missing, and those that would look different now"""

    bl_idname = "ganreact.count_frames"
    bl_label = "Count Frames"
    bl_options = frozenset({"REGISTER"})

    def work(self, context: bpy.types.Context) -> str | None:
        """Writes nothing."""
        scene = home(context)
        look_control = controls.active_look(scene)
        counting.count.about = (scene.name, look_control.name)
        counting.count_now(scene, look_control, wait=True)
        return counting.sentence_of(scene, look_control)


class OpenFolder(AnyLookVerb, bpy.types.Operator):
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


class SizeFromScene(LookVerb, bpy.types.Operator):
    """Make frames as large as the scene's output"""

    bl_idname = "ganreact.size_from_scene"
    bl_label = "Size from Scene"

    def work(self, context: bpy.types.Context) -> str | None:
        """Width and height; the detail stays."""
        size = frames.size_of_scene(home(context))

        def sized(patch: Patch) -> Patch:
            return replace(patch, look=replace(patch.look, size=size))

        change(context, sized)
        return f"Frames are {size[0]} × {size[1]} now"


class LoopAndTile(Asking, bpy.types.Operator):
    """Make a seamless texture: the picture tiles, and the last frame leads to the first"""

    bl_idname = "ganreact.loop_and_tile"
    bl_label = "Loop and Tile"

    length: IntProperty(name="Frames", default=96, min=2, max=100_000, description="After so many frames it begins again")
    side: IntProperty(name="Side", default=512, min=16, max=8192, subtype="PIXEL", description="Of the square tile")
    instead: BoolProperty(name="Replace Keys", default=True,
                          description="Keys that phases of noise and places on paths have already are replaced")
    mute: BoolProperty(name="Without the Music",
                       description="Mute the routes: what the music moves does not come round by itself")

    def work(self, context: bpy.types.Context) -> str | None:
        """Canvas, loops of noise, a closed path keyed once round."""
        scene = home(context)
        look_control = controls.active_look(scene)
        kept = looping.make_loop(scene, look_control, self.length, self.side, instead=self.instead, mute=self.mute)
        if kept:
            return f"Keyed already, so left alone: {', '.join(kept)}"
        moved = sum(not route.mute for route in controls.patch_of(look_control).routes)
        left = f", but for what {moved} routes move with the music" if moved else ""
        return f"Frames {scene.frame_start}–{scene.frame_end} loop{left}"


CLASSES = (Render, ShowEarly, CountFrames, OpenFolder, SizeFromScene, LoopAndTile)
