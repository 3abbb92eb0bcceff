"""A look that loops and tiles: a canvas without borders, noise and walks that come round."""

from __future__ import annotations

from dataclasses import replace

import bpy

from . import controls, edits, fcurves
from .grouping import groups_of

_FIELDS = 4


def make_loop(scene: bpy.types.Scene, look_control: controls.Control, length: int, side: int, *,
              instead: bool = True, mute: bool = False) -> list[str]:
    """Let a look tile, and come round after `length` frames from the scene's first on.

    Keys of phases and places are written `instead` of those that are there, or not at all; `mute` leaves the music out, which
    does not come round. Returns what was left alone.
    """
    patch = controls.patch_of(look_control)
    if mute:
        patch = replace(patch, routes=tuple(replace(route, mute=True) for route in patch.routes))
    look = replace(patch.look, size=(side, side), canvas=replace(patch.look.canvas, mode="tile", seamless=True),
                   noise_layers=tuple(replace(layer, loop=layer.loop or _FIELDS) for layer in patch.look.noise_layers))
    patch = replace(patch, look=look)
    if not look.paths and len([e for e in look.entries if not e.accent]) > 1:
        patch = edits.add(patch, "paths", label="Loop")
    controls.store_patch(look_control, patch)
    if not look.paths and patch.look.paths:
        look_control[f"path.{patch.look.paths[-1].id}.mix"] = 1.0
    scene.frame_end = scene.frame_start + length - 1
    turns = {f"noise.{layer.id}.phase": layer.loop for layer in patch.look.noise_layers}
    turns |= {f"path.{path.id}.position": path.length for path in patch.look.paths}
    span = (scene.frame_start, scene.frame_start + length)
    return [address for address, turn in turns.items() if not _key_once_round(look_control, address, turn, span, instead)]


def _key_once_round(look_control: controls.Control, address: str, turn: float, span: tuple[int, int], instead: bool) -> bool:
    """Straight from 0 to one turn, which is reached one frame after the last: that frame would be the first again."""
    points = [(span[0], 0.0, "linear"), (span[1], float(turn), "linear")]
    written = fcurves.write_keys(look_control, address, points, action_name=f"GANReact · {look_control.name}",
                                 group=groups_of(controls.patch_of(look_control))(address), instead=instead)
    curve = fcurves.curve_of(look_control, address)
    if written and curve is not None:
        curve.extrapolation = "LINEAR"
        curve.update()
    return written
