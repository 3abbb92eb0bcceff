"""Values over scene frames, read off the curves without stepping, and when that would not be what Blender shows."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from .actions import curves_of, path_of
from .samples import is_sampled, samples_of

Control = bpy.types.Object


def why_not_exact(scene: bpy.types.Scene, control: Control, addresses: Sequence[str]) -> str:
    """Why `read_exact` would not give what Blender shows for this control; empty where it would."""
    if scene.render.frame_map_old != scene.render.frame_map_new:
        return "time remapping"
    animation = control.animation_data
    if animation is None:
        return ""
    if len(animation.nla_tracks):
        return "NLA tracks"
    paths = {path_of(address) for address in addresses}
    if any(driver.data_path in paths for driver in animation.drivers):
        return "drivers"
    ours = [curve for curve in curves_of(control) if curve.data_path in paths]
    if any(curve.mute or (curve.group and curve.group.mute) for curve in ours):
        return "muted curves"
    return ""


def read_exact(control: Control, addresses: Sequence[str], frames: range) -> dict[str, np.ndarray | float]:
    """Values over scene frames, without stepping: address -> float32 [n_frames], or a scalar where nothing is keyed."""
    curves = {curve.data_path: curve for curve in curves_of(control)}
    read: dict[str, np.ndarray | float] = {}
    for address in addresses:
        curve = curves.get(path_of(address))
        empty = curve is None or curve.is_empty
        read[address] = float(control[address]) if empty else np.clip(_values(curve, frames), *_limits(control, address))
    return read


def _values(curve: bpy.types.FCurve, frames: range) -> np.ndarray:
    if is_sampled(curve) and not len(curve.modifiers):  # linear between samples, held outside: read in one go
        first = curve.sampled_points[0].co[0]
        values = samples_of(curve)
        return np.interp(np.asarray(frames), first + np.arange(len(values)), values).astype(np.float32)
    return np.fromiter(map(curve.evaluate, frames), np.float32, len(frames))


def _limits(control: Control, address: str) -> tuple[float, float]:
    """Hard limits: Blender clips what a curve says to them, and `evaluate` does not."""
    ui = control.id_properties_ui(address).as_dict()
    return ui.get("min", -np.inf), ui.get("max", np.inf)
