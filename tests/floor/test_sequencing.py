"""Keys that are written from what was heard: few, on whole frames, and doing what they say."""

import numpy as np
import pytest

from ganreact_core.catalogue import PALETTE, path_position
from ganreact_core.envelopes import FrameRange
from ganreact_core.errors import LookError
from ganreact_core.features import FeatureSet
from ganreact_core.look import Entry, Look, Path
from ganreact_core.patches import Patch, keyed_values, patch_from_text, patch_to_text, with_keys
from ganreact_core.sequencing import SequencePlan, sequence_palette, sequence_path, shuffle_keys, sparse_keys, turning_frames

PIECE = FeatureSet(100.0, 20.0, {}, {"beats": np.arange(0.3, 20, 0.5), "downbeats": np.arange(0.3, 20, 2.0),
                                     "sections": np.array([[0, 6, 0], [6, 14, 1], [14, 20, 0]]), "inflections": np.array([3.0, 11.0])})
FRAMES = FrameRange(10.0, 200)
IDS = ("a", "b", "c")
LOOK = Look(entries=tuple(Entry(i, i, n) for n, i in enumerate(IDS)), paths=(Path("p", "P", IDS),))


@pytest.mark.parametrize(("every", "count", "expected"), [("bars", 4, [0, 83, 163]), ("beats", 16, [0, 83, 163]), ("sections", 1, [0, 60, 140]),
                                                          ("inflections", 1, [0, 30, 110]), ("sections", 2, [0, 140])])
def test_turns_begin_where_the_piece_says(every, count, expected):
    assert turning_frames(PIECE, SequencePlan(every, count), FRAMES) == expected


def test_a_range_within_the_piece_keeps_the_pieces_bars():
    assert turning_frames(PIECE, SequencePlan("bars", 4), FrameRange(10.0, 100, start_s=5.0)) == [0, 33]


def played(keys, n=200):
    return keyed_values(with_keys(Patch(look=LOOK), keys, n), n)


@pytest.mark.parametrize("crossfade", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("order", ["list", "chance"])
def test_a_sequence_is_one_whole_picture_after_another(crossfade, order):
    turns = [0, 40, 80, 120, 160]
    keys = sequence_palette(IDS, turns, 200, SequencePlan("bars", 1, order, 3, crossfade))
    weights = np.stack([np.broadcast_to(played(keys).get(f"palette.{i}", 0.0), 200) for i in IDS])
    assert weights.sum(axis=0) == pytest.approx(np.ones(200), abs=1e-6)
    middles = weights[:, [20, 60, 100, 140, 180]]
    assert middles.max(axis=0) == pytest.approx(np.ones(5)), "each is the whole picture in the middle of its turn"
    who = middles.argmax(axis=0)
    assert (np.diff(who) != 0).all() and (order == "chance" or who.tolist() == [0, 1, 2, 0, 1])
    assert sum(map(len, keys.values())) <= 25, "sparse"
    if crossfade == 0:
        assert (weights[:, 40] == weights[:, 60]).all() and (weights[:, 39] == weights[:, 20]).all(), "a cut falls on the frame of the bar"


def test_a_walk_is_one_entry_further_at_each_turn_and_goes_round():
    turns = [0, 40, 80, 120, 160]
    place = played(sequence_path(LOOK.paths[0], turns, 200, SequencePlan(crossfade=1.0)))["path.p.position"]
    assert place[turns] == pytest.approx([0, 1, 2, 0, 1]) and place[60] == pytest.approx(1.5, abs=0.05) and place[119] == 3
    assert place.min() >= 0 and place.max() <= 3
    rests = played(sequence_path(LOOK.paths[0], turns, 200, SequencePlan(crossfade=0.25)))["path.p.position"]
    assert rests[60] == 1 and 1 < rests[75] < 2
    cuts = played(sequence_path(LOOK.paths[0], turns, 200, SequencePlan(crossfade=0.0)))["path.p.position"]
    assert set(np.unique(cuts)) == {0, 1, 2, 3} and cuts[79] == 1 and cuts[80] == 2


def test_shuffled_curves_all_change_places():
    keys = sequence_palette(IDS, [0, 50, 100], 150, SequencePlan())
    for seed in range(8):
        other = shuffle_keys(keys, seed)
        assert sorted(other.values(), key=str) == sorted(keys.values(), key=str) and all(other[a] != keys[a] for a in keys)


def test_a_collapsed_curve_is_followed_with_few_keys():
    t = np.arange(600) / 60
    curve = np.exp(-4 * (t % 1.0)) + 0.3 * np.sin(t)
    keys = sparse_keys(curve, PALETTE, tolerance=0.02)
    again = keyed_values(with_keys(Patch(look=LOOK), {"palette.a": keys}, 600), 600)["palette.a"]
    assert np.abs(again - curve).max() <= 0.0201 * np.ptp(curve) and len(keys) < 120
    assert len(sparse_keys(np.ones(600), PALETTE)) == 2


def test_the_jump_of_what_goes_round_stays_a_jump():
    curve = (np.arange(100) * 0.1) % 3.0
    keys = sparse_keys(curve, path_position(3))
    again = keyed_values(with_keys(Patch(look=LOOK), {"path.p.position": keys}, 100), 100)["path.p.position"]
    assert again == pytest.approx(curve, abs=0.05) and len(keys) < 12


def test_a_patch_keeps_how_its_keys_go_on():
    patch = with_keys(Patch(look=LOOK), {"palette.a": sparse_keys(np.array([0.0, 1.0, 0.0]), PALETTE)}, 3)
    assert patch_from_text(patch_to_text(patch)) == patch and patch.keys["palette.a"][0].interpolation == "linear"


@pytest.mark.parametrize("make", [lambda: SequencePlan("years"), lambda: SequencePlan(count=0), lambda: SequencePlan(crossfade=2.0),
                                  lambda: turning_frames(FeatureSet(100.0, 1.0), SequencePlan(), FRAMES),
                                  lambda: sequence_palette(("a",), [0], 10, SequencePlan()), lambda: shuffle_keys({"a": ()}, 0)])
def test_what_cannot_be_sequenced_is_refused(make):
    with pytest.raises(LookError):
        make()
