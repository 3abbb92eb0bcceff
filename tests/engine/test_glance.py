"""Glances: the same picture as a frame of a bundle, a picture a row, nothing prepared twice."""

import json

import numpy as np
import pytest

pytest.importorskip("torch")

from ganreact_core.bundle import create_bundle
from ganreact_core.engine import jobs
from ganreact_core.errors import Cancelled, LookError, UsageError
from ganreact_core.look import Entry, Look
from ganreact_core.models import EMBEDDED, model_sha256
from ganreact_core.serial import to_plain
from ganreact_core.table import evaluate

LOOK = Look(size=(64, 64), entries=(Entry("a", "A", 1), Entry("b", "B", 2)))
ROWS = [{"palette.a": 1.0}, {"palette.b": 1.0}]


@pytest.fixture
def desk():
    it = jobs.Desk()
    it.seen = []
    it.picture = it.seen.append
    return it


def ask(desk, look=LOOK, text="", **more):
    asked = {"look": text or json.dumps(to_plain(look)), "sha256": model_sha256(EMBEDDED), "rows": ROWS, "device": "cpu", **more}
    assert jobs.glance(asked, desk) == {}
    return desk.seen


def test_a_glance_is_the_picture_that_would_be_rendered(desk, tmp_path):
    table = evaluate(LOOK, (), {"palette.a": 1.0}, {}, n_frames=1, fps=24.0)
    create_bundle(tmp_path, LOOK, table, model_sha256(EMBEDDED))
    jobs.preview({"bundle": str(tmp_path), "frame": 1, "device": "cpu"}, desk)
    a, b = ask(desk)[1:]
    assert (a == desk.seen[0]).all() and a.ndim == 3
    assert np.abs(a.astype(int) - b).mean() > 5


def test_a_rough_glance_is_as_large_shows_the_same_and_is_not_mixed_up_with_the_sharp_one(desk):
    sharp, other = ask(desk)
    rough, _ = ask(desk, rough=True)[2:]
    again, _ = ask(desk)[4:]
    assert rough.shape == sharp.shape and not (rough == sharp).all() and (again == sharp).all()
    like, unlike = (np.corrcoef(rough.ravel(), one.ravel().astype(float))[0, 1] for one in (sharp, other))
    assert like > 0.8 and like > unlike + 0.15


def test_a_network_that_makes_colours_only_at_its_end_is_never_rough(desk):
    import copy
    from types import SimpleNamespace

    from ganreact_core.synthesis import load_generator

    generator = copy.copy(load_generator("embedded"))
    assert generator.sketch(4) is not None and generator.sketch(16) is None
    generator.config = SimpleNamespace(architecture="resnet", resolution=128)
    assert generator.sketch(4) is None


def test_a_look_is_prepared_once_and_few_are_kept(desk):
    ask(desk)
    maker = next(iter(desk.makers.values()))
    ask(desk)
    assert list(desk.makers.values()) == [maker]
    for seed in range(5):
        ask(desk, Look(size=(64, 64), entries=(Entry("a", "A", seed), Entry("b", "B", 9))))
    assert len(desk.makers) == 4


def test_a_long_look_comes_as_a_file(desk, tmp_path):
    (tmp_path / "look.json").write_text(json.dumps(to_plain(LOOK)))
    assert len(ask(desk, text=f"@{tmp_path / 'look.json'}")) == 2


def test_it_stops_between_two_pictures(desk):
    desk.cancelled = lambda: len(desk.seen) > 0
    with pytest.raises(Cancelled):
        ask(desk)
    assert len(desk.seen) == 1


def test_nonsense_is_told(desk):
    with pytest.raises(UsageError):
        ask(desk, rows=[])
    with pytest.raises(LookError):
        ask(desk, text="{}{")
