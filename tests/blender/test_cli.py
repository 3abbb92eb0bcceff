"""`--command ganreact`: the same function that Blender calls, with its exit statuses and one-sentence errors."""

import re
import shlex

import bpy
import numpy as np
import pytest
from ganreact_ext.addon import cli, controls, strips
from ganreact_ext.addon.documents import Hearing


@pytest.fixture
def run(extension, scene, engine_python, tmp_path, monkeypatch):
    monkeypatch.setenv("GANREACT_CACHE", str(tmp_path / "cache"))
    bpy.context.scene.render.fps = 24
    return lambda *words: cli.main([str(word) for word in words])


def test_analyze_writes_the_feature_set(run, song, tmp_path):
    assert run("analyze", "--audio", song, "--out", tmp_path / "f.npz", "--json", tmp_path / "f.json") == 0
    assert "kick" in np.load(tmp_path / "f.npz") and (tmp_path / "f.json").is_file()


def test_analyze_hears_the_stems_that_were_chosen(run, song, tmp_path, capsys):
    scene = bpy.context.scene
    strip = strips.add_sound(scene, str(song))
    controls.create_audio_control(scene, Hearing("Song", strip=strip.name, stems={"kick": strip.name}))
    assert run("analyze", "--out", tmp_path / "f.npz") == 0, capsys.readouterr().err
    assert (tmp_path / "f.npz").is_file()


def test_render_makes_frames_strip_and_film(run, song, network, tmp_path):
    film = tmp_path / "film.mp4"
    assert run("render", "--audio", song, "--patch", small_patch(tmp_path), "--model", network, "--frames", "1-12", "--out", film,
               "--save", tmp_path / "kept.blend") == 0
    shown = bpy.data.movieclips.load(str(film))
    heard = bpy.data.sounds.load(str(film))
    assert (shown.frame_duration, tuple(shown.size), heard.samplerate) == (12, (64, 64), 48000)
    assert len(list((tmp_path / "film.frames" / "frames").glob("*.png"))) == 12
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "kept.blend"))
    assert controls.active_look(bpy.context.scene) is not None


def test_a_second_render_uses_what_is_there(run, song, network, tmp_path):
    words = ("render", "--frames", "1-2", "--out", tmp_path / "frames")
    assert run(*words, "--audio", song, "--patch", small_patch(tmp_path), "--model", network) == 0
    made = {p: p.stat().st_mtime_ns for p in (tmp_path / "frames").rglob("*.png")}
    assert run(*words) == 0
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "frames").rglob("*.png")} == made
    assert len(controls.find(bpy.context.scene, "look")) == 1


def test_bundle_can_be_opened_anywhere(run, song, network, tmp_path):
    from ganreact_ext.ganreact_core.bundle import open_bundle

    assert run("bundle", "create", "--audio", song, "--model", network, "--out", tmp_path / "bundle", "--format", "exr") == 0
    made = open_bundle(tmp_path / "bundle")
    assert made.table.n_frames == 72 and made.frame_path(1).suffix == ".exr"


@pytest.mark.parametrize(("words", "status", "sentence"), [
    (("render", "--out", "x"), 3, "no sound"),
    (("spell",), 2, "has no verb 'spell'; choose from render, analyze, bundle"),
    (("render", "--out", "x", "--size", "0x0"), 2, "--size: '0x0' cannot be made; use 16 to 8192 pixels a side"),
    (("bundle", "create"), 2, "'blender --command ganreact bundle' needs --out"),
    (("render", "--audio", "nothing.wav", "--out", "x"), 3, "nothing.wav"),
])
def test_bad_arguments_end_with_their_status_and_a_sentence(run, capsys, words, status, sentence):
    assert run(*words) == status
    said = capsys.readouterr().err
    assert sentence in said and len(said.splitlines()) == 1


def test_frames_that_are_not_there_are_refused(run, song, network, tmp_path, capsys):
    assert run("render", "--audio", song, "--model", network, "--frames", "900-910", "--out", tmp_path / "x") == 2
    assert "no frames 900-910" in capsys.readouterr().err


def test_a_part_that_was_asked_for_is_what_a_later_bundle_holds(run, song, network, tmp_path):
    from ganreact_ext.ganreact_core.bundle import open_bundle

    words = ("--audio", song, "--patch", small_patch(tmp_path), "--model", network)
    assert run("render", *words, "--duration", "0.25", "--out", tmp_path / "frames", "--save", tmp_path / "kept.blend") == 0
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "kept.blend"))
    assert run("bundle", "create", "--out", tmp_path / "same") == 0
    assert run("bundle", "--frames", "5-9", "--out", tmp_path / "other") == 0
    assert [list(open_bundle(tmp_path / name).frame_numbers()) for name in ("same", "other")] == [[*range(1, 7)], [*range(5, 10)]]


def test_commands_of_pages_and_of_help_are_understood(extension):
    from pathlib import Path

    root = Path(__file__).resolve().parents[2]
    pages = [root / "README.md", *(root / "docs").glob("*.md")]
    parser = cli._parser()
    helps = [below.format_help() for action in parser._actions if action.nargs == "A..." for below in action.choices.values()]
    found = {c for text in [*(page.read_text(encoding="utf-8") for page in pages), *helps]
             for c in re.findall(r"--command ganreact ([^`\n]* --out [^`\n]*)", text) if "[options]" not in c}
    assert len(found) > 4
    for command in found:
        parser.parse_args(shlex.split(command.partition("  ")[0]))


def small_patch(folder):
    """The patch pulse at 64×64."""
    from dataclasses import replace

    from ganreact_ext.ganreact_core.look import Canvas
    from ganreact_ext.ganreact_core.patches import load_patch, patch_to_text

    patch = load_patch("pulse")
    path = folder / "small.json"
    path.write_text(patch_to_text(replace(patch, look=replace(patch.look, size=(64, 64), canvas=Canvas(detail=1.0)))))
    return path
