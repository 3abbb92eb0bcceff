"""Envelopes from another file than the sound: notes, tables, each with a place of its own in time; clocks by bars."""

import numpy as np
import pytest

from ganreact_core.envelopes import EnvelopeRecipe, FrameRange, Placed, Shaping, make_envelopes
from ganreact_core.errors import LookError
from ganreact_core.features import FeatureSet, load_features, save_features

SOUND = FeatureSet(100.0, 10.0, {"rms": np.ones(1000, np.float32)},
                   {"beats": np.arange(20) * 0.5, "downbeats": np.arange(5) * 2.0})
NOTES = FeatureSet(100.0, 2.0, {"notes": np.zeros((200, 128), np.float32)}, {"notes": np.array([[0.5, 0.52, 60.0]])}, 120.0,
                   "midi", {"notes": np.array([0.5])})
NOTES.features["notes"][50:52, 60] = 0.5


def bake(recipe, fps=30.0, materials=None, n=300):
    return make_envelopes((recipe,), SOUND, FrameRange(fps, n), materials)[recipe.id]


@pytest.mark.parametrize("fps", [24.0, 23.976, 29.97, 60.0])
@pytest.mark.parametrize("at_s", [0.0, 3.0, 7.123])
def test_a_note_lights_its_frames_where_the_clip_lies(fps, at_s):
    recipe = EnvelopeRecipe("c", "C", "feature", "notes_60", material="clip")
    curve = bake(recipe, fps, {"clip": Placed(NOTES, at_s)}, round(10 * fps))
    lit = np.flatnonzero(curve)
    assert curve.max() == 1.0 and lit[0] == np.floor((at_s + 0.5) * fps + 1e-6) and len(lit) <= np.ceil(0.02 * fps) + 1


def test_notes_as_events_hit_as_hard_as_they_were_played():
    curve = bake(EnvelopeRecipe("c", "C", "events", "notes", material="clip"), materials={"clip": Placed(NOTES)})
    assert curve[15] == pytest.approx(0.5) and not curve[:15].any()


def test_a_table_is_read_at_the_moment_of_each_frame():
    rows = FeatureSet(30.0, 10.0, {"fade": np.linspace(0, 0.5, 301, dtype=np.float32)}, kind="table")
    below = FeatureSet(30.0, 10.0, {"fade": np.linspace(-1, 1, 301, dtype=np.float32)}, kind="table")
    recipe = EnvelopeRecipe("f", "F", "feature", "fade", material="t")
    assert bake(recipe, materials={"t": Placed(rows)})[[0, 150, 299]] == pytest.approx([0, 0.25, 0.49833], abs=1e-4)
    assert bake(recipe, materials={"t": Placed(below)})[[0, 150]] == pytest.approx([0, 0.5], abs=1e-3)


def test_a_clock_runs_on_the_notes_tempo():
    clip = FeatureSet(100.0, 10.0, {}, {"beats": np.arange(10) * 1.0}, 60.0, "midi")
    curve = bake(EnvelopeRecipe("c", "C", "clock", "saw", material="clip"), materials={"clip": Placed(clip, 0.25)})
    assert np.flatnonzero(np.diff(curve) > 0.5)[:3].tolist() == [6, 36, 66]


def test_a_clock_of_bars_and_a_rise_that_ends_on_the_drop():
    bars = bake(EnvelopeRecipe("b", "B", "clock", "saw", every="bars"))
    assert np.flatnonzero(np.diff(bars) > 0.5).tolist() == [59, 119, 179, 239]
    rise = bake(EnvelopeRecipe("r", "R", "clock", "rise", beats=2.0, every="bars", start=1.0))
    assert not rise[:59].any() and rise[119] == pytest.approx(0.5, abs=0.01) and (rise[180:] == 1).all()


@pytest.mark.parametrize("fps", [24.0, 60.0])
def test_a_rise_ends_at_the_same_second_at_any_frame_rate(fps):
    rise = bake(EnvelopeRecipe("r", "R", "clock", "rise", beats=8.0, start=4.0), fps, n=round(10 * fps))
    assert np.argmax(rise >= 0.999) / fps == pytest.approx(6.0, abs=1.1 / fps)


def test_what_is_not_there_is_told():
    with pytest.raises(LookError, match="listens to 'clip'"):
        bake(EnvelopeRecipe("c", "C", "feature", "notes_60", material="clip"))


def test_expand_and_compress_act_on_both_sides_of_the_threshold():
    sound = FeatureSet(30.0, 4 / 30, {"rms": np.float32([0, 0.2, 0.8, 1.0])})
    curves = {name: make_envelopes((EnvelopeRecipe("r", "R", "feature", "rms", chain=(Shaping(name),)),), sound, FrameRange(30, 4))
              for name in ("expand", "compress")}
    assert curves["expand"]["r"] == pytest.approx([0, 0.05, 0.8, 1.0], abs=1e-6)
    assert curves["compress"]["r"] == pytest.approx([0, 0.8, 0.8, 1.0], abs=1e-6)


def test_kind_and_strengths_are_kept(tmp_path):
    save_features(tmp_path / "a.npz", NOTES)
    again = load_features(tmp_path / "a.npz")
    assert again.kind == "midi" and again.strengths_of("notes").tolist() == [0.5] and again.moments("notes").tolist() == [0.5]
