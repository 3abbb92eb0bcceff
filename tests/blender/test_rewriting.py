"""Other weights from within Blender: a network's layers, and a thing copied from one frame to another."""

import time
from dataclasses import replace

import bpy
import numpy as np
import pytest
from ganreact_ext.addon import controls, frames, session
from ganreact_ext.ganreact_core.look import Canvas
from ganreact_ext.ganreact_core.models import model_file


@pytest.fixture
def look(extension, scene, look_control, tmp_path):
    scene.ganreact.look = look_control
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    return look_control


def waited():
    end = time.monotonic() + 120
    while session.session.jobs and time.monotonic() < end:
        session.session.take()
        time.sleep(0.05)
    notice = session.session.notice
    session.session.stop()
    return notice


def rewrites_of(look):
    return controls.patch_of(look).look.rewrites


def test_layers_of_another_network_are_a_rewrite_with_its_file_beside_the_blend(look, engine_python):
    network = str(model_file("embedded"))
    bpy.ops.ganreact.mix_networks("EXEC_DEFAULT", filepath=network, first=2, last=3)
    assert not waited()
    made = rewrites_of(look)[-1]
    assert (made.kind, made.file) == ("file", "//ganreact/rewrites/embedded.npz") and look[f"rewrite.{made.id}"] == 1.0
    with np.load(bpy.path.abspath(made.file)) as file:
        assert any("weight" in name for name in file)


def test_what_is_painted_over_in_two_frames_is_copied(look, scene, engine_python):
    patch = controls.patch_of(look)
    controls.store_patch(look, replace(patch, look=replace(patch.look, size=(64, 64), canvas=Canvas(detail=0.1))))
    scene.ganreact.frames, scene.ganreact.first, scene.ganreact.last = "CUSTOM", 1, 2
    scene.frame_set(1)
    with pytest.raises(RuntimeError, match=r"render|bundle"):
        bpy.ops.ganreact.paint_on_frame("EXEC_DEFAULT")
    bpy.ops.ganreact.render("EXEC_DEFAULT")
    waited()
    painted = []
    for frame in (1, 2):
        scene.frame_set(frame)
        bpy.ops.ganreact.paint_on_frame("EXEC_DEFAULT")
        painted.append(next(image for image in bpy.data.images if image.get("ganreact_frame") == frame))
        assert painted[-1]["ganreact_bundle"].startswith("//ganreact")  # and moves along with the file
    with pytest.raises(RuntimeError, match="nothing is painted"):
        bpy.ops.ganreact.copy_and_paste("EXEC_DEFAULT", copied=painted[0].name, pasted=painted[1].name)
    for image, corner in zip(painted, (0.0, 0.5), strict=True):
        width, height = image.size
        pixels = np.empty(width * height * 4, np.float32)
        image.pixels.foreach_get(pixels)
        box = slice(int(corner * height), int(corner * height) + height // 3), slice(int(corner * width), int(corner * width) + width // 3)
        pixels.reshape(height, width, 4)[box] = (1, 0, 1, 1)
        image.pixels.foreach_set(pixels)
    bpy.ops.ganreact.copy_and_paste("EXEC_DEFAULT", copied=painted[0].name, pasted=painted[1].name, layer=4, rank=1, steps=3)
    assert not waited()
    made = rewrites_of(look)[-1]
    with np.load(bpy.path.abspath(made.file)) as file:
        assert sorted(name.rpartition(".")[2] for name in file) == ["u", "v"]
    assert frames.frames_folder(scene, look).is_dir()
