"""Bends: a field that the form leaves out changes nothing, and one that it shows can change something."""

import dataclasses

import pytest
import torch

from ganreact_core.catalogue import BENDS
from ganreact_core.look import Bend
from ganreact_core.synthesis.bending import FUNCTIONS, Manner
from ganreact_core.unread import is_read

OTHER = {"border": "zero", "level": 0.7, "seed": 5, "classic": True}


@pytest.mark.parametrize("kind", BENDS)
def test_the_form_shows_exactly_the_fields_that_act(kind):
    x = torch.randn(1, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    bend, amount = Bend("b", "B", kind, 1), {"rotate": 30.0, "swirl": 60.0}.get(kind, 0.4)
    plain = Manner(bend.border, bend.level, bend.seed, bend.classic)
    for field, value in OTHER.items():
        changed = FUNCTIONS[kind](x, amount, dataclasses.replace(plain, **{field: value}))
        same = torch.equal(changed, FUNCTIONS[kind](x, amount, plain))
        assert same != is_read("Bend", field, bend), field
