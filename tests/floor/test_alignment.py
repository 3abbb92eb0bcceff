"""Two recordings of one piece lie on each other: a longer intro, a cut, a louder master."""

import numpy as np
import pytest

from ganreact_core.alignment import TimeMap, align
from ganreact_core.features import FeatureSet

RATE = 50.0


def piece(seconds=60.0, seed=0):
    """Hits and harmony that never repeat: (times, chroma [n, 12])."""
    random = np.random.default_rng(seed)
    times = np.cumsum(random.uniform(0.2, 0.9, int(seconds)))
    chroma = np.repeat(random.random((int(seconds), 12)), int(RATE), axis=0)
    return times[times < seconds], chroma


def recording(times, chroma):
    kick = np.zeros(len(chroma), np.float32)
    kick[np.round(times * RATE).astype(int)] = 1.0
    return FeatureSet(RATE, len(chroma) / RATE, {"kick": kick, "chroma": chroma.astype(np.float32)}, {"kick": times})


def after_intro(seconds):
    times, chroma = piece()
    strange_times, strange = piece(seconds, seed=9)
    return recording(np.concatenate([strange_times[strange_times < seconds], times + seconds]), np.concatenate([strange, chroma]))


def test_a_longer_intro_is_an_offset():
    found = align(recording(*piece()), after_intro(7.0))
    assert found.moved(np.array([0.0, 30.0, 59.0])) == pytest.approx([7.0, 37.0, 66.0], abs=0.005)
    assert found.known(np.array([30.0])).all() and not found.is_plain


def test_the_same_is_where_it_was():
    assert align(recording(*piece()), recording(*piece())).is_plain


def test_what_was_cut_out_falls_on_the_cut():
    times, chroma = piece()
    kept = np.concatenate([chroma[:int(25 * RATE)], chroma[int(37 * RATE):]])
    left = np.concatenate([times[times < 25], times[times >= 37] - 12])
    found = align(recording(times, chroma), recording(left, kept))
    assert found.moved(np.array([20.0, 50.0])) == pytest.approx([20.0, 38.0], abs=0.05)
    assert found.moved(np.array([31.0])) == pytest.approx([25.0], abs=0.1)
    assert found.known(np.array([20.0, 31.0, 50.0])).tolist() == [True, False, True]


def test_another_piece_is_not_known():
    assert not align(recording(*piece()), recording(*piece(seed=5))).known(np.arange(60.0)).any()


def test_silence_has_no_place():
    silence = FeatureSet(RATE, 20.0, {"kick": np.zeros(1000, np.float32), "chroma": np.zeros((1000, 12), np.float32)})
    assert np.isfinite(align(silence, silence).offsets_s).all()


def test_a_time_map_is_straight_between_and_beyond_its_points():
    found = TimeMap(np.array([0.0, 10.0, 20.0]), np.array([5.0, 25.0, 30.0]))
    assert found(np.array([-1.0, 0.0, 5.0, 15.0, 22.0])).tolist() == [3.0, 5.0, 15.0, 27.5, 31.0]
    assert found.slopes.tolist() == [2.0, 0.5]
    assert TimeMap(np.array([3.0]), np.array([4.0]))(7.0) == 8.0


def cut(seconds):
    times, chroma = piece()
    return recording(times[times < seconds], chroma[:round(seconds * RATE)])


NOTES = FeatureSet(100.0, 60.0, {"hat": np.ones(6000, np.float32)}, {"notes": np.zeros((0, 3))}, kind="midi")


@pytest.mark.parametrize(("old", "new"), [(60, 0), (0, 60), (0, 0), (60, 0.1), (60, 1.5), (60, 3), (0.1, 60), (3, 60), (60, NOTES), (NOTES, 60)])
def test_what_cannot_be_compared_moves_nothing_and_is_not_known(old, new):
    recordings = [one if isinstance(one, FeatureSet) else cut(one) for one in (old, new)]
    found = align(*recordings)
    moments = np.array([0.0, 1.0, recordings[0].duration_s])
    assert np.isfinite(found.moved(moments)).all() and len(found.known(moments)) == 3
    if min(one.duration_s for one in recordings) < 1 or NOTES in recordings:
        assert found.is_plain and not found.known(moments).any()
