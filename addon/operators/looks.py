"""Verbs about looks: add one from a patch, choose its network and size."""

from __future__ import annotations

from dataclasses import replace

import bpy
from bpy.props import BoolProperty, FloatProperty, IntProperty, StringProperty

from ...ganreact_core.models import EMBEDDED
from ...ganreact_core.patches import Patch, shipped_patches
from ...ganreact_core.surprise import find_patch
from ...ganreact_core.switching import switched
from .. import baking, controls, endings, fcurves, frames, previewing, properties, proxies, thumbnails
from ..documents import Hearing
from ..patching import patch_of_look
from ..place import home
from ..preferences import engine_trouble
from .base import LookVerb, Verb, allowed, as_path, change


class AddLook(Verb, bpy.types.Operator):
    """Add a look from the chosen patch; its envelopes are baked where the sound was heard"""

    bl_idname = "ganreact.add_look"
    bl_label = "Add Look"

    patch: StringProperty(name="Patch", description="A shipped patch by name, or a .json file; empty takes the panel's",
                          options={"SKIP_SAVE"})

    def work(self, context: bpy.types.Context) -> str | None:
        """Controls, values, keys, envelopes: one undo step."""
        is_file = self.patch.lower().endswith(".json")
        add_look(context, find_patch(str(as_path(self.patch)) if is_file else self.patch or home(context).ganreact.patch))
        return None


def add_look(context: bpy.types.Context, patch: Patch) -> None:
    """A look from a patch, listening to what was heard, and its live picture: what was just made is what one wants to see."""
    scene = home(context)
    show_new(scene, patch, controls.active_audio(scene) or controls.create_audio_control(scene, Hearing()))
    if not bpy.app.background and not engine_trouble(context):
        previewing.follow(scene)


def _other_looks(operator: bpy.types.Operator, context: bpy.types.Context, text: str) -> list[str]:
    scene = home(context)
    active = controls.active_look(scene)
    return [*(control.name for control in controls.find(scene, "look") if control != active), *shipped_patches()]


class SwitchLooks(LookVerb, bpy.types.Operator):
    """Make a new look of this one and another: each is shown in its own sections of the sound, and they cross over between"""

    bl_idname = "ganreact.switch_looks"
    bl_label = "Switch Looks by Section"

    other: StringProperty(name="Other Look", options={"SKIP_SAVE"}, search=_other_looks,
                          description="Another look of the scene, or a shipped patch")
    sections: StringProperty(name="In Sections", default="", description="Where the other one is shown: B, #2, loud, quiet; "
                             "empty: in the second, fourth … kind of section")
    crossfade_s: FloatProperty(name="Crossfade", default=2.0, min=0.0, max=60.0, unit="TIME_ABSOLUTE",
                               description="How long one look takes to become the other")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Propose another look of the scene."""
        self.other = self.other or _other_looks(self, context, "")[0]
        return context.window_manager.invoke_props_dialog(self)

    def work(self, context: bpy.types.Context) -> str | None:
        """Both stay as they are; the new one is chosen."""
        scene = home(context)
        control = controls.active_look(scene)
        other = controls.named(scene, self.other)
        second = patch_of_look(scene, other) if controls.kind_of(other) == "look" else find_patch(self.other)
        first = patch_of_look(scene, control)
        if second.look.model != first.look.model and controls.kind_of(other) != "look":
            second = replace(second, look=replace(second.look, model=first.look.model))
        made = switched([first, second], [self.sections] if self.sections else [], crossfade_s=self.crossfade_s)
        return show_new(scene, made, controls.audio_of(control) or controls.create_audio_control(scene, Hearing()))


def show_new(scene: bpy.types.Scene, patch: Patch, audio_control: controls.Control) -> None:
    """Add a look, bake its envelopes where the sound was heard, and choose it."""
    scene.ganreact.look = baking.add_look(scene, patch, audio_control)
    baked = controls.hearing_of(audio_control).bake
    if baked:
        baking.bake(audio_control, baked)
    properties.refresh(scene)


class AddLookMenu(bpy.types.Menu):
    """Another look beside this one, from a patch"""

    bl_idname = "GANREACT_MT_add_look"
    bl_label = "Add Look"

    def draw(self, context: bpy.types.Context) -> None:
        """Every shipped patch with its picture."""
        for name, text, _ in properties.patch_texts():
            icon = thumbnails.of_patch(name)
            button = (self.layout.operator("ganreact.add_look", text=text, icon_value=icon) if icon else
                      self.layout.operator("ganreact.add_look", text=text, icon="SHADERFX"))
            button.patch = name


class RemoveLook(LookVerb, bpy.types.Operator):
    """Remove this look with its keys; the envelopes and the frames stay"""

    bl_idname = "ganreact.remove_look"
    bl_label = "Remove Look"

    def work(self, context: bpy.types.Context) -> str | None:
        """Its controls go."""
        scene = home(context)
        look_control = controls.active_look(scene)
        result = look_control.get(controls.RESULT)
        proxies.remove(scene, look_control)
        controls.remove_control(look_control)
        if result is not None and not any(other.get(controls.RESULT) == result for other in controls.find(scene, "look")):
            controls.remove_control(result)
        scene.ganreact.look = None
        properties.refresh(scene)
        return None


class OwnKeys(Verb, bpy.types.Operator):
    """Give an overridden look keys of its own: a copy of the library's, which can be edited here"""

    bl_idname = "ganreact.own_keys"
    bl_label = "Keys of Its Own"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs a look that is overridden."""
        look_control = controls.active_look(home(context))
        return allowed(cls, {"Add a look first": look_control is None,
                             "The look is no library override": bool(look_control) and look_control.override_library is None})

    def work(self, context: bpy.types.Context) -> str | None:
        """An action in this file."""
        look_control = controls.active_look(home(context))
        fcurves.own_action(look_control, f"GANReact · {look_control.name}")
        return None


class ChooseModel(LookVerb, bpy.types.Operator):
    """Choose the network: a checkpoint file of StyleGAN, or the one that comes along"""

    bl_idname = "ganreact.choose_model"
    bl_label = "Choose Network"

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_glob: StringProperty(default=endings.pattern(endings.NETWORKS, "saved_model.pb"), options={"HIDDEN"})
    embedded: BoolProperty(name="Embedded", options={"SKIP_SAVE"}, description="The small network that comes along")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask for a file, unless the embedded one is wanted."""
        if self.embedded:
            return self.execute(context)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def work(self, context: bpy.types.Context) -> str | None:
        """Only the look's text changes; the file is read when frames are made."""
        frames.set_model(controls.active_look(home(context)), EMBEDDED if self.embedded else self.filepath)
        return None


class SetSize(LookVerb, bpy.types.Operator):
    """Set how large frames are, and how much of that the network computes"""

    bl_idname = "ganreact.set_size"
    bl_label = "Frame Size"

    width: IntProperty(name="Width", default=512, min=16, max=8192, subtype="PIXEL", description="Of each frame")
    height: IntProperty(name="Height", default=512, min=16, max=8192, subtype="PIXEL", description="Of each frame")
    detail: FloatProperty(name="Detail", default=0.5, min=0.01, max=4.0, soft_max=1.0,
                          description="Network pixels for each pixel of the frame: less is faster and softer")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Begin with what is set."""
        look = controls.patch_of(controls.active_look(home(context))).look
        (self.width, self.height), self.detail = look.size, look.canvas.detail
        return context.window_manager.invoke_props_dialog(self)

    def work(self, context: bpy.types.Context) -> str | None:
        """Change the look's text."""
        def sized(patch: Patch) -> Patch:
            canvas = replace(patch.look.canvas, detail=self.detail)
            return replace(patch, look=replace(patch.look, size=(self.width, self.height), canvas=canvas))

        change(context, sized)
        return None


CLASSES = (AddLook, SwitchLooks, OwnKeys, AddLookMenu, RemoveLook, ChooseModel, SetSize)
