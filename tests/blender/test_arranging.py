"""Arrangements in Blender: envelopes are baked, routes lead, keys stand in the Graph Editor, and undo takes it all back."""

import numpy as np
import pytest


@pytest.fixture
def played(extension, look_control, heard, audio_control):
    """The look of pulse on a sound with bars, sections and inflection points."""
    import bpy
    from ganreact_ext.addon import baking, properties
    from ganreact_ext.addon.documents import Bake
    from ganreact_ext.ganreact_core.features import load_features, save_features

    found = load_features(heard)
    found.events.update(downbeats=np.array([0.0, 1.0, 2.0]), sections=np.array([[0, 1, 0], [1, 2, 1], [2, 3, 0]]), inflections=np.array([1.0, 2.0]), beats=np.arange(0, 3, 0.25))
    found.features["variation"] = np.ones(300, np.float32)
    path = heard.with_name("more.npz")
    save_features(path, found)
    baking.bake(audio_control, Bake(30.0, 1, 90), str(path))
    bpy.context.scene.ganreact.look = look_control
    properties.refresh(bpy.context.scene)
    return look_control


def columns(look_control):
    import bpy
    from ganreact_ext.addon import baking

    return baking.table_of(bpy.context.scene, look_control, range(1, 91)).table.columns


def test_the_palette_in_sequence_is_keyed_by_bars(played):
    import bpy
    from ganreact_ext.addon import controls, fcurves

    assert bpy.ops.ganreact.sequence_palette(every="bars", count=1, crossfade=0.0) == {"FINISHED"}
    first, second, third = (fcurves.read_exact(played, [f"palette.{e.id}"], range(1, 91))[f"palette.{e.id}"] for e in controls.patch_of(played).look.entries[:3])
    assert first[:30].min() == 1 and first[30:].max() == 0 and second[30:60].min() == 1 and third[60:].min() == 1
    before = {a: fcurves.hand_keys(played)[a].tobytes() for a in fcurves.hand_keys(played)}
    assert bpy.ops.ganreact.shuffle_curves(seed=1) == {"FINISHED"}
    after = {a: fcurves.hand_keys(played)[a].tobytes() for a in fcurves.hand_keys(played)}
    assert sorted(before.values()) == sorted(after.values()) and before != after


def test_a_path_is_looped_mixed_and_sequenced(played):
    import bpy
    from ganreact_ext.addon import controls, fcurves

    assert bpy.ops.ganreact.add_path("EXEC_DEFAULT", label="Walk") == {"FINISHED"}
    ident = controls.patch_of(played).look.paths[0].id
    assert bpy.ops.ganreact.loop_path(length=2.0) == {"FINISHED"}
    place = columns(played)[f"path.{ident}.position"]
    assert np.diff(place[:58]).min() > 0 and abs(place[60] - place[0]) < 0.3
    assert bpy.ops.ganreact.collapse_routes(address=f"path.{ident}.position", tolerance=0.01) == {"FINISHED"}
    assert not any(route.address.startswith("path.") for route in controls.patch_of(played).routes)
    again = columns(played)[f"path.{ident}.position"]
    assert np.abs(again - place).max() < 0.2 and len(fcurves.hand_keys(played)[f"path.{ident}.position"]) < 12
    assert bpy.ops.ganreact.sequence_palette(every="bars", count=1, path=ident, crossfade=0.0) == {"FINISHED"}
    assert columns(played)[f"path.{ident}.position"][[0, 30, 60]].tolist() == [0, 1, 2]


def test_sections_and_loudness_move_the_palette(played):
    import bpy

    assert bpy.ops.ganreact.sections_to_palette(group="all", crossfade_s=0.0) == {"FINISHED"}
    found = columns(played)
    assert found["palette.c"][[10, 40, 70]].tolist() == [1, 0, 1] and found["palette.cs"][40] == 1
    assert bpy.ops.ganreact.loud_and_quiet() == {"FINISHED"}
    found = columns(played)
    assert found["set.loud.mix"][-1] > 0.9 > found["set.loud.mix"][5]
    assert bpy.ops.ganreact.chords_to_palette(bass=False) == {"FINISHED"}


def test_categories_are_reached_at_inflection_points(played):
    import bpy
    from ganreact_ext.addon import controls

    assert bpy.ops.ganreact.interpret(categories="lava, neon, own word") == {"FINISHED"}
    look = controls.patch_of(played).look
    assert ("lava", 2) in [(e.label, e.class_) for e in look.entries] and look.paths[-1].id == "categories"
    place = columns(played)["path.categories.position"]
    assert place[[0, 30, 60]] == pytest.approx([0, 1, 2], abs=0.05) and columns(played)["path.categories.mix"][0] == 1


def test_latents_are_read_into_the_look(played, tmp_path):
    import bpy
    from ganreact_ext.addon import controls

    np.savez(tmp_path / "mine.npz", w=np.ones((2, 128), np.float32))
    count = len(controls.patch_of(played).look.entries)
    assert bpy.ops.ganreact.read_latents("EXEC_DEFAULT", filepath=str(tmp_path / "mine.npz")) == {"FINISHED"}
    added = controls.patch_of(played).look.entries[count:]
    assert [e.label for e in added] == ["mine 1", "mine 2"] and all(e.latent.startswith("w:128:") for e in added)


def test_without_a_sound_the_verbs_say_why(extension, scene, audio_control):
    import bpy
    from ganreact_ext.addon import baking
    from ganreact_ext.ganreact_core.patches import load_patch

    scene.ganreact.look = baking.add_look(scene, load_patch("pulse"), audio_control)
    with pytest.raises(RuntimeError, match="press Analyse first"):
        bpy.ops.ganreact.sequence_palette()


def test_sections_of_a_table_stand_instead_of_those_heard(played, audio_control, tmp_path):
    import bpy
    from ganreact_ext.addon import controls

    (tmp_path / "sections.csv").write_text("0,intro\n0:01.5,drop\n2,intro\n", encoding="utf-8")
    assert bpy.ops.ganreact.sections_from_table("EXEC_DEFAULT", filepath=str(tmp_path / "sections.csv")) == {"FINISHED"}
    assert controls.hearing_of(audio_control).corrections.spans == ((0.0, 0), (1.5, 1), (2.0, 0))
    assert [m.name for m in bpy.context.scene.timeline_markers if m.name.startswith("GR")] == ["GR·01·A", "GR·02·B", "GR·03·A"]
    assert bpy.ops.ganreact.sections_to_palette(group="all", crossfade_s=0.0) == {"FINISHED"}
    assert columns(played)["palette.cs"][[40, 50, 70]].tolist() == [0, 1, 0]


def test_two_looks_become_one_that_is_switched_by_section(played):
    import bpy
    from ganreact_ext.addon import controls

    scene = bpy.context.scene
    before = {control.name for control in controls.find(scene, "look")}
    assert bpy.ops.ganreact.switch_looks("EXEC_DEFAULT", other="loops", sections="B", crossfade_s=0.2) == {"FINISHED"}
    made = scene.ganreact.look
    patch = controls.patch_of(made)
    assert made.name not in before and before <= {control.name for control in controls.find(scene, "look")}
    found = columns(made)
    first, second = (found[f"set.{s.id}.mix"] for s in patch.look.sets)
    assert np.allclose(first + second, 1.0, atol=1e-5) and first[5] == 1.0 and second[45] == 1.0
    assert np.allclose(found["bend.zoom"][40:50], 1.0), "pulse is silent in section B"
