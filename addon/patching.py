"""A look in the scene as a patch: its envelopes, what its sliders stand at, its keys as parts of the range."""

from __future__ import annotations

from dataclasses import replace

import bpy

from ..ganreact_core.envelopes import EnvelopeRecipe
from ..ganreact_core.patches import Key, Patch
from . import baking, controls, fcurves
from .kept_paths import whole_path

_EPSILON = 1e-6


def patch_of_look(scene: bpy.types.Scene, look_control: controls.Control) -> Patch:
    """Everything that is not the track, to be used with another."""
    patch, audio = controls.patch_of(look_control), controls.audio_of(look_control)
    frames = baking.frames_of(scene, look_control)
    values: dict[str, float] = {}
    keys: dict[str, tuple[Key, ...]] = {}
    for address, parameter in controls.parameters_of(patch).items():
        found = [Key(place, value, how) for place, value, how in fcurves.keys_within(look_control, address, frames)]
        if found:
            keys[address] = tuple(found)
        elif address in look_control and abs(look_control[address] - parameter.default) > _EPSILON:
            values[address] = float(look_control[address])
    recipes = controls.hearing_of(audio).envelopes if audio else ()
    label = patch.label or patch.look.label
    return replace(patch, label=label, envelopes=_needed(recipes, {r.envelope for r in patch.routes}), values=values, keys=keys)


def patch_to_go(scene: bpy.types.Scene, look_control: controls.Control) -> Patch:
    """The same for other files and other folders: what it names beside this .blend has its whole path."""
    patch = patch_of_look(scene, look_control)

    def whole(path: str) -> str:
        return str(whole_path(path, look_control.library)) if path.startswith("//") else path

    masks = tuple(replace(mask, file=whole(mask.file)) for mask in patch.look.masks)
    rewrites = tuple(replace(rewrite, file=whole(rewrite.file)) for rewrite in patch.look.rewrites)
    return replace(patch, look=replace(patch.look, model=whole(patch.look.model), masks=masks, rewrites=rewrites))


def _needed(recipes: tuple[EnvelopeRecipe, ...], wanted: set[str]) -> tuple[EnvelopeRecipe, ...]:
    """The envelopes that routes use, and those that these are made from."""
    named, wanted = {recipe.id: recipe for recipe in recipes}, set(wanted)
    for ident in list(wanted):
        above = [ident]
        while above:
            recipe = named.get(above.pop())
            more = {step.envelope for step in recipe.chain if step.envelope} - wanted if recipe else set()
            wanted |= more
            above += more
    return tuple(recipe for recipe in recipes if recipe.id in wanted)
