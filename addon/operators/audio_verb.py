"""What the verbs about what was heard share: the audio control they work on, and what is done after each of them."""

from __future__ import annotations

from dataclasses import replace

import bpy

from ...ganreact_core.errors import GANReactError, LookError
from .. import baking, controls, listening, markers, properties, strips
from ..documents import Bake, Hearing
from ..place import home
from .base import Verb, allowed


class AudioVerb(Verb):
    """A verb on the audio control of the active look."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs something that was heard and that this file may change."""
        return allowed(cls, why_not(context))

    def control(self, context: bpy.types.Context) -> controls.Control:
        """The audio control."""
        return controls.active_audio(home(context))


def why_not(context: bpy.types.Context) -> dict[str, bool]:
    """Reasons why nothing can be done with what was heard."""
    control = controls.active_audio(home(context))
    return {"Analyse the sound first": control is None or not controls.hearing_of(control).features,
            "This sound is linked from another file; make it local first": bool(control and not controls.is_own(control))}


def bake_here(scene: bpy.types.Scene, control: controls.Control) -> list[str]:
    """Bake to where the strip is now; markers of sections follow. Returns envelopes that were left alone."""
    hearing = controls.hearing_of(control)
    where, name = _place_now(scene, hearing), listening.strip_now(scene, hearing)
    if name != hearing.strip:
        controls.store_hearing(control, replace(hearing, strip=name))
    kept = baking.bake(control, where)
    mark(scene, control)
    properties.refresh(scene)
    return kept


def require_bakeable(scene: bpy.types.Scene, control: controls.Control) -> None:
    """Raises what `bake_here` would, before anything is changed: for a verb that moves other things first."""
    controls.require_local(control)
    hearing = controls.hearing_of(control)
    try:
        baking.heard_in(hearing.features)
        _place_now(scene, hearing)
    except GANReactError as cause:
        raise LookError(f"'{control.name}' could not be baked afterwards, so nothing was changed: {cause}") from cause


def bake_again(scene: bpy.types.Scene, control: controls.Control) -> list[str]:
    """Bake to where it was baked before: something else has changed."""
    kept = baking.bake(control, controls.hearing_of(control).bake)
    mark(scene, control)
    return kept


def mark(scene: bpy.types.Scene, control: controls.Control) -> None:
    """Markers where sections begin."""
    markers.mark_sections(scene, listening.corrected_of(control), controls.hearing_of(control).placed)


def baked_words(hearing: Hearing, kept: list[str]) -> str:
    """What was baked, for the status bar."""
    where = f"{len(hearing.envelopes) - len(kept)} envelopes on frames {hearing.bake.first_frame}–{hearing.bake.last_frame}"
    return f"{where}; left as they are: {', '.join(kept)}" if kept else where


def _place_now(scene: bpy.types.Scene, hearing: Hearing) -> Bake:
    sound = strips.sound_of(scene, listening.strip_now(scene, hearing)) if hearing.strip or not hearing.sha256 else None
    return listening.place_of(scene, sound)


def names_of_sounds(operator: bpy.types.Operator, context: bpy.types.Context, text: str) -> list[str]:
    """Names of the scene's sound strips."""
    return [strip.name for strip in strips.sound_strips(home(context))]


def envelopes_of(operator: bpy.types.Operator, context: bpy.types.Context, text: str) -> list[str]:
    """Ids of the envelopes."""
    control = controls.active_audio(home(context))
    return [recipe.id for recipe in controls.hearing_of(control).envelopes] if control else []
