"""Corners of the panel that the tour passes by: the workspace, choosing pictures, the right-click menu, masks, rewrites, keys,
a rough film, Hallu. Each is a picture, and what a test asks of it.

    python3 scripts/tour/run.py BLENDER OUT scripts/tour/corners.py
"""

from collections.abc import Iterator

import bpy
from stage import OUT, SONG, Stage


def journey(stage: Stage) -> Iterator[float]:
    """One piece, made in our workspace."""
    bpy.ops.wm.save_as_mainfile(filepath=str(OUT / "corners.blend"))
    bpy.context.preferences.view.show_developer_ui = False
    stage.call("workspace")
    yield from stage.until(lambda: not stage.module("workspace").is_under_way(), 30)
    stage.tallest = True
    yield from begin(stage)
    yield from right_click(stage)
    yield from sound(stage)
    yield from network(stage)
    yield from parts(stage)
    yield from keys(stage)
    yield from rough_film(stage)


def begin(stage: Stage) -> Iterator[float]:
    """A song, a look, some keys, Hallu with three steps: the whole workspace."""
    scene = bpy.context.scene
    stage.call("add_sound", filepath=str(SONG))
    stage.call("analyse")
    yield from stage.until_idle(180)
    stage.call("add_look", patch="pulse")
    stage.call("set_size", width=256, height=256, detail=0.5)
    look = stage.module("controls").active_look(scene)
    for frame, value in ((1, 1.0), (300, 2.0), (700, 0.4)):
        scene.frame_set(frame)
        look["palette.c"], look["bend.zoom"] = value, value
        stage.call("key_look", which="WEIGHTS") if frame == 1 else stage.call("key_look", which="KEYED")
    scene.frame_set(400)
    stage.call("add_hallu")
    stage.call("show_curves")
    yield from stage.until(lambda: stage.module("viewing").icon(), 90)
    yield 3.0
    stage.picture("corner-workspace")
    image = stage.module("viewing").named_image("GANReact · live")
    stage.note(live_size=list(image.size), channels=[a.spaces.active.dopesheet.show_only_selected
                                                     for a in stage.window.screen.areas if a.type == "GRAPH_EDITOR"])


def sound(stage: Stage) -> Iterator[float]:
    """The Sound panel, with an envelope and what the panel says where the scene's frame rate was changed."""
    scene, controls = bpy.context.scene, stage.module("controls")
    recipes = controls.hearing_of(controls.active_audio(scene)).envelopes
    scene.ganreact.envelopes_index = next(n for n, recipe in enumerate(recipes) if recipe.id == "chroma_03")
    scene.render.fps = 30
    stage.open_panels("sound", "envelopes", "timing")
    yield 2.0
    stage.picture("corner-sound")
    scene.render.fps = 24


def network(stage: Stage) -> Iterator[float]:
    """The network's card, its classes, its pictures; one is taken by a click."""
    scene, controls = bpy.context.scene, stage.module("controls")
    look, card = controls.active_look(scene), stage.module("network_card")
    stage.open_panels("look", "network", "pictures")
    yield from stage.until(lambda: card.class_names_of(look), 60)
    scene.ganreact.sheet_class = card.class_names_of(look)[3]
    yield from stage.until(lambda: all(icon for _, icon in card.sheet_of(look, scene.ganreact.sheet_first, 3)), 90)
    yield 2.0
    yield from stage.scroll(9)
    stage.picture("corner-network")
    n = len(controls.patch_of(look).look.entries)
    stage.call("take_picture", seed=5, number=3)
    stage.note(taken=len(controls.patch_of(look).look.entries) - n)


def parts(stage: Stage) -> Iterator[float]:
    """A mask and a rewrite."""
    stage.call("add_mask", label="Spot")
    stage.open_panels("look", "bends", "masks")
    yield 1.5
    yield from stage.scroll(14)
    stage.picture("corner-masks")
    stage.call("add_rewrite", label="Melt")
    stage.open_panels("look", "bends", "rewrites")
    yield 1.5
    yield from stage.scroll(14)
    stage.picture("corner-rewrites")


def keys(stage: Stage) -> Iterator[float]:
    """What is keyed; Hallu and its steps in the Graph Editor."""
    scene = bpy.context.scene
    stage.open_panels("look", "keys")
    yield 1.0
    yield from stage.scroll(9)
    stage.picture("corner-keys")
    hallu = stage.module("hallu")
    control = hallu.active(scene)
    for frame, value in ((1, 0.0), (120, 2.0), (240, -1.5)):
        scene.frame_set(frame)
        control[hallu.COMPONENTS[0]] = value
        stage.call("hallu_step", what="ADD")
    stage.open_panels("hallu")
    stage.call("show_curves", of_hallu=True)
    yield 1.5
    stage.picture("corner-hallu")


def rough_film(stage: Stage) -> Iterator[float]:
    """Small pictures from the playhead on, played before anything is rendered."""
    scene = bpy.context.scene
    scene.frame_set(1)
    stage.open_panels("render")
    stage.call("make_proxy")
    yield 12.0
    scene.frame_set(20)
    yield 1.0
    stage.picture("corner-rough-film")
    stage.call("cancel")
    yield from stage.until_idle(60)


def right_click(stage: Stage) -> Iterator[float]:
    """The menu of a slider."""
    scene = bpy.context.scene
    stage.open_panels("look")
    look = stage.module("controls").active_look(scene)
    before, look["truncation"] = look["truncation"], 1.4
    yield 1.0
    stage.point(*stage.place(0.6, 126))
    yield 0.5
    stage.click(*stage.place(0.6, 126), button=3)
    yield 0.4  # before the tip of what lies under the mouse covers the menu
    stage.picture("corner-right-click")
    stage.key("Escape")
    look["truncation"] = before
    yield 0.5
