"""Hallu in the real Blender: sliders, three steps, the sound strip.

python3 scripts/tour/run.py BLENDER OUT scripts/tour/hallu_journey.py
"""

import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import bpy
from stage import OUT, Stage, play


def journey(stage: Stage) -> Iterator[float]:
    """A control, steps, a strip; each with a picture."""
    bpy.ops.wm.save_as_mainfile(filepath=str(OUT / "hallu.blend"))
    yield from stage.show("SEQUENCE_EDITOR")
    scene = bpy.context.scene
    stage.call("add_hallu")
    hallu = stage.module("hallu")
    control = hallu.active(scene)
    for frame, one, two in ((25, 1.5, -1.0), (73, -2.0, 1.0)):
        scene.frame_set(frame)
        control[hallu.COMPONENTS[0]], control[hallu.COMPONENTS[1]] = one, two
        stage.call("hallu_step", what="ADD")
    stage.call("hallu_settings", between=3)
    stage.open_panels("hallu")
    yield 1.0
    stage.picture("hallu-1-steps")
    stage.call("render_sound")
    yield from stage.until_idle(180)
    yield 1.0
    strips = stage.module("strips").sound_strips(scene)
    stage.note(steps=hallu.step_frames(control), strips=[s.name for s in strips], notice=stage.module("session").session.notice)
    stage.picture("hallu-2-strip")


play(journey)
