"""Sections and passages as envelopes, on made-up pieces whose answer is known."""

import numpy as np
import pytest

from ganreact_core.corrections import Corrections, corrected, spans_of
from ganreact_core.envelopes import EnvelopeRecipe, FrameRange, make_envelope, make_envelopes
from ganreact_core.errors import LookError
from ganreact_core.features import FeatureSet
from ganreact_core.section_sources import chosen_sections, passage, section_name

RATE = 100.0
LOUDNESS = np.repeat([0.1, 0.9, 0.2, 0.8], 250).astype(np.float32)
CHROMA = np.zeros((1000, 12), np.float32)
CHROMA[:, 7], CHROMA[:, 2], CHROMA[500:, 11], CHROMA[:5, 4] = 1.0, 0.8, 0.9, 1.0
PIECE = FeatureSet(RATE, 10.0, {"rms": LOUDNESS, "variation": np.linspace(0, 1, 1000).astype(np.float32), "chroma": CHROMA},
                   {"sections": np.array([[0, 2.5, 0], [2.5, 5, 1], [5, 7.5, 0], [7.5, 10, 4]]), "inflections": np.array([4.0, 6.0]),
                    "beats": np.arange(0.5, 10, 0.5)})
FRAMES = FrameRange(20.0, 200)


def section(name, crossfade_s=0.0):
    return make_envelope(EnvelopeRecipe("s", "", "sections", name, decay_s=crossfade_s), PIECE, FRAMES)


@pytest.mark.parametrize(("name", "inside"), [("A", [0, 2]), ("B", [1]), ("C", []), ("E", [3]), ("A/2", [0, 2, 3]), ("B/2", [1]), ("B/3", [1, 3]),
                                              ("#3", [2]), ("#9", []), ("loud", [1, 3]), ("quiet", [0, 2])])
def test_a_section_is_one_inside_and_nothing_outside(name, inside):
    assert section(name).tolist() == np.repeat([float(n in inside) for n in range(4)], 50).tolist()


def test_labels_add_up_to_one_in_the_crossfade_too():
    parts = [section(name, 1.0) for name in ("A", "B", "E")]
    assert sum(parts) == pytest.approx(np.ones(200), abs=1e-6)
    assert parts[0][50] == pytest.approx(0.5) and 0 < parts[0][55] < 0.5 and parts[0][60] == 0, "half a second on either side"


@pytest.mark.parametrize("name", ["", "b", "A/", "#", "verse", "A/0"])
def test_sections_of_no_meaning_are_refused_or_empty(name):
    if name == "A/0":
        assert section(name)[0] == 1
        return
    with pytest.raises(LookError, match="sections are not called"):
        section(name)


def test_every_label_has_a_name_that_means_it_alone():
    spans = np.array([[k, k + 1, k] for k in range(120)], float)
    found = FeatureSet(100.0, 120.0, {}, {"sections": spans})
    for label in range(120):
        assert np.flatnonzero(chosen_sections(section_name(label), spans, found)).tolist() == [label]


def test_a_passage_counts_events_and_follows_the_variation_between_them():
    at = np.array([0.0, 4.0, 6.0, 10.0])
    assert passage(PIECE, "inflections", at) == pytest.approx([0, 1, 2, 3])
    half = passage(PIECE, "inflections", np.array([2.0]))[0]
    assert half == pytest.approx(0.25, abs=0.02), "variation rises: half the time has a quarter of it"
    assert passage(PIECE, "beats", np.array([0.75]))[0] == pytest.approx(1.5), "time, where no curve leads"


def test_a_passage_comes_round_without_a_step():
    curve = make_envelope(EnvelopeRecipe("p", "", "passage", "inflections", beats=2.0), PIECE, FRAMES)
    turned = np.exp(2j * np.pi * curve)
    assert np.abs(np.diff(turned)).max() < 0.4 and curve[0] == 0 and np.ptp(curve) > 0.9


def test_the_strongest_pitches_are_kept_in_pitch_order():
    recipes = tuple(EnvelopeRecipe(f"n{k}", "", "feature", f"chroma_top3_0{k}") for k in range(3))
    found = make_envelopes(recipes, PIECE, FRAMES)
    assert [found[f"n{k}"][-1] > 0 for k in range(3)] == [True, True, True] and found["n2"][0] == 0, "D, G, B"
    assert np.array_equal(PIECE.channel("chroma_top3_00"), CHROMA[:, 2]) and np.array_equal(PIECE.channel("chroma_02"), CHROMA[:, 2])


@pytest.mark.parametrize(("rows", "expected"), [([(0, "intro"), (4, "drop"), (8, "Intro")], [[0, 4, 0], [4, 8, 1], [8, 10, 0]]),
                                                ([(3, "C"), (1, "A")], [[0, 3, 0], [3, 10, 2]]), ([(2, "verse")], [[0, 10, 0]]),
                                                ([(0, "a1"), (5, "b"), (12, "c")], [[0, 5, 0], [5, 12, 1]])])
def test_sections_set_by_hand_stand_instead_of_those_heard(rows, expected):
    assert corrected(PIECE, Corrections(spans=spans_of(rows))).events["sections"].tolist() == expected
