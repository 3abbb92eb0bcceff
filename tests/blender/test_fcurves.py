"""Curves: envelopes round-trip as samples, hands are never overwritten, curves and stepping give the same."""

import numpy as np
import pytest
from ganreact_ext.addon import baking, controls, fcurves
from ganreact_ext.addon.documents import Bake, Hearing
from ganreact_ext.addon.stepping import read_stepping
from ganreact_ext.ganreact_core.envelopes import EnvelopeRecipe


@pytest.fixture
def drums(scene):
    recipes = tuple(EnvelopeRecipe(name, name, "feature", name) for name in ("kick", "snare"))
    return controls.create_audio_control(scene, Hearing(label="Drums", envelopes=recipes))


def ramp(n):
    return np.linspace(0, 1, n, dtype=np.float32)


def test_envelopes_round_trip_through_samples(drums):
    baking.write_envelopes(drums, {"kick": ramp(50), "snare": ramp(50)[::-1]}, 11)
    read = fcurves.read_exact(drums, ["kick", "snare"], range(11, 61))
    assert np.array_equal(read["kick"], ramp(50))
    assert np.array_equal(read["snare"], ramp(50)[::-1])
    curve = fcurves.curve_of(drums, "kick")
    assert curve.hide and curve.lock and curve.group.name == "Envelopes" and not len(curve.keyframe_points)
    assert curve.evaluate(11) == 0.0 and curve.evaluate(60) == 1.0


@pytest.mark.parametrize("n", [50, 20, 80])
def test_baking_again_replaces_in_place_and_keeps_modifiers(drums, n):
    baking.write_envelopes(drums, {"kick": ramp(50)}, 1)
    modifier = fcurves.curve_of(drums, "kick").modifiers.new("STEPPED")
    modifier.frame_step = 5
    baking.write_envelopes(drums, {"kick": ramp(n)}, 4)
    curve = fcurves.curve_of(drums, "kick")
    assert [m.type for m in curve.modifiers] == ["STEPPED"]
    curve.modifiers.remove(curve.modifiers[0])
    assert np.array_equal(fcurves.read_exact(drums, ["kick"], range(4, 4 + n))["kick"], ramp(n))


def test_hand_made_keys_survive_re_analysis_byte_equal(scene, look_control, audio_control, heard):
    look_control["palette.g"] = 0.125
    look_control.keyframe_insert('["palette.c"]', frame=7)
    before = snapshot(look_control)
    baking.bake(audio_control, Bake(30.0, 5, 60, 0.4), str(heard))
    assert snapshot(look_control) == before


def test_a_curve_converted_to_keys_is_not_baked_over(drums):
    baking.write_envelopes(drums, {"kick": ramp(50), "snare": ramp(50)}, 1)
    fcurves.samples_to_keys(drums, "kick")
    curve = fcurves.curve_of(drums, "kick")
    assert len(curve.keyframe_points) == 50 and not curve.hide and not curve.lock
    assert baking.write_envelopes(drums, {"kick": ramp(9), "snare": ramp(9)}, 1) == ["kick"]
    assert len(fcurves.curve_of(drums, "kick").keyframe_points) == 50
    assert len(fcurves.curve_of(drums, "snare").sampled_points) == 9


def test_patch_keys_are_written_only_where_nothing_is_keyed(scene, look_control):
    from ganreact_ext.ganreact_core.patches import load_patch

    before = snapshot(look_control)
    baking.write_patch_keys(scene, look_control, load_patch("pulse"))
    assert snapshot(look_control) == before
    curve = fcurves.curve_of(look_control, "truncation")
    assert curve.group.name == "Variety"
    assert [p.interpolation for p in curve.keyframe_points] == ["BEZIER"] * len(curve.keyframe_points)


def test_curves_alone_give_what_stepping_gives(scene, look_control, audio_control):
    look_control.keyframe_insert('["palette.c"]', frame=7)
    look_control["palette.c"] = 5.0
    look_control.keyframe_insert('["palette.c"]', frame=50)
    noise = fcurves.curve_of(look_control, "palette.c").modifiers.new("NOISE")
    noise.strength = 2.0
    look_control.hide_viewport = True
    addresses, frames = list(controls.parameters_of(controls.patch_of(look_control))), range(1, 91)
    assert fcurves.why_not_exact(scene, look_control, addresses) == ""
    exact = fcurves.read_exact(look_control, addresses, frames)
    stepped = read_stepping(scene, {look_control: addresses}, frames)[look_control]
    for address in addresses:
        assert np.allclose(exact[address], stepped[address], atol=1e-6), address
    assert np.ptp(stepped["palette.c"]) > 0.1


def test_stepping_touches_neither_scene_nor_frame_nor_values(scene, look_control):
    import bpy

    scene.frame_set(13)
    before = (scene.frame_current, look_control["truncation"], [s.name for s in bpy.data.scenes])
    read_stepping(scene, {look_control: ["truncation"]}, range(40, 60))
    assert (scene.frame_current, look_control["truncation"], [s.name for s in bpy.data.scenes]) == before


def test_a_driver_is_read_by_stepping(scene, look_control, audio_control):
    driver = look_control.driver_add('["palette.e"]').driver
    driver.type = "SUM"
    target = driver.variables.new().targets[0]
    target.id, target.data_path = audio_control, '["kick"]'
    evaluated = baking.table_of(scene, look_control)
    assert evaluated.ways[look_control.name] == "drivers" and evaluated.ways[audio_control.name] == ""
    kick = fcurves.read_exact(audio_control, ["kick"], range(1, 91))["kick"]
    assert np.allclose(evaluated.table.columns["palette.e"], kick, atol=1e-6)
    assert kick.max() > 0.5


def test_nla_is_read_by_stepping(scene, look_control):
    import bpy

    action = bpy.data.actions.new("pushed")
    look_control.animation_data.action = action
    curve = action.fcurve_ensure_for_datablock(look_control, '["palette.e"]')
    curve.keyframe_points.insert(1, 0.25)
    track = look_control.animation_data.nla_tracks.new()
    track.strips.new("strip", 1, action)
    look_control.animation_data.action = None
    evaluated = baking.table_of(scene, look_control)
    assert evaluated.ways[look_control.name] == "NLA tracks"
    assert evaluated.table.columns["palette.e"] == pytest.approx(0.25)


def test_a_muted_curve_leaves_the_value_that_stands(scene, look_control):
    look_control["palette.e"] = 0.75
    look_control.keyframe_insert('["palette.e"]', frame=1)
    fcurves.curve_of(look_control, "palette.e").mute = True
    look_control["palette.e"] = 0.5
    evaluated = baking.table_of(scene, look_control)
    assert evaluated.ways[look_control.name] == "muted curves"
    assert evaluated.table.columns["palette.e"] == pytest.approx(0.5)


def test_time_remapping_is_read_by_stepping(scene, look_control):
    plain = baking.table_of(scene, look_control).table.columns["truncation"]
    scene.render.frame_map_old, scene.render.frame_map_new = 100, 200
    evaluated = baking.table_of(scene, look_control)
    assert set(evaluated.ways.values()) == {"time remapping"}
    assert evaluated.table.columns["truncation"][19] == pytest.approx(plain[9], abs=1e-5)


def test_an_action_shared_by_accident_is_made_single(scene, drums):
    baking.write_envelopes(drums, {"kick": ramp(50)}, 1)
    double = drums.copy()
    scene.collection.objects.link(double)
    assert double.animation_data.action == drums.animation_data.action
    baking.write_envelopes(double, {"kick": np.zeros(50)}, 1)
    assert double.animation_data.action != drums.animation_data.action
    assert np.array_equal(fcurves.read_exact(drums, ["kick"], range(1, 51))["kick"], ramp(50))
    assert not fcurves.read_exact(double, ["kick"], range(1, 51))["kick"].any()


def test_an_action_without_slot_is_repaired(scene, drums):
    baking.write_envelopes(drums, {"kick": ramp(50)}, 1)
    drums.animation_data.action_slot = None
    assert drums.animation_data.action and drums.animation_data.action_slot is None
    baking.write_envelopes(drums, {"kick": ramp(50)}, 1)
    assert np.array_equal(fcurves.read_exact(drums, ["kick"], range(1, 51))["kick"], ramp(50))
    assert len(drums.animation_data.action.slots) == 1


def test_the_table_starts_at_the_first_baked_frame(scene, look_control, audio_control, heard):
    baking.bake(audio_control, Bake(30.0, 101, 45, 0.5), str(heard))
    table = baking.table_of(scene, look_control).table
    assert (table.first_frame, table.n_frames) == (101, 45)
    sparks = table.columns["noise.sparks.strength"]
    assert sparks[0] > 1.0 and sparks[0] == sparks.max()  # the click at 0.5 s is the first moment of this range


def test_a_parameter_that_is_not_there_stands_at_its_default(scene, look_control):
    del look_control["noise.base"]
    assert baking.table_of(scene, look_control).table.columns["noise.base"] == pytest.approx(1.0)


def test_the_result_control_shows_final_values(scene, look_control):
    table = baking.table_of(scene, look_control).table
    result = baking.write_result(scene, look_control, table)
    read = fcurves.read_exact(result, list(table.columns), range(1, 91))
    for address, column in table.columns.items():
        assert np.allclose(read[address], column, atol=1e-6), address


def snapshot(control):
    """Everything an artist made on a control, bit by bit."""
    curves = []
    for curve in fcurves.curves_of(control):
        co = np.empty(2 * len(curve.keyframe_points), np.float32)
        curve.keyframe_points.foreach_get("co", co)
        curves.append((curve.data_path, co.tobytes(), curve.group.name if curve.group else None))
    values = {key: value for key, value in control.items() if isinstance(value, float)}
    return sorted(curves, key=str), values, control["ganreact"]
