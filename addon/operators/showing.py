"""Verbs about what becomes of frames: strip, material, world, projector, the result's curves."""

from __future__ import annotations

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, StringProperty

from ...ganreact_core.bundle import Bundle, open_bundle
from ...ganreact_core.errors import LookError
from .. import baking, controls, frames, materials, proxies, sequencer_views, surfaces
from ..place import home
from .base import AnyLookVerb, LookVerb

_WAYS = (*surfaces.WAYS, ("WORLD", "World", "All around the scene"),
         ("PROJECTOR", "Projector", "A spot light that throws the picture onto what stands before it (in Cycles)"),
         ("PLANE", "Plane", "A plane that glows with the picture"))


class Composite(AnyLookVerb, bpy.types.Operator):
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
        look_control = controls.named(scene, self.look) or controls.active_look(scene)
        bundle = open_bundle(self.bundle or frames.frames_folder(scene, look_control))
        numbers = bundle.frame_numbers() if self.bundle else frames.chosen_of(scene, look_control, bundle)
        frames.require_done(bundle, numbers)
        frames.place(scene, look_control, bundle, numbers, frames.Placing(plane=self.plane))
        proxies.remove(scene, look_control)
        if controls.is_own(look_control):
            baking.write_result(scene, look_control, bundle.table)
        sequencer_views.show_in_sequencer(context, scene)
        return f"{len(numbers)} frames from frame {numbers[0]} on"


class UseFrames(AnyLookVerb, bpy.types.Operator):
    """Use the frames in the 3D scene: on the selected objects, as the world, or from a projector"""

    bl_idname = "ganreact.use_frames"
    bl_label = "Use Frames"

    way: EnumProperty(name="As", items=_WAYS, description="What shows the frames")
    height: FloatProperty(name="Height", default=0.1, min=0.0, soft_max=1.0, subtype="DISTANCE",
                          description="How far the brightest parts are raised")

    def work(self, context: bpy.types.Context) -> str | None:
        """The frames must be there; a tree that an artist has changed keeps what is his."""
        scene = home(context)
        look_control = controls.active_look(scene)
        bundle = open_bundle(frames.frames_folder(scene, look_control))
        numbers = frames.chosen_of(scene, look_control, bundle)
        frames.require_done(bundle, numbers)
        label = controls.patch_of(look_control).look.label
        material = materials.frames_material(label, [bundle.frame_path(f) for f in numbers], numbers[0], scene)
        return self._use(context, scene, material, bundle)

    def _use(self, context: bpy.types.Context, scene: bpy.types.Scene, material: bpy.types.Material,
             bundle: Bundle) -> str | None:
        picture, size = material.node_tree.nodes[materials.PICTURE_NODE], bundle.look.size
        if self.way == "WORLD":
            surfaces.use_as_world(scene, picture, material.name)
        elif self.way == "PROJECTOR":
            surfaces.use_as_projector(scene, picture, material.name, size[0] / size[1])
        elif self.way == "PLANE":
            materials.frames_plane(scene, material, size)
        else:
            surfaces.use_on_surface(material, self.way, self.height)
            chosen = [o for o in getattr(context, "selected_objects", []) if scene.objects.get(o.name) == o]
            if not surfaces.use_on_objects(material, chosen):
                raise LookError("nothing is selected that can have a material; select a mesh in the 3D viewport first")
        return None


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


CLASSES = (Composite, UseFrames, UpdateResult)
