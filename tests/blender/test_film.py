"""The whole way inside Blender: sound strip, analysis, bake, frames, strip, and a film that Blender itself renders."""

import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from ganreact_ext.ganreact_core.patches import patch_from_text, patch_to_text

FPS = 24
CLICKS_S = (0.5, 1.27, 2.0)

pytestmark = pytest.mark.skipif("GANREACT_PYTHON" not in os.environ, reason="GANREACT_PYTHON names no engine's Python")

FLASH = {
    "format": "ganreact.patch", "version": 1, "label": "Flash",
    "envelopes": [{"id": "kick", "label": "Kick", "source": "events", "name": "kick", "decay_s": 0.001}],
    "look": {"size": [64, 64], "canvas": {"mode": "mirror", "detail": 1.0},
             "entries": [{"id": "a", "label": "A", "seed": 1, "default": 1.0}, {"id": "x", "label": "X", "seed": 5, "accent": True}]},
    "routes": [{"id": "r", "label": "", "envelope": "kick", "address": "accent.x"}],
}


@pytest.fixture
def thumps(tmp_path):
    """Three seconds of silence with a low thump at known times."""
    import wave

    samples, t = np.zeros(3 * 44100), np.arange(4000) / 44100
    for at in CLICKS_S:
        start = round(at * 44100)
        samples[start:start + 4000] += 0.9 * np.cos(2 * np.pi * 60 * t) * np.exp(-t / 0.02)
    path = tmp_path / "thumps.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 44100, len(samples), "NONE", ""))
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype(np.int16).tobytes())
    return path


@pytest.fixture
def cli(extension, tmp_path):
    """The add-on's command line in an empty file that has a place."""
    import bpy

    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    return sys.modules[f"{extension.__name__}.addon"] and __import__(f"{extension.__name__}.addon.cli", fromlist=["main"])


def frames_of_film(path, n):
    """The film's frames as Blender decodes them, grey float [n, h, w]."""
    import bpy

    clip = bpy.data.movieclips.load(str(path))
    assert clip.frame_duration == n, f"the film has {clip.frame_duration} frames"
    out = Path(path).parent / "decoded"
    out.mkdir()
    scene = bpy.data.scenes.new("decode")
    editor = scene.sequence_editor_create()
    editor.strips.new_movie("film", str(path), 1, 1)
    scene.render.resolution_x = scene.render.resolution_y = 64
    scene.view_settings.view_transform = "Standard"
    scene.frame_start, scene.frame_end, scene.render.filepath = 1, n, str(out / "####.png")
    bpy.ops.render.render(animation=True, scene=scene.name)
    return np.stack([read_grey(out / f"{frame:04d}.png") for frame in range(1, n + 1)])


def read_grey(path):
    """Grey levels 0…255 of a picture file, rows from the top."""
    import bpy

    image = bpy.data.images.load(str(path), check_existing=False)
    image.colorspace_settings.name = "Non-Color"
    pixels = np.empty(len(image.pixels), np.float32)
    image.pixels.foreach_get(pixels)
    height, width = image.size[1], image.size[0]
    bpy.data.images.remove(image)
    return 255 * pixels.reshape(height, width, -1)[::-1, :, :3].mean(2)


def test_the_film_shows_the_files_and_changes_at_the_clicks(cli, thumps, tmp_path):
    (tmp_path / "flash.json").write_text(json.dumps(FLASH))
    assert patch_from_text(patch_to_text(patch_from_text(json.dumps(FLASH))))
    film = tmp_path / "film.mp4"
    status = cli.main(["render", "--audio", str(thumps), "--fps", str(FPS), "--patch", str(tmp_path / "flash.json"), "--out", str(film),
                       "--save", str(tmp_path / "scene.blend")])
    assert status == 0
    shown = frames_of_film(film, 3 * FPS)
    differs = np.abs(shown - shown[0]).mean(axis=(1, 2))
    assert np.flatnonzero(differs > 0.5 * differs.max()).tolist() == [int(t * FPS + 1e-6) for t in CLICKS_S]
    folder = tmp_path / "film.frames" / "frames"
    for frame in (1, 13, 40):
        assert np.abs(shown[frame - 1] - read_grey(folder / f"{frame:06d}.png")).mean() < 7, "the film shows another file, or part of it"


def test_a_second_render_makes_nothing_new_and_an_artists_key_makes_what_it_changes(cli, thumps, tmp_path):
    import bpy

    (tmp_path / "flash.json").write_text(json.dumps(FLASH))
    out = tmp_path / "frames"
    words = ["render", "--audio", str(thumps), "--fps", str(FPS), "--patch", str(tmp_path / "flash.json"), "--out", str(out)]
    assert cli.main(words) == 0
    files = sorted((out / "frames").iterdir())
    before = {file.name: (file.stat().st_mtime_ns, file.read_bytes()) for file in files}
    look = next(o for o in bpy.data.objects if o.name.startswith("Look"))
    for frame, value in ((30, 0.8), (31, 0.1), (32, 0.8)):
        look["truncation"] = value
        look.keyframe_insert('["truncation"]', frame=frame)
    assert cli.main(["render", "--out", str(out)]) == 0
    changed = [int(file.stem) for file in files if file.stat().st_mtime_ns != before[file.name][0]]
    assert changed == [31]


@pytest.mark.parametrize("content", [b"", b"words " * 99, b"<html>" * 99])
def test_what_is_no_sound_ends_with_3_and_leaves_the_scene_alone(cli, tmp_path, capsys, content):
    import bpy

    (tmp_path / "bad.wav").write_bytes(content)
    objects = len(bpy.data.objects)
    assert cli.main(["render", "--audio", str(tmp_path / "bad.wav"), "--out", str(tmp_path / "film.mp4")]) == 3
    assert "not audio" in capsys.readouterr().err and len(bpy.data.objects) == objects and not (tmp_path / "film.mp4").exists()


def test_a_saved_scene_goes_on_with_its_length_its_frames_and_its_material(cli, thumps, tmp_path):
    import bpy

    (tmp_path / "flash.json").write_text(json.dumps(FLASH))
    film, blend = tmp_path / "film.mp4", str(tmp_path / "scene.blend")
    assert cli.main(["render", "--audio", str(thumps), "--fps", str(FPS), "--patch", str(tmp_path / "flash.json"), "--out", str(film),
                     "--duration", "1", "--save", blend]) == 0
    bpy.ops.wm.open_mainfile(filepath=blend)
    scene = bpy.context.scene
    frames = __import__(cli.__name__.replace(".cli", ".frames"), fromlist=["frames_folder"])
    look = next(o for o in bpy.data.objects if o.name.startswith("Look"))
    assert frames.frames_folder(scene, look) == tmp_path / "film.frames" and frames.wanted_frames(scene, look) == range(1, FPS + 1)
    assert [m for m in bpy.data.materials if m.name.startswith("GANReact")]
    made = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "film.frames" / "frames").iterdir()}
    assert cli.main(["render", "--out", str(film)]) == 0 and len(made) == FPS
    assert {p.name: p.stat().st_mtime_ns for p in (tmp_path / "film.frames" / "frames").iterdir()} == made
    look.name = "Look of another name"
    assert frames.frames_folder(scene, look) != tmp_path / "film.frames", "a duplicate has frames of its own"
