"""Steps, the points between them, and how clips become one piece."""

import dataclasses
import json

import numpy as np
import pytest

from ganreact_core.errors import LookError, UsageError
from ganreact_core.steps import Piece, Step, piece_from_text, piece_to_text, points_of, positions, slerp
from ganreact_core.stitching import Loudness, Stitcher, check_envelope, envelope_of, length_of, overlaid

WALK = Piece(tuple(Step((v,)) for v in (0.0, 1.0, 3.0)), between=2)


def test_points_between_steps_are_the_papers():
    np.testing.assert_allclose(points_of(WALK).sliders[:, 0], [0, 1 / 3, 2 / 3, 1, 5 / 3, 7 / 3, 3])
    for n in (1, 2, 5):
        for m in (0, 1, 4):
            assert len(positions(n, m)) == n + (n - 1) * m


@pytest.mark.parametrize(("rule", "between", "expected"), [
    ("classic", 4, [0, .25, .5, .75, 1, 1.5, 2, 2.5, 3]), ("classic", 1, [0, 1, 3]), ("classic", 0, [0, 1, 3]),
    ("classic_z", 2, [0, .5, 1, 1, 2, 3, 3]), ("classic_z", 0, [0, 1, 3])])
def test_the_published_programs_counted_otherwise(rule, between, expected):
    found = points_of(dataclasses.replace(WALK, rule=rule, between=between))
    np.testing.assert_allclose(found.sliders[:, 0], expected)


def test_great_circles():
    a, b = np.array([1.0, 0, 0]), np.array([0, 2.0, 0])
    np.testing.assert_allclose(slerp(0.25, a, b), [0.92388, 0.76537, 0], atol=1e-5)
    np.testing.assert_allclose(slerp(0.5, a, b), [0.70711, 1.41421, 0], atol=1e-5)
    np.testing.assert_allclose(slerp(0.5, np.zeros(3), b), [0, 1, 0])
    np.testing.assert_allclose(slerp(0.5, b, b), b)
    piece = Piece((Step((1.0,)), Step((0.0, 2.0))), between=1, interpolation="slerp")
    np.testing.assert_allclose(points_of(piece).sliders[1], [0.70711, 1.41421], atol=1e-5)


def test_points_know_their_seeds_and_times():
    found = points_of(Piece((Step(seed=4), Step(seed=9)), between=1, spacing_s=0.25))
    assert found.seeds.tolist() == [[4, 4], [4, 9], [9, 9]] and found.between.tolist() == [0, 0.5, 0]
    assert found.at_s.tolist() == [0, 0.25, 0.5]
    timed = Piece((Step(at_s=2.0), Step(at_s=3.0), Step(at_s=7.0)), between=1)
    assert points_of(timed).at_s.tolist() == [0, 0.5, 1, 3, 5]
    with pytest.raises(LookError, match="order of their times"):
        points_of(Piece((Step(at_s=2.0), Step(at_s=1.0))))


def test_the_envelope_is_the_published_one():
    shape = envelope_of(Piece(trim_s=0.1, attack_s=0.5, sustain_s=0.5, release_s=0.5), 16_000)
    assert len(shape) == 25_600 and shape.dtype == np.float32
    assert shape[[1600, 25_599]].tolist() == [0, 0] and shape[[9599, 9600, 17_599, 17_600]].tolist() == [1] * 4
    assert not shape[:1600].any()
    assert len(envelope_of(Piece(attack_s=0.29, sustain_s=0.0, release_s=0.0), 16_000)) == 4640  # 0.29·100 is a hair below 29


@pytest.mark.parametrize(("piece", "said"), [
    (Piece(sustain_s=3.01), "longer than a clip of 4 s"), (Piece(attack_s=0, sustain_s=0, release_s=0), "last 0 s")])
def test_envelopes_that_cannot_be(piece, said):
    check_envelope(Piece(sustain_s=3.0), 4.0)
    with pytest.raises(UsageError, match=said):
        check_envelope(piece, 4.0)


def made(piece, clips, rate=1000):
    points = points_of(piece)
    stitcher = Stitcher(piece, points, rate, 4.0)
    return np.concatenate(list(stitcher.blocks(clips))), stitcher


def test_a_tail_ends_where_nothing_more_is_heard():
    heard, sound = Loudness(), np.zeros(5000, np.float32)
    sound[100], sound[1000], sound[3000] = -0.8, 0.002, 0.0005
    for block in np.split(sound, 5):
        heard.hear(block)
    assert heard.peak == pytest.approx(0.8) and heard.length == 5000
    assert heard.kept(1000, trim_tail=False) == 5000 and heard.kept(1000, trim_tail=True) == 1001 + 20
    signed = Loudness(signed=True)
    signed.hear(sound)
    assert signed.peak == pytest.approx(0.002)


def test_a_piece_has_the_published_length_and_overlap():
    piece = dataclasses.replace(WALK, attack_s=0.01, sustain_s=1.0, release_s=0.01)
    clips = [np.ones(4000, np.float32)] * 7
    sound, stitcher = made(piece, clips)
    assert len(sound) == int(0.2 * 8 + 4) * 1000 and not stitcher.silent
    expected = np.zeros(len(sound))
    shape = envelope_of(piece, 1000)
    for k in range(7):
        expected[200 * k:200 * k + len(shape)] += 0.5 * shape
    np.testing.assert_allclose(sound, expected, atol=1e-6)


def test_no_clip_is_cut_at_the_end_unless_as_published():
    piece = Piece((Step(), Step()), between=0, spacing_s=0.3, attack_s=0.1, sustain_s=3.8, release_s=0.1)
    points = points_of(piece)
    assert length_of(piece, points, 1000, 4.0) == 4300
    classic = dataclasses.replace(piece, rule="classic")
    assert length_of(classic, points, 1000, 4.0) == 4000


def test_silent_clips_stay_silent_and_are_told():
    clips = [np.ones(4000, np.float32), np.zeros(4000, np.float32), np.full(4000, np.nan, np.float32)]
    sound, stitcher = made(Piece((Step(),) * 3, between=0), clips)
    assert stitcher.silent == [2, 3] and np.isfinite(sound).all() and sound.max() == pytest.approx(0.5)


def test_a_piece_of_any_length_keeps_only_what_still_sounds():
    seen = []

    def grains():
        for k in range(50):
            seen.append(k)
            yield 100_000 * k, np.ones(200_000, np.float32)

    blocks = overlaid(grains(), 6_000_000)
    first = [next(blocks) for _ in range(4)]
    assert len(seen) < 6 and all(len(b) <= 1 << 16 for b in first)
    whole = np.concatenate([*first, *blocks])
    assert len(whole) == 6_000_000 and whole[:100_000].max() == 1 and set(whole[150_000:5_000_000]) == {2.0} and whole[-1] == 0


def test_pieces_are_strict_json():
    piece = Piece((Step((1.0, -2.0), seed=3, label="Bell"), Step()), between=3, rule="classic", pitch=48.0)
    assert piece_from_text(piece_to_text(piece)) == piece
    assert piece_from_text("[[0], [1, 2.5]]").steps == (Step((0.0,)), Step((1.0, 2.5)))
    assert piece_from_text(json.dumps({"steps": [[1]], "between": 4})).between == 4


@pytest.mark.parametrize(("text", "said"), [
    ("{", "no JSON"), ("3", "no piece"), ('{"steps": []}', "at least one step"), ('{"format": "other"}', "no piece"), ("[]", "at least one step"),
    ('{"steps": [[0]], "speed": 2}', "unknown field 'speed'"), ('{"steps": [["a"]]}', "values"), ('{"version": 9}', "newer"),
    ('{"rule": "best"}', "rule is 'best'"), ('{"attack_s": -1}', "attack_s is -1"), ('{"between": -1}', "between is -1")])
def test_what_is_no_piece_is_one_sentence(text, said):
    with pytest.raises(LookError, match=said):
        piece_from_text(text)
