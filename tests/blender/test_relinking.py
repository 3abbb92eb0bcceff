"""A .blend that was moved finds sound, network and frames again; what is lost is said and never cleared; no data need the add-on."""

import os
import shutil

import bpy
import pytest
from ganreact_ext.addon import controls, frames, relinking, strips
from ganreact_ext.addon.session import session


@pytest.fixture
def moved(extension, scene, song, heard, tmp_path, shared):
    """A function that saves a scene with a song, a network and frames in old/, takes that folder apart into new/, and opens it there."""
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    shutil.copy(song, old / "song.wav")
    shutil.copy(shared / "fixtures" / "ada_u_map8_skip_r64.pkl", old / "net.pkl")
    bpy.ops.wm.save_as_mainfile(filepath=str(old / "scene.blend"))
    strips.add_sound(bpy.context.scene, old / "song.wav")
    from ganreact_ext.ganreact_core.files import file_sha256

    bpy.ops.ganreact.remember("EXEC_DEFAULT", True, strip="song", file=str(old / "song.wav"), sha256=file_sha256(old / "song.wav"), features=str(heard))
    bpy.ops.ganreact.add_look("EXEC_DEFAULT", True, patch="pulse")
    assert bpy.ops.ganreact.choose_model("EXEC_DEFAULT", True, filepath=str(old / "net.pkl")) == {"FINISHED"}
    look_control = controls.active_look(bpy.context.scene)
    folder = frames.frames_folder(bpy.context.scene, look_control)
    (folder / "frames").mkdir(parents=True)
    (folder / "look.json").write_text("{}")
    files = [folder / "frames" / f"{k:06d}.png" for k in (1, 2)]
    image = bpy.data.images.new("grey", 8, 8)
    for file in files:
        image.save(filepath=str(file))
    bpy.data.images.remove(image)
    strips.place_frames(bpy.context.scene, controls.patch_of(look_control).look.label, files, 1)

    def move(*renames):
        bpy.ops.wm.save_mainfile()
        shutil.copytree(old, new)
        shutil.rmtree(old)
        for before, after in renames:
            if after:
                (new / after).parent.mkdir(parents=True, exist_ok=True)
                (new / before).rename(new / after)
            else:
                (new / before).unlink()
        bpy.ops.wm.open_mainfile(filepath=str(new / "scene.blend"))
        return new

    return move


def places():
    look_control = controls.active_look(bpy.context.scene)
    strip = strips.sound_strips(bpy.context.scene)[0]
    return strips.sound_path(strip), frames.model_of(look_control), frames.frames_folder(bpy.context.scene, look_control)


def test_a_folder_that_was_moved_whole_needs_nothing(moved):
    new = moved()
    sound, model, folder = places()
    assert session.notice == "" and sound == new / "song.wav" and model == str(new / "net.pkl") and folder.is_relative_to(new) and folder.is_dir()


def test_files_in_other_places_and_under_other_names_are_found_by_content(moved):
    new = moved(("song.wav", "sounds/night.wav"), ("net.pkl", "networks/best.pkl"))
    (new / "networks" / "net.pkl").write_bytes(b"another")
    sound, model, _ = places()
    assert session.notice == "" and sound == new / "sounds" / "night.wav" and model == str(new / "networks" / "best.pkl")
    assert controls.hearing_of(controls.active_audio(bpy.context.scene)).file == "//sounds/night.wav"


def test_a_namesake_of_another_content_is_not_taken(moved):
    new = moved(("song.wav", None))
    (new / "deeper").mkdir()
    (new / "deeper" / "song.wav").write_bytes(b"another song")
    bpy.ops.wm.open_mainfile(filepath=str(new / "scene.blend"))
    assert "song.wav" in session.notice and places()[0] == new / "song.wav"


def test_what_is_lost_is_told_kept_and_found_later_in_one_undo_step(moved, tmp_path, state):
    outside = tmp_path / "elsewhere" / "song.wav"
    outside.parent.mkdir()
    new = moved(("song.wav", "gone.tmp"))
    (new / "gone.tmp").rename(outside)
    bpy.ops.wm.open_mainfile(filepath=str(new / "scene.blend"))
    assert "song.wav" in session.notice and places()[0] == new / "song.wav"
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.open_mainfile(filepath=str(new / "scene.blend"))
    assert places()[0] == new / "song.wav", "saving has lost nothing"
    bpy.ops.ed.undo_push(message="opened")
    before = state()
    assert bpy.ops.ganreact.find_files("EXEC_DEFAULT", True, directory=str(outside.parent)) == {"FINISHED"}
    assert places()[0].resolve() == outside and session.notice == ""
    bpy.ops.ed.undo()
    assert state() == before and places()[0] == new / "song.wav"


def test_frames_that_were_put_elsewhere_are_shown_again(moved):
    new = moved()
    folder = places()[2]
    (new / "kept").mkdir()
    folder.rename(new / "kept" / folder.name)
    assert [one.kind for one in relinking.lost_files(bpy.context.scene)] == ["frames"]
    assert bpy.ops.ganreact.find_files("EXEC_DEFAULT", True) == {"FINISHED"}
    strip = next(s for s in bpy.context.scene.sequence_editor.strips_all if s.type == "IMAGE")
    assert places()[2] == new / "kept" / folder.name and (new / "kept") in bpy_path(strip.directory).parents


def test_what_lies_on_another_drive_is_kept_by_its_whole_path(moved, monkeypatch):
    def no_way(path, start):
        raise ValueError("path is on mount 'D:', start on mount 'C:'")

    new = moved()
    folder = places()[2]
    (new / "kept").mkdir()
    folder.rename(new / "kept" / folder.name)
    monkeypatch.setattr("os.path.relpath", no_way)
    assert bpy.ops.ganreact.find_files("EXEC_DEFAULT", True) == {"FINISHED"}
    assert bpy.ops.ganreact.choose_model("EXEC_DEFAULT", True, filepath=str(new / "net.pkl")) == {"FINISHED"}
    assert bpy.ops.ganreact.remember("EXEC_DEFAULT", True, strip="song", file=str(new / "song.wav"), sha256="0" * 64,
                                     features=controls.hearing_of(controls.active_audio(bpy.context.scene)).features) == {"FINISHED"}
    assert places() == (new / "song.wav", str(new / "net.pkl"), new / "kept" / folder.name)
    assert controls.patch_of(controls.active_look(bpy.context.scene)).look.model == str(new / "net.pkl")
    assert controls.hearing_of(controls.active_audio(bpy.context.scene)).file == str(new / "song.wav")


def bpy_path(text):
    from pathlib import Path

    return Path(bpy.path.abspath(text))


def test_data_survive_a_blender_without_the_add_on(moved, state):
    new = moved()
    before = state()
    from ganreact_ext.addon import register, unregister

    unregister()
    try:
        bpy.ops.wm.open_mainfile(filepath=str(new / "scene.blend"))
        assert len([o for o in bpy.data.objects if o.get("ganreact")]) == 2, "plain custom properties need no add-on"
        bpy.ops.wm.save_mainfile()
    finally:
        register()
    bpy.ops.wm.open_mainfile(filepath=str(new / "scene.blend"))
    assert state() == before


def test_save_as_into_another_folder_leads_to_the_same_files(moved, tmp_path):
    def resolved():
        return [os.path.realpath(path) for path in places()]

    there, elsewhere = resolved(), tmp_path / "far" / "away"
    elsewhere.mkdir(parents=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(elsewhere / "second.blend"))
    assert resolved() == there
    bpy.ops.wm.open_mainfile(filepath=str(elsewhere / "second.blend"))
    assert resolved() == there and not session.notice
    look = controls.patch_of(controls.active_look(bpy.context.scene)).look
    assert look.model == "//../../old/net.pkl" and controls.hearing_of(controls.active_audio(bpy.context.scene)).file == "//../../old/song.wav"


def test_a_copy_saved_elsewhere_leaves_the_open_file_as_it_is(moved, tmp_path):
    control = controls.active_look(bpy.context.scene)
    before, there = {key: value for key, value in control.items() if isinstance(value, str)}, places()
    (tmp_path / "copies").mkdir()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "copies" / "copy.blend"), copy=True)
    assert places() == there and {key: value for key, value in control.items() if isinstance(value, str)} == before
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "copies" / "copy.blend"))
    assert [os.path.realpath(path) for path in places()] == [os.path.realpath(path) for path in there]


def test_a_wish_for_the_workspace_waits_for_a_window(extension, scene, tmp_path):
    from ganreact_ext.addon import workspace

    workspace.wish(scene)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "wish.blend"))
    for _ in range(2):  # opened on a farm, it is still there
        bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "wish.blend"))
        assert bpy.context.scene[workspace._WISH] and not workspace.is_under_way()
