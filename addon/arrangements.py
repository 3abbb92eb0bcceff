"""Arrangements made real: a patch that an arrangement has changed -> controls, envelopes, values and keys, in one go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import bpy

from ..ganreact_core.corrections import corrected
from ..ganreact_core.errors import LookError
from ..ganreact_core.features import FeatureSet
from ..ganreact_core.patches import Patch
from ..ganreact_core.recipes import FrameRange
from ..ganreact_core.sequencing import FrameKey, Keys
from . import baking, controls, fcurves, properties
from .grouping import groups_of


@dataclass(frozen=True)
class Piece:
    """What an arrangement works on: a look, and what was heard over its frames."""

    look_control: controls.Control
    audio_control: controls.Control
    found: FeatureSet
    frames: FrameRange
    first_frame: int


def piece_of(scene: bpy.types.Scene) -> Piece:
    """The active look with its baked sound; raises LookError where nothing was heard yet."""
    look_control = controls.active_look(scene)
    audio_control = controls.audio_of(look_control) if look_control else None
    hearing = controls.hearing_of(audio_control) if audio_control else None
    if look_control is None or audio_control is None or hearing is None or not hearing.bake:
        raise LookError("this needs a look whose sound was heard; press Analyse first")
    found = corrected(baking.heard_in(hearing.features), hearing.corrections)
    whole = FrameRange(hearing.bake.fps, hearing.bake.n_frames, hearing.bake.start_s)
    return Piece(look_control, audio_control, found, whole, hearing.bake.first_frame)


def arrange(scene: bpy.types.Scene, edit: Callable[[Patch], Patch]) -> None:
    """Apply an arrangement to the active look: new envelopes are baked, changed values set where nothing is keyed."""
    look_control = controls.active_look(scene)
    audio_control = controls.audio_of(look_control) if look_control else None
    if look_control is None or audio_control is None:
        raise LookError("this needs a look with a sound; choose one first")
    hearing, patch = controls.hearing_of(audio_control), controls.patch_of(look_control)
    values = {address: float(look_control[address]) for address in controls.parameters_of(patch) if address in look_control}
    made = edit(replace(patch, envelopes=hearing.envelopes, values=values))
    fresh = {recipe.id for recipe in made.envelopes if recipe not in hearing.envelopes}
    heard = replace(hearing, envelopes=made.envelopes)
    again = baking.remade(heard, fresh) if fresh else {}  # first: what cannot be made changes nothing
    controls.store_hearing(audio_control, heard)
    baking.write_remade(audio_control, again)
    controls.store_patch(look_control, replace(made, envelopes=()))
    for address, value in made.values.items():
        if address in values and value != values[address] and fcurves.curve_of(look_control, address) is None:
            look_control[address] = value
    baking.write_patch_keys(scene, look_control, made)
    look_control.update_tag()
    properties.refresh(scene)


def write_keys(piece: Piece, keys: Keys) -> int:
    """Keys in place of what was keyed at their addresses; returns how many."""
    group_of = groups_of(controls.patch_of(piece.look_control))
    for address, curve in keys.items():
        points = [(piece.first_frame + key.frame, key.value, key.interpolation) for key in curve]
        if points:
            fcurves.write_keys(piece.look_control, address, points, instead=True, group=group_of(address),
                               action_name=f"GANReact · {piece.look_control.name}")
        else:
            fcurves.remove_curves(piece.look_control, [address])
    return sum(map(len, keys.values()))


def keys_at(piece: Piece, addresses: list[str]) -> Keys:
    """The keys that stand at these addresses now; those without any are left out."""
    found = {address: fcurves.keys_of(piece.look_control, address) for address in addresses}
    return {address: tuple(FrameKey(round(frame) - piece.first_frame, value, word) for frame, value, word in keys)
            for address, keys in found.items() if keys}
