"""Hallu in the real Blender: sliders, three steps, the loop, the sound strip, and a look that the same sliders drive.

python3 scripts/tour/run.py BLENDER OUT scripts/tour/hallu_journey.py

With ALSOFT_DRIVERS=wave, and ALSOFT_CONF naming a file that says where, the loop is heard by a file instead of a device.
"""

import os
import time
from collections.abc import Iterator

import bpy
from stage import OUT, Stage


def journey(stage: Stage) -> Iterator[float]:
    """A control, steps, a loop, a strip, a look; each with a picture."""
    bpy.ops.wm.save_as_mainfile(filepath=str(OUT / "hallu.blend"))
    yield from stage.show("SEQUENCE_EDITOR")
    scene = bpy.context.scene
    stage.open_panels("hallu")
    yield 0.6
    stage.picture("hallu-0-empty")
    stage.call("add_hallu")
    control = stage.module("hallu").active(scene)
    yield 0.6
    stage.picture("hallu-1-first-step")
    if os.environ.get("ALSOFT_DRIVERS") == "wave":
        yield from loop(stage, control)
    yield from steps(stage, control)
    yield from strip_and_look(stage, control)


def loop(stage: Stage, control: bpy.types.Object) -> Iterator[float]:
    """The loop follows a slider; when it was pulled, and when the new clip was there, is noted in seconds."""
    bpy.context.preferences.system.audio_device = "OpenAL"
    playing, first = stage.module("hallu_playing"), stage.module("hallu").COMPONENTS[0]
    stage.call("hallu_settings", attack_s=0.05, sustain_s=0.4, release_s=0.05)
    stage.call("live_hallu")
    yield from stage.until(lambda: playing._Loop.passes is not None, 120)
    begun, pulled = time.monotonic(), []
    for value in (-2.0, 2.0):
        yield 2.0
        control[first] = value
        pulled.append(time.monotonic() - begun)
        yield from stage.until(lambda: playing._Loop.under_way, 5)
        yield from stage.until(lambda: not playing._Loop.under_way, 60)
        pulled.append(time.monotonic() - begun)
    yield 2.5
    stage.picture("hallu-2-loop")
    stage.call("live_hallu")
    yield from stage.until_idle()
    yield 0.5
    stage.note(pulled=pulled, loop_ended=not playing.is_live(), loop_notice=stage.module("session").session.notice)
    stage.call("hallu_settings", attack_s=0.5, sustain_s=0.5, release_s=0.5)
    control[first] = 0.0


def steps(stage: Stage, control: bpy.types.Object) -> Iterator[float]:
    """Two more columns, one copied, moved and removed again."""
    hallu, scene = stage.module("hallu"), bpy.context.scene
    stage.note(one_step_is_too_few=not stage.can("render_sound"))
    for frame, one, two in ((25, 1.5, -1.0), (73, -2.0, 1.0)):
        scene.frame_set(frame)
        control[hallu.COMPONENTS[0]], control[hallu.COMPONENTS[1]] = one, two
        stage.call("hallu_step", what="ADD")
    stage.call("hallu_step", what="COPY")
    stage.call("move_hallu_step", to=120)
    moved = hallu.step_frames(control)
    stage.call("hallu_step", what="REMOVE")
    stage.note(moved=moved, steps=hallu.step_frames(control))
    stage.call("hallu_settings", between=3)
    scene.frame_set(73)
    yield 1.0
    stage.picture("hallu-3-steps")
    stage.call("hallu_settings", "INVOKE_DEFAULT")
    yield 0.8
    stage.picture("hallu-4-settings")
    stage.key("Escape")
    yield 0.5


def strip_and_look(stage: Stage, control: bpy.types.Object) -> Iterator[float]:
    """The piece as a strip, listened to like any other; a look whose truncation one of the sliders moves."""
    scene = bpy.context.scene
    stage.call("render_sound")
    yield from stage.until_idle(180)
    yield 1.0
    made = stage.module("strips").sound_strips(scene)
    stage.picture("hallu-5-strip")
    stage.note(strips=[s.name for s in made], notice=stage.module("session").session.notice)
    for strip in made:
        strip.select = True
        scene.sequence_editor.active_strip = strip
    stage.call("analyse")
    yield from stage.until_idle(180)
    audio = stage.module("controls").find(scene, "audio")
    stage.note(envelopes=sum(len(stage.curves(one)) for one in audio))
    stage.call("add_look")
    yield 1.0
    stage.picture("hallu-6-look")
    stage.call("add_route", "INVOKE_DEFAULT", envelope="component-01")
    yield 0.8
    stage.picture("hallu-7-route")
    stage.key("Escape")
    yield 0.5
    stage.call("add_route", envelope="component-01", address="truncation", amount=0.4)
    look_control = stage.module("controls").active_look(scene)
    moved = stage.module("baking").table_of(scene, look_control).table.columns["truncation"]
    stage.note(truncation=[float(moved.min()), float(moved.max())])
    stage.open_panels("routes", "hallu")
    yield 1.0
    stage.picture("hallu-8-routes")
