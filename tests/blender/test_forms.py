"""Forms in Blender: every field of every list is a property that reads and writes the look; keys and routes follow."""

import bpy
import pytest
from ganreact_ext.addon import controls, edits, fcurves, form_properties
from ganreact_ext.addon.session import session
from ganreact_ext.ganreact_core.forms import can_be_added, fields_of, lists, singular


@pytest.fixture
def look(extension, scene, look_control):
    scene.ganreact.look = look_control
    return look_control


def patch(look):
    return controls.patch_of(look)


def test_every_field_is_a_property_with_its_tooltip(look, scene):
    for kind, cls in form_properties.forms().items():
        for field in fields_of(cls):
            prop = scene.ganreact_form.bl_rna.properties[f"{kind}_{field.name}"]
            assert prop.name == field.label and prop.description.lower() == field.help.lower()
            assert not prop.is_animatable
    for kind, cls in lists().items():
        assert hasattr(bpy.types, f"GANREACT_OT_edit_{singular(kind)}")
        assert can_be_added(cls) == hasattr(bpy.types, f"GANREACT_OT_add_{singular(kind)}")


def test_a_form_reads_and_writes_the_chosen_item(look, scene):
    form = scene.ganreact_form
    scene.ganreact.bends_index = 0
    assert (form.bends_kind, form.bends_layer) == ("zoom", patch(look).look.bends[0].layer)
    form.bends_layer = 5
    form.bends_label = "Überzoom"
    assert (patch(look).look.bends[0].layer, patch(look).look.bends[0].label) == (5, "Überzoom")
    form.entries_class_ = 3
    assert patch(look).look.entries[0].class_ == 3
    form.entries_class_ = -1
    assert patch(look).look.entries[0].class_ is None and form.entries_class_ == -1
    form.look_normalise = False
    form.canvas_detail = 0.25
    form.look_size = (640, 360)
    assert (patch(look).look.normalise, patch(look).look.canvas.detail, patch(look).look.size) == (False, 0.25, (640, 360))


def test_what_cannot_be_is_told_and_changes_nothing(look, scene):
    bpy.ops.ganreact.add_path("EXEC_DEFAULT", label="Walk", entries="c, d")
    scene.ganreact_form.paths_entries = "c"
    assert "two or more" in session.notice
    assert patch(look).look.paths[0].entries == ("c", "d")


def test_another_kind_of_bend_begins_at_its_own_neutral_value(look, scene):
    assert look["bend.zoom"] == 1.0
    scene.ganreact_form.bends_kind = "rotate"
    assert look["bend.zoom"] == 0.0
    look["bend.zoom"] = 30.0
    scene.ganreact_form.bends_kind = "shift_x"
    assert look["bend.zoom"] == 30.0  # what the artist set stays


def test_a_duplicate_has_keys_drivers_and_routes_of_its_own(look, scene):
    look["palette.c"] = 0.5
    look.keyframe_insert('["palette.c"]', frame=3)
    look["palette.c"] = 1.0
    look.keyframe_insert('["palette.c"]', frame=9)
    driver = look.driver_add('["palette.c.coarse"]').driver
    driver.expression = "2.5"
    routes = [r for r in patch(look).routes if r.address.startswith("palette.c.")]
    look["route." + routes[0].id] = 0.125
    assert bpy.ops.ganreact.duplicate_item("EXEC_DEFAULT", kind="entries", ident="c") == {"FINISHED"}
    ids = [e.id for e in patch(look).look.entries]
    copy = ids[ids.index("c") + 1]
    assert form_properties.chosen(scene, "entries").id == copy
    old, new = (fcurves.read_exact(look, [f"palette.{i}"], range(1, 12))[f"palette.{i}"] for i in ("c", copy))
    assert (old == new).all() and new[5] != new[2]
    assert look.animation_data.drivers.find(f'["palette.{copy}.coarse"]').driver.expression == "2.5"
    copied = [r for r in patch(look).routes if r.address.startswith(f"palette.{copy}.")]
    assert len(copied) == len(routes) and look["route." + copied[0].id] == 0.125
    curve = fcurves.curve_of(look, f"palette.{copy}")
    curve.keyframe_points[0].co[1] = 9.0
    assert fcurves.curve_of(look, "palette.c").keyframe_points[0].co[1] == 0.5


def test_items_are_moved_within_their_list(look, scene):
    bpy.ops.ganreact.move_item("EXEC_DEFAULT", kind="entries", ident="c", by=2)
    assert [e.id for e in patch(look).look.entries].index("c") == 2
    bpy.ops.ganreact.move_item("EXEC_DEFAULT", kind="entries", ident="c", by=-9)
    assert patch(look).look.entries[0].id == "c" and scene.ganreact.entries_index == 0


def test_members_are_taken_in_and_out(look):
    bpy.ops.ganreact.add_set("EXEC_DEFAULT", label="Loud", entries="c, d")
    for member in ("e", "c"):
        bpy.ops.ganreact.toggle_member("EXEC_DEFAULT", kind="sets", ident="loud", member=member)
    assert patch(look).look.sets[0].entries == ("d", "e")


def test_an_entry_that_becomes_an_accent_leaves_sets_and_paths(look, scene):
    bpy.ops.ganreact.add_set("EXEC_DEFAULT", label="Loud", entries="c, d")
    bpy.ops.ganreact.edit_entry("EXEC_DEFAULT", ident="c", accent=True)
    assert patch(look).look.sets[0].entries == ("d",) and look["accent.c"] == 0.0 and "palette.c" not in look


def test_removing_chooses_what_is_next(look, scene):
    scene.ganreact.entries_index = len(patch(look).look.entries) - 1
    bpy.ops.ganreact.remove_item("EXEC_DEFAULT", kind="entries")
    assert scene.ganreact.entries_index == len(patch(look).look.entries) - 1


def test_a_script_is_told_of_an_item_that_is_not_there(look):
    with pytest.raises(RuntimeError, match="there is no bend 'none'"):
        bpy.ops.ganreact.edit_bend("EXEC_DEFAULT", ident="none", layer=2)


def test_envelopes_are_a_list_like_any_other(look, audio_control):
    n = len(controls.hearing_of(audio_control).envelopes)
    bpy.ops.ganreact.duplicate_item("EXEC_DEFAULT", kind="envelopes", ident="kick")
    hearing = controls.hearing_of(audio_control)
    assert len(hearing.envelopes) == n + 1
    copy = hearing.envelopes[[e.id for e in hearing.envelopes].index("kick") + 1].id
    assert len(fcurves.curve_of(audio_control, copy).sampled_points) == 90


def test_edits_need_no_blender():
    from ganreact_ext.ganreact_core.patches import Patch

    made = edits.add(Patch(), "entries")
    made = edits.add(made, "entries", label="Nacht")
    assert [(e.id, e.label, e.seed) for e in made.look.entries] == [("seed-1", "Seed 1", 1), ("nacht", "Nacht", 2)]
