"""Notes, tables and other sounds beside the sound: added to an audio control, with first envelopes that listen to them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import bpy

from ..ganreact_core.envelopes import EnvelopeRecipe
from ..ganreact_core.errors import InputFileError, LookError
from ..ganreact_core.features import FeatureSet
from ..ganreact_core.naming import slug
from . import baking, controls
from .documents import Beside

Control = bpy.types.Object
_MOST = 8


def remember(control: Control, one: Beside) -> tuple[Beside, int]:
    """Put a file beside the sound, or read it again; a new one comes with first envelopes. Returns it, and how many."""
    hearing = controls.hearing_of(control)
    found = baking.heard_in(one.features)
    same = next((other for other in hearing.beside if other.file == one.file), None)
    if same:
        one = replace(one, id=same.id, label=same.label, frame=same.frame)
        others = tuple(one if other == same else other for other in hearing.beside)
        controls.store_hearing(control, replace(baking.collected(control), beside=others))
        return one, 0
    one = replace(one, id=slug(one.label, {other.id for other in hearing.beside}, fallback="clip"))
    recipes = _first_envelopes(one, found, {recipe.id for recipe in hearing.envelopes})
    controls.store_hearing(control, replace(baking.collected(control), beside=(*hearing.beside, one),
                                            envelopes=(*hearing.envelopes, *recipes)))
    return one, len(recipes)


def remove(control: Control, ident: str) -> None:
    """Take a file away, with the envelopes that listen to it."""
    hearing = controls.hearing_of(control)
    one_of(control, ident)
    controls.store_hearing(control, replace(
        hearing, beside=tuple(one for one in hearing.beside if one.id != ident),
        envelopes=tuple(recipe for recipe in hearing.envelopes if recipe.material != ident)))


def place(control: Control, ident: str, frame: float) -> None:
    """Let it begin at a scene frame."""
    hearing, moved = controls.hearing_of(control), replace(one_of(control, ident), frame=frame)
    controls.store_hearing(control, replace(hearing, beside=tuple(moved if one.id == ident else one for one in hearing.beside)))
    baking.rebake(control, {recipe.id for recipe in hearing.envelopes if recipe.material == ident})


def one_of(control: Control, ident: str) -> Beside:
    """A file beside the sound by its id."""
    found = next((one for one in controls.hearing_of(control).beside if one.id == ident), None)
    if found is None:
        raise LookError(f"there is no file '{ident}' beside the sound; choose one of the list")
    return found


def require_file(path: Path) -> None:
    """Raises InputFileError where there is none."""
    if not path.is_file():
        raise InputFileError(f"there is no file '{path.name}'; choose it again")


def _first_envelopes(one: Beside, found: FeatureSet, taken: set[str]) -> list[EnvelopeRecipe]:
    """How hard is played and each note as a hit, for notes; a column each, for a table; the level, for a sound."""
    wanted = {"midi": [("feature", "velocity"), ("events", "notes")], "sound": [("feature", "loudness")]}.get(
        found.kind, [("feature", name) for name in found.channels()[:_MOST]])
    made: list[EnvelopeRecipe] = []
    for source, name in wanted:
        ident = slug(f"{one.id}-{name}", taken | {recipe.id for recipe in made})
        made.append(EnvelopeRecipe(ident, f"{one.label}: {name}", source, name, material=one.id))
    return made
