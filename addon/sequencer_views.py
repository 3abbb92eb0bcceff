"""What Sequencers in the windows show: which scene, and all of its strips."""

from __future__ import annotations

import bpy

from .strips import editor_of, sequencer_scene

_GLIDE_S = 0.5  # a view glides for a fifth of a second


def show_in_sequencer(context: bpy.types.Context, scene: bpy.types.Scene) -> None:
    """Let the window's Sequencer edit this scene where it edits none (5.0 and later)."""
    workspace = getattr(context, "workspace", None)
    if workspace and getattr(workspace, "sequencer_scene", scene) is None:
        workspace.sequencer_scene = scene


def show_all(context: bpy.types.Context) -> None:
    """Zoom every Sequencer to all of its strips, once it has drawn them; markers hide none of them."""
    if bpy.app.background or context.window is None:
        return
    verbs = iter((_view_all, _taller_channels, _lowest_channel))

    def look() -> float | None:
        verb = next(verbs, None)
        for window in bpy.context.window_manager.windows if verb else ():
            for area in window.screen.areas:
                region = next((r for r in area.regions if r.type == "WINDOW"), None)
                if area.type == "SEQUENCE_EDITOR" and area.spaces.active.view_type != "PREVIEW" and region:
                    with bpy.context.temp_override(window=window, area=area, region=region):
                        verb(region, sequencer_scene(bpy.context))
        return _GLIDE_S if verb else None  # the view glides there

    bpy.app.timers.register(look, first_interval=0.1)


def _view_all(region: bpy.types.Region, scene: bpy.types.Scene) -> None:
    bpy.ops.sequencer.view_all()


def _taller_channels(region: bpy.types.Region, scene: bpy.types.Scene) -> None:
    """Blender shows ten channels and more, and never less of what is below the first than one: markers cover it then."""
    shown = region.view2d.region_to_view(0, region.height)[1] - region.view2d.region_to_view(0, 0)[1]
    wanted = max((strip.channel for strip in editor_of(scene).strips), default=1) + 4
    if shown > wanted:
        bpy.ops.view2d.zoom(deltax=0.0, deltay=0.5 * (shown - wanted))


def _lowest_channel(region: bpy.types.Region, scene: bpy.types.Scene) -> None:
    bpy.ops.view2d.pan(deltax=0, deltay=-region.height)
