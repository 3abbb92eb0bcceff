"""Structural edits of a look, as functions from patch to patch. No bpy: `controls.store_patch` makes them real."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..ganreact_core.catalogue import BENDS, REWRITES
from ..ganreact_core.envelopes import EnvelopeRecipe
from ..ganreact_core.errors import LookError
from ..ganreact_core.look import Bend, Entry, Look, NoiseLayer, Path, Rewrite, addresses
from ..ganreact_core.naming import slug
from ..ganreact_core.patches import Patch
from ..ganreact_core.routes import Route

LISTS = ("entries", "paths", "directions", "noise_layers", "bends", "rewrites")
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


def add_rewrite(patch: Patch, kind: str, layer: int, seed: int) -> Patch:
    """A new rewrite at strength 0."""
    if kind not in REWRITES:
        raise LookError(f"there is no rewrite '{kind}'; choose one of {', '.join(REWRITES)}")
    label = kind.replace("_", " ").capitalize()
    rewrite = Rewrite(slug(label, ids_of(patch, "rewrites"), fallback="rewrite"), label, kind, layer, seed)
    return _with(patch, "rewrites", (*patch.look.rewrites, rewrite))


def add_path(patch: Patch, label: str, kind: str) -> Patch:
    """A new path through every blended picture of the palette, in list order, not mixed in yet."""
    label = label.strip() or "Walk"
    entries = tuple(entry.id for entry in patch.look.entries if not entry.accent)
    walk = Path(slug(label, ids_of(patch, "paths"), fallback="path"), label, entries, kind)
    return _with(patch, "paths", (*patch.look.paths, walk))


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
    """Take one item out, with every route that led to it; an entry also leaves the sets and paths that name it."""
    if kind == "routes":
        return replace(patch, routes=tuple(route for route in patch.routes if route.id != ident))
    left = tuple(item for item in getattr(patch.look, kind) if item.id != ident)
    look = patch.look
    if kind == "entries":
        sets = tuple(replace(s, entries=tuple(e for e in s.entries if e != ident)) for s in look.sets)
        walks = [(p, tuple(e for e in p.entries if e != ident)) for p in look.paths]
        left = tuple(replace(e, parents=()) if ident in e.parents else e for e in left)
        look = replace(look, sets=sets, paths=tuple(replace(p, entries=kept) for p, kept in walks
                                          if len(kept) > 1 or p.by_chance))
    return _with_look(patch, _changed(look, kind, left))


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

    An equal recipe is shared. A different one with a taken id, or one made from it, comes in under a new id.
    """
    merged = {recipe.id: recipe for recipe in existing}
    renamed: dict[str, str] = {}
    for own in _sources_first(patch.envelopes):
        chain = tuple(replace(step, envelope=renamed.get(step.envelope, step.envelope)) for step in own.chain)
        recipe = replace(own, chain=chain)
        if merged.get(recipe.id, recipe) != recipe:
            renamed[recipe.id] = slug(recipe.id, set(merged))
        ident = renamed.get(recipe.id, recipe.id)
        merged[ident] = replace(recipe, id=ident)
    routes = tuple(replace(route, envelope=renamed.get(route.envelope, route.envelope)) for route in patch.routes)
    return tuple(merged.values()), replace(patch, envelopes=(), routes=routes)


def _sources_first(recipes: tuple[EnvelopeRecipe, ...]) -> list[EnvelopeRecipe]:
    """Recipes in such an order that each comes after those it is combined with."""
    left, ordered = {recipe.id: recipe for recipe in recipes}, []

    def add(recipe: EnvelopeRecipe) -> None:
        if left.pop(recipe.id, None):
            for step in recipe.chain:
                if step.envelope in left:
                    add(left[step.envelope])
            ordered.append(recipe)

    for recipe in recipes:
        add(recipe)
    return ordered


def _with(patch: Patch, kind: str, items: tuple) -> Patch:
    return replace(patch, look=_changed(patch.look, kind, items))


def _changed(look: Look, kind: str, items: tuple[Any, ...]) -> Look:
    fields: dict[str, Any] = {kind: items}
    return replace(look, **fields)


def _with_look(patch: Patch, look: Look) -> Patch:
    """The patch with this look, less the routes that would lead nowhere."""
    known = addresses(look)
    return replace(patch, look=look, routes=tuple(r for r in patch.routes if r.address in known))
