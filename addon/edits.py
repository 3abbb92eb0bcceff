"""Structural edits of a look, as functions from patch to patch. No bpy: `controls.store_patch` makes them real."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ..ganreact_core.catalogue import BENDS
from ..ganreact_core.envelopes import EnvelopeRecipe
from ..ganreact_core.errors import LookError
from ..ganreact_core.look import Bend, Entry, Look, NoiseLayer, addresses
from ..ganreact_core.naming import slug
from ..ganreact_core.patches import Patch
from ..ganreact_core.routes import Route

LISTS = ("entries", "noise_layers", "bends")
"""The named lists of a look that an artist adds to."""


def add_entry(patch: Patch, label: str, seed: int, *, accent: bool = False) -> Patch:
    """A new palette entry at the end of the list; an empty label becomes "Seed 7"."""
    label = label.strip() or f"Seed {seed}"
    entry = Entry(slug(label, ids_of(patch, "entries"), fallback="entry"), label, seed, accent=accent)
    return _with(patch, "entries", (*patch.look.entries, entry))


def add_bend(patch: Patch, kind: str, layer: int, label: str = "") -> Patch:
    """A new bend at its neutral value."""
    if kind not in BENDS:
        raise LookError(f"there is no bend '{kind}'; choose one of {', '.join(BENDS)}")
    label = label.strip() or kind.replace("_", " ").capitalize()
    bend = Bend(slug(label, ids_of(patch, "bends"), fallback="bend"), label, kind, layer)
    return _with(patch, "bends", (*patch.look.bends, bend))


def add_noise_layer(patch: Patch, label: str, seed: int) -> Patch:
    """A new noise layer on all of the network's layers, at strength 0."""
    label = label.strip() or "Noise"
    layer = NoiseLayer(slug(label, {*ids_of(patch, "noise_layers"), "base"}, fallback="noise"), label, seed)
    return _with(patch, "noise_layers", (*patch.look.noise_layers, layer))


def add_route(patch: Patch, envelope: str, address: str, *, mode: str = "add", amount: float = 1.0) -> Patch:
    """A new route; its id says what leads where."""
    if address not in addresses(patch.look):
        raise LookError(f"this look has no parameter '{address}'; choose one of its own")
    taken = {route.id for route in patch.routes}
    ident = slug(f"{envelope}-{address.split('.', 1)[-1].replace('.', '-')}", taken, fallback="route")
    return replace(patch, routes=(*patch.routes, Route(ident, "", envelope, address, mode, amount)))


def remove_item(patch: Patch, kind: str, ident: str) -> Patch:
    """Take an entry, noise layer, bend or route out, with every route that led to it and every set that named it."""
    if kind == "routes":
        return replace(patch, routes=tuple(route for route in patch.routes if route.id != ident))
    left = tuple(item for item in getattr(patch.look, kind) if item.id != ident)
    sets = patch.look.sets
    if kind == "entries":
        sets = tuple(replace(s, entries=tuple(e for e in s.entries if e != ident)) for s in sets)
    return _with_look(patch, replace(_changed(patch.look, kind, left), sets=sets))


def rename_item(patch: Patch, kind: str, ident: str, label: str) -> Patch:
    """Give it another label; its id, and with that its address, stays."""
    if not label.strip():
        raise LookError("a name cannot be empty; type one")
    items = patch.routes if kind == "routes" else getattr(patch.look, kind)
    renamed = tuple(replace(item, label=label.strip()) if item.id == ident else item for item in items)
    return replace(patch, routes=renamed) if kind == "routes" else _with(patch, kind, renamed)


def change_item(patch: Patch, kind: str, ident: str, **changes: object) -> Patch:
    """Change settings of one entry, noise layer or bend: a seed, a layer."""
    items = tuple(replace(item, **changes) if item.id == ident else item for item in getattr(patch.look, kind))
    return _with_look(patch, _changed(patch.look, kind, items))


def ids_of(patch: Patch, kind: str) -> set[str]:
    """The ids of one of the look's lists."""
    return {item.id for item in getattr(patch.look, kind)}


def merge_envelopes(existing: tuple[EnvelopeRecipe, ...], patch: Patch) -> tuple[tuple[EnvelopeRecipe, ...], Patch]:
    """Recipes of the audio control and of a patch as one list, and the patch with its routes led to the right ones.

    An equal recipe is shared. A different one with a taken id comes in under a new id.
    """
    merged, renamed = {recipe.id: recipe for recipe in existing}, {}
    for recipe in patch.envelopes:
        if recipe.id in merged and merged[recipe.id] != recipe:
            renamed[recipe.id] = slug(recipe.id, set(merged))
        merged[renamed.get(recipe.id, recipe.id)] = replace(recipe, id=renamed.get(recipe.id, recipe.id))
    routes = tuple(replace(route, envelope=renamed.get(route.envelope, route.envelope)) for route in patch.routes)
    return tuple(merged.values()), replace(patch, envelopes=(), routes=routes)


def envelopes_in_use(patches: Iterable[Patch]) -> set[str]:
    """The envelopes that any route of these looks starts from."""
    return {route.envelope for patch in patches for route in patch.routes}


def _with(patch: Patch, kind: str, items: tuple) -> Patch:
    return replace(patch, look=_changed(patch.look, kind, items))


def _changed(look: Look, kind: str, items: tuple[Any, ...]) -> Look:
    fields: dict[str, Any] = {kind: items}
    return replace(look, **fields)


def _with_look(patch: Patch, look: Look) -> Patch:
    """The patch with this look, less the routes that would lead nowhere."""
    known = addresses(look)
    return replace(patch, look=look, routes=tuple(r for r in patch.routes if r.address in known))
