"""What a new user meets first: empty lists that say how they are filled, forms that propose, buttons that need no look."""

import bpy
import numpy as np
import pytest


@pytest.fixture
def every_list(extension):
    from ganreact_ext.ganreact_core.forms import lists

    return list(lists())


def test_an_empty_list_says_what_it_is_for_and_how_it_is_filled(every_list):
    from ganreact_ext.addon import beginnings

    for kind in every_list:
        assert beginnings.says(kind), kind
        ways = beginnings.ways_of(kind)
        assert ways, kind
        for name, text, icon in ways:
            assert getattr(bpy.ops.ganreact, name).get_rna_type() and text and icon


def test_envelopes_are_edited_before_there_is_a_look(extension, scene, audio_control, heard):
    from ganreact_ext.addon import baking, controls
    from ganreact_ext.addon.documents import Bake

    baking.bake(audio_control, Bake(30.0, 1, 90, 0.0), str(heard))
    assert controls.active_look(scene) is None
    bpy.ops.ganreact.add_envelope(label="Mine")
    ident = controls.hearing_of(audio_control).envelopes[-1].id
    bpy.ops.ganreact.duplicate_item(kind="envelopes", ident=ident)
    bpy.ops.ganreact.remove_item(kind="envelopes", ident=ident)
    assert ident not in audio_control and f"{ident}-copy" in audio_control


def test_a_list_of_a_look_still_asks_for_one(extension, scene, audio_control):
    with pytest.raises(RuntimeError, match="look first"):
        bpy.ops.ganreact.remove_item(kind="bends", ident="zoom")


def test_a_route_can_start_from_a_slider_of_hallu_and_the_live_picture_follows_it(extension, scene, look_control):
    from ganreact_ext.addon import controls, form_properties, glancing, hallu

    names = [ident for ident, _ in form_properties._candidates("envelopes", scene)]
    assert "kick" in names and "component-01" not in names
    bpy.ops.ganreact.add_hallu()
    assert "component-01" in [ident for ident, _ in form_properties._candidates("envelopes", scene)]
    bpy.ops.ganreact.add_route(envelope="component-01", address="noise.base", amount=2.0)
    control = hallu.active(scene)
    seen = []
    for value in (-3.0, 3.0):
        control[hallu.COMPONENTS[0]] = value
        seen.append(glancing.row_now(scene, controls.active_look(scene), scene)["noise.base"])
    assert np.isclose(seen[1] - seen[0], 2.0)


def test_the_panel_of_an_unsaved_file_asks_for_a_place(extension, scene, look_control):
    from ganreact_ext.addon import frames

    assert frames.has_no_place(scene, look_control)
    scene.ganreact.folder = "/tmp/elsewhere/"
    assert not frames.has_no_place(scene, look_control)


def test_a_frame_on_the_sheet_carries_its_number():
    from ganreact_ext.addon.numbering import numbered

    plain = np.full((64, 64, 3), 90, np.uint8)
    one, other = numbered(plain, 17), numbered(plain, 18)
    assert (plain == 90).all() and not np.array_equal(one, other)
    assert np.array_equal(one[:40], plain[:40])  # above the tag nothing changes
    tiny = np.zeros((4, 4, 3), np.uint8)
    assert np.array_equal(numbered(tiny, 123), tiny)


def test_the_table_shows_what_is_routed_and_finds_more_by_a_word(extension, scene, look_control):
    from ganreact_ext.addon import controls
    from ganreact_ext.addon.operators.routing import crossing

    patch, hearing = controls.patch_of(look_control), controls.hearing_of(controls.audio_of(look_control))
    routed = crossing(patch, hearing.envelopes, "")
    assert {recipe.id for recipe in routed.columns} == {route.envelope for route in patch.routes}
    assert {address for address, _ in routed.rows} == {route.address for route in patch.routes}
    assert "noise.base" in dict(crossing(patch, hearing.envelopes, "noise").rows)
    kick = crossing(patch, hearing.envelopes, "KICK")
    assert [recipe.id for recipe in kick.columns][:1] == ["kick"] and kick.rows
