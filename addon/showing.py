"""A picture file in an Image Editor: one of the window's, else one in a window of its own."""

from __future__ import annotations

from pathlib import Path

import bpy

NAME = "GANReact · what was heard"


def show(context: bpy.types.Context, path: Path, name: str = NAME) -> bpy.types.Image:
    """Load a picture, or read it again, and show it where there is a window."""
    image = bpy.data.images.get(name) or bpy.data.images.load(str(path), check_existing=False)
    image.name, image.filepath = name, str(path)
    image.reload()
    if not bpy.app.background and context.window is not None:
        area = next((area for area in context.window.screen.areas if area.type == "IMAGE_EDITOR"), None) or _new_area(context)
        area.spaces.active.image = image
        _fit(area)
    return image


def _fit(area: bpy.types.Area) -> None:
    """The whole picture, once the area has a size: its pointer is looked up anew, for windows come and go."""
    pointer = area.as_pointer()

    def fit() -> None:
        for window in bpy.context.window_manager.windows:
            for one in window.screen.areas:
                region = next((r for r in one.regions if r.type == "WINDOW"), None)
                if one.as_pointer() == pointer and one.type == "IMAGE_EDITOR" and region:
                    with bpy.context.temp_override(window=window, area=one, region=region):
                        bpy.ops.image.view_all(fit_view=True)
                    one.tag_redraw()

    bpy.app.timers.register(fit, first_interval=0.2)


def _new_area(context: bpy.types.Context) -> bpy.types.Area:
    bpy.ops.wm.window_new()
    area = context.window_manager.windows[-1].screen.areas[0]
    area.ui_type = "IMAGE_EDITOR"
    return area
