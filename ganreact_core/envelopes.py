"""Source -> envelope: at the frame rate, in 0…1, shaped; all memory ends here.

Frame i (from 0) of a range shows the sound from i / fps to (i + 1) / fps seconds after the range's start.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np

from .chains import COMBINATIONS, OPERATIONS
from .errors import LookError
from .features import NOTHING, FeatureSet
from .recipes import EnvelopeRecipe, FrameRange, Shaping
from .sources import READERS

__all__ = ["COMBINATIONS", "OPERATIONS", "EnvelopeRecipe", "FrameRange", "Placed", "Shaping", "make_envelope", "make_envelopes"]


@dataclass(frozen=True)
class Placed:
    """A material beside the sound: notes, a table or another sound, and where its own time begins.

    at_s   the moment of the sound at which the material begins
    """

    found: FeatureSet
    at_s: float = 0.0


@dataclass
class _Making:
    """What is being made: recipes by id, what they listen to, and the curves so far, over the whole sound."""

    recipes: dict[str, EnvelopeRecipe]
    materials: dict[str, Placed]
    frames: FrameRange
    curves: dict[str, np.ndarray] = field(default_factory=dict)


def make_envelope(recipe: EnvelopeRecipe, found: FeatureSet, frames: FrameRange) -> np.ndarray:
    """Bake one recipe that needs no other: float32 [n_frames], finite, in 0…1, zero for silence."""
    return make_envelopes((recipe,), found, frames)[recipe.id]


def make_envelopes(recipes: tuple[EnvelopeRecipe, ...], found: FeatureSet, frames: FrameRange,
                   materials: Mapping[str, Placed] | None = None, *,
                   wanted: Collection[str] | None = None) -> dict[str, np.ndarray]:
    """Recipes: id -> float32 [n_frames].

    wanted   ids of those to be made; None is all

    Shaping runs over the whole sound and the range is cut out at the end: an envelope does not depend on where a
    render starts. Raises LookError for a recipe that listens to a material that is not there.
    """
    whole, first = frames.over_the_whole(found.duration_s)
    making = _Making({recipe.id: recipe for recipe in recipes}, {**(materials or {}), "": Placed(found)}, whole)
    made = [recipe for recipe in recipes if wanted is None or recipe.id in wanted]
    for recipe in made:
        _add_curve(recipe, making)
    shown = first + np.arange(frames.n_frames)
    inside, place = (shown >= 0) & (shown < whole.n_frames), np.clip(shown, 0, whole.n_frames - 1)
    return {recipe.id: np.where(inside, making.curves[recipe.id][place], 0.0).astype(np.float32) for recipe in made}


def _add_curve(recipe: EnvelopeRecipe, making: _Making) -> None:
    """Make a curve over the whole sound, and those that it is combined with before it."""
    curves, frames = making.curves, making.frames
    if recipe.id in curves:
        return
    curves[recipe.id] = np.zeros(frames.n_frames)  # what a circle of recipes finds
    curve = _source(recipe, making)
    silent = not curve.any()
    for step in recipe.chain:
        if step.operation in OPERATIONS:
            curve = OPERATIONS[step.operation](curve, frames.fps, **step.settings)
            continue
        if step.envelope not in making.recipes:
            raise LookError(f"envelope '{recipe.id}' is combined with '{step.envelope}', which is not there; "
                              "add it, or choose another")
        _add_curve(making.recipes[step.envelope], making)
        curve = COMBINATIONS[step.operation](curve, curves[step.envelope], **step.settings)
        silent = silent and step.operation != "highest"
    curves[recipe.id] = np.zeros(frames.n_frames) if silent else np.clip(np.nan_to_num(curve), 0.0, 1.0)


def _source(recipe: EnvelopeRecipe, making: _Making) -> np.ndarray:
    if recipe.material not in making.materials:
        raise LookError(f"envelope '{recipe.id}' listens to '{recipe.material}', which is not there; add that file first")
    placed = making.materials[recipe.material]
    if placed.found is NOTHING:
        return np.zeros(making.frames.n_frames)
    return READERS[recipe.source](recipe, placed.found, making.frames.later_by(placed.at_s))
