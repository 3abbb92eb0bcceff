"""A verb that cannot do all of what it says does nothing, and says why in a sentence."""

from dataclasses import replace

import bpy
import pytest
from ganreact_ext.addon import chain_edits, controls, fcurves, strips


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


def test_envelopes_never_go_round_in_a_circle(look, scene):
    audio = controls.active_audio(scene)
    bpy.ops.ganreact.add_step(envelope="kick", operation="product")
    assert chain_edits.chain_of(controls.hearing_of(audio), "kick")[-1].envelope == "snare"
    bpy.ops.ganreact.add_step(envelope="snare", operation="product")
    last = chain_edits.chain_of(controls.hearing_of(audio), "snare")
    assert last[-1].envelope not in ("kick", "snare")
    text, heard = audio["ganreact"], fcurves.samples_of(fcurves.curve_of(audio, "kick")).copy()
    with pytest.raises(RuntimeError, match="circle"):
        bpy.ops.ganreact.edit_step(envelope="snare", index=len(last) - 1, other="kick")
    assert audio["ganreact"] == text and (fcurves.samples_of(fcurves.curve_of(audio, "kick")) == heard).all()


@pytest.mark.parametrize(("verb", "given"), [
    ("envelope_from_sound", {"envelope": "kick"}), ("forget_event_edits", {"event": "kick"}), ("nudge", {"milliseconds": 40.0}),
    ("set_tempo", {"bpm": 90.0}), ("bake", {}), ("sections_from_table", {"filepath": "sections.csv"})])
def test_where_what_was_heard_is_gone_nothing_is_thrown_away(look, scene, heard, song, state, monkeypatch, verb, given):
    strips.add_sound(scene, song)
    bpy.ops.ganreact.edit_events(event="kick")
    bpy.ops.ganreact.envelope_to_keys(envelope="kick")
    (heard.parent / "sections.csv").write_text("0,A\n1,B\n")
    monkeypatch.chdir(heard.parent)
    heard.unlink()
    before = state()
    with pytest.raises(RuntimeError, match="press Analyse to listen again"):
        getattr(bpy.ops.ganreact, verb)(**given)
    assert state() == before
