"""Several looks as one: each has its say in its sections, and between them they cross over.

All parts of all looks stand in the one look that is made, and an envelope for each says how much of it is there: it weighs
its pictures as a set, covers with its paths, and lets its bends, noise and rewrites act. So everything can be edited
afterwards, and outside the crossfades a frame costs little more than that of one look.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .arranging import with_envelope, with_route
from .catalogue import ROUTE, Parameter
from .envelopes import EnvelopeRecipe, Shaping
from .errors import LookError
from .joining import merge_envelopes, with_free_ids
from .look import Look, PaletteSet, addresses
from .naming import slug
from .patches import Key, Patch
from .routes import Route
from .section_sources import spelled_sections

_MOST = 12
_OF_ALL = ("truncation", "transform", "noise.base")
_LISTS = ("entries", "sets", "paths", "directions", "noise_layers", "bends", "rewrites", "masks", "clusters")


def switched(patches: Sequence[Patch], sections: Sequence[str] = (), *, crossfade_s: float = 2.0) -> Patch:
    """Patches -> one that shows each of them in its own sections; size, canvas and network are those of the first.

    sections      for each patch but the first, when it is shown: "B", "loud" … as section envelopes are named; the first
                  is shown elsewhere. None: the first in sections A, the second in B, and from A again
    crossfade_s   half before a boundary and half after it
    """
    if not 2 <= len(patches) <= _MOST:
        raise LookError(f"{len(patches)} looks cannot be switched between; give 2 to {_MOST} looks")
    if sections and len(sections) != len(patches) - 1:
        raise LookError(f"{len(patches)} looks with sections for {len(sections)}: the first is shown where no other is, "
                        f"so give {len(patches) - 1}, or none")
    for name in sections:
        spelled_sections(name)
    strangers = {patch.look.model for patch in patches}
    if len(strangers) > 1:
        raise LookError("these looks are drawn by different networks; choose one network for all of them first")
    first = patches[0].look
    nothing: dict[str, Any] = {name: () for name in _LISTS}
    made = Patch(label=" / ".join(patch.label or patch.look.label for patch in patches),
                 help="Another look in every kind of section",
                 look=replace(first, id=slug(f"{first.id}-switched"), label=f"{first.label} switched",
                              **nothing))
    made, levels = _with_levels(made, len(patches), sections, crossfade_s)
    whole = {address: _value(patches[0], address, parameter) for address, parameter in addresses(made.look).items()}
    for patch, level in zip(patches, levels, strict=True):
        made = _with_look(made, patch, level, whole)
    return made


def _with_levels(made: Patch, count: int, sections: Sequence[str], crossfade_s: float) -> tuple[Patch, list[str]]:
    """An envelope for each look; they add up to 1 where no two of those named cross over."""
    names = [f"{chr(ord('A') + n)}/{count}" for n in range(count)] if not sections else ["", *sections]
    levels: dict[int, str] = {}
    for n in range(count - 1, -1, -1):
        name = names[n] or names[1]
        chain = () if names[n] else (Shaping("invert"), *(Shaping("duck", envelope=levels[k]) for k in range(2, count)))
        label = f"Look {n + 1}"
        recipe = EnvelopeRecipe(f"look-{n + 1}", label, "sections", name, decay_s=crossfade_s, chain=chain)
        made, levels[n] = with_envelope(made, recipe)
    return made, [levels[n] for n in range(count)]


def _with_look(made: Patch, patch: Patch, level: str, whole: Mapping[str, float]) -> Patch:
    """One more look inside."""
    envelopes, own = merge_envelopes(made.envelopes, with_free_ids(patch, made.look, {route.id for route in made.routes}))
    made = replace(made, envelopes=envelopes)
    sets = own.look.sets or _as_set(own, made.look)
    look = replace(own.look, sets=sets)
    before = addresses(made.look)
    parts: dict[str, Any] = {name: (*getattr(made.look, name), *getattr(look, name)) for name in _LISTS}
    made = replace(made, look=replace(made.look, **parts))
    kept = {a: v for a, v in own.values.items() if a not in before}
    parameters = addresses(look)
    keys = {a: k for a, k in own.keys.items() if a not in made.keys and not (a in parameters and _is_added(a, parameters[a]))}
    made = replace(made, values={**made.values, **kept}, keys={**made.keys, **keys})
    for route in own.routes:
        made = _with_gated_route(made, route, level, parameters)
    for address, parameter in parameters.items():
        if address.startswith("set.") or (_is_gated(address) and parameter.neutral == 0.0):
            made = with_route(made, level, address, mode="multiply")
        elif _is_added(address, parameter):
            stands = own.keys.get(address, (Key(0.0, _value(own, address, parameter)),))
            made = _added(made, address, stands, level, whole.get(address, parameter.neutral))
    return made


def _added(made: Patch, address: str, stands: Sequence[Key], level: str, rest: float) -> Patch:
    """A parameter where its look has it while that is shown; else at rest, where it does nothing or the first look has it.

    Of keys the difference from there is keyed, as the amount of the route that brings it; one route alone can bring no more
    than the catalogue's range of amounts.
    """
    made = replace(made, values={**made.values, address: rest})
    furthest = max(abs(key.value - rest) for key in stands)
    shares = math.ceil(furthest / ROUTE.maximum)
    for _ in range(shares):
        amounts = tuple(replace(key, value=(key.value - rest) / shares) for key in stands)
        made = with_route(made, level, address, amount=amounts[0].value)
        made = replace(made, keys={**made.keys, made.routes[-1].amount_address: amounts}) if len(stands) > 1 else made
    return made


def _with_gated_route(made: Patch, route: Route, level: str, parameters: Mapping[str, Parameter]) -> Patch:
    """A route as it is where its parameter fades with the look anyway; else one whose envelope fades with it."""
    parameter = parameters[route.address]
    fades = route.address.startswith(("set.", "palette.")) or (_is_gated(route.address) and parameter.neutral == 0.0)
    recipe = next((r for r in made.envelopes if r.id == route.envelope), None)
    if recipe is not None and not fades and (_is_gated(route.address) or route.address.startswith(_OF_ALL)):
        faded = (Shaping("product", envelope=level),)
        chain = faded if route.mode == "add" else (Shaping("invert"), *faded, Shaping("invert"))  # 1 is what changes nothing
        label = f"{recipe.label} in {level}"
        made, ident = with_envelope(made, replace(recipe, id=slug(label), label=label, chain=(*recipe.chain, *chain)))
        route = replace(route, envelope=ident)
    return replace(made, routes=(*made.routes, route))


def _is_added(address: str, parameter: Parameter) -> bool:
    """Whether it fades to where it rests by adding: to what is not 0, or to what another look has."""
    return (_is_gated(address) and parameter.neutral != 0.0) or address.startswith(_OF_ALL)


def _is_gated(address: str) -> bool:
    """Whether it is how much something is there; places, phases and weights of pictures only say what it is like."""
    family, _, rest = address.partition(".")
    return family in ("accent", "direction", "bend", "rewrite") or (family == "path" and rest.endswith(".mix")) or (
        family == "noise" and rest.endswith(".strength"))


def _as_set(patch: Patch, beside: Look) -> tuple[PaletteSet, ...]:
    """All blended pictures of a look that has no sets."""
    blended = tuple(entry.id for entry in patch.look.entries if not entry.accent)
    label = patch.label or patch.look.label
    return (PaletteSet(slug(label, {s.id for s in beside.sets}, fallback="look"), label, blended),) if blended else ()


def _value(patch: Patch, address: str, parameter: Parameter) -> float:
    return float(patch.values.get(address, parameter.default))
