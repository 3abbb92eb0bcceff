"""A verb that cannot do all of what it says does nothing, and says why in a sentence."""

from dataclasses import replace

import bpy
import pytest
from ganreact_ext.addon import controls, fcurves, strips


@pytest.fixture
def look(extension, look_control):
    return look_control


def test_nothing_conforms_where_envelopes_could_not_follow(look, scene, heard, song):
    strip, audio = strips.add_sound(scene, song), controls.active_audio(scene)
    controls.store_hearing(audio, replace(controls.hearing_of(audio), strip=strip.name, sha256="x"))
    marker = scene.timeline_markers.new("here", frame=31)
    look.keyframe_insert('["truncation"]', frame=31)
    scene.render.fps = 60
    kept = heard.read_bytes()
    heard.unlink()
    for _ in range(2):
        with pytest.raises(RuntimeError, match="nothing was changed: what was heard is not on this machine"):
            bpy.ops.ganreact.conform()
        assert marker.frame == 31 and 31 in fcurves.hand_keys(look)["truncation"]
    heard.write_bytes(kept)
    bpy.ops.ganreact.conform()
    assert marker.frame == 61 and 61 in fcurves.hand_keys(look)["truncation"]


def test_a_patch_that_is_none_is_told_in_a_sentence(extension, scene, tmp_path):
    bad = tmp_path / "bad.JSON"
    bad.write_text("{")
    for verb, given in (("load_patch", {"filepath": str(bad)}), ("add_look", {"patch": str(bad)})):
        with pytest.raises(RuntimeError, match="JSON") as refused:
            getattr(bpy.ops.ganreact, verb)(**given)
        assert "Traceback" not in str(refused.value)
    assert not controls.find(scene, "look")


def test_a_patch_is_saved_under_the_name_that_was_typed(look, tmp_path):
    for typed, written in (("mix 1.2", "mix 1.2.json"), ("other.json", "other.json"), ("LOUD.JSON", "LOUD.JSON")):
        bpy.ops.ganreact.save_patch(filepath=str(tmp_path / typed))
        assert (tmp_path / written).is_file()
