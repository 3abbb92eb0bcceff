"""The palette's verbs: another picture in place, mixes that follow, neutral values, keys of a range copied."""

import bpy
import pytest
from ganreact_ext.addon import controls, fcurves


@pytest.fixture
def look(extension, scene, look_control):
    scene.ganreact.look = look_control
    return look_control


def entries(look):
    return {e.id: e for e in controls.patch_of(look).look.entries}


def test_another_picture_keeps_keys_and_name(look):
    look["palette.c"] = 0.5
    look.keyframe_insert('["palette.c"]', frame=3)
    bpy.ops.ganreact.reroll_entry("EXEC_DEFAULT", ident="c", seed=77)
    assert entries(look)["c"].seed == 77 and entries(look)["c"].label == "C"
    assert fcurves.curve_of(look, "palette.c") is not None
    before = {i: e.seed for i, e in entries(look).items()}
    bpy.ops.ganreact.reroll_entry("EXEC_DEFAULT", every=True)
    assert all(entries(look)[i].seed != seed for i, seed in before.items())


def test_a_name_that_only_says_the_seed_says_the_new_one(look):
    bpy.ops.ganreact.add_entry("EXEC_DEFAULT", seed=5)
    bpy.ops.ganreact.reroll_entry("EXEC_DEFAULT", seed=6)
    assert list(entries(look).values())[-1].label == "Seed 6"


def test_a_mix_names_its_parents_and_loses_them_with_one(look):
    bpy.ops.ganreact.mix_entry("EXEC_DEFAULT", first="c", second="d", between=0.25)
    mix = list(entries(look).values())[-1]
    assert (mix.label, mix.parents, mix.between) == ("C + D", ("c", "d"), 0.25)
    bpy.ops.ganreact.remove_item("EXEC_DEFAULT", kind="entries", ident="d")
    assert entries(look)[mix.id].parents == ()


def test_back_to_neutral(look):
    look["bend.zoom"] = 3.0
    bpy.ops.ganreact.reset_to_neutral("EXEC_DEFAULT", address="bend.zoom")
    assert look["bend.zoom"] == 1.0
    with pytest.raises(RuntimeError, match="no parameter"):
        bpy.ops.ganreact.reset_to_neutral("EXEC_DEFAULT", address="location")


def test_the_keys_of_a_verse_come_again(look):
    for frame, value in ((1, 0.0), (5, 1.0), (9, 0.5), (40, 0.25)):
        look["palette.c"] = value
        look.keyframe_insert('["palette.c"]', frame=frame)
    bpy.ops.ganreact.copy_range("EXEC_DEFAULT", first=1, last=9, target=33)
    curve = fcurves.curve_of(look, "palette.c")
    assert [(k.co[0], k.co[1]) for k in curve.keyframe_points] == [(1, 0), (5, 1), (9, 0.5), (33, 0), (37, 1), (41, 0.5)]
    assert curve.evaluate(35) == pytest.approx(curve.evaluate(3))


def test_what_is_looked_at_now_comes_before_thumbnails_and_the_networks_card(look, monkeypatch):
    from ganreact_ext.addon import glancing, network_card, previewing, thumbnails
    from ganreact_ext.addon.session import session

    asked = []
    monkeypatch.setattr(type(session), "start", lambda self, context, kind, arguments, **job: asked.append(job["title"]))
    view = glancing.view_of(bpy.context.scene, look)
    thumbnails._wanted["one"] = thumbnails.Wanted("one", view, {})  # without a window nobody wants icons
    network_card._wanted[thumbnails._path("card")] = "embedded"
    previewing.follow(bpy.context.scene)
    thumbnails.work()
    network_card._work()
    assert asked == []
    previewing.tick()
    thumbnails.work()
    network_card._work()
    assert asked == ["Preview"]  # another may be wanted in a moment: a slider is being moved, or the timeline
    monkeypatch.setattr(previewing, "_STILL_S", 0.0)
    thumbnails.work()
    network_card._work()
    assert asked == ["Preview", "Thumbnails", "Network"]
    previewing.rest()
    network_card.rest()
    thumbnails.rest()


def test_thumbnails_are_asked_for_one_at_a_time(look, monkeypatch):
    from ganreact_ext.addon import glancing, thumbnails
    from ganreact_ext.addon.session import session

    asked = []
    monkeypatch.setattr(type(session), "start", lambda self, context, kind, arguments, **job: asked.append(len(arguments["rows"])))
    view = glancing.portrait_of(controls.patch_of(look).look, "embedded", "")
    for name in ("one", "another"):
        thumbnails._wanted[name] = thumbnails.Wanted(name, view, {})
    thumbnails.work()
    assert asked == [1]  # a live picture that is wanted meanwhile waits for one, not for four
    thumbnails.rest()
