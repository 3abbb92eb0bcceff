"""Two patches' parts beside each other in one: envelopes that are alike are shared, ids that are taken get a number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .envelopes import EnvelopeRecipe
from .forms import fields_of, ids_in, lists
from .look import Look
from .naming import slug
from .patches import Patch


def with_free_ids(patch: Patch, beside: Look, routes: set[str]) -> Patch:
    """A patch whose parts have other ids than those of a look and than these routes; all that names them goes along."""
    ids: dict[tuple[str, str], str] = {}
    for kind in _kinds():
        ids |= _free_in(kind, [item.id for item in getattr(patch.look, kind)], {item.id for item in getattr(beside, kind)})
    ids |= _free_in("routes", [route.id for route in patch.routes], routes)
    parts: dict[str, Any] = {kind: tuple(_renamed(item, kind, ids) for item in getattr(patch.look, kind)) for kind in _kinds()}
    moved = tuple(replace(route, id=ids["routes", route.id], address=_readdressed(route.address, ids))
                  for route in patch.routes)
    return replace(patch, look=replace(patch.look, **parts), routes=moved,
                   values={_readdressed(address, ids): value for address, value in patch.values.items()},
                   keys={_readdressed(address, ids): keys for address, keys in patch.keys.items()})


def _free_in(kind: str, own: list[str], taken: set[str]) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for ident in own:
        found[kind, ident] = slug(ident, taken | set(own) - {ident} | set(found.values()))
    return found


def _kinds() -> list[str]:
    return [kind for kind in lists() if kind not in ("routes", "envelopes")]


def _renamed(item: Any, kind: str, ids: Mapping[tuple[str, str], str]) -> Any:
    changed: dict[str, Any] = {"id": ids[kind, item.id]}
    kind_of_item: Any = type(item)
    for field in fields_of(kind_of_item):
        told = getattr(item, field.name)
        if field.kind == "members":
            changed[field.name] = tuple(ids[field.of, one] for one in told)
        elif field.kind == "reference" and told:
            changed[field.name] = ids.get((field.of, told), told)
    return replace(item, **changed)


def _readdressed(address: str, ids: Mapping[tuple[str, str], str]) -> str:
    found = ids_in(address)
    if found not in ids or found is None:
        return address
    family, _, rest = address.partition(".")
    return ".".join([family, ids[found], *rest.split(".")[1:]])


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
