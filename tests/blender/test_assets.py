"""Patches on the disk and Blender's assets: what is saved comes back, with its picture and where it is from."""

import json
from dataclasses import replace

import bpy
import numpy as np
import pytest
from ganreact_ext.addon import baking, carriers, controls, fcurves, patching, thumbnails
from ganreact_ext.addon.operators import dropping
from ganreact_ext.addon.operators.context_menu import address_under_mouse
from ganreact_ext.ganreact_core.look import Mask
from ganreact_ext.ganreact_core.patches import load_patch
from ganreact_ext.ganreact_core.png import encode


@pytest.fixture
def look(extension, scene, look_control):
    scene.ganreact.look = look_control
    return look_control


def carrier(name):
    return next(o for o in bpy.data.objects if o.asset_data and o.name == name)


def test_a_saved_patch_gives_the_same_table(look, scene, tmp_path):
    look["palette.d.fine"] = 0.25
    for frame, value in ((1, 1.0), (90, 2.0)):
        look["bend.zoom"] = value
        look.keyframe_insert('["bend.zoom"]', frame=frame)
    before = baking.table_of(scene, look).table
    bpy.ops.ganreact.save_patch("EXEC_DEFAULT", filepath=str(tmp_path / "mine.json"))
    patch = load_patch(tmp_path / "mine.json")
    assert patch.values["palette.d.fine"] == 0.25 and [k.value for k in patch.keys["bend.zoom"]] == [1.0, 2.0]
    bpy.ops.ganreact.load_patch("EXEC_DEFAULT", filepath=str(tmp_path / "mine.json"))
    again = scene.ganreact.look
    assert again != look
    after = baking.table_of(scene, again).table
    for address, column in before.columns.items():
        assert np.allclose(column, after.columns[address], atol=2e-3), address


def test_what_is_kept_beside_the_blend_is_found_from_anywhere_else(look, scene, tmp_path):
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "song.blend"))
    patch = controls.patch_of(look)
    mask = Mask("spot", "Spot", "image", file="//masks/spot.png")
    controls.store_patch(look, replace(patch, look=replace(patch.look, model="//nets/mine.pkl", masks=(mask,))))
    bpy.ops.ganreact.save_patch("EXEC_DEFAULT", filepath=str(tmp_path / "mine.json"))
    assert load_patch(tmp_path / "mine.json").look.files()[:2] == (str(tmp_path / "nets/mine.pkl"), str(tmp_path / "masks/spot.png"))
    assert controls.patch_of(look).look.model == "//nets/mine.pkl"


def test_only_the_envelopes_that_are_used_are_saved(look, scene):
    patch = patching.patch_of_look(scene, look)
    assert {r.envelope for r in patch.routes} <= {e.id for e in patch.envelopes}
    assert len(patch.envelopes) <= len(controls.hearing_of(controls.audio_of(look)).envelopes)


def test_a_picture_becomes_an_asset_and_joins_another_palette(look, scene, tmp_path, monkeypatch):
    file = tmp_path / "c.png"
    file.write_bytes(encode(np.full((8, 8, 3), 200, np.uint8)))
    monkeypatch.setattr(thumbnails, "file_of", lambda look, model, entry: file)
    scene.ganreact.entries_index = 0
    bpy.ops.ganreact.mark_asset("EXEC_DEFAULT", kind="ENTRY")
    made = carrier("C")
    assert tuple(made.preview.image_size) == (8, 8) and "seed" in made.asset_data.description
    carried = json.loads(made["ganreact_asset"])
    assert carried["kind"] == "entry" and len(carried["made_with"]) == 64
    n = len(controls.patch_of(look).look.entries)
    assert bpy.ops.ganreact.use_asset("EXEC_DEFAULT", name="C") == {"FINISHED"}
    entries = controls.patch_of(look).look.entries
    assert len(entries) == n + 1 and entries[-1].seed == entries[0].seed and entries[-1].id != entries[0].id


def test_a_patch_asset_makes_another_look(look, scene):
    bpy.ops.ganreact.mark_asset("EXEC_DEFAULT", kind="PATCH")
    bpy.ops.ganreact.use_asset("EXEC_DEFAULT", name="Pulse")
    assert len(controls.find(scene, "look")) == 2
    bpy.ops.ganreact.mark_asset("EXEC_DEFAULT", kind="LOOK")
    assert scene.ganreact.look.asset_data is not None


def dropped(scene, original):
    """What Blender's own drop leaves: a copy of the object, active in the scene."""
    copy = original.copy()
    if copy.asset_data:
        copy.asset_clear()
    scene.collection.objects.link(copy)
    bpy.context.view_layer.objects.active = copy
    return copy


def test_a_dropped_picture_joins_the_palette_and_leaves_nothing_in_the_scene(look, scene):
    scene.ganreact.entries_index = 1
    bpy.ops.ganreact.mark_asset("EXEC_DEFAULT", kind="ENTRY")
    n, before = len(controls.patch_of(look).look.entries), set(scene.objects)
    dropped(scene, carrier("C#"))
    bpy.ops.ganreact.take_dropped("EXEC_DEFAULT")
    entries = controls.patch_of(look).look.entries
    assert len(entries) == n + 1 and entries[-1].seed == entries[1].seed
    assert set(scene.objects) == before and carrier("C#")


def test_a_dropped_picture_that_fits_nowhere_is_told_and_gone(look, scene):
    from ganreact_ext.addon.session import session

    strange = bpy.data.objects.new("Strange", None)
    strange["ganreact_asset"] = '{"kind": "entry", "entry": {"sise": 1}}'
    text = look["ganreact"]
    dropped(scene, strange)
    bpy.ops.ganreact.take_dropped("EXEC_DEFAULT")
    assert session.notice and look["ganreact"] == text and not any("ganreact_asset" in o for o in scene.objects)
    session.notice = ""


def test_a_dropped_look_has_a_name_a_place_and_keys_of_its_own(look, scene):
    look.keyframe_insert('["palette.c"]', frame=46)
    bpy.ops.ganreact.mark_asset("EXEC_DEFAULT", kind="LOOK")
    twin = dropped(scene, look)
    bpy.ops.ganreact.take_dropped("EXEC_DEFAULT")
    first, second = (controls.patch_of(one).look for one in (look, twin))
    assert (first.id, first.label) == ("pulse", "Pulse") and second.id != first.id and second.label == "Pulse 2"
    assert scene.ganreact.look == twin and controls.audio_of(twin) == controls.audio_of(look)
    assert twin.animation_data.action != look.animation_data.action and "palette.c" in fcurves.hand_keys(twin)
    assert [c.name for c in twin.users_collection] == ["GANReact"] and twin.hide_select


def test_what_is_dropped_is_noticed_in_any_window(look, scene):
    from types import SimpleNamespace

    def window(scene, active):
        return SimpleNamespace(scene=scene, view_layer=SimpleNamespace(objects=SimpleNamespace(active=active)))

    other, carrier = bpy.data.scenes.new("Other"), carriers.new("Dropped", {"kind": "entry"})
    assert dropping.news_in([window(scene, None), window(other, carrier)]) == (other, carrier)
    assert dropping.news_in([window(scene, None), window(other, None)]) == (None, None)


def test_the_right_click_menu_is_about_sliders_of_the_active_look_alone(look, scene, audio_control):
    from types import SimpleNamespace

    def address(control):
        return address_under_mouse(SimpleNamespace(area=None, scene=scene, button_pointer=control,
                                                   button_prop=SimpleNamespace(identifier="truncation")))

    bpy.ops.ganreact.add_look(patch="pulse")
    other = scene.ganreact.look
    assert (address(look), address(other), address(audio_control)) == ("", "truncation", "")
    scene.ganreact.look = look
    assert (address(look), address(other)) == ("truncation", "")


def test_a_look_of_ones_own_is_left_alone(look, scene):
    """Also where it listens to a sound of another scene, as its artist wanted."""
    from ganreact_ext.addon import carriers

    assert not carriers.needs_settling(scene, look)
    audio = controls.audio_of(look)
    for collection in list(audio.users_collection):
        collection.objects.unlink(audio)
    assert carriers.needs_settling(scene, look)  # it is nowhere: appended with the look
    bpy.data.scenes.new("Other").collection.objects.link(audio)
    assert not carriers.needs_settling(scene, look)


def test_a_strange_asset_is_refused_and_nothing_of_it_is_run(look, scene):
    strange = bpy.data.objects.new("Strange", None)
    for text in ("{", '{"kind": "entry", "entry": {"sise": 1}}', '{"kind": "patch", "patch": "import os"}', '{"kind": "look"}'):
        strange["ganreact_asset"] = text
        with pytest.raises(RuntimeError, match="Error"):
            bpy.ops.ganreact.use_asset("EXEC_DEFAULT", name="Strange")


def test_files_that_are_dropped_find_their_verb(extension):
    handlers = {h.bl_import_operator: h.bl_file_extensions for h in bpy.types.FileHandler.__subclasses__() if h.__name__.startswith("GANREACT") or "ganreact" in h.__module__}
    assert ".pkl" in handlers["ganreact.choose_model"] and ".json" in handlers["ganreact.load_patch"]


def test_a_curve_knows_its_keys_within_a_range(look):
    look["palette.c"] = 0.5
    look.keyframe_insert('["palette.c"]', frame=46)
    look.keyframe_insert('["palette.c"]', frame=400)
    assert fcurves.keys_within(look, "palette.c", range(1, 92)) == [(0.5, 0.5, "ease")]
