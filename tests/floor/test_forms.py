"""Forms are read off dataclasses: types, tooltips, choices; nothing is written twice."""

from __future__ import annotations

from dataclasses import dataclass, fields

from ganreact_core import catalogue
from ganreact_core.forms import FAMILIES, HIDDEN, can_be_added, fields_of, help_of, ids_in, lists, singular
from ganreact_core.look import Bend, Direction, Entry, Look, Mask, Path, addresses
from ganreact_core.patches import load_patch
from ganreact_core.routes import Route


def named(kind):
    return {field.name: field for field in fields_of(kind)}


def test_every_list_of_a_look_has_a_form():
    of_look = {f.name for f in fields(Look) if isinstance(getattr(Look(), f.name), tuple) and f.name != "size"}
    assert of_look | {"routes", "envelopes"} == set(lists())


def test_fields_know_their_kind_their_limits_and_their_tooltip():
    entry = named(Entry)
    assert entry["seed"].kind == "whole" and entry["seed"].limits[0] == 0
    assert named(Mask)["size"].limits[0] == 0 and named(Look)["size"].limits[0] == 16
    assert entry["class_"].optional and entry["class_"].label == "Class"
    assert entry["accent"].kind == "switch" and "covers the blend" in entry["accent"].help
    assert named(Path)["entries"].of == "entries" and named(Path)["entries"].kind == "members"
    assert (named(Route)["envelope"].of, named(Route)["address"].of) == ("envelopes", "addresses")


def test_choices_come_from_the_catalogue_with_their_help():
    assert named(Bend)["kind"].choices == tuple((kind, catalogue.BENDS[kind].help) for kind in catalogue.CHOICES["Bend.kind"])
    assert named(Path)["kind"].default == "spline"


def test_every_shown_field_of_a_look_has_a_tooltip():
    bare = {f"{kind.__name__}.{field.name}" for name, kind in lists().items() if name not in ("routes", "envelopes")
            for field in fields_of(kind) if not field.help}
    assert not bare


def test_a_new_field_shows_up_by_itself():
    @dataclass(frozen=True)
    class Later:
        """Made after the forms.

        id       its name
        decay_s  seconds until
                 it is gone
        """

        id: str
        decay_s: float = 0.5

    shown = fields_of(Later)[0]
    assert (shown.label, shown.kind, shown.default, shown.help) == ("Decay (s)", "number", 0.5, "seconds until it is gone")
    assert not {"id"} - HIDDEN and can_be_added(Later)


def test_what_needs_a_vector_cannot_be_added_by_a_form():
    assert not can_be_added(Direction) and can_be_added(Bend) and help_of(Direction)["sigma"]


def test_addresses_lead_back_to_their_items():
    look = load_patch("pulse").look
    for address in addresses(look):
        found = ids_in(address)
        if found and address.split(".")[0] != "truncation" and address != "noise.base":
            assert found[1] in {item.id for item in getattr(look, found[0])}
    assert set(FAMILIES.values()) <= set(lists())
    assert [singular(n) for n in ("entries", "noise_layers", "bends")] == ["entry", "noise_layer", "bend"]
