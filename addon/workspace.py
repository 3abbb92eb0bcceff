"""A workspace to play in: the film beside the live picture, below them the Sequencer and the keys, at the right our panels.

It is built with Blender's own verbs for areas, so that it looks the same in every version. Blender changes workspaces, and
gives new areas their regions, only when it draws: the work is a generator that rests between its steps.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator

import bpy

from . import hands, previewing, showing, viewing
from .noticing import forget, notice
from .sequencer_views import show_all as show_all_strips

NAME = "GANReact"
_WISH = "ganreact_workspace"
"""Property of a scene: the file wants to be opened in this workspace. It was written where there was no window to build it."""

_REST_S, _TRIES = 0.1, 30
_WIDE = 1700  # pixels at a scale of 1, from which curves and keys have an area each
_PANELS = 292  # pixels at a scale of 1: as wide as a sidebar is at first
_ABOVE, _KEYS = 0.38, 0.45  # part of the height that pictures have; of what is below them, that keys have
_under_way: list[Iterator[None]] = []


def build_soon(window: bpy.types.Window) -> None:
    """Go to the workspace, which is made where there is none; a moment later it stands."""
    _under_way[:] = [_steps(window)]
    if not bpy.app.timers.is_registered(_work):
        bpy.app.timers.register(_work, first_interval=0.0)


def wish(scene: bpy.types.Scene) -> None:
    """Let the file, once it is opened in a window, go to the workspace by itself; once, then it is the file's own."""
    scene[_WISH] = True


@bpy.app.handlers.persistent
def _on_load(*_: object) -> None:
    wishing = [scene for scene in bpy.data.scenes if scene.get(_WISH) and not scene.library]
    if wishing and not bpy.app.background:
        for scene in wishing:
            del scene[_WISH]
            set_up_scene(scene)
        bpy.app.timers.register(_build_where_it_was_wished, first_interval=_REST_S)


def _build_where_it_was_wished() -> None:
    build_soon(bpy.context.window_manager.windows[0])


def register() -> None:
    """Hear of files being opened."""
    notice(_on_load, "load_post")


def unregister() -> None:
    """Leave nothing."""
    forget(_on_load, "load_post")
    if bpy.app.timers.is_registered(_build_where_it_was_wished):
        bpy.app.timers.unregister(_build_where_it_was_wished)
    rest()


def is_under_way() -> bool:
    """Whether it is being built."""
    return bool(_under_way)


def rest() -> None:
    """Leave it as it is."""
    _under_way.clear()
    if bpy.app.timers.is_registered(_work):
        bpy.app.timers.unregister(_work)


def set_up_scene(scene: bpy.types.Scene) -> None:
    """Playing keeps to the sound; colours are shown as the network made them; the live picture is there before the next undo
    step, or undoing it would take the picture out of its editor."""
    viewing.named_image(viewing.IMAGE)
    scene.sync_mode = "AUDIO_SYNC"
    scene.view_settings.view_transform = "Standard"


def _work() -> float | None:
    if hands.are_full():
        return _REST_S
    try:
        next(_under_way[0])
    except (StopIteration, IndexError, ReferenceError):  # the window was closed, or another file opened
        _under_way.clear()
        return None
    return _REST_S


def _steps(window: bpy.types.Window) -> Iterator[None]:
    made = bpy.data.workspaces.get(NAME)
    if made is not None:
        window.workspace = made
        yield
        previewing.resume()
        return
    scene = getattr(window.workspace, "sequencer_scene", None) or window.scene
    with bpy.context.temp_override(window=window):
        before = set(bpy.data.workspaces)
        bpy.ops.workspace.duplicate()
    made = next(iter(set(bpy.data.workspaces) - before))
    made.name = NAME
    for _ in range(_TRIES):
        if window.workspace == made:
            break
        yield
    if hasattr(made, "sequencer_scene"):
        made.sequencer_scene = scene
    yield from _to_one_area(window)
    yield from _furnish(window)


def _to_one_area(window: bpy.types.Window) -> Iterator[None]:
    """Close areas, the smallest first, until one is left; Blender gives their room to neighbours."""
    for _ in range(_TRIES):
        areas = sorted(window.screen.areas, key=lambda area: area.width * area.height)
        if len(areas) == 1 or not any(_close(window, area) for area in areas[:-1]):
            return
        yield


def _close(window: bpy.types.Window, area: bpy.types.Area) -> bool:
    with contextlib.suppress(RuntimeError), bpy.context.temp_override(window=window, area=area):
        return "FINISHED" in bpy.ops.screen.area_close()
    return False


def _furnish(window: bpy.types.Window) -> Iterator[None]:
    """Five or six editors, each with what is needed of it."""
    whole = max(window.screen.areas, key=lambda area: area.width * area.height)
    scale = bpy.context.preferences.system.ui_scale
    is_wide = whole.width > _WIDE * scale
    left, panels = yield from _split(window, whole, "VERTICAL", max(0.5, 1.0 - _PANELS * scale / whole.width))
    low, above = yield from _split(window, left, "HORIZONTAL", 1.0 - _ABOVE)
    film, live = yield from _split(window, above, "VERTICAL", 0.5)
    keys, strips = yield from _split(window, low, "HORIZONTAL", _KEYS)
    kinds = {film: "SEQUENCE_EDITOR", live: "IMAGE_EDITOR", strips: "SEQUENCE_EDITOR", keys: "FCURVES", panels: "IMAGE_EDITOR"}
    if is_wide:
        channels, keys = yield from _split(window, keys, "VERTICAL", 0.5)
        kinds[channels], kinds[keys] = "DOPESHEET", "FCURVES"
    for area, kind in kinds.items():
        area.ui_type = kind
    yield  # editors have their regions when they have been drawn
    for area in kinds:
        _set_up(area)
    film.spaces.active.view_type, strips.spaces.active.view_type = "PREVIEW", "SEQUENCER"
    film.spaces.active.show_region_footer = False
    live.spaces.active.image = viewing.named_image(viewing.IMAGE)
    showing.fit(live.spaces.active.image)
    yield from _open_tab(panels)
    show_all_strips(bpy.context)
    previewing.resume()


def _open_tab(area: bpy.types.Area) -> Iterator[None]:
    """Nothing but the sidebar, on our tab."""
    space = area.spaces.active
    space.show_region_ui = True
    space.show_region_header = space.show_gizmo = space.overlay.show_overlays = False
    for _ in range(_TRIES):
        yield
        sidebar = next(region for region in area.regions if region.type == "UI")
        with contextlib.suppress(AttributeError, TypeError):  # it has no tabs before it was drawn
            sidebar.active_panel_category = "GANReact"
            return


def _set_up(area: bpy.types.Area) -> None:
    """Room for the thing itself; keys are seen without choosing an object, since controls are not chosen in a viewport."""
    space = area.spaces.active
    for part in ("show_region_toolbar", "show_region_ui", "show_region_channels" if area.type == "SEQUENCE_EDITOR" else ""):
        if hasattr(space, part):
            setattr(space, part, False)
    if hasattr(space, "dopesheet"):
        space.dopesheet.show_only_selected = False
    if area.type == "GRAPH_EDITOR":
        space.use_auto_normalization = space.use_normalization = True


def _split(window: bpy.types.Window, area: bpy.types.Area, direction: str,
           at: float) -> Generator[None, None, tuple[bpy.types.Area, bpy.types.Area]]:
    """Cut an area in two: (left or lower, right or upper), once they have their sizes."""
    before = set(window.screen.areas)
    with bpy.context.temp_override(window=window, area=area):
        bpy.ops.screen.area_split(direction=direction, factor=at)
    made = next(iter(set(window.screen.areas) - before))
    yield
    return tuple(sorted((area, made), key=lambda one: (one.x, one.y)))
