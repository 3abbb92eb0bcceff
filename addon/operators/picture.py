"""Verbs about single pictures: preview, live, an Image Editor, the keys behind them."""

from __future__ import annotations

import bpy
from bpy.props import BoolProperty

from ...ganreact_core.errors import LookError
from .. import controls, fcurves, hallu, previewing, showing, viewing
from ..grouping import groups_of
from ..place import home
from .base import AnyLookVerb, RenderVerb, Verb, allowed


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

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """A picture that follows can always be stopped."""
        return previewing.is_live() or super().poll(context)

    def work(self, context: bpy.types.Context) -> str | None:
        """On, or off again."""
        if previewing.is_live():
            previewing.rest()
        else:
            previewing.follow(home(context))
        return None


class ShowLiveImage(AnyLookVerb, bpy.types.Operator):
    """Show the live picture in an Image Editor, as large as you like"""

    bl_idname = "ganreact.show_live_image"
    bl_label = "Live Picture in Image Editor"
    bl_options = frozenset({"INTERNAL"})

    def work(self, context: bpy.types.Context) -> str | None:
        """Use an Image Editor that is open, else a window of its own."""
        if not showing.in_editor(context, viewing.named_image(viewing.IMAGE)):
            raise LookError(showing.NO_ROOM)
        if not previewing.is_live():
            previewing.follow(home(context))
        return None


class ShowCurves(Verb, bpy.types.Operator):
    """Show the keys in a Graph Editor, and in Dope Sheets: controls are not selectable, so nothing filters by selection then"""

    bl_idname = "ganreact.show_curves"
    bl_label = "Show Keys"
    bl_options = frozenset({"INTERNAL"})

    of_hallu: BoolProperty(name="Of Hallu", options={"SKIP_SAVE"}, description="Hallu's steps instead of the look's keys")

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs something that has keys."""
        scene = home(context)
        return allowed(cls, {"Add a look or Hallu first": controls.active_look(scene) is None and hallu.active(scene) is None})

    def work(self, context: bpy.types.Context) -> str | None:
        """Use a Graph Editor that is open, else a window of its own; loose curves are put into groups."""
        scene = home(context)
        control = hallu.active(scene) if self.of_hallu else controls.active_look(scene)
        if control is None:
            raise LookError("there is no Hallu in this scene" if self.of_hallu else "there is no look in this scene")
        if not self.of_hallu and not control.library:
            fcurves.tidy(control, groups_of(controls.patch_of(control)))
        area = next((a for a in context.screen.areas if a.type == "GRAPH_EDITOR"), None)
        if area is None:
            area = showing.new_area(context, "FCURVES")
        if area is None:
            raise LookError(showing.NO_ROOM)
        for one in {area, *context.screen.areas}:  # Dope Sheets and the Timeline too
            filters = getattr(one.spaces.active, "dopesheet", None)
            if filters is not None:
                filters.show_only_selected, filters.filter_text = False, ""
        _unfold(area, control)
        return None


def _unfold(area: bpy.types.Area, control: controls.Control) -> None:
    """Show this control's channels open, others' closed, and all keys, once the editor has its size."""
    if bpy.app.background:
        return
    pointer, name = area.as_pointer(), control.name

    def unfold() -> None:
        for window in bpy.context.window_manager.windows:
            for one in window.screen.areas:
                regions = {region.type: region for region in one.regions}
                if one.as_pointer() != pointer or one.type != "GRAPH_EDITOR" or "CHANNELS" not in regions:
                    continue
                with bpy.context.temp_override(window=window, area=one, region=regions["CHANNELS"]):
                    bpy.ops.anim.channels_expand(all=True)
                for other in (o for o in bpy.data.objects if controls.kind_of(o) and not o.library):
                    fcurves.unfold(other, other.name == name)
                with bpy.context.temp_override(window=window, area=one, region=regions["WINDOW"]):
                    bpy.ops.graph.view_all()
                one.tag_redraw()

    bpy.app.timers.register(unfold, first_interval=0.3)


CLASSES = (Preview, Live, ShowLiveImage, ShowCurves)
