"""Masks that move: an image sequence of the file, a film, a shape whose place is keyed; what is missing is said in one sentence."""

import time

import bpy
import numpy as np
import pytest
from ganreact_ext.addon import baking, controls, frames, session
from ganreact_ext.ganreact_core.carried import mask_picture_path, mask_pictures
from ganreact_ext.ganreact_core.errors import LookError
from ganreact_ext.ganreact_core.png import encode


@pytest.fixture
def look(extension, scene, look_control):
    scene.ganreact.look = look_control
    return look_control


@pytest.fixture
def sequence(tmp_path):
    """Four pictures, numbered 3 to 6, and the image of Blender that shows them."""
    for n in range(3, 7):
        (tmp_path / f"fire_{n:04d}.png").write_bytes(encode(np.full((4, 4, 3), 40 * n, np.uint8)))
    (tmp_path / "fire_0007.jpg").write_bytes(b"of another kind")
    image = bpy.data.images.load(str(tmp_path / "fire_0003.png"))
    image.source = "SEQUENCE"
    return image


def masks_of(look):
    return controls.patch_of(look).look.masks


def test_an_image_sequence_is_unrolled_frame_by_frame(look, scene, sequence, tmp_path):
    bpy.ops.ganreact.mask_from_image("EXEC_DEFAULT", image=sequence.name)
    mask = masks_of(look)[-1]
    assert mask.kind == "sequence"
    first = baking.frames_of(scene, look)[0]
    bundle = frames.make_bundle(scene, look, tmp_path / "b", range(first, first + 9))
    found = mask_pictures(tmp_path / "b", mask)
    assert found.frames == tuple(range(first, first + 4))
    assert found.at(first + 1).read_bytes() == (tmp_path / "fire_0004.png").read_bytes()
    before = bundle.frame_keys(range(first, first + 9))
    (tmp_path / "fire_0005.png").write_bytes(encode(np.full((4, 4, 3), 255, np.uint8)))
    after = frames.make_bundle(scene, look, tmp_path / "b", range(first, first + 9)).frame_keys(range(first, first + 9))
    assert [frame for frame in before if before[frame] != after[frame]] == [first + 2]


def test_pictures_of_an_earlier_making_leave_the_bundle(look, scene, sequence, tmp_path):
    bpy.ops.ganreact.mask_from_image("EXEC_DEFAULT", image=sequence.name)
    frames.make_bundle(scene, look, tmp_path / "b", range(1, 9))
    bpy.ops.ganreact.edit_mask("EXEC_DEFAULT", ident=masks_of(look)[-1].id, start=2, again=True)
    frames.make_bundle(scene, look, tmp_path / "b", range(1, 9))
    found, first = mask_pictures(tmp_path / "b", masks_of(look)[-1]), baking.frames_of(scene, look)[0]
    assert found.frames == tuple(range(first + 2, first + 6)) and found.at(first + 6) == found.paths[0]


def test_a_missing_picture_is_one_sentence(look, sequence, tmp_path):
    (tmp_path / "fire_0005.png").unlink()
    with pytest.raises(RuntimeError, match=r"fire_0005.png.* is missing"):
        bpy.ops.ganreact.mask_from_image("EXEC_DEFAULT", image=sequence.name)
    (tmp_path / "fire_0003.png").unlink()
    with pytest.raises(RuntimeError, match=r"fire_0003.png.* is not there"):
        bpy.ops.ganreact.mask_from_image("EXEC_DEFAULT", image=sequence.name)
    assert not masks_of(look)


def test_an_image_that_moves_is_no_still_one_and_a_film_no_folder(look, scene, sequence, tmp_path):
    bpy.ops.ganreact.add_mask("EXEC_DEFAULT", label="Still", kind="image", file=sequence.name)
    with pytest.raises(LookError, match="moves"):
        frames.make_bundle(scene, look, tmp_path / "b", range(1, 3))
    bpy.ops.ganreact.edit_mask("EXEC_DEFAULT", kind="sequence", ident="still", file=str(tmp_path / "fire.mp4"))
    with pytest.raises(LookError, match="Mask from Film"):
        frames.make_bundle(scene, look, tmp_path / "b", range(1, 3))


def test_what_only_blender_reads_comes_along_too(look, scene, tmp_path):
    image = bpy.data.images.new("one", 4, 2, float_buffer=True)
    image.pixels.foreach_set(np.tile(np.float32([0.5, 0.5, 0.5, 1.0]), 8))
    image.file_format = "OPEN_EXR"
    (tmp_path / "exr").mkdir()
    image.save(filepath=str(tmp_path / "exr" / "a1.exr"))
    shown = bpy.data.images.load(str(tmp_path / "exr" / "a1.exr"))
    shown.source = "SEQUENCE"
    bpy.ops.ganreact.mask_from_image("EXEC_DEFAULT", image=shown.name)
    frames.make_bundle(scene, look, tmp_path / "b", range(1, 3))
    assert mask_picture_path(tmp_path / "b", masks_of(look)[-1], baking.frames_of(scene, look)[0]).read_bytes()[:4] == b"\x89PNG"


def test_a_film_becomes_a_folder_beside_the_file_and_a_mask_of_it(look, scene, tmp_path, engine_python):
    av = pytest.importorskip("av")
    with av.open(str(tmp_path / "wave.mp4"), "w") as film:
        stream = film.add_stream("libx264", rate=12)
        stream.width = stream.height = 32
        for n in range(6):
            film.mux(stream.encode(av.VideoFrame.from_ndarray(np.full((32, 32, 3), 40 * n, np.uint8), format="rgb24")))
        film.mux(stream.encode(None))
    with pytest.raises(RuntimeError, match="save it first"):
        bpy.ops.ganreact.mask_from_film("EXEC_DEFAULT", filepath=str(tmp_path / "wave.mp4"))
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    scene.render.fps, scene.render.fps_base = 24, 1.0
    bpy.ops.ganreact.mask_from_film("EXEC_DEFAULT", filepath=str(tmp_path / "wave.mp4"))
    end = time.monotonic() + 60
    while session.session.jobs and time.monotonic() < end:
        session.session.take()
        time.sleep(0.05)
    session.session.stop()
    mask = masks_of(look)[-1]
    assert (mask.kind, mask.file, len(list((tmp_path / "ganreact" / "masks" / "wave").glob("*.png")))) == ("sequence", "//ganreact/masks/wave", 12)
    frames.make_bundle(scene, look, tmp_path / "b", range(1, 20))
    assert len(mask_pictures(tmp_path / "b", mask).frames) == 12


def test_the_place_of_a_shape_is_a_property_that_follows_its_form_until_it_is_moved(look):
    bpy.ops.ganreact.add_mask("EXEC_DEFAULT", label="Spot", kind="circle", x=0.25, size=0.2)
    assert look["mask.spot.x"] == pytest.approx(0.25) and look["mask.spot.size"] == pytest.approx(0.2) and "mask.spot.angle" not in look
    bpy.ops.ganreact.edit_mask("EXEC_DEFAULT", ident="spot", x=0.75)
    assert look["mask.spot.x"] == pytest.approx(0.75)
    look["mask.spot.x"] = 0.1
    bpy.ops.ganreact.edit_mask("EXEC_DEFAULT", ident="spot", x=0.5, kind="split")
    assert look["mask.spot.x"] == pytest.approx(0.1) and "mask.spot.size" not in look and "mask.spot.angle" in look
    look.keyframe_insert('["mask.spot.x"]', frame=1)
    bpy.ops.ganreact.add_route("EXEC_DEFAULT", envelope="kick", address="mask.spot.y", amount=0.3)
    assert controls.patch_of(look).routes[-1].address == "mask.spot.y"
