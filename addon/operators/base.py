"""What all verbs share: the scene they work on, errors as one sentence, grey buttons that say why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import bpy
from bpy.props import StringProperty

from ...ganreact_core.errors import GANReactError
from ...ganreact_core.failures import explained
from ...ganreact_core.patches import Patch
from .. import controls, hands, properties, sequencer_views
from ..place import home, look_meant
from ..preferences import engine_trouble
from ..session import session


class Verb:
    """Mixin of every operator: `work` does it and returns a sentence, or raises an error of the core's family, or
    what a disk refused."""

    bl_options = frozenset({"REGISTER", "UNDO"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Call `work`; tell what came of it."""
        try:
            if "UNDO" in self.bl_options:
                hands.require_still()
            said = self.work(context)
        except (GANReactError, OSError) as cause:
            self.report({"ERROR"}, str(explained(cause)))
            return {"CANCELLED"}
        if said:
            self.report({"INFO"}, said)
        return {"FINISHED"}

    def work(self, context: bpy.types.Context) -> str | None:
        """The verb itself."""
        raise NotImplementedError


class AnyLookVerb(Verb):
    """A verb that changes nothing of the look that it is about: one of another file will do."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs a look."""
        return allowed(cls, {"Add a look first": look_meant(context) is None})


class LookVerb(AnyLookVerb):
    """A verb on the active look."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs a look that this file may change."""
        return super().poll(context) and allowed(cls, {
            "This look is linked from another file; make it local first (Object > Relations > Make Local)":
                not controls.is_own(look_meant(context))})


class Asking(LookVerb):
    """A verb that asks first."""

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Show its settings."""
        return context.window_manager.invoke_props_dialog(self)


class ShowVerb(AnyLookVerb):
    """Shows in the Sequencer what a job has made so far, of a look that may not be the active one any more; makes an undo
    step only where something was placed."""

    bl_options = frozenset({"REGISTER", "UNDO", "INTERNAL"})

    scene: StringProperty(options={"SKIP_SAVE", "HIDDEN"})
    look: StringProperty(options={"SKIP_SAVE", "HIDDEN"})

    def place(self, scene: bpy.types.Scene, look_control: controls.Control) -> bool:
        """Place a strip; whether there was need to."""
        raise NotImplementedError

    def execute(self, context: bpy.types.Context) -> set[str]:
        """The strip, and a Sequencer that shows it."""
        scene = bpy.data.scenes.get(self.scene) or home(context)
        placed = self.place(scene, controls.named(scene, self.look) or controls.active_look(scene))
        if placed:
            sequencer_views.show_in_sequencer(context, scene)
        return {"FINISHED"} if placed else {"CANCELLED"}


class FileVerb:
    """Mixin of verbs that take a file, `filepath`."""

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask for a file, unless one was dropped."""
        if self.filepath:
            return self.execute(context)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}


class JobVerb:
    """Mixin of verbs that give the engine a job: they write nothing themselves, so they make no undo step."""

    bl_options = frozenset({"REGISTER"})


class RenderVerb(JobVerb, AnyLookVerb):
    """A verb that needs the engine and a look; together with LookVerb, one that this file may change."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs a look and an idle engine."""
        return super().poll(context) and allowed(
            cls, {"The engine is at work": busy(), "The engine is missing": bool(engine_trouble(context))})


def allowed(cls: type, reasons: dict[str, bool]) -> bool:
    """Whether no reason holds; the first that does is shown on the grey button."""
    for reason, holds in reasons.items():
        if holds:
            cls.poll_message_set(reason)
            return False
    return True


def busy() -> bool:
    """Whether somebody waits for the engine already."""
    return session.busy is not None


def change(context: bpy.types.Context, edit: Callable[[Patch], Patch]) -> None:
    """Apply an edit (patch -> patch) to the active look."""
    scene = home(context)
    look_control = controls.active_look(scene)
    controls.store_patch(look_control, edit(controls.patch_of(look_control)))
    properties.refresh(scene)


def as_path(text: str) -> Path:
    """A path as Blender writes it, made absolute."""
    return Path(bpy.path.abspath(text))
