"""Looks of another file: appended, linked, overridden, made local. They play; what they are is changed in their own file only."""

from dataclasses import replace

import bpy
import numpy as np
import pytest
from ganreact_ext.addon import baking, controls, fcurves, frames, relinking, strips
from ganreact_ext.addon.errands import Errand
from ganreact_ext.ganreact_core.patches import load_patch


@pytest.fixture
def look(extension, scene, look_control):
    scene.ganreact.look = look_control
    bpy.ops.ganreact.add_bend("EXEC_DEFAULT", label="Spin", kind="gain", layer=2)
    bpy.ops.ganreact.add_route("EXEC_DEFAULT", envelope="kick", address="bend.spin", amount=2.0)
    look_control.keyframe_insert('["bend.spin"]', frame=1)
    return look_control


@pytest.fixture
def library(look, scene, tmp_path):
    """The look in another file; this one is empty."""
    path = str(tmp_path / "library.blend")
    name = look.name
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return path, name


def take(library, link):
    path, name = library
    with bpy.data.libraries.load(path, link=link) as (_, wanted):
        wanted.objects = [name]
    control = wanted.objects[0]
    if control.name not in bpy.context.scene.collection.objects:
        bpy.context.scene.collection.objects.link(control)
    return control


def test_an_appended_look_brings_its_keys_and_its_music_and_no_scene(library):
    control = take(library, link=False)
    assert len(bpy.data.scenes) == 1
    audio = controls.audio_of(control)
    assert audio is not None and len(fcurves.curve_of(audio, "kick").sampled_points) == 90
    assert fcurves.curve_of(control, "truncation") is not None
    bpy.ops.ganreact.add_bend("EXEC_DEFAULT", kind="zoom")
    assert "bend.zoom-2" in control


def test_a_linked_look_plays_and_refuses_edits_with_a_reason(library):
    control = take(library, link=True)
    scene = bpy.context.scene
    assert controls.active_look(scene) == control
    assert np.ptp(baking.table_of(scene, control, range(1, 91)).table.columns["bend.spin"]) > 0.5
    with pytest.raises(RuntimeError, match="local"):
        bpy.ops.ganreact.add_bend("EXEC_DEFAULT", kind="zoom")


def test_an_overridden_look_can_be_keyed_and_not_rebuilt(library):
    linked = take(library, link=True)
    scene = bpy.context.scene
    override = linked.override_create(remap_local_usages=True)
    if override.name not in scene.objects:
        scene.collection.objects.link(override)
    scene.ganreact.look = override
    override["truncation.fine"] = 0.5
    assert bpy.ops.ganreact.own_keys("EXEC_DEFAULT") == {"FINISHED"}
    assert not override.animation_data.action.library
    assert override.keyframe_insert('["truncation.fine"]', frame=5)
    assert baking.table_of(scene, override, range(1, 91)).table.columns["truncation.fine"][0] == 0.5
    with pytest.raises(RuntimeError, match="local"):
        bpy.ops.ganreact.add_bend("EXEC_DEFAULT", kind="zoom")


def overridden(library):
    linked = take(library, link=True)
    override = linked.override_create(remap_local_usages=True)
    if override.name not in bpy.context.scene.objects:
        bpy.context.scene.collection.objects.link(override)
    bpy.context.scene.ganreact.look = override
    return override


def text_of(control):
    return {key: value for key, value in control.items() if isinstance(value, str | float | bpy.types.ID)}


def own_look(scene, linked):
    """A look of this file with the name of a linked one, which listens to the same."""
    made = baking.add_look(scene, load_patch("pulse"), controls.create_audio_control(scene, controls.hearing_of(controls.audio_of(linked))))
    made.name = linked.name
    return made


@pytest.mark.parametrize("come", [lambda library: take(library, link=True), overridden])
def test_a_look_of_another_file_is_rendered_and_shown_and_not_written_to(library, come, tmp_path):
    control, scene = come(library), bpy.context.scene
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    before = text_of(control)
    scene.ganreact.look = control
    for verb in ("preview", "render", "live", "make_proxy", "contact_sheet", "find_directions", "update_result"):
        refused = "local" if verb in ("find_directions", "update_result") else "at work|missing"
        if not getattr(bpy.ops.ganreact, verb).poll():
            with pytest.raises(RuntimeError, match=refused):
                getattr(bpy.ops.ganreact, verb)()
    bundle = frames.make_bundle(scene, control, frames.frames_folder(scene, control))
    assert bundle.table.n_frames == 90
    frames.know_model(control)
    frames.remember_folder(control, tmp_path)
    assert text_of(control) == before


def test_relative_paths_of_a_linked_look_start_at_its_file(look, scene, tmp_path):

    far = tmp_path / "far"
    far.mkdir()
    (far / "net.pkl").write_bytes(b"x")
    bpy.ops.wm.save_as_mainfile(filepath=str(far / "library.blend"))
    patch = controls.patch_of(look)
    controls.store_patch(look, replace(patch, look=replace(patch.look, model="//net.pkl")))
    bpy.ops.wm.save_mainfile()
    name = look.name
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    for come in (lambda library: take(library, link=True), overridden):
        assert frames.model_of(come((str(far / "library.blend"), name))) == str(far / "net.pkl")


def test_of_two_looks_with_one_name_the_chosen_one_is_meant(library):
    linked, scene = take(library, link=True), bpy.context.scene
    own = own_look(scene, linked)
    for chosen in (own, linked):
        scene.ganreact.look = chosen
        assert controls.active_look(scene) == chosen
    assert controls.named(scene, own.name) == own
    assert Errand(bpy.context, "show_early", {"scene": scene.name, "look": own.name}).control("look") == own


def test_a_job_ends_on_its_look_though_a_linked_one_is_chosen_by_then(library, tmp_path):
    linked, scene = take(library, link=True), bpy.context.scene
    own = own_look(scene, linked)
    np.save(tmp_path / "w.npy", np.zeros((1, 14, 32), np.float32))
    scene.ganreact.look = own
    errand = Errand(bpy.context, "add_projected", {"look": own.name, "filepath": str(tmp_path / "w.npy"), "label": "Found"})
    scene.ganreact.look = linked
    errand.run()
    assert controls.patch_of(own).look.entries[-1].label == "Found"


def test_a_lost_network_of_a_linked_look_does_not_keep_this_files_own_from_being_found(library, tmp_path):

    path, name = library
    bpy.ops.wm.open_mainfile(filepath=path)
    lose(bpy.data.objects[name], tmp_path)
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.read_factory_settings(use_empty=True)
    work = tmp_path / "work"
    work.mkdir()
    bpy.ops.wm.save_as_mainfile(filepath=str(work / "shot.blend"))
    (work / "net.pkl").write_bytes(b"x")
    linked, scene = take(library, link=True), bpy.context.scene
    own = own_look(scene, linked)
    lose(own, tmp_path)
    found, lost = relinking.mend(scene, work)
    assert [one.owner for one in found] == [own.name] and not lost
    assert frames.model_of(own) == str(work / "net.pkl") and "gone" in frames.model_of(linked)


def lose(look, folder):

    patch = controls.patch_of(look)
    controls.store_patch(look, replace(patch, look=replace(patch.look, model=str(folder / "gone" / "net.pkl"))))


def test_envelopes_of_another_file_are_not_written_to(library):
    take(library, link=True)
    for verb in ("ghost_envelope", "envelope_to_keys", "lock_envelope"):
        with pytest.raises(RuntimeError, match="local"):
            getattr(bpy.ops.ganreact, verb)(envelope="kick")


def test_a_look_made_local_changes_curves_of_its_own(library):
    control, scene = take(library, link=True).make_local(), bpy.context.scene
    scene.ganreact.look = control
    action = control.animation_data.action
    assert action.library
    curves = [len(action.layers[0].strips[0].channelbag(slot).fcurves) for slot in action.slots]
    assert "bend.spin" in fcurves.hand_keys(control)
    bpy.ops.ganreact.remove_item(kind="bends", ident="spin")
    assert [len(action.layers[0].strips[0].channelbag(slot).fcurves) for slot in action.slots] == curves
    assert "bend.spin" not in control and "bend.spin" not in fcurves.hand_keys(control)


def test_a_copy_by_hand_shares_neither_curves_nor_its_result(look, scene):
    table = baking.table_of(scene, look).table
    result = baking.write_result(scene, look, table)
    copy = look.copy()
    scene.collection.objects.link(copy)
    assert copy.animation_data.action == look.animation_data.action and copy["result_control"] == result
    assert baking.write_result(scene, copy, table) != result == baking.write_result(scene, look, table)
    scene.ganreact.look = copy
    bpy.ops.ganreact.remove_item(kind="bends", ident="spin")
    assert "bend.spin" in fcurves.hand_keys(look) and "bend.spin" in result
    bpy.ops.ganreact.remove_look()
    assert result.name in scene.objects


def test_controls_that_were_deleted_in_the_outliner_are_there_again_when_they_are_needed(look, scene, heard, song):
    result = baking.write_result(scene, look, baking.table_of(scene, look).table)
    audio = controls.audio_of(look)
    for control in (result, audio):
        for collection in list(control.users_collection):
            collection.objects.unlink(control)
    baking.write_result(scene, look, baking.table_of(scene, look).table)
    assert result.name in scene.objects
    strips.add_sound(scene, song)
    bpy.ops.ganreact.remember(strip="song", sha256="x", features=str(heard))
    assert [controls.audio_of(look)] == controls.find(scene, "audio") != [audio]
