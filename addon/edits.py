"""Structural edits of a look, as functions from patch to patch. No bpy: `controls.store_patch` makes them real."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, TypeVar

from ..ganreact_core.catalogue import CHANCE_PATHS
from ..ganreact_core.errors import LookError
from ..ganreact_core.forms import fields_of, ids_in, lists, singular, spoken
from ..ganreact_core.look import Look, addresses
from ..ganreact_core.naming import slug
from ..ganreact_core.patches import Patch
from ..ganreact_core.routes import route_parameters

T = TypeVar("T")
_OF_LOOK = {f.name for f in dataclasses.fields(Look)}


def items_of(holder: Any, kind: str) -> tuple[Any, ...]:
    """A named list: of a patch (its look's lists, its routes) or of a hearing (its envelopes)."""
    return getattr(holder.look if kind in _OF_LOOK and hasattr(holder, "look") else holder, kind)


def item_of(holder: Any, kind: str, ident: str) -> Any:
    """One item of a list; raises LookError where there is none of that id."""
    found = next((item for item in items_of(holder, kind) if item.id == ident), None)
    if found is None:
        raise LookError(f"there is no {spoken(singular(kind)).lower()} '{ident}'; choose one in the list")
    return found


def ids_of(holder: Any, kind: str) -> set[str]:
    """The ids of one list."""
    return {item.id for item in items_of(holder, kind)}


def proposed(holder: Any, kind: str) -> dict[str, Any]:
    """What a new item of this list begins with: field -> value, for every field that a form shows."""
    entries = tuple(e.id for e in holder.look.entries if not e.accent) if hasattr(holder, "look") else ()
    seeds = [item.seed for item in items_of(holder, kind) if hasattr(item, "seed")]
    special = {"label": "", "entries": entries, "seed": max(seeds, default=0) + 1, "layer": 3, "name": "kick",
               "source": "feature", "parents": ()}
    made = {field.name: field.default if field.default is not None or field.optional else special.get(field.name, "")
            for field in fields_of(lists()[kind])}
    return {**made, "entries": entries} if "entries" in made else made


def add(holder: T, kind: str, /, **given: Any) -> T:
    """A new item at the end of a list; fields that are not given are proposed, and so is the label."""
    values = proposed(holder, kind) | given
    if kind == "paths" and values["kind"] in CHANCE_PATHS and "entries" not in given:
        values["entries"] = ()  # it draws its own
    ident = _id_for(holder, kind, values)
    if kind == "routes" and values["address"] not in addresses(holder.look):
        raise LookError(f"this look has no parameter '{values['address']}'; choose one of its own")
    item = lists()[kind](id=ident, **values)
    return with_items(holder, kind, (*items_of(holder, kind), item))


def change_item(holder: T, kind: str, ident: str, /, **changes: Any) -> T:
    """Change fields of one item; its id, and with that its addresses, stay."""
    if not str(changes.get("label", "x")).strip() and kind != "routes":
        raise LookError("a name cannot be empty; type one")
    old = item_of(holder, kind, ident)
    new = replace(old, **changes)
    items = tuple(new if item is old else item for item in items_of(holder, kind))
    if kind == "entries" and new.accent:
        holder = _out_of_groups(holder, ident, set(lists()) - {"entries"})
    return with_items(holder, kind, items)


def duplicate_item(holder: T, kind: str, ident: str) -> tuple[T, str]:
    """A copy right after an item, under a new id, and the routes that lead to it once more; returns the copy's id too."""
    old = item_of(holder, kind, ident)
    label = f"{old.label} copy" if old.label else ""
    new = replace(old, id=slug(label or ident, _taken(holder, kind), fallback=singular(kind)), label=label)
    items = [two for item in items_of(holder, kind) for two in ((item, new) if item is old else (item,))]
    made: Any = with_items(holder, kind, tuple(items))
    for route in getattr(holder, "routes", ()) if kind != "routes" else ():
        if ids_in(route.address) == (kind, ident):
            address = twin_of(route.address, new.id)
            copied = replace(route, id=_route_id(made, route.envelope, address), label="", address=address)
            made = replace(made, routes=(*made.routes, copied))
    return made, new.id


def twin_of(address: str, ident: str) -> str:
    """The same parameter of another item: ("palette.c.fine", "d") -> "palette.d.fine"."""
    family, _, rest = address.partition(".")
    return ".".join([family, ident, *rest.split(".")[1:]])


_asked: list[tuple[Patch, dict[tuple[str, str], list[str]]]] = []


def addresses_of(patch: Patch, kind: str, ident: str) -> list[str]:
    """The parameters of one item, in the look's order."""
    if not (_asked and _asked[0][0] is patch):  # lists ask for every row at every drawing, of the same patch
        found: dict[tuple[str, str], list[str]] = {}
        for address in (*addresses(patch.look), *route_parameters(patch.routes)):
            found.setdefault(ids_in(address), []).append(address)
        _asked[:] = [(patch, found)]
    return list(_asked[0][1].get((kind, ident), ()))


def move_item(holder: T, kind: str, ident: str, by: int) -> T:
    """Move an item up (−1) or down (1) in its list; at the end it stays."""
    items = list(items_of(holder, kind))
    at = items.index(item_of(holder, kind, ident))
    items.insert(min(max(at + by, 0), len(items) - 1), items.pop(at))
    return with_items(holder, kind, tuple(items))


def remove_item(holder: T, kind: str, ident: str) -> T:
    """Take one item out, with every route that led to it; an entry also leaves the sets and paths that name it."""
    gone = item_of(holder, kind, ident)
    if kind == "entries":
        holder = _out_of_groups(holder, ident)
    return with_items(holder, kind, tuple(item for item in items_of(holder, kind) if item.id != gone.id))


def with_items(holder: T, kind: str, items: tuple[Any, ...]) -> T:
    """The holder with another list, less the routes that would lead nowhere."""
    changed: dict[str, Any] = {kind: items}
    if not (kind in _OF_LOOK and isinstance(holder, Patch)):
        return replace(holder, **changed)  # type: ignore[type-var]
    look = replace(holder.look, **changed)
    return replace(holder, look=look, routes=tuple(r for r in holder.routes if r.address in addresses(look)))


def _out_of_groups(patch: Any, ident: str, kinds: Iterable[str] = tuple(lists())) -> Any:
    """Take an entry out of every set, path and mix; what cannot be without it goes."""
    changed = {}
    for kind in kinds:
        fields = [f.name for f in fields_of(lists()[kind]) if f.kind == "members" and f.of == "entries"]
        if kind in _OF_LOOK and fields:
            without = (_without(item, field, ident) for item in getattr(patch.look, kind) for field in fields)
            changed[kind] = tuple(item for item in without if item is not None)
    look = replace(patch.look, **changed)
    return replace(patch, look=look, routes=tuple(r for r in patch.routes if r.address in addresses(look)))


def _without(item: Any, field: str, ident: str) -> Any:
    """An item that no longer names an entry; one that needs more names none; one that needs some is None."""
    if ident not in getattr(item, field):
        return item
    for left in (tuple(e for e in getattr(item, field) if e != ident), ()):
        with contextlib.suppress(LookError):
            return replace(item, **{field: left})
    return None


def _id_for(holder: Any, kind: str, values: dict[str, Any]) -> str:
    """An id from the label, which is proposed where it is empty: "Seed 7", "Zoom", "Walk"."""
    if kind == "routes":
        return _route_id(holder, values["envelope"], values["address"])
    named = f"Seed {values['seed']}" if kind == "entries" else str(values.get("kind") or values.get("name") or singular(kind))
    values["label"] = values["label"].strip() or spoken(named)
    return slug(values["label"], _taken(holder, kind), fallback=singular(kind).replace("_", "-"))


def _route_id(patch: Any, envelope: str, address: str) -> str:
    return slug(f"{envelope}-{address.split('.', 1)[-1].replace('.', '-')}", ids_of(patch, "routes"), fallback="route")


def _taken(holder: Any, kind: str) -> set[str]:
    return ids_of(holder, kind) | ({"base"} if kind == "noise_layers" else set())
