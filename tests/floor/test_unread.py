"""Fields that a form leaves out are fields that change nothing; a kind nobody has described shows everything."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from ganreact_core import look, look_parts, look_regions
from ganreact_core.catalogue import BENDS, CHOICES, REWRITES
from ganreact_core.forms import fields_of, lists
from ganreact_core.masks import shape_weights
from ganreact_core.unread import UNREAD, is_read


def test_every_row_names_a_class_a_field_and_values_that_are_there():
    for name, conditions in UNREAD.items():
        kind, _, field = name.partition(".")
        cls = getattr(look_parts, kind, None) or getattr(look_regions, kind, None) or getattr(look, kind)
        assert field in {f.name for f in fields_of(cls)}, name
        for other, values in conditions:
            assert set(values) <= set(CHOICES[f"{kind}.{other}"]), (name, set(values) - set(CHOICES[f"{kind}.{other}"]))


def test_a_mask_of_a_shape_reads_what_is_shown_and_nothing_else():
    places = np.linspace(0, 1, 9)
    for kind in ("circle", "gradient", "split"):
        mask = look_regions.Mask("m", "M", kind, angle=30.0)
        before = shape_weights(mask, places, places, 1.0)
        for field, value in {"x": 0.3, "y": 0.2, "size": 0.6, "angle": 80.0, "soft": 0.3}.items():
            same = np.array_equal(shape_weights(dataclasses.replace(mask, **{field: value}), places, places, 1.0), before)
            assert same != is_read("Mask", field, mask), (kind, field)


def test_a_part_of_the_maps_shows_its_share_and_its_seed():
    zoom = look_parts.Bend("z", "Z", "zoom", 2)
    assert not any(is_read("Bend", name, zoom) for name in ("part", "cluster", "seed", "level"))
    part = dataclasses.replace(zoom, maps="part")
    assert is_read("Bend", "part", part) and is_read("Bend", "seed", part)
    assert is_read("Bend", "seed", dataclasses.replace(zoom, kind="noise"))


def test_a_kind_that_nobody_described_shows_everything():
    strange = SimpleNamespace(kind="unheard of", maps="some")
    assert all(is_read("Bend", f.name, strange) for f in fields_of(lists()["bends"]))


@pytest.mark.parametrize("kind", [*BENDS, *REWRITES])
def test_what_every_kind_has_is_always_read(kind):
    name = "Bend" if kind in BENDS else "Rewrite"
    assert is_read(name, "label", SimpleNamespace(kind=kind, maps="all"))
