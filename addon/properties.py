"""State of the panels. Nothing here is the truth: that lies on the controls."""

from __future__ import annotations

from functools import lru_cache

import bpy
from bpy.props import CollectionProperty, EnumProperty, IntProperty, PointerProperty, StringProperty

from ..ganreact_core.class_names import find_classes, short_name
from ..ganreact_core.forms import lists
from ..ganreact_core.look import describe
from ..ganreact_core.patches import Patch, shipped
from ..ganreact_core.routes import Route
from . import controls, edits, frames, thumbnails
from .form_properties import panel_properties
from .redrawing import redraw
from .strips import sound_strips

Rows = list[tuple[str, str]]


PatchItem = tuple[str, str, str, int, int]
_patch_items: list[PatchItem] = []


@lru_cache(maxsize=1)
def patch_texts() -> list[tuple[str, str, str]]:
    """(name, label, what it does) of the shipped patches."""
    return [(name, patch.label, patch.help) for name, patch in shipped().items()]


def patch_help(name: str) -> str:
    """What a shipped patch does, in one line; "" for one that is not shipped."""
    return next((text for known, _, text in patch_texts() if known == name), "")


# Callbacks have names: a lambda in an annotation loses sight of this module where Python evaluates annotations late.
def _patches(settings: bpy.types.PropertyGroup, context: bpy.types.Context | None) -> list[PatchItem]:
    _patch_items[:] = [(*texts, thumbnails.of_patch(texts[0]), n) for n, texts in enumerate(patch_texts())]
    return _patch_items  # kept here: Blender does not keep the texts of a function's answer


def _is_look(settings: bpy.types.PropertyGroup, control: bpy.types.Object) -> bool:
    return controls.kind_of(control) == "look"


def _sounds(settings: bpy.types.PropertyGroup, context: bpy.types.Context, text: str) -> list[str]:
    return [strip.name for strip in sound_strips(settings.id_data)]


def _class_names(settings: bpy.types.PropertyGroup, context: bpy.types.Context, text: str) -> list[str]:
    from . import network_card

    names = network_card.class_names_of(controls.active_look(settings.id_data))
    return [f"{number} {short_name(number, names)}" for number in (find_classes(text, names) if text else range(len(names)))]


def _another_folder(settings: bpy.types.PropertyGroup, context: bpy.types.Context) -> None:
    frames.forget_folders(settings.id_data)


class GanreactRow(bpy.types.PropertyGroup):
    """One row of a list in the panel: `name` is the id."""

    label: StringProperty(name="Name")


GanreactLists = type("GanreactLists", (bpy.types.PropertyGroup,), {
    "__doc__": "Mirrors of every list of a scene's active look, named by the scene's number; they live with the windows, and "
               "are not undone.",
    "__module__": __name__,
    "__annotations__": {kind: CollectionProperty(type=GanreactRow) for kind in lists()}})

GanreactForm = type("GanreactForm", (bpy.types.PropertyGroup,), {
    "__doc__": "What the panels' forms show: no state, each property reads and writes the look's own text.",
    "__module__": __name__, "__annotations__": panel_properties()})


class GanreactSettings(bpy.types.PropertyGroup):
    """What was chosen in the panels, by scene."""

    look: PointerProperty(name="Look", type=bpy.types.Object, poll=_is_look,
                          description="The look shown in these panels")
    strip: StringProperty(name="Sound", description="The sound strip to listen to; empty takes the first",
                          search=_sounds)
    patch: EnumProperty(name="Patch", items=_patches, description="How a new look begins")
    folder: StringProperty(name="Folder", subtype="DIR_PATH", default="//ganreact/", update=_another_folder,
                           description="Where frames are kept")
    frames: EnumProperty(name="Frames", description="Which frames are rendered", items=(
        ("SOUND", "Whole sound", "Every frame of the baked sound"),
        ("SCENE", "Scene range", "The scene's frame range, or its preview range where that is on"),
        ("CUSTOM", "From – to", "These frames")))
    solo: StringProperty(name="Solo", options={"SKIP_SAVE"}, description="The one route that the live picture shows")
    sheet_first: IntProperty(name="Seeds From", default=1, min=0, max=(1 << 31) - 13,
                             description="The first of the pictures shown")
    sheet_class: StringProperty(name="Class", search=_class_names, search_options={"SORT", "SUGGESTION"},
                                description="Of which class; empty lets each seed choose its own")
    first: IntProperty(name="From", default=1)
    last: IntProperty(name="To", default=100)


GanreactSettings.__annotations__ |= {f"{kind}_index": IntProperty(name="Chosen", options={"SKIP_SAVE"}) for kind in lists()}

CLASSES = (GanreactRow, GanreactLists, GanreactForm, GanreactSettings)


def rows_of(scene: bpy.types.Scene) -> dict[str, Rows]:
    """What the lists should show: list -> (id, label) rows."""
    look_control, audio_control = controls.active_look(scene), controls.active_audio(scene)
    rows: dict[str, Rows] = {kind: [] for kind in lists()}
    if look_control and not controls.trouble_of(look_control):
        patch = controls.patch_of(look_control)
        rows |= {kind: [(item.id, item.label) for item in edits.items_of(patch, kind)] for kind in rows if kind != "envelopes"}
        rows["routes"] = [(r.id, route_label(patch, r)) for r in patch.routes]
    if audio_control and not controls.trouble_of(audio_control):
        rows["envelopes"] = [(r.id, r.label) for r in controls.hearing_of(audio_control).envelopes]
    return rows


def choose(scene: bpy.types.Scene, kind: str, ident: str) -> None:
    """Put a list's cursor on an item; where it is gone, on one that is there."""
    ids = [row[0] for row in rows_of(scene)[kind]]
    index = ids.index(ident) if ident in ids else min(getattr(scene.ganreact, f"{kind}_index"), len(ids) - 1)
    setattr(scene.ganreact, f"{kind}_index", max(index, 0))


def route_label(patch: Patch, route: Route) -> str:
    """Its own name, or what leads where."""
    return route.label or f"{route.envelope} → {describe(patch.look, route.address)}"


def mirror_of(scene: bpy.types.Scene) -> bpy.types.PropertyGroup | None:
    """The lists of a scene, as panels draw them; None until they are made. Each scene has its own: two can be seen at once."""
    return bpy.context.window_manager.ganreact.get(str(scene.session_uid))


def are_current(scene: bpy.types.Scene, rows: dict[str, Rows]) -> bool:
    """Whether the mirrors show these rows."""
    mirror = mirror_of(scene)
    return bool(mirror) and all([(i.name, i.label) for i in getattr(mirror, name)] == wanted for name, wanted in rows.items())


def refresh_soon() -> None:
    """Bring the mirrors up to date right after this drawing, in which nothing may be written."""
    if not bpy.app.timers.is_registered(refresh):
        bpy.app.timers.register(refresh, first_interval=0.0)


def refresh(scene: bpy.types.Scene | None = None) -> None:
    """Bring the mirrors of a scene up to date; without one, what was wanted while drawing."""
    shown = bpy.context.window_manager.ganreact
    _drop_those_of_scenes_that_are_gone(shown)
    for number, rows in (_wanted if scene is None else {str(scene.session_uid): rows_of(scene)}).items():
        mirror = shown.get(number) or shown.add()
        mirror.name = number
        for kind, wanted in rows.items():
            _fill(getattr(mirror, kind), wanted)
    if scene is None:
        _wanted.clear()
        redraw()  # what was drawn shows rows that are gone


def _drop_those_of_scenes_that_are_gone(shown: bpy.types.bpy_prop_collection) -> None:
    """Numbers are of this session, and a file that was saved brings those of another along."""
    there = {str(scene.session_uid) for scene in bpy.data.scenes}
    for at in reversed([at for at, mirror in enumerate(shown) if mirror.name not in there]):
        shown.remove(at)


def _fill(mirror: bpy.types.bpy_prop_collection, rows: Rows) -> None:
    mirror.clear()
    for ident, label in rows:
        row = mirror.add()
        row.name, row.label = ident, label


_wanted: dict[str, dict[str, Rows]] = {}
"""Number of a scene -> rows that were to be drawn, and were not there."""


def want(scene: bpy.types.Scene, rows: dict[str, Rows]) -> None:
    """Called while drawing: have these rows shown where they are not."""
    if not are_current(scene, rows):
        _wanted[str(scene.session_uid)] = rows
        refresh_soon()


def register() -> None:
    """Attach the state to scenes and to the window."""
    bpy.types.Scene.ganreact = PointerProperty(type=GanreactSettings)
    bpy.types.Scene.ganreact_form = PointerProperty(type=GanreactForm)
    bpy.types.WindowManager.ganreact = CollectionProperty(type=GanreactLists)


def unregister() -> None:
    """Take it off again."""
    if bpy.app.timers.is_registered(refresh):
        bpy.app.timers.unregister(refresh)
    del bpy.types.Scene.ganreact_form
    del bpy.types.Scene.ganreact
    del bpy.types.WindowManager.ganreact
