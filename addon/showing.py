"""An image in an Image Editor: one of the window's, else one in a window of its own; all of it is seen."""

from __future__ import annotations

from pathlib import Path

import bpy

NAME = "GANReact · what was heard"
NO_ROOM = "there is no room to show this while one editor fills the window; press Ctrl Space to go back, then do this again"
_FIRST_S, _AGAIN_S, _TRIES = 0.1, 0.25, 3


def show(context: bpy.types.Context, path: Path, name: str = NAME) -> bpy.types.Image:
    """Load a picture, or read it again, and show it where there is a window."""
    image = bpy.data.images.get(name) or bpy.data.images.load(str(path), check_existing=False)
    image.name, image.filepath = name, str(path)
    image.reload()
    in_editor(context, image)
    return image


def in_editor(context: bpy.types.Context, image: bpy.types.Image, *, paint: bool = False) -> bool:
    """Show an image where there is a window, ready to be painted on if wanted; says whether there is room for it."""
    if bpy.app.background or context.window is None:
        return True
    areas = [area for area in context.window.screen.areas if area.type == "IMAGE_EDITOR"]
    areas.sort(key=lambda area: (area.spaces.active.image is None, -_room(area)))  # one can be there for its sidebar alone
    area = areas[0] if areas else new_area(context, "IMAGE_EDITOR")
    if area is None:
        return False
    area.spaces.active.image = image
    if paint:
        area.spaces.active.ui_mode = "PAINT"
    fit(image)
    return True


def _room(area: bpy.types.Area) -> int:
    """Pixels of its width that the sidebar leaves."""
    sidebar = next((region.width for region in area.regions if region.type == "UI"), 0)
    return area.width - sidebar if area.spaces.active.show_region_ui else area.width


def fit(image: bpy.types.Image) -> None:
    """The whole image, in every editor that shows it: again and again for a moment, for a new window has no size yet."""
    if bpy.app.background:  # no timer runs there, and one that is left keeps Blender 4.5 as a module from ending
        return
    name, left = image.name, [_TRIES]

    def once() -> float | None:
        for window in bpy.context.window_manager.windows:
            for area in window.screen.areas:
                if area.type == "IMAGE_EDITOR" and area.spaces.active.image == bpy.data.images.get(name):
                    _fit(window, area)
        left[0] -= 1
        return _AGAIN_S if left[0] else None

    bpy.app.timers.register(once, first_interval=_FIRST_S)


def _fit(window: bpy.types.Window, area: bpy.types.Area) -> None:
    region = next((r for r in area.regions if r.type == "WINDOW"), None)
    if region:
        with bpy.context.temp_override(window=window, area=area, region=region):
            bpy.ops.image.view_all(fit_view=True)
        area.tag_redraw()


def new_area(context: bpy.types.Context, ui_type: str) -> bpy.types.Area | None:
    """An editor in a window of its own; None while one editor fills its window, when Blender opens no other."""
    if not bpy.ops.wm.window_new.poll():  # type: ignore[call-arg]
        return None
    bpy.ops.wm.window_new()
    area = context.window_manager.windows[-1].screen.areas[0]
    area.ui_type = ui_type
    return area
