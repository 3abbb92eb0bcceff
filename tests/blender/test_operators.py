"""Operators: registered without trace, each one undo step, grey buttons say why."""

import bpy
import pytest
from ganreact_ext.addon import controls, fcurves, strips
from ganreact_ext.addon.session import session

OURS = ("ganreact", "GANREACT", "Ganreact")


def traces():
    """Everything that bears our name in Blender."""
    names = {name for name in dir(bpy.types) if name.startswith(OURS)}
    handlers = [h for name in ("load_pre", "load_post", "undo_post") for h in getattr(bpy.app.handlers, name) if "ganreact" in h.__module__]
    return names, handlers, hasattr(bpy.types.Scene, "ganreact"), hasattr(bpy.types.WindowManager, "ganreact")


def test_register_and_unregister_leave_no_trace(scene):
    from ganreact_ext.addon import register, unregister

    before = traces()
    for _ in range(2):
        register()
        assert len(traces()[0]) > 30
        unregister()
        assert traces() == before


@pytest.fixture
def baked(extension, scene, song, heard):
    """A scene with sound, envelopes and the look pulse, made by operators."""
    bpy.ops.wm.save_as_mainfile(filepath=str(song.parent / "scene.blend"))
    strips.add_sound(bpy.context.scene, song)
    bpy.ops.ed.undo_push(message="sound")
    assert bpy.ops.ganreact.remember("EXEC_DEFAULT", True, strip="song", sha256="", features=str(heard)) == {"FINISHED"}
    assert bpy.ops.ganreact.add_look("EXEC_DEFAULT", True, patch="pulse") == {"FINISHED"}
    return bpy.context.scene


EDITS = {
    "add_look": {"patch": "pulse"},
    "bake": {},
    "envelope_to_keys": {"envelope": "kick"},
    "add_entry": {"label": "Nacht", "seed": 77},
    "edit_entry": {"ident": "c", "seed": 99},
    "edit_bend": {"ident": "zoom", "layer": 5},
    "duplicate_item": {"kind": "entries", "ident": "c"},
    "move_item": {"kind": "entries", "ident": "c", "by": 2},
    "add_set": {"label": "Loud", "entries": "c, d"},
    "set_size": {"width": 640, "height": 360, "detail": 0.25},
    "add_bend": {"kind": "rotate", "layer": 2},
    "add_rewrite": {"kind": "scatter", "layer": 2},
    "add_path": {"kind": "spline"},
    "add_noise_layer": {"label": "Sand"},
    "add_route": {"envelope": "kick", "address": "truncation", "mode": "add", "amount": 0.5},
    "remove_item": {"kind": "entries", "ident": "c"},
    "rename_item": {"kind": "entries", "ident": "c", "label": "Morgen"},
    "update_result": {},
    "reroll_entry": {"ident": "c", "seed": 5},
    "mix_entry": {"first": "c", "second": "d"},
    "reset_to_neutral": {"address": "truncation.fine"},
    "loop_and_tile": {"length": 48, "side": 64},
    "size_from_scene": {},
    "film_settings": {},
    "remove_look": {},
}


@pytest.mark.parametrize("name", EDITS)
def test_do_undo_redo_is_equal(baked, undoes, name):
    if name == "bake":
        strips.sound_strips(baked)[0].channel = 3
        bpy.context.scene.render.fps = 24
        bpy.ops.ed.undo_push(message="other fps")
    if name == "reset_to_neutral":
        controls.active_look(bpy.context.scene)["truncation.fine"] = 0.5
        bpy.ops.ed.undo_push(message="moved")
    undoes(name, **EDITS[name])


def test_a_look_added_after_listening_is_baked_and_listens(baked):
    look_control, audio_control = controls.active_look(baked), controls.active_audio(baked)
    assert controls.audio_of(look_control) == audio_control
    assert len(fcurves.curve_of(audio_control, "kick").sampled_points) == 90
    assert fcurves.curve_of(look_control, "truncation").range()[:] == (1.0, 90.0)


def test_a_song_is_added_and_the_scene_is_as_long(extension, scene, song):
    assert bpy.ops.ganreact.add_sound("EXEC_DEFAULT", filepath=str(song)) == {"FINISHED"}
    assert (bpy.context.scene.frame_start, bpy.context.scene.frame_end) == (1, 90)


def test_grey_buttons_say_why(extension, scene):
    assert not bpy.ops.ganreact.analyse.poll()
    assert not bpy.ops.ganreact.render.poll()
    assert not bpy.ops.ganreact.add_bend.poll()
    assert not bpy.ops.ganreact.bake.poll()
    with pytest.raises(RuntimeError, match="Add a look first"):
        bpy.ops.ganreact.add_bend("EXEC_DEFAULT", kind="zoom")


def test_errors_are_one_sentence(baked):
    with pytest.raises(RuntimeError, match=r"nothing.* is not there"):
        bpy.ops.ganreact.choose_model("EXEC_DEFAULT", filepath="/nowhere/nothing.pkl")
    with pytest.raises(RuntimeError, match=r"no parameter 'bend\.none'"):
        bpy.ops.ganreact.add_route("EXEC_DEFAULT", envelope="kick", address="bend.none")


def test_frames_of_an_unsaved_file_have_no_place(extension, scene, look_control):
    with pytest.raises(RuntimeError, match="save it first"):
        bpy.ops.ganreact.render("EXEC_DEFAULT")


def test_lists_of_the_panel_mirror_the_look(baked):
    from ganreact_ext.addon import properties

    def shown():
        return [row.name for row in properties.mirror_of(bpy.context.scene).entries]

    assert shown() == [e.id for e in controls.patch_of(controls.active_look(baked)).look.entries]
    bpy.ops.ganreact.remove_item("EXEC_DEFAULT", True, kind="entries", ident="c")
    assert "c" not in shown()
    bpy.ops.ed.undo()
    scene = bpy.context.scene
    assert not properties.are_current(scene, properties.rows_of(scene))  # the next drawing sees it, and asks for a refresh
    properties.refresh(scene)
    assert "c" in shown()


def test_two_scenes_that_are_seen_at_once_have_lists_of_their_own(baked):
    from ganreact_ext.addon import properties

    first, second = bpy.context.scene, bpy.data.scenes.new("Second")
    for scene in (first, second):  # as two windows draw them, before anything is brought up to date
        properties.want(scene, properties.rows_of(scene))
    properties.refresh()
    for scene in (first, second):
        assert properties.are_current(scene, properties.rows_of(scene))
    assert len(properties.mirror_of(first).entries) > 2 and not len(properties.mirror_of(second).entries)
    bpy.data.scenes.remove(second)
    properties.refresh(first)
    assert [mirror.name for mirror in bpy.context.window_manager.ganreact] == [str(first.session_uid)]


def test_nothing_is_running_after_unregister(extension):
    assert session.running is None and session.client is None
