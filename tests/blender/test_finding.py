"""What was found in a network becomes part of the look; masks and files of rewrites go into the bundle."""

import bpy
import numpy as np
import pytest
from ganreact_ext.addon import baking, controls, frames, glancing
from ganreact_ext.ganreact_core.carried import mask_picture_path, rewrite_file
from ganreact_ext.ganreact_core.cluster_files import Clusters, save_clusters
from ganreact_ext.ganreact_core.direction_files import Directions, save_directions
from ganreact_ext.ganreact_core.png import encode


@pytest.fixture
def look(extension, scene, look_control):
    scene.ganreact.look = look_control
    return look_control


def of(look):
    return controls.patch_of(look).look


def test_directions_become_parameters(look, tmp_path):
    save_directions(tmp_path / "d.npz", Directions(np.eye(3, 8, dtype=np.float32), np.float32([3, 2, 1]), np.float32([0.5, 0.3, 0.2])))
    bpy.ops.ganreact.add_directions("EXEC_DEFAULT", filepath=str(tmp_path / "d.npz"), count=2, first=1, last=4)
    made = of(look).directions[-2:]
    assert [(d.sigma, d.first, d.last, len(d.vector)) for d in made] == [(3, 1, 4, 8), (2, 1, 4, 8)]
    assert all(f"direction.{d.id}" in look for d in made)


def test_clusters_are_there_to_be_chosen(look, tmp_path):
    save_clusters(tmp_path / "c.npz", Clusters({3: np.array([0, 1, 0, 2])}))
    bpy.ops.ganreact.add_clusters("INVOKE_DEFAULT", filepath=str(tmp_path / "c.npz"), layer=3)  # known, so nobody is asked
    assert [c.indices for c in of(look).clusters] == [(0, 2), (1,), (3,)]
    with pytest.raises(RuntimeError, match="no clusters of layer 4"):
        bpy.ops.ganreact.add_clusters("EXEC_DEFAULT", filepath=str(tmp_path / "c.npz"), layer=4)


def test_a_projected_picture_is_an_entry(look, tmp_path):
    np.save(tmp_path / "w.npy", np.random.default_rng(0).normal(size=(10, 128)).astype(np.float32))
    bpy.ops.ganreact.add_projected("EXEC_DEFAULT", filepath=str(tmp_path / "w.npy"), label="Grandmother")
    entry = of(look).entries[-1]
    assert entry.label == "Grandmother" and entry.latent.startswith("w:10x128:")


def painted(name="Mask"):
    image = bpy.data.images.new(name, 8, 4, float_buffer=False)
    pixels = np.zeros((4, 8, 4), np.float32)
    pixels[3, :2] = 1.0  # the uppermost row, on the left
    image.pixels.foreach_set(pixels.ravel())
    return image


def read_grey(path):
    """uint8 [h, w], as Blender reads it: without another library, top row first."""
    image = bpy.data.images.load(str(path))
    image.colorspace_settings.name = "Non-Color"
    width, height = image.size
    pixels = np.array(image.pixels[:], np.float32).reshape(height, width, image.channels)
    return (pixels[::-1, :, 0] * 255).round().astype(np.uint8)


def test_a_painted_image_lies_in_the_bundle_the_right_way_up(look, scene, tmp_path):
    painted()
    bpy.ops.ganreact.mask_from_image("EXEC_DEFAULT", image="Mask")
    mask = of(look).masks[-1]
    bundle = frames.make_bundle(scene, look, tmp_path / "b", range(1, 3))
    grey = read_grey(mask_picture_path(tmp_path / "b", mask))
    assert grey.shape == (4, 8) and grey[0, :2].min() == 255 and grey.sum() == 2 * 255 and bpy.data.images["Mask"].use_fake_user
    before = bundle.frame_keys([1])
    bpy.data.images["Mask"].pixels.foreach_set(np.ones(8 * 4 * 4, np.float32))
    assert frames.make_bundle(scene, look, tmp_path / "b", range(1, 3)).frame_keys([1]) != before


def test_a_live_picture_sees_the_mask_and_notices_when_it_is_painted(look, scene):
    painted()
    bpy.ops.ganreact.mask_from_image("EXEC_DEFAULT", image="Mask")
    view = glancing.view_of(scene, look)
    assert view.folder and view.arguments([{}])["folder"] == view.folder
    before = view.key({}, 1)
    bpy.data.images["Mask"].pixels.foreach_set(np.ones(8 * 4 * 4, np.float32))
    assert glancing.view_of(scene, look).key({}, 1) != before


def test_a_folder_of_pictures_is_one_a_frame_and_a_rewrites_file_comes_along(look, scene, tmp_path):
    (tmp_path / "pictures").mkdir()
    for n in range(3):
        (tmp_path / "pictures" / f"a{n}.png").write_bytes(encode(np.full((4, 4, 3), 50 * n, np.uint8)))
    np.savez(tmp_path / "x.npz", **{"b8.conv0.weight": np.zeros((1, 1, 3, 3), np.float32)})
    bpy.ops.ganreact.add_mask("EXEC_DEFAULT", label="Moving", kind="sequence", file=str(tmp_path / "pictures"))
    bpy.ops.ganreact.add_rewrite("EXEC_DEFAULT", label="Other", kind="file", layer=2, file=str(tmp_path / "x.npz"))
    mask, rewrite = of(look).masks[-1], of(look).rewrites[-1]
    first = baking.frames_of(scene, look)[0]
    frames.make_bundle(scene, look, tmp_path / "b", range(first + 5, first + 9))
    assert [p.name for p in sorted(mask_picture_path(tmp_path / "b", mask, first).parent.iterdir())] == [f"{first + n:06d}.png" for n in range(3)], "a sequence runs from the first frame of the sound, whichever frames are made"
    assert rewrite_file(tmp_path / "b", rewrite.id).read_bytes() == (tmp_path / "x.npz").read_bytes()


def test_an_image_that_is_gone_is_named(look, scene, tmp_path):
    painted()
    bpy.ops.ganreact.mask_from_image("EXEC_DEFAULT", image="Mask")
    bpy.data.images.remove(bpy.data.images["Mask"])
    with pytest.raises(Exception, match="Mask"):
        frames.make_bundle(scene, look, tmp_path / "b", range(1, 3))
