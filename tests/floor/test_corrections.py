"""What an artist corrects stays corrected when the sound is heard again."""

import numpy as np
import pytest

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
