"""Patches by chance, and the shipped ones: small, valid, and moved by the music."""

import pytest

from ganreact_core.patches import load_patch, patch_from_text, patch_to_text, shipped_patches
from ganreact_core.surprise import find_patch, surprise


@pytest.mark.parametrize("seed", [*range(40), -1, 10**17])
def test_every_seed_is_a_whole_patch(seed):
    patch = surprise(seed)
    assert patch == surprise(seed) and patch_from_text(patch_to_text(patch)) == patch
    assert {"kick", "snare"} <= {route.envelope for route in patch.routes}
    assert {route.envelope for route in patch.routes} == {envelope.id for envelope in patch.envelopes}


def test_another_seed_is_another_patch():
    assert len({patch_to_text(surprise(seed)) for seed in range(40)}) == 40
    assert find_patch("surprise", 3) == surprise(3) == find_patch("surprise-3") and find_patch("pulse", 3) == load_patch("pulse")


def test_all_of_them_are_shipped_and_say_what_they_do():
    shipped = shipped_patches()
    assert set(shipped) >= {"pulse", "default", "kelp", "tauceti", "temper", "ganterpretation", "loops", "surprise"}
    assert next(iter(shipped)) == "pulse" and list(shipped)[1:] == sorted(list(shipped)[1:])
    assert all(20 < len(line) < 100 for line in shipped.values()) and load_patch("surprise") == surprise(0)


@pytest.mark.parametrize("name", shipped_patches())
def test_no_envelope_is_without_use_and_no_weight_without_a_picture(name):
    patch = load_patch(name)
    chained = {step.envelope for envelope in patch.envelopes for step in envelope.chain}
    assert {envelope.id for envelope in patch.envelopes} == {route.envelope for route in patch.routes} | chained - {""}
