"""The tour: from an empty window to frames in the Sequencer, as docs/tour.md tells it. Played inside the real Blender."""

from collections.abc import Iterator
from pathlib import Path

import bpy
from stage import OUT, SONG, Stage

FRAMES = (1, 16)


def journey(stage: Stage) -> Iterator[float]:
    """Ten steps, each with a picture and what a test asks of it."""
    bpy.ops.wm.save_as_mainfile(filepath=str(OUT / "tour.blend"))
    bpy.context.preferences.view.show_developer_ui = False
    yield from stage.show("SEQUENCE_EDITOR")
    stage.picture("tour-1-sidebar")
    yield from listen(stage)
    yield from choose_a_look(stage)
    yield from shape(stage)
    yield from render(stage)
    yield from go_on(stage)


def listen(stage: Stage) -> Iterator[float]:
    """A song, a real click on Analyse, what was heard."""
    stage.call("add_sound", filepath=str(SONG))
    yield 1.0
    yield from stage.click_button("ganreact.analyse", 0.78, 46)
    stage.note(clicked_analyse=bool(stage.module("session").session.jobs))
    if not stage.noted["clicked_analyse"]:
        stage.call("analyse")
    yield 1.5
    stage.picture("tour-2-listening")
    yield from stage.until_idle(180)
    scene, controls = bpy.context.scene, stage.module("controls")
    hearing = controls.hearing_of(controls.active_audio(scene))
    stage.note(envelopes=len(hearing.envelopes), markers=len(scene.timeline_markers), last=hearing.bake.last_frame)
    stage.open_panels("sound", "envelopes")
    yield 1.0
    stage.picture("tour-3-heard")


def choose_a_look(stage: Stage) -> Iterator[float]:
    """A patch, the live picture, the palette with its thumbnails; one weight keyed with I under the mouse."""
    stage.call("add_look", patch="pulse")
    stage.call("set_size", width=256, height=256, detail=0.5)
    bpy.context.scene.frame_set(60)
    stage.open_panels("look", "palette")
    kept = OUT / "cache" / "thumbnails"
    yield from stage.until(lambda: stage.module("viewing").icon() and len(list(kept.glob("*.png"))) > 8, 90)
    stage.note(thumbnails=len(list(kept.glob("*.png"))))
    yield 1.5
    stage.picture("tour-4-palette")
    look = stage.module("controls").active_look(bpy.context.scene)
    keyed = set(stage.curves(look))
    for down in range(370, 480, 14):  # the first weight of the list is somewhere there
        yield from stage.hover_and_press("i", 0.62, down)
        if set(stage.curves(look)) - keyed:
            break
    stage.note(keyed_by_hand=sorted(set(stage.curves(look)) - keyed))


def shape(stage: Stage) -> Iterator[float]:
    """Bends, routes, and an edit that is undone."""
    controls, scene = stage.module("controls"), bpy.context.scene
    stage.call("add_bend", kind="rotate", layer=2, label="Turn")
    stage.call("add_route", envelope="kick", address="bend.turn", amount=20.0)
    scene.ganreact.routes_index = len(controls.patch_of(controls.active_look(scene)).routes) - 1
    stage.open_panels("look", "bends")
    yield 1.5
    yield from stage.scroll(8)
    stage.picture("tour-5-bends")
    stage.open_panels("look", "routes")
    yield 1.5
    yield from stage.scroll(12)
    stage.picture("tour-6-routes")
    before = controls.active_look(scene)["ganreact"]
    stage.call("add_noise_layer", label="Sand")
    with bpy.context.temp_override(window=stage.window):
        bpy.ops.ed.undo()
    stage.note(undone=controls.active_look(bpy.context.scene)["ganreact"] == before)


def render(stage: Stage) -> Iterator[float]:
    """Frames appear while they are made."""
    scene = bpy.context.scene
    stage.module("previewing").rest()
    settings = scene.ganreact
    settings.frames, settings.first, settings.last = "CUSTOM", *FRAMES
    scene.frame_set(FRAMES[0])
    stage.open_panels("render")
    yield from stage.until(lambda: stage.module("counting").count.is_known, 90)
    yield 1.0
    stage.picture("tour-7-count")
    stage.note(count=stage.module("counting").sentence_of(scene, stage.module("controls").active_look(scene)))
    stage.call("render")
    strips = stage.module("strips")
    yield from stage.until(lambda: strips.strip_of_frames(bpy.context.scene, "Pulse") is not None, 90)
    stage.note(shown_early=bool(stage.module("session").session.jobs))
    yield from stage.until_idle(180)
    bpy.context.scene.frame_set(8)
    yield 1.5
    stage.picture("tour-8-rendered")
    strip = strips.strip_of_frames(bpy.context.scene, "Pulse")
    stage.note(frames=len(strip.elements), notice=stage.module("session").session.notice)
    yield from replace_while_reading_ahead(stage)
    yield from drag_a_strip(stage)


def replace_while_reading_ahead(stage: Stage) -> Iterator[float]:
    """The strip of frames makes room for a new one, again and again, while Blender reads its next frames in a thread."""
    scene, strips = bpy.context.scene, stage.module("strips")
    folder = Path(bpy.path.abspath(strips.strip_of_frames(scene, "Pulse").directory))
    shown = sorted(folder.glob("*.png"))
    for turn in range(80):
        strips.place_frames(scene, "Pulse", shown * 4, FRAMES[0])
        scene.frame_set(FRAMES[0] + turn % len(shown))
        yield (0.02, 0.1, 0.2)[turn % 3]
    strips.place_frames(scene, "Pulse", shown, FRAMES[0])
    stage.note(read_ahead=scene.sequence_editor.use_prefetch)


def drag_a_strip(stage: Stage) -> Iterator[float]:
    """A strip is taken into the hand and put back: meanwhile nothing that a job ends with may be written."""
    hands, area = stage.module("hands"), stage.area()
    region = stage.region("WINDOW", area)
    with bpy.context.temp_override(window=stage.window, area=area, region=region):
        bpy.ops.sequencer.select_all(action="SELECT")
    stage.point(region.x + region.width // 2, region.y + region.height // 2)
    yield 0.5
    stage.key("g")
    yield from stage.until(hands.are_full, 3)
    stage.note(in_hand=hands.are_full())
    stage.key("Escape")
    yield from stage.until(lambda: not hands.are_full(), 3)
    stage.note(put_back=not hands.are_full())


def go_on(stage: Stage) -> Iterator[float]:
    """The keys in the Graph Editor, the live picture in the Image Editor, a plane in the 3D viewport, the preferences."""
    stage.call("use_frames", way="PLANE")
    yield from stage.show("IMAGE_EDITOR")
    stage.area().spaces.active.image = stage.module("viewing").named_image("GANReact · live")
    stage.call("live")
    yield from stage.until(lambda: stage.module("viewing").named_image("GANReact · live").size[0] > 64, 120)
    session = stage.module("session").session
    stage.note(live_size=stage.module("viewing").named_image("GANReact · live").size[0], live_notice=session.notice,
               live_jobs=[job.title for job in session.jobs.values()])
    stage.open_panels("look")
    yield 1.5
    stage.picture("tour-9-image-editor")
    stage.module("previewing").rest()
    yield from stage.show("VIEW_3D")
    stage.open_panels("render", "texture")
    bpy.data.objects.remove(bpy.data.objects["Cube"])
    area = stage.area()
    area.spaces.active.overlay.show_overlays, area.spaces.active.region_3d.view_distance = False, 3.0
    with bpy.context.temp_override(window=stage.window, area=area, region=stage.region("WINDOW", area)):
        bpy.ops.view3d.view_axis(type="FRONT")
        bpy.ops.view3d.view_orbit(angle=0.35, type="ORBITLEFT")
    shading = area.spaces.active.shading
    shading.type, shading.color_type, shading.light = "SOLID", "TEXTURE", "FLAT"
    yield 3.0
    stage.picture("tour-10-texture")
    bpy.ops.preferences.addon_show("INVOKE_DEFAULT", module="bl_ext.user_default.ganreact")
    yield 2.0
    stage.picture("tour-11-preferences")
    import addon_utils

    stage.note(warnings=len(addon_utils._extensions_warnings_get()))
