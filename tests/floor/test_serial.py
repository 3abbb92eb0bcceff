"""JSON that people write by hand: what is wrong is told in words of JSON, not of Python."""

import json
from pathlib import Path

import pytest

from ganreact_core.errors import LookError
from ganreact_core.look import Look
from ganreact_core.patches import load_patch, patch_from_text, patch_to_page, shipped_patches
from ganreact_core.routes import Route
from ganreact_core.serial import from_plain, to_page


@pytest.mark.parametrize("kind, plain, says", [
    (Route, {"envelope": "kick"}, "Route lacks 'id'; it has id, label, envelope"),
    (Route, {"id": "r", "label": "R", "envelope": "kick", "address": "a", "amount": "0,5"}, "'amount' should be a number, not '0,5'"),
    (Route, {"id": "r", "label": "R", "envelope": "kick", "address": "a", "mute": 1}, "'mute' should be true or false, not 1"),
    (Look, {"size": [512]}, r"'size' should be a list of 2 values, not \[512\]"),
    (Look, {"entries": {}}, "'entries' should be a list, not {}"),
    (Look, {"seed": 1.5}, "'seed' should be a whole number, not 1.5"),
    (Look, {"canvas": 3}, "canvas should be an object with mode"),
])
def test_a_field_that_is_wrong_is_named_in_plain_words(kind, plain, says):
    with pytest.raises(LookError, match=says):
        from_plain(kind, plain)


@pytest.mark.parametrize("name", sorted(shipped_patches()))
def test_a_patch_to_be_changed_by_hand_is_a_table_of_its_routes_and_the_same_patch(name):
    patch = load_patch(name)
    lines = patch_to_page(patch).splitlines()
    assert patch_from_text("\n".join(lines)) == patch
    assert sum(line.startswith('  {"id"') and '"amount": ' in line and '"address": ' in line for line in lines) == len(patch.routes)


def test_a_page_breaks_where_a_line_is_full_and_numbers_stay_together():
    plain = {"few": [1, 2], "things": [{"a": "x" * 70}, {"b": "y" * 70}, {}], "many": list(range(300)), "none": {}}
    page = to_page(plain)
    assert json.loads(page) == plain
    assert [line.strip()[:7] for line in page.splitlines()] == ["{", '"few": ', '"things', '{"a": "', '{"b": "', "{}", "],", '"many":', '"none":', "}"]


def test_the_lines_of_the_page_on_patches_can_be_added():
    page = (Path(__file__).resolve().parents[2] / "docs" / "patches.md").read_text(encoding="utf-8")
    bend, route = (json.loads(line) for line in page.splitlines() if line.startswith("{"))
    plain = json.loads(patch_to_page(load_patch("pulse")))
    plain["look"]["bends"].append(bend)
    plain["routes"].append(route)
    patch = patch_from_text(json.dumps(plain))
    assert patch.routes[-1].address == f"bend.{patch.look.bends[-1].id}" and patch.routes[-1].envelope in {e.id for e in patch.envelopes}
