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


@pytest.fixture
def hiss(tmp_path):
    """Two seconds of noise as an MP3, of which Blender leaves out 25 ms, and its samples as a decoder gives them."""
    av = pytest.importorskip("av", reason="the sound of a film is read with PyAV, which this Blender's Python has not")
    from ganreact_ext.ganreact_core.audio import load_audio

    noise = (np.random.default_rng(3).standard_normal((2, 2 * 48_000)) * 0.1).astype(np.float32)
    path = tmp_path / "hiss.mp3"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libmp3lame", rate=48_000, layout="stereo")
        for at in range(0, noise.shape[1], 1152):
            block = av.AudioFrame.from_ndarray(np.ascontiguousarray(noise[:, at:at + 1152]), format="fltp", layout="stereo")
            block.sample_rate, block.pts = 48_000, at
            file.mux(stream.encode(block))
        file.mux(stream.encode(None))
    return path, load_audio(path, sample_rate_hz=48_000, channel=0).samples


def heard_in(film):
    from ganreact_ext.ganreact_core.audio import load_audio

    return load_audio(film, sample_rate_hz=48_000, channel=0).samples


def lag(heard, meant):
    """Samples by which a sound is late."""
    n = 1 << 18
    along = np.fft.irfft(np.fft.rfft(heard, n) * np.conj(np.fft.rfft(meant, n)), n)
    at = int(np.argmax(along))
    return at - n if at > n // 2 else at


def strips_of(cli):
    return __import__(cli.__name__.replace(".cli", ".strips"), fromlist=["sound_strips"])


def test_the_sound_of_a_film_is_exact_also_where_blenders_own_is_not(cli, hiss, tmp_path, capsys):
    song, meant = hiss
    (tmp_path / "flash.json").write_text(json.dumps(FLASH))
    words = ["render", "--fps", str(FPS), "--patch", str(tmp_path / "flash.json")]
    assert cli.main([*words, "--audio", str(song), "--out", str(tmp_path / "film.mp4")]) == 0
    assert lag(heard_in(tmp_path / "film.mp4"), meant) == 0 and "Blender renders" not in capsys.readouterr().err
    assert cli.main(["render", "--frames", "13-36", "--out", str(tmp_path / "part.mkv")]) == 0
    part = heard_in(tmp_path / "part.mkv")
    assert lag(part, meant[24_000:]) == 0 and len(part) == 48_000


def test_a_volume_is_heard_in_the_film(cli, hiss, tmp_path):
    import bpy

    song, meant = hiss
    (tmp_path / "flash.json").write_text(json.dumps(FLASH))
    bpy.context.scene.render.fps = FPS
    strips_of(cli).add_sound(bpy.context.scene, song).volume = 0.25
    assert cli.main(["render", "--patch", str(tmp_path / "flash.json"), "--duration", "0.5", "--out",
                     str(tmp_path / "film.mkv")]) == 0
    heard = heard_in(tmp_path / "film.mkv")
    assert len(heard) == 24_000 and heard[4800:-4800].std() == pytest.approx(0.25 * meant.std(), rel=0.05)
    assert (bpy.context.scene.frame_start, bpy.context.scene.frame_end) == (1, FPS // 2)


def test_what_else_the_sequencer_shows_is_in_the_film(cli, thumps, tmp_path, capsys):
    import bpy

    (tmp_path / "flash.json").write_text(json.dumps(FLASH))
    words = ["--duration", "0.5", "--out", str(tmp_path / "film.mp4")]
    assert cli.main(["render", "--audio", str(thumps), "--fps", str(FPS), "--patch", str(tmp_path / "flash.json"), *words]) == 0
    assert "Blender renders" not in capsys.readouterr().err
    length = {"length": 9} if bpy.app.version >= (5, 0) else {"frame_end": 10}
    cover = bpy.context.scene.sequence_editor.strips.new_effect("Cover", "COLOR", 9, 1, **length)
    cover.color = (0.0, 0.0, 0.0)
    assert cli.main(["render", *words]) == 0
    assert "Blender renders this film, since the Sequencer shows 'Cover' too" in capsys.readouterr().err
    shown = frames_of_film(tmp_path / "film.mp4", FPS // 2).mean(axis=(1, 2))
    assert shown[:9].max() < 5 and shown[9:].min() > 20


def test_a_strip_that_was_changed_is_left_to_blender(cli, thumps, tmp_path):
    import bpy

    (tmp_path / "flash.json").write_text(json.dumps(FLASH))
    assert cli.main(["render", "--audio", str(thumps), "--fps", str(FPS), "--patch", str(tmp_path / "flash.json"), "--duration", "0.2",
                     "--out", str(tmp_path / "frames")]) == 0
    filming, controls = (__import__(cli.__name__.replace(".cli", f".{name}"), fromlist=["x"]) for name in ("filming", "controls"))
    scene = bpy.context.scene
    look, strip = controls.active_look(scene), strips_of(cli).strip_of_frames(scene, "Look")

    def why():
        return filming.why_blender(scene, look, range(1, 5))

    assert why() == ""
    for holder, name, value in ((strip.crop, "min_x", 3), (strip.transform, "rotation", 0.1), (strip, "blend_alpha", 0.5),
                                (strip, "mute", True), (strip, "blend_type", "ADD"), (scene.render, "use_stamp", True)):
        before = getattr(holder, name)
        setattr(holder, name, value)
        assert why(), name
        setattr(holder, name, before)
    assert why() == ""
    strip.keyframe_insert("blend_alpha")
    assert why()
