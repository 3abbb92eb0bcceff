"""Seeing the result: keyed and final, what is clipped, mute and solo, sheets; looks that are linked, overridden, appended."""

import bpy
import numpy as np
import pytest
from ganreact_ext.addon import baking, controls, fcurves, glancing, seeing


@pytest.fixture
def look(extension, scene, look_control):
    scene.ganreact.look = look_control
    bpy.ops.ganreact.add_bend("EXEC_DEFAULT", label="Spin", kind="gain", layer=2)
    bpy.ops.ganreact.add_route("EXEC_DEFAULT", envelope="kick", address="bend.spin", amount=2.0)
    return look_control


def route_of(look, ident="kick-spin"):
    return next(r for r in controls.patch_of(look).routes if r.id == ident)


def test_what_the_music_makes_of_a_slider_is_seen_and_clipping_told(look, scene, audio_control):
    bpy.ops.ganreact.add_noise_layer("EXEC_DEFAULT", label="Hiss")
    bpy.ops.ganreact.add_entry("EXEC_DEFAULT", label="Boom", seed=3, accent=True)
    bpy.ops.ganreact.add_route("EXEC_DEFAULT", envelope="kick", address="accent.boom", amount=3.0)
    scene.frame_set(16)
    audio_control["kick"] = 1.0
    look["accent.boom"] = 0.25
    seen = seeing.at_this_frame(scene, look)["accent.boom"]
    assert (seen.keyed, seen.final, seen.is_clipped) == (0.25, 1.0, True)
    look["route.kick-boom"] = 0.25
    look.update_tag()
    bpy.context.view_layer.update()
    seen = seeing.at_this_frame(scene, look)["accent.boom"]
    assert seen.final == pytest.approx(0.5) and not seen.is_clipped


def test_a_muted_route_rests_in_renders_too(look, scene):
    loud = baking.table_of(scene, look).table.columns["bend.spin"]
    bpy.ops.ganreact.mute_route("EXEC_DEFAULT", ident="kick-spin")
    assert route_of(look).mute
    assert np.ptp(loud) > 0.5 and np.ptp(baking.table_of(scene, look).table.columns["bend.spin"]) == 0
    assert "kick-spin" not in seeing.at_this_frame(scene, look)


def test_solo_is_for_the_eye_alone(look, scene):
    before = baking.table_of(scene, look).table
    bpy.ops.ganreact.solo_route("EXEC_DEFAULT", ident="kick-spin")
    scene.frame_set(60)
    alone = glancing.row_now(scene, look, scene)
    assert alone["palette.c.coarse"] == look["palette.c.coarse"]
    after = baking.table_of(scene, look).table
    assert all((before.columns[a] == after.columns[a]).all() for a in before.columns)
    bpy.ops.ganreact.solo_route("EXEC_DEFAULT", ident="kick-spin")
    assert scene.ganreact.solo == ""


def test_the_live_row_is_the_rendered_row(look, scene):
    for frame in (16, 31, 60):
        scene.frame_set(frame)
        table = baking.table_of(scene, look, range(frame, frame + 1)).table.row(frame)
        assert glancing.row_now(scene, look, scene) == pytest.approx(table, abs=1e-5)


def test_pictures_on_a_sheet():
    from ganreact_ext.addon.operators.comparing import sheet_of

    white = np.full((4, 6, 3), 255, np.uint8)
    sheet = sheet_of({0: white, 3: white}, 4, 2)
    assert sheet.shape == (12, 16, 3)
    assert (sheet[:4, :6] == 255).all() and (sheet[8:, 10:] == 255).all() and (sheet[:4, 10:] == 24).all()


def test_an_envelope_is_shown_as_a_ghost_and_stays_locked(look, audio_control):
    curve = fcurves.curve_of(audio_control, "kick")
    assert curve.hide
    bpy.ops.ganreact.ghost_envelope("EXEC_DEFAULT", envelope="kick")
    assert not curve.hide and curve.lock
    bpy.ops.ganreact.ghost_envelope("EXEC_DEFAULT", envelope="kick")
    assert curve.hide


def test_a_group_says_whose_a_curve_is_and_follows_a_new_name_but_not_into_the_artists_own(look):
    look.keyframe_insert('["bend.zoom"]', frame=3)
    look.keyframe_insert('["truncation"]', frame=3, group="Mine")
    bpy.ops.ganreact.rename_item("EXEC_DEFAULT", kind="bends", ident="zoom", label="Größer")
    assert fcurves.curve_of(look, "bend.zoom").group.name == "Bend · Größer"
    bpy.ops.ganreact.rename_item("EXEC_DEFAULT", kind="bends", ident="zoom", label="Puls")
    assert fcurves.curve_of(look, "bend.zoom").group.name == "Bend · Puls"
    assert [group.name for group in fcurves.actions.channelbag(look).groups].count("Bend · Größer") == 0
    assert fcurves.curve_of(look, "truncation").group.name in ("Mine", "Variety")


def test_many_sliders_are_keyed_at_once_as_one_step(look, state):
    weights = [a for a in sorted(look.keys()) if a.startswith(("palette.", "accent.")) and a.count(".") == 1]
    bpy.context.scene.frame_set(12)
    bpy.ops.ganreact.key_look("EXEC_DEFAULT", which="WEIGHTS")
    assert all(12.0 in fcurves.hand_keys(look)[address] for address in weights)
    assert fcurves.curve_of(look, weights[0]).group.name.startswith("Palette · ")
    bpy.context.scene.frame_set(20)
    bpy.ops.ganreact.key_look("EXEC_DEFAULT", which="KEYED")
    assert all(20.0 in frames for frames in fcurves.hand_keys(look).values())


def test_a_look_offers_its_keying_sets(look):
    scene = bpy.context.scene
    bpy.ops.ganreact.keying_sets("EXEC_DEFAULT")
    bpy.ops.ganreact.keying_sets("EXEC_DEFAULT")
    sets = [s for s in scene.keying_sets if s.bl_label.endswith("All Weights")]
    assert len(sets) == 1
    weights = [a for a in sorted(look.keys()) if a.startswith(("palette.", "accent.")) and a.count(".") == 1]
    assert {path.data_path for path in sets[0].paths} == {f'["{address}"]' for address in weights}
    assert all(path.id == look for path in sets[0].paths)


def test_a_channel_cannot_be_given_a_name(look):
    """Why groups carry the words: Blender keeps a description for a custom property, and no name."""
    with pytest.raises(TypeError):
        look.id_properties_ui("truncation").update(name="Variety")


def test_a_rough_picture_is_as_large_as_the_sharp_one_in_the_image_editor(extension, scene):
    from ganreact_ext.addon import viewing

    viewing.named_image(viewing.IMAGE)
    ramp = np.repeat(np.arange(0, 256, 32, dtype=np.uint8), 3).reshape(1, 8, 3).repeat(4, axis=0)
    viewing.show(8, 4, ramp.tobytes(), (32, 16))
    image = bpy.data.images[viewing.IMAGE]
    assert tuple(image.size) == (32, 16)
    seen = np.array(image.pixels[:]).reshape(16, 32, 4)[0, :, 0]
    assert (np.diff(seen) >= -1e-6).all() and len(set(np.round(seen, 4))) > 20 and abs(seen[-1] - 224 / 255) < 0.01
    viewing.show(8, 4, ramp.tobytes())
    assert tuple(image.size) == (8, 4)


def test_a_live_picture_does_not_go_on_for_a_file_that_is_gone(extension, scene, tmp_path):
    from ganreact_ext.addon import previewing

    previewing.follow(scene)
    assert previewing.is_live()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "one.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "one.blend"))
    assert not previewing.is_live()
