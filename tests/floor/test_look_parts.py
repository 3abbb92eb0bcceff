"""Parts of a look: what Blender's forms read off them, and what they refuse."""

import dataclasses
import re

import pytest

from ganreact_core import look_parts
from ganreact_core.catalogue import CHOICES
from ganreact_core.errors import LookError
from ganreact_core.look import Entry, Look, Path
from ganreact_core.look_parts import class_shares
from ganreact_core.routes import Route

PARTS = [kind for kind in (*vars(look_parts).values(), Look, Route) if dataclasses.is_dataclass(kind) and kind.__module__ != "ganreact_core.catalogue"]


@pytest.mark.parametrize("kind", PARTS)
def test_every_field_is_explained(kind):
    explained = re.findall(r"^    (\w+)  +\S", kind.__doc__, re.MULTILINE)
    assert set(explained) >= {f.name for f in dataclasses.fields(kind)}


def test_choices_name_fields_that_exist():
    known = {f"{kind.__name__}.{f.name}" for kind in PARTS for f in dataclasses.fields(kind)}
    assert {name for name in CHOICES if name.split(".")[0] in {k.__name__ for k in PARTS}} <= known


@pytest.mark.parametrize(("text", "expected"), [("207:0.7 88:0.3", {207: 0.7, 88: 0.3}), ("1, 2", {1: 0.5, 2: 0.5}), ("5:3", {5: 1.0})])
def test_a_mixture_of_classes_is_read(text, expected):
    assert class_shares(text) == pytest.approx(expected)


@pytest.mark.parametrize("make", [
    lambda: Entry("e", "", -1), lambda: Entry("e", "", 0, classes="dog"), lambda: Entry("e", "", 0, classes="1:-1"), lambda: Entry("e", "", 0, classes="1:nan"),
    lambda: Entry("e", "", 0, parents=("a",)), lambda: Look(entries=(Entry("e", "", 0, parents=("a", "b")),)),
    lambda: Look(entries=(Entry("a", "", 0, parents=("b", "c")), Entry("b", "", 0, parents=("a", "c")), Entry("c", "", 0))),
    lambda: Look(entries=(Entry("a", "", 0, parents=("a", "a")),)),
    lambda: Path("p", "", kind="wander", stops=1), lambda: Path("p", "", kind="circle", reach=2.0)])
def test_what_cannot_be_is_refused(make):
    with pytest.raises(LookError):
        make()


def test_a_mix_of_mixes_is_allowed_and_a_walk_by_chance_needs_no_entries():
    entries = (Entry("c", "", 0, parents=("a", "b")), Entry("a", "", 1), Entry("b", "", 2), Entry("d", "", 0, parents=("c", "a")))
    assert Look(entries=entries, paths=(Path("p", "", kind="wander"),)).paths[0].length == 8
