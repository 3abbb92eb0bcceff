"""What an artist corrects stays corrected when the sound is heard again."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganreact_core.corrections import Corrections, EventEdits, Tempo, beats_of, corrected, edits_between, tapped
from ganreact_core.envelopes import EnvelopeRecipe, FrameRange, make_envelope
from ganreact_core.errors import LookError
from ganreact_core.features import FeatureSet

HEARD = np.array([[1.0, 0.5], [2.0, 1.0], [3.0, 0.25]])


def feature_set(times=HEARD[:, 0], strengths=HEARD[:, 1]):
    return FeatureSet(100.0, 5.0, {"rms": np.ones(500, np.float32)}, {"kick": np.asarray(times, float)}, 0.0,
                      strengths={"kick": np.asarray(strengths, float)})


def test_differences_bring_back_what_was_wanted():
    wanted = np.array([[1.0, 0.5], [2.02, 1.0], [3.0, 0.8], [4.0, 0.6]])
    edits = edits_between(HEARD, wanted)
    assert edits.removed == (2.0, 3.0) and [t for t, _ in edits.added] == [2.02, 3.0, 4.0]
    again = corrected(feature_set(), Corrections({"kick": edits}))
    assert np.column_stack([again.events["kick"], again.strengths["kick"]]) == pytest.approx(wanted)


def test_edits_hold_where_another_analysis_hears_a_little_elsewhere():
    edits = EventEdits(added=((4.0, 1.0),), removed=(2.0,))
    again = corrected(feature_set([1.01, 2.03, 3.0, 4.02], [1, 1, 1, 0.2]), Corrections({"kick": edits}))
    assert again.events["kick"].tolist() == [1.01, 3.0, 4.0] and again.strengths["kick"].tolist() == [1, 1, 1]


def test_an_added_hit_has_its_own_strength_in_the_envelope():
    edits = EventEdits(added=((0.5, 0.75),))
    found = corrected(feature_set(), Corrections({"kick": edits}))
    curve = make_envelope(EnvelopeRecipe("k", "K", "events", "kick", decay_s=0.01), found, FrameRange.of_duration(30, 5))
    assert curve[15] == pytest.approx(0.75) and curve[30] == pytest.approx(0.5)


def test_nothing_corrected_is_what_was_heard():
    assert edits_between(HEARD, HEARD) == EventEdits()
    assert np.array_equal(corrected(feature_set(), Corrections()).events["kick"], HEARD[:, 0])


def test_taps_give_a_tempo_and_beats_for_the_whole_sound():
    random = np.random.default_rng(0)
    tempo = tapped(4.0 + np.arange(9) * 0.5 + random.normal(0, 0.01, 9))
    assert tempo.bpm == pytest.approx(120, abs=1) and tempo.first_s == pytest.approx(4.0, abs=0.02)
    beats, downbeats = beats_of(Tempo(120.0, 4.1, 3), 10.0)
    assert beats[0] == pytest.approx(0.1) and np.diff(beats) == pytest.approx(0.5) and beats[-1] <= 10
    assert 4.1 in downbeats.round(6) and np.diff(downbeats) == pytest.approx(1.5)


def test_a_missed_tap_does_not_halve_the_tempo():
    assert tapped([0, 0.5, 1.0, 2.0, 2.5, 3.0]).bpm == pytest.approx(120, abs=0.1)


@pytest.mark.parametrize("times", [[], [1, 2, 3], [0, 0.4, 1.1, 1.3, 2.9, 3.3]])
def test_taps_that_are_no_beat(times):
    with pytest.raises(LookError, match="tap"):
        tapped(times)


def test_sections_are_where_they_were_dragged():
    spans = np.array([[0, 10, 0], [10, 20, 1], [20, 30, 0]], float)
    found = FeatureSet(100.0, 30.0, {}, {"sections": spans})
    again = corrected(found, Corrections(sections=((10.0, 12.5), (99.0, 1.0))))
    assert again.events["sections"].tolist() == [[0, 12.5, 0], [12.5, 20, 1], [20, 30, 0]]


def test_one_dragged_across_another_is_not_taken_for_it():
    spans = np.array([[0, 10, 0], [10, 14.3, 1], [14.3, 30, 2]], float)
    again = corrected(FeatureSet(100.0, 30.0, {}, {"sections": spans}), Corrections(sections=((10.0, 14.1), (14.0, 20.0))))
    assert again.events["sections"].tolist() == [[0, 14.1, 0], [14.1, 20, 1], [20, 30, 2]]


TIMES = st.lists(st.integers(0, 400), unique=True, max_size=12)


@settings(max_examples=200, deadline=None)
@given(TIMES, TIMES, st.randoms())
def test_whatever_was_heard_and_wanted_the_same_sound_gives_what_was_wanted(heard_at, added_at, chance):
    """Moments 5 ms apart and more: flams, rolls, hits moved beside others."""
    heard = np.array([[0.005 * t, chance.choice([0.5, 1.0])] for t in sorted(heard_at)]).reshape(-1, 2)
    kept = [[t, s if chance.random() < 0.8 else 0.75] for t, s in heard.tolist() if chance.random() < 0.7]
    wanted = np.array(sorted(kept + [[0.005 * t, 0.9] for t in added_at if t not in heard_at])).reshape(-1, 2)
    again = corrected(feature_set(*heard.T), Corrections({"kick": edits_between(heard, wanted)}))
    assert again.moments("kick") == pytest.approx(wanted[:, 0]) and again.strengths_of("kick") == pytest.approx(wanted[:, 1])


def test_a_flam_leaves_the_hit_it_was_added_to_also_where_that_is_heard_a_little_elsewhere():
    edits = edits_between(HEARD, np.array([[1.0, 0.5], [1.03, 0.9], [2.0, 1.0], [3.0, 0.25]]))
    for shift_s in (0.0, 0.004):
        again = corrected(feature_set(HEARD[:, 0] + shift_s), Corrections({"kick": edits}))
        assert again.moments("kick") == pytest.approx([1.0 + shift_s, 1.03, 2.0 + shift_s, 3.0 + shift_s])


def test_everything_corrected_goes_along_to_another_recording():
    before = Corrections({"kick": EventEdits(((1.0, 0.5),), (2.0,), (1.02,))}, Tempo(120, 3.0, 3), ((4.0, 5.0),), ((0.0, 1), (6.0, 2)))
    assert before.moved(lambda time_s: time_s + 10) == Corrections(
        {"kick": EventEdits(((11.0, 0.5),), (12.0,), (11.02,))}, Tempo(120, 13.0, 3), ((14.0, 15.0),), ((10.0, 1), (16.0, 2)))
    assert before.moved(lambda time_s: time_s) == before
