"""From what was heard to F-curves, and from F-curves to the table: the two directions between Blender and the core."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import bpy
import numpy as np

from ..ganreact_core.corrections import corrected
from ..ganreact_core.envelopes import EnvelopeRecipe, Placed, make_envelopes
from ..ganreact_core.errors import LookError
from ..ganreact_core.features import NOTHING, FeatureSet, load_features
from ..ganreact_core.joining import merge_envelopes
from ..ganreact_core.look import addresses
from ..ganreact_core.patches import Patch
from ..ganreact_core.table import Table, evaluate
from . import controls, events, fcurves, hallu
from .documents import Bake, Beside, Hearing
from .grouping import groups_of
from .stepping import read_stepping
from .strips import fps_of

Control = bpy.types.Object


@dataclass(frozen=True)
class Evaluated:
    """A table, and how each control was read: control's name -> why it had to be stepped, or "" for its curves alone."""

    table: Table
    ways: dict[str, str]


def add_look(scene: bpy.types.Scene, patch: Patch, audio_control: Control) -> Control:
    """A look control from a patch: its envelopes join those of the audio control, its keys span the baked range."""
    hearing = controls.hearing_of(audio_control)
    recipes, patch = merge_envelopes(hearing.envelopes, patch)
    controls.store_hearing(audio_control, replace(hearing, envelopes=recipes))
    look_control = controls.create_look_control(scene, patch, audio_control)
    write_patch_keys(scene, look_control, patch)
    return look_control


def bake(audio_control: Control, where: Bake, features: str = "", *, fresh: bool = False) -> list[str]:
    """Make every envelope and write it as samples; keys made by hand stay. Returns envelopes that were left alone.

    Events that are shown as keys are read before, and written again where they are then.

    features    path of a feature set; empty takes the one of the last bake
    fresh       the keys of events were read already: what the control knows is ahead of them
    """
    controls.require_local(audio_control)
    hearing = controls.hearing_of(audio_control) if fresh else collected(audio_control)
    path = features or hearing.features
    found = corrected(heard_in(path), hearing.corrections)
    hearing = replace(hearing, features=path, bake=where)
    kept = write_envelopes(audio_control, _unlocked(make(hearing, hearing.envelopes, found), hearing), where.first_frame)
    controls.store_hearing(audio_control, hearing)
    events.rewrite(audio_control, found)
    return [*kept, *hearing.locked]


def collected(audio_control: Control) -> Hearing:
    """What a control knows, with its keys of events read into it; as it is where nothing was heard yet."""
    hearing = controls.hearing_of(audio_control)
    if hearing.bake and hearing.features and Path(hearing.features).is_file():
        return events.collected(audio_control, heard_in(hearing.features))
    return hearing


def store(control: Control, holder: Patch | Hearing, again: Collection[str] = ()) -> None:
    """Write what a control says; envelopes whose recipe is another now, and those of `again`, are made again at once.

    What cannot be made raises before anything is changed.
    """
    if not isinstance(holder, Hearing):
        controls.store(control, holder)
        return
    before = controls.hearing_of(control).envelopes
    made = remade(holder, {recipe.id for recipe in holder.envelopes if recipe not in before} | set(again))
    controls.store(control, holder)
    write_remade(control, made)


def rebake(audio_control: Control, changed: set[str]) -> None:
    """Make some envelopes again, with those that are combined with them; does nothing where nothing was heard yet."""
    write_remade(audio_control, remade(controls.hearing_of(audio_control), changed))


def write_remade(audio_control: Control, made: dict[str, np.ndarray]) -> None:
    """Write envelopes that were made again, where the last bake was."""
    hearing = controls.hearing_of(audio_control)
    if made and hearing.bake:
        write_envelopes(audio_control, _unlocked(made, hearing), hearing.bake.first_frame)


def remade(hearing: Hearing, changed: set[str]) -> dict[str, np.ndarray]:
    """Some envelopes again, with those that are combined with them; none where nothing was heard yet. Writes nothing: a
    recipe that cannot be made raises before anything is changed."""
    if not (hearing.bake and hearing.features and Path(hearing.features).is_file()):
        return {}
    wanted = {recipe.id for recipe in hearing.envelopes} & changed
    for _ in hearing.envelopes:
        wanted |= {r.id for r in hearing.envelopes if any(step.envelope in wanted for step in r.chain)}
    found = corrected(heard_in(hearing.features), hearing.corrections)
    return make(hearing, hearing.envelopes, found, wanted)


def make(hearing: Hearing, recipes: tuple[EnvelopeRecipe, ...], found: FeatureSet,
         wanted: set[str] | None = None) -> dict[str, np.ndarray]:
    """Envelopes over the frames of a bake, piece by piece: id -> float32 [n_frames]; zero between pieces.

    wanted   ids of those to be made; None is all
    """
    where, materials = hearing.placed, {one.id: _read_beside(one) for one in hearing.beside}
    silent = {recipe.material: Placed(NOTHING) for recipe in recipes}  # a patch can come before its clip
    ids = [recipe.id for recipe in recipes if wanted is None or recipe.id in wanted]
    curves = {ident: np.zeros(where.n_frames, np.float32) for ident in ids}
    for piece in where.parts:
        placed = {one.id: Placed(materials[one.id], piece.start_s + (one.frame - piece.first_frame) / where.fps)
                  for one in hearing.beside}
        first = piece.first_frame - where.first_frame
        made = make_envelopes(recipes, found, where.range_of(piece), {**silent, **placed}, wanted=set(ids))
        for ident in ids:
            curves[ident][first:first + piece.n_frames] = made[ident]
    return curves


def heard_in(features: str) -> FeatureSet:
    """A feature set, remembered while its file does not change; raises LookError where it is not on this machine."""
    if not features or not Path(features).is_file():
        raise LookError("what was heard is not on this machine; press Analyse to listen again")
    return _loaded(features, Path(features).stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _loaded(features: str, mtime_ns: int) -> FeatureSet:
    return load_features(features)


def _read_beside(one: Beside) -> FeatureSet:
    try:
        return heard_in(one.features)
    except LookError:
        return NOTHING


def _unlocked(curves: dict[str, np.ndarray], hearing: Hearing) -> dict[str, np.ndarray]:
    return {ident: curve for ident, curve in curves.items() if ident not in hearing.locked}


def write_envelopes(audio_control: Control, envelopes: Mapping[str, np.ndarray], first_frame: int) -> list[str]:
    """Envelopes (id -> [n_frames]) as samples of the audio control's own action; returns those the artist has taken over."""
    name = f"GANReact · {audio_control.name} · envelopes"
    return fcurves.write_samples(audio_control, envelopes, first_frame, action_name=name, group="Envelopes")


def write_patch_keys(scene: bpy.types.Scene, look_control: Control, patch: Patch) -> None:
    """A patch's keys over the frames of its sound; a parameter that is keyed already stays as it is."""
    frames, group_of = frames_of(scene, look_control), groups_of(patch)
    for address, keys in patch.keys.items():
        points = [(frames[0] + key.at * (len(frames) - 1), key.value, key.interpolation) for key in keys]
        fcurves.write_keys(look_control, address, points, action_name=f"GANReact · {look_control.name}",
                           group=group_of(address))


def frames_of(scene: bpy.types.Scene, look_control: Control) -> range:
    """The frames a look is for: those its sound was baked to, or the scene's own."""
    audio_control = controls.audio_of(look_control)
    baked = controls.hearing_of(audio_control).bake if audio_control else None
    return baked.frames if baked else range(scene.frame_start, scene.frame_end + 1)


def table_of(scene: bpy.types.Scene, look_control: Control, frames: range | None = None) -> Evaluated:
    """Every parameter of a look over scene frames, keys and music together.

    frames    scene frames; None takes those of the baked sound. Row 0 is the first of them.
    """
    patch = controls.patch_of(look_control)
    frames = frames if frames is not None else frames_of(scene, look_control)
    # a parameter that is not there (an older file, a deleted property) stands at its default
    wanted = {look_control: [address for address in controls.parameters_of(patch) if address in look_control]}
    audio_control = controls.audio_of(look_control)
    if audio_control:
        wanted[audio_control] = envelopes_for(patch, audio_control)
    hallu_control, components = hallu.components_for(scene, patch)
    if components:
        wanted[hallu_control] = components
    read, ways = _read(scene, wanted, frames)
    envelopes = {name: np.broadcast_to(values, len(frames)) for name, values in read.get(audio_control, {}).items()}
    if components:
        envelopes |= hallu.as_envelopes(read[hallu_control], len(frames))
    table = evaluate(patch.look, patch.routes, read[look_control], envelopes, n_frames=len(frames), fps=fps_of(scene),
                     first_frame=frames[0])
    return Evaluated(table, ways)


def envelopes_now(scene: bpy.types.Scene, patch: Patch, audio_control: Control | None) -> dict[str, np.ndarray]:
    """What routes start from, as it is at the present frame: id -> float32 [1]."""
    found = {name: np.float32([audio_control[name]]) for name in envelopes_for(patch, audio_control)} if audio_control else {}
    hallu_control, components = hallu.components_for(scene, patch)
    return found | hallu.as_envelopes({address: hallu_control[address] for address in components}, 1)


def write_result(scene: bpy.types.Scene, look_control: Control, table: Table) -> Control:
    """Show a table on the look's result control: what varies as samples, what does not as plain values.

    A table from before the look got more parameters is evaluated anew: looks are edited while their frames are made.
    """
    result, patch = controls.result_of(scene, look_control), controls.patch_of(look_control)
    if not addresses(patch.look).keys() <= table.columns.keys():
        table = table_of(scene, look_control, range(table.first_frame, table.first_frame + table.n_frames)).table
    columns = {address: table.columns[address] for address in addresses(patch.look)}
    controls.set_result(result, patch, {address: column[0] for address, column in columns.items()})
    varying = {address: column for address, column in columns.items() if np.ptp(column) > 0}
    fcurves.remove_curves(result, [address for address in columns if address not in varying])
    if varying:
        fcurves.write_samples(result, varying, table.first_frame, action_name=f"GANReact · {result.name}", group="Result")
    return result


def _read(scene: bpy.types.Scene, wanted: dict[Control, list[str]], frames: range) -> tuple[dict, dict[str, str]]:
    ways = {control: fcurves.why_not_exact(scene, control, names) for control, names in wanted.items()}
    stepped = {control: names for control, names in wanted.items() if ways[control]}
    read = read_stepping(scene, stepped, frames) if stepped else {}
    for control, names in wanted.items():
        if control not in stepped:
            read[control] = fcurves.read_exact(control, names, frames)
    return read, {control.name: why for control, why in ways.items()}


def envelopes_for(patch: Patch, audio_control: Control) -> list[str]:
    """The envelopes that routes of this look start from, as far as the audio control has them."""
    used, hearing = {route.envelope for route in patch.routes}, controls.hearing_of(audio_control)
    return [recipe.id for recipe in hearing.envelopes if recipe.id in used and recipe.id in audio_control]
