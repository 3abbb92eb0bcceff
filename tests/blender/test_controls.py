"""Controls: plain properties with limits; structural edits leave nothing behind; hand-made values stay."""

import pytest
from ganreact_ext.addon import controls, edits, fcurves
from ganreact_ext.ganreact_core.errors import LookError


def test_each_parameter_is_one_float_with_limits_and_help(look_control):
    patch = controls.patch_of(look_control)
    for address, parameter in controls.parameters_of(patch).items():
        assert isinstance(look_control[address], float)
        ui = look_control.id_properties_ui(address).as_dict()
        assert ui["default"] == pytest.approx(parameter.default)
        assert parameter.help in ui["description"]
        assert look_control.is_property_overridable_library(fcurves.path_of(address))


def test_controls_lie_locked_in_their_collection(scene, look_control, audio_control):
    assert controls.find(scene, "look") == [look_control]
    assert controls.find(scene, "audio") == [audio_control]
    for control in (look_control, audio_control):
        assert control.users_collection[0].name == controls.COLLECTION
        assert control.hide_select and control.hide_render and all(control.lock_location)
    assert controls.audio_of(look_control) == audio_control


def test_two_looks_of_one_patch_have_ids_of_their_own(scene, look_control, audio_control):
    from ganreact_ext.addon import baking
    from ganreact_ext.ganreact_core.patches import load_patch

    other = baking.add_look(scene, load_patch("pulse"), audio_control)
    assert controls.patch_of(other).look.id != controls.patch_of(look_control).look.id


def test_removing_an_entry_leaves_no_curve_no_property_no_route(look_control):
    look_control.keyframe_insert('["palette.c"]', frame=3)
    look_control.keyframe_insert('["palette.c.fine"]', frame=3)
    look_control.keyframe_insert('["route.c-coarse"]', frame=3)
    patch = controls.patch_of(look_control)
    controls.store_patch(look_control, edits.remove_item(patch, "entries", "c"))
    left = controls.patch_of(look_control)
    assert not any(".c." in f"{key}." for key, _ in look_control.items() if key.startswith("palette"))
    assert not any(route.address.startswith("palette.c.") for route in left.routes)
    assert "route.c-coarse" not in look_control
    paths = {curve.data_path for curve in fcurves.curves_of(look_control)}
    assert not any("palette.c" in path and "palette.cs" not in path for path in paths)
    assert '["route.c-coarse"]' not in paths
    assert '["truncation"]' in paths


def test_a_removed_entry_leaves_the_paths_too(look_control):
    patch = edits.add(controls.patch_of(look_control), "paths", label="Walk", kind="linear")
    controls.store_patch(look_control, edits.remove_item(patch, "entries", "c"))
    walk = controls.patch_of(look_control).look.paths[0]
    assert "c" not in walk.entries and len(walk.entries) == 11
    assert look_control["path.walk.mix"] == 0.0


def test_renaming_keeps_the_address_its_value_and_its_keys(look_control):
    look_control["palette.c"] = 0.25
    controls.store_patch(look_control, edits.change_item(controls.patch_of(look_control), "entries", "c", label="Überblick"))
    assert look_control["palette.c"] == 0.25
    assert "Überblick" in look_control.id_properties_ui("palette.c").as_dict()["description"]


def test_what_is_added_comes_with_its_parameters(look_control):
    patch = edits.add(controls.patch_of(look_control), "entries", label="Neue Farbe", seed=5)
    patch = edits.add(patch, "bends", kind="rotate", layer=2)
    patch = edits.add(patch, "noise_layers", label="Sand", seed=3)
    patch = edits.add(patch, "routes", envelope="kick", address="bend.rotate", amount=20.0)
    controls.store_patch(look_control, patch)
    assert look_control["palette.neue-farbe"] == 0.0
    assert look_control["bend.rotate"] == 0.0
    assert look_control["noise.sand.strength"] == 0.0
    assert look_control["route.kick-rotate"] == 20.0


def test_structural_edits_of_linked_data_are_refused(scene, look_control, tmp_path):
    import bpy

    library = str(tmp_path / "library.blend")
    bpy.data.libraries.write(library, {look_control}, path_remap="ABSOLUTE")
    name = look_control.name
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with bpy.data.libraries.load(library, link=True) as (_, wanted):
        wanted.objects = [name]
    with pytest.raises(LookError, match="Make Local"):
        controls.store_patch(wanted.objects[0], controls.patch_of(wanted.objects[0]))


def test_a_file_keeps_everything_without_the_extension(scene, look_control, tmp_path):
    import bpy

    look_control["palette.d"] = 0.75
    text, keys = look_control["ganreact"], sorted(look_control.keys())
    path = str(tmp_path / "kept.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.wm.open_mainfile(filepath=path)
    again = controls.find(bpy.context.scene, "look")[0]
    assert (again["ganreact"], sorted(again.keys()), again["palette.d"]) == (text, keys, 0.75)
    audio = controls.audio_of(again)
    assert len(fcurves.curve_of(audio, "kick").sampled_points) == 90


def test_a_damaged_control_is_told_in_a_sentence(scene, look_control):
    look_control["ganreact"] = '{"format": "ganreact.patch", "version": 1, "look": {"sise": 3}}'
    assert "unknown field 'sise'" in controls.trouble_of(look_control)
    with pytest.raises(LookError, match="sise"):
        controls.patch_of(look_control)


def test_a_duplicate_made_by_hand_keeps_its_frames_apart(scene, look_control, tmp_path):
    import bpy
    from ganreact_ext.addon import frames

    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    double = look_control.copy()
    look_control.users_collection[0].objects.link(double)
    folders = {frames.frames_folder(scene, control) for control in (look_control, double)}
    assert len(folders) == 2 and {folder.parent for folder in folders} == {tmp_path / "ganreact"}


def test_a_plain_driver_anywhere_reads_an_envelope(scene, look_control, audio_control):
    import bpy

    light = bpy.data.objects.new("light", None)
    scene.collection.objects.link(light)
    driver = light.driver_add("location", 2).driver
    driver.type = "SUM"
    target = driver.variables.new().targets[0]
    target.id, target.data_path = audio_control, '["kick"]'
    seen = []
    for frame in (14, 16, 17):
        scene.frame_set(frame)
        seen.append(light.location[2])
    assert seen[1] > 0.9 and seen[0] < 0.05
