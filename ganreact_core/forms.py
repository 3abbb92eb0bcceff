"""What a form shows: the fields of a look's parts, read off their dataclasses. A new field needs nothing but itself.

A field's tooltip is its row in the docstring's table, its choices stand in `catalogue.CHOICES`. A text field named like
a list's singular ("envelope", "mask"), or a field of several texts named like a list ("entries"), chooses from that list.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import types
import typing
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .catalogue import BENDS, CHOICES, FORMATS, REWRITES
from .envelopes import EnvelopeRecipe
from .look import Look
from .routes import Route

FAMILIES = {"palette": "entries", "accent": "entries", "set": "sets", "path": "paths", "direction": "directions",
            "noise": "noise_layers", "bend": "bends", "rewrite": "rewrites", "route": "routes", "mask": "masks"}
"""Family of addresses -> the list whose ids come next in them."""

LIMITS: dict[str, tuple[float, float]] = {
    "seed": (0, (1 << 31) - 1), "class_": (-1, 100_000), "layer": (0, 63), "first": (0, 63), "last": (-1, 63),
    "loop": (0, 4096), "size": (16, 8192), "detail": (0.01, 4.0), "default": (0.0, 100.0), "amount": (-100.0, 100.0),
    "decay_s": (0.0, 60.0),
    "Mask.size": (0.0, 1000.0), "Mask.soft": (0.0, 1000.0),
    "beats": (0.01, 1e4), "phase": (0.0, 1.0), "stops": (2, 1024), "reach": (0.0, 1.0), "between": (0.0, 1.0),
    "depth": (8, 16),
}
"""Field -> what it may be, in whatever class but those named with it; others take what a form can show."""

HIDDEN = {"id", "w", "z", "vector", "sigma", "latent", "chain", "settings"}
"""Fields that no form shows: made by the program, or of a shape that wants a place of its own."""

_ALSO = {"parents": "entries"}
_WHOLE, _SMALL = (-(1 << 31), (1 << 31) - 1), (-1e6, 1e6)
_ROW = re.compile(r"(\w+(?:, \w+)*) {2,}(\S.*)")


@dataclass(frozen=True)
class Field:
    """One field as a form shows it.

    kind      text, whole, number, switch, choice, size, reference (an id of `of`) or members (several)
    default   what a new item begins with; None where it must be proposed
    choices   (value, what it does)
    of        the list it chooses from: one of `LISTS`, "envelopes" or "addresses"
    optional  may also be nothing; a whole number says so by −1
    """

    name: str
    kind: str
    help: str
    default: Any = None
    choices: tuple[tuple[str, str], ...] = ()
    limits: tuple[float, float] = _SMALL
    of: str = ""
    optional: bool = False

    @property
    def label(self) -> str:
        """Its name for people: "decay_s" -> "Decay (s)"."""
        name = self.name.rstrip("_")
        return f"{spoken(name[:-2])} (s)" if name.endswith("_s") else spoken(name)


def spoken(name: str) -> str:
    """An identifier as people read it: "noise_layers" -> "Noise layers"."""
    return name.upper() if name in FORMATS else name.replace("_", " ").capitalize()


def singular(name: str) -> str:
    """One of a list: "entries" -> "entry", "noise_layers" -> "noise_layer"."""
    return f"{name[:-3]}y" if name.endswith("ies") else name.removesuffix("s")


@lru_cache(maxsize=1)
def lists() -> dict[str, type]:
    """Every named list that an artist edits -> the dataclass of its items: those of a look, routes, envelopes."""
    hints = typing.get_type_hints(Look)
    found = {name: typing.get_args(hint)[0] for name, hint in hints.items() if typing.get_origin(hint) is tuple}
    parts: dict[str, type] = {name: kind for name, kind in found.items()
                              if isinstance(kind, type) and dataclasses.is_dataclass(kind)}
    return {**parts, "routes": Route, "envelopes": EnvelopeRecipe}


@lru_cache(maxsize=32)
def fields_of(kind: type) -> tuple[Field, ...]:
    """The fields of a dataclass that a form shows, in its own order."""
    hints, rows = typing.get_type_hints(kind), help_of(kind)
    made = (_field(kind, f, hints[f.name], rows.get(f.name, "")) for f in dataclasses.fields(kind) if f.name not in HIDDEN)
    return tuple(field for field in made if field)


def can_be_added(kind: type) -> bool:
    """Whether a form can make one: every field without a default is shown in it, but for the id."""
    shown = {field.name for field in fields_of(kind)} | {"id"}
    return all(f.name in shown or _has_default(f) for f in dataclasses.fields(kind))


@lru_cache(maxsize=32)
def help_of(kind: type) -> dict[str, str]:
    """The table in a docstring: field -> what it means; a row goes on in lines that are indented further."""
    rows: dict[str, str] = {}
    last: list[str] = []
    for line in inspect.cleandoc(kind.__doc__ or "").splitlines():
        row = _ROW.fullmatch(line)
        if row:
            last = row[1].split(", ")
            rows |= dict.fromkeys(last, row[2])
        elif line.startswith("    ") and last:
            rows |= {name: f"{rows[name]} {line.strip()}" for name in last}
        else:
            last = []
    return rows


def ids_in(address: str) -> tuple[str, str] | None:
    """(list, id) of the item that an address belongs to, or None: "palette.c.fine" -> ("entries", "c")."""
    family, _, rest = address.partition(".")
    return (FAMILIES[family], rest.partition(".")[0]) if rest and family in FAMILIES else None


def _has_default(f: dataclasses.Field) -> bool:
    return f.default is not dataclasses.MISSING or f.default_factory is not dataclasses.MISSING


def _field(kind: type, f: dataclasses.Field, hint: Any, text: str) -> Field | None:
    """A field by its type hint; None for a type that no form can show."""
    inner = typing.get_args(hint)
    optional = typing.get_origin(hint) in (typing.Union, types.UnionType)
    if optional:
        hint = next(t for t in inner if t is not type(None))
    default = f.default if f.default is not dataclasses.MISSING else None
    limits = LIMITS.get(f"{kind.__name__}.{f.name}", LIMITS.get(f.name, _WHOLE if hint is int else _SMALL))
    choices = CHOICES.get(f"{kind.__name__}.{f.name}")
    of = _list_of(f.name, hint)
    if choices:
        described = tuple((value, _choice_help(value)) for value in choices)
        return Field(f.name, "choice", text, default if default is not None else choices[0], described, optional=optional)
    if hint == tuple[str, ...]:
        return Field(f.name, "members", text, default, of=of) if of else None
    if hint == tuple[int, int]:
        return Field(f.name, "size", text, default, limits=limits)
    shown = {str: "reference" if of else "text", int: "whole", float: "number", bool: "switch"}.get(hint)
    return Field(f.name, shown, text, default, limits=limits, of=of, optional=optional) if shown else None


def _list_of(name: str, hint: Any) -> str:
    if hint == tuple[str, ...]:
        return _ALSO.get(name, name if name in lists() else "")
    if hint is not str:
        return ""
    return "addresses" if name == "address" else next((many for many in lists() if singular(many) == name), "")


def _choice_help(value: str) -> str:
    parameter = BENDS.get(value) or REWRITES.get(value)
    return parameter.help if parameter else FORMATS.get(value, "")
