"""Edits of an envelope's chain of shaping steps, as functions from hearing to hearing. No bpy."""

from __future__ import annotations

from dataclasses import replace

from ..ganreact_core.chains import COMBINATIONS, settings_of
from ..ganreact_core.envelopes import EnvelopeRecipe, Shaping
from ..ganreact_core.errors import LookError
from .documents import Hearing


def chain_of(hearing: Hearing, ident: str) -> tuple[Shaping, ...]:
    """The steps of an envelope; raises LookError where there is none of that id."""
    return _recipe(hearing, ident).chain


def step_of(hearing: Hearing, ident: str, index: int) -> Shaping:
    """One step, counted from 0."""
    chain = chain_of(hearing, ident)
    if not 0 <= index < len(chain):
        raise LookError(f"'{ident}' has {len(chain)} steps and no number {index}; choose one of the list")
    return chain[index]


def settings_shown(step: Shaping) -> dict[str, float]:
    """A step's settings as they act: those set, and the defaults of the others."""
    return {**settings_of(step.operation), **step.settings}


def add_step(hearing: Hearing, ident: str, operation: str) -> Hearing:
    """A step at the end, with its default settings; one that combines takes the first other envelope that is not made from
    this one."""
    others = [recipe.id for recipe in hearing.envelopes if ident not in _made_from(hearing, recipe.id)]
    if operation in COMBINATIONS and not others:
        raise LookError(f"there is no other envelope to combine '{ident}' with; add one first")
    step = Shaping(operation, envelope=others[0] if operation in COMBINATIONS else "")
    return _with_chain(hearing, ident, (*chain_of(hearing, ident), step))


def remove_step(hearing: Hearing, ident: str, index: int) -> Hearing:
    """Take a step out."""
    step_of(hearing, ident, index)
    return _with_chain(hearing, ident, tuple(s for n, s in enumerate(chain_of(hearing, ident)) if n != index))


def move_step(hearing: Hearing, ident: str, index: int, by: int) -> tuple[Hearing, int]:
    """Move a step up or down; returns where it is then."""
    step, chain = step_of(hearing, ident, index), list(chain_of(hearing, ident))
    now = min(max(index + by, 0), len(chain) - 1)
    chain.pop(index)
    chain.insert(now, step)
    return _with_chain(hearing, ident, tuple(chain)), now


def change_step(hearing: Hearing, ident: str, index: int, *, settings: dict[str, float] | None = None,
                envelope: str | None = None) -> Hearing:
    """Change settings of a step, or the envelope it is combined with; raises LookError for what it does not have."""
    step = step_of(hearing, ident, index)
    if envelope is not None and step.operation in COMBINATIONS and envelope not in {r.id for r in hearing.envelopes}:
        raise LookError(f"there is no envelope '{envelope}' to combine '{ident}' with; choose one of the list")
    if envelope and step.operation in COMBINATIONS and ident in _made_from(hearing, envelope):
        raise LookError(f"'{envelope}' is made from '{ident}' itself, and would go round in a circle; choose another")
    changed = replace(step, settings={**step.settings, **(settings or {})},
                      envelope=step.envelope if envelope is None else envelope)
    return _with_chain(hearing, ident, tuple(changed if n == index else s for n, s in enumerate(chain_of(hearing, ident))))


def _made_from(hearing: Hearing, ident: str) -> set[str]:
    """An envelope, those it is combined with, those these are combined with, and so on."""
    chains = {recipe.id: recipe.chain for recipe in hearing.envelopes}
    found, left = set(), [ident]
    while left:
        one = left.pop()
        if one not in found:
            found.add(one)
            left += [step.envelope for step in chains.get(one, ()) if step.envelope]
    return found


def _recipe(hearing: Hearing, ident: str) -> EnvelopeRecipe:
    recipe = next((recipe for recipe in hearing.envelopes if recipe.id == ident), None)
    if recipe is None:
        raise LookError(f"there is no envelope '{ident}'; choose one of the list")
    return recipe


def _with_chain(hearing: Hearing, ident: str, chain: tuple[Shaping, ...]) -> Hearing:
    changed = replace(_recipe(hearing, ident), chain=chain)
    return replace(hearing, envelopes=tuple(changed if recipe.id == ident else recipe for recipe in hearing.envelopes))
