"""The texture: scene frame f shows file f, in true colours; film settings play anywhere."""

import numpy as np
import pytest
from ganreact_ext.addon import materials, strips
from ganreact_ext.ganreact_core.errors import Partial


def look_at(scene, plane):
    """A camera that sees the plane fill the picture."""
    import bpy

    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    camera.data.type, camera.data.ortho_scale = "ORTHO", 2 * 32 / 16
    camera.location, camera.rotation_euler = (0, -5, 0), (1.5707963, 0, 0)
    scene.collection.objects.link(camera)
    scene.camera = camera
    scene.render.engine, scene.cycles.samples, scene.cycles.use_denoising = "CYCLES", 1, False


def test_the_texture_shows_the_file_of_each_frame(scene, numbered_frames, pixels):
    material = materials.frames_material("Test", numbered_frames(101, 9), 101)
    look_at(scene, materials.frames_plane(scene, material, (32, 16)))
    materials.show_true_colours(scene)
    for frame in (101, 104, 109):
        scene.frame_set(frame)
        assert abs(pixels(scene)[4:12, 8:24] - round((frame - 100) / 10 * 255)).max() <= 2


def test_frames_of_light_look_as_those_of_colours_did(scene, numbered_frames, pixels, tmp_path):
    material = materials.frames_material("Test", numbered_frames(1, 3), 1)
    look_at(scene, materials.frames_plane(scene, material, (32, 16)))
    materials.show_true_colours(scene)
    shown = 0.6
    light = np.full((16, 32, 3), ((shown + 0.055) / 1.055) ** 2.4, np.float32)
    light[:, 16:] = 2.5
    file = tmp_path / "000001.exr"
    encode_exr = pytest.importorskip("ganreact_ext.ganreact_core.synthesis.exr_encoding", reason="torch is not here").encode_exr
    file.write_bytes(encode_exr(light, {"ganreact-frame-key": "0" * 40}))
    image = materials.frames_material("Test", [file], 1).node_tree.nodes["GANReact frames"].image
    assert image.colorspace_settings.name == "Linear Rec.709"
    scene.frame_set(1)
    assert abs(pixels(scene)[4:12, 4:12] - round(shown * 255)).max() <= 2
    import bpy

    alone = bpy.data.images.load(str(file))
    values = np.array(alone.pixels[:]).reshape(16, 32, -1)
    assert alone.is_float and alone.colorspace_settings.name == image.colorspace_settings.name and abs(values[:, 20:, :3] - 2.5).max() < 0.01, "what is brighter than white is cut off"
    again = materials.frames_material("Test", numbered_frames(1, 3), 1).node_tree.nodes["GANReact frames"].image
    assert again.colorspace_settings.name == "sRGB"


def test_a_strip_of_light_shows_what_a_strip_of_colours_does(scene, pixels, tmp_path):
    levels = (0.1, 0.6, 0.95)
    encode_exr = pytest.importorskip("ganreact_ext.ganreact_core.synthesis.exr_encoding", reason="torch is not here").encode_exr
    files = [tmp_path / f"{k:06d}.exr" for k in range(1, len(levels) + 1)]
    for file, level in zip(files, levels, strict=True):
        file.write_bytes(encode_exr(np.full((16, 32, 3), ((level + 0.055) / 1.055) ** 2.4, np.float32), {}))
    materials.show_true_colours(scene)
    scene.render.resolution_x, scene.render.resolution_y = 32, 16
    strips.place_frames(scene, "Light", files, 1)
    for frame, level in enumerate(levels, 1):
        scene.frame_set(frame)
        assert abs(pixels(scene) - round(level * 255)).max() <= 2


def test_new_frames_replace_the_old_ones_and_keep_the_artists_nodes(scene, numbered_frames):
    files = numbered_frames(1, 6)
    material = materials.frames_material("Test", files[:4], 1)
    material.node_tree.nodes.new("ShaderNodeMixRGB").name = "mine"
    again = materials.frames_material("Test", files, 1)
    assert again == material and "mine" in again.node_tree.nodes
    assert again.node_tree.nodes["GANReact frames"].image_user.frame_duration == 6


def test_a_missing_first_frame_is_told(scene, tmp_path):
    with pytest.raises(Partial, match="render first"):
        materials.frames_material("Test", [tmp_path / "000001.png"], 1)


def test_film_settings_are_h264_and_aac(scene):
    materials.film_settings(scene, "//film.mp4", (511, 256))
    film = scene.render.ffmpeg
    assert (film.format, film.codec, film.audio_codec) == ("MPEG4", "H264", "AAC")
    assert (scene.render.resolution_x, scene.render.resolution_y) == (512, 256)
    assert scene.view_settings.view_transform == "Standard"
