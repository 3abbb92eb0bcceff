"""GANterpretations: right timing by default, the reference's own on request."""

import numpy as np
import pytest

from ganreact_core.envelopes import FrameRange
from ganreact_core.errors import InputFileError, LookError
from ganreact_core.features import FeatureSet
from ganreact_core.ganterpretations import interpret, plan, plan_classic, plan_from_table, read_table, table_of
from ganreact_core.look import Entry, Look
from ganreact_core.patches import Patch, keyed_values

PIECE = FeatureSet(100.0, 10.0, {"variation": np.ones(1000, np.float32)}, {"inflections": np.array([2.0, 6.0])})
FRAMES = FrameRange(10.0, 100)
NAMES = ("marble", "lava", "ink", "neon")
CLASSES = ("marble", "nebula", "lava", "ink", "great white shark, white shark")


def test_a_category_is_reached_at_its_inflection_point():
    found = plan(PIECE, NAMES, FRAMES)
    assert found.categories == NAMES
    assert found.position[[0, 20, 60, 99]] == pytest.approx([0, 1, 2, 3], abs=0.03) and found.position[40] == pytest.approx(1.5)


def test_missing_categories_are_drawn_by_seed_and_too_many_left_away():
    drawn = [plan(PIECE, ("marble",), FRAMES, seed=s, pool=CLASSES).categories for s in (1, 1, 2, 3)]
    assert drawn[0] == drawn[1] and len(set(drawn)) > 1 and all(len(d) == 4 and d[0] == "marble" for d in drawn)
    assert plan(PIECE, NAMES * 2, FRAMES).categories == NAMES
    assert all(0 <= int(n) < 1000 for n in plan(PIECE, (), FRAMES).categories)


def test_between_two_points_the_share_of_the_variation_counts():
    rising = FeatureSet(100.0, 10.0, {"variation": np.repeat([0.0, 1.0], 500).astype(np.float32)}, {"inflections": np.zeros(0)})
    position = plan(rising, ("a", "b"), FRAMES).position
    assert position[:50].max() < 0.01 and position[75] == pytest.approx(0.5, abs=0.02)


def test_the_classic_timing_is_one_category_early_and_an_image_late():
    # a = [1, 2, 1]: alphas .25, .75, 1; image k shows alpha k - 1, and the first image has taken a category away
    points, alphas = [0, 2, 3], np.array([0.25, 0.75, 1.0])
    frames = FrameRange(1000 / 128, 4, start_s=128 / 1000)
    assert plan_classic(points, alphas, 1000, NAMES, frames).position == pytest.approx([1, 1.25, 2, 2], abs=1e-6)


def test_it_makes_sparse_keys_on_a_path_through_classes():
    made = interpret(Patch(), plan(PIECE, NAMES, FRAMES), classes=CLASSES)
    assert [(e.label, e.class_) for e in made.look.entries] == [("marble", 0), ("lava", 2), ("ink", 3), ("neon", None)]
    assert len({e.seed for e in made.look.entries}) == 4 and made.values["path.categories.mix"] == 1
    played = keyed_values(made, 100)["path.categories.position"]
    assert played == pytest.approx(plan(PIECE, NAMES, FRAMES).position, abs=0.02) and len(made.keys["path.categories.position"]) < 8


def test_a_held_z_is_the_same_for_every_class_and_words_have_pictures_of_their_own():
    made = interpret(Patch(), plan(PIECE, ("White Shark", "3", "ocean", "ocean"), FRAMES), z="held", classes=CLASSES, seed=5)
    shark, three, ocean = made.look.entries
    assert (shark.class_, three.class_, shark.seed, three.seed) == (4, 3, 5, 5) and ocean.class_ is None and ocean.seed != 5
    again = interpret(Patch(), plan(PIECE, ("ocean",) * 4, FRAMES), classes=CLASSES)
    assert again.look.entries[0].seed == ocean.seed, "the same word is the same picture"


def test_a_picture_of_the_palette_is_taken_by_its_name():
    patch = Patch(look=Look(entries=(Entry("x1", "Ocean", 77),)))
    assert [e.id for e in interpret(patch, plan(PIECE, ("ocean", "x1", "ocean", "x1"), FRAMES)).look.entries] == ["x1"]


def test_a_table_of_times_and_names_sets_the_points(tmp_path):
    (tmp_path / "words.csv").write_text("time;name\n0;sea\n0:03;fire\n 7,5 ;x\n".replace(" 7,5 ;x", "7.5;sea"), encoding="utf-8")
    rows = read_table(tmp_path / "words.csv")
    assert rows == [(0, "sea"), (3, "fire"), (7.5, "sea")]
    found = plan_from_table(PIECE, rows, FRAMES)
    assert found.position[[0, 30, 75]] == pytest.approx([0, 1, 2], abs=1e-6) and found.categories == ("sea", "fire", "sea", "sea")


@pytest.mark.parametrize("text", ["", "time,name", "1", "1,\n", "a,b\nc,d", "-1,x", "1:2:3:4,x", f"1,{'x' * 200_000}"], ids=lambda text: text[:12] or "nothing")
def test_a_table_without_sense_is_refused(text):
    with pytest.raises(InputFileError):
        table_of(text)


def test_an_unknown_z_is_refused():
    with pytest.raises(LookError):
        interpret(Patch(), plan(PIECE, NAMES, FRAMES), z="wild")
