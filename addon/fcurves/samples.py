"""What the music says: curves of samples, hidden and locked."""

from __future__ import annotations

from collections.abc import Mapping

import bpy
import numpy as np

from ...ganreact_core.errors import LookError
from .actions import join_group, own_action, own_curve, path_of

Control = bpy.types.Object


def is_sampled(curve: bpy.types.FCurve) -> bool:
    """Whether a curve holds baked samples, not keys."""
    return len(curve.sampled_points) > 0


def samples_of(curve: bpy.types.FCurve) -> np.ndarray:
    """The values of a baked curve, one a frame: float32 [n_frames]."""
    points = np.empty(2 * len(curve.sampled_points), np.float32)
    curve.sampled_points.foreach_get("co", points)
    return points[1::2]


def write_samples(control: Control, columns: Mapping[str, np.ndarray], first_frame: int, *, action_name: str,
                  group: str) -> list[str]:
    """Bake columns (address -> [n_frames]) as locked, hidden samples; earlier samples are replaced, modifiers stay.

    A curve that was converted to keys belongs to the artist: it is left alone, and its address is returned.
    """
    kept = []
    action = own_action(control, action_name)
    for address, values in columns.items():
        curve = action.fcurve_ensure_for_datablock(control, path_of(address), index=0)
        if len(curve.keyframe_points):
            kept.append(address)
            continue
        set_samples(curve, np.asarray(values, np.float32), first_frame)
        join_group(control, curve, group)
        curve.hide = curve.lock = True
    control.update_tag()
    return kept


def samples_to_keys(control: Control, address: str) -> None:
    """Turn a baked curve into keys that the Graph Editor shows: from then on it is the artist's."""
    curve = own_curve(control, address)
    if curve is None or not is_sampled(curve):
        raise LookError(f"'{address}' is not baked, so there is nothing to convert; bake first")
    first, n = round(curve.sampled_points[0].co[0]), len(curve.sampled_points)
    curve.convert_to_keyframes(first, first + n)
    curve.hide = curve.lock = False


def show_ghost(control: Control, address: str) -> bool:
    """Show a baked curve in the Graph Editor, locked, to key beside it; or hide it again. Says whether it is shown now."""
    curve = own_curve(control, address)
    if curve is None or not is_sampled(curve):
        raise LookError(f"'{address}' is not baked, so there is nothing to show; bake first")
    curve.hide, curve.lock = not curve.hide, True
    return not curve.hide


def set_samples(curve: bpy.types.FCurve, values: np.ndarray, first_frame: int) -> None:
    if is_sampled(curve) and len(curve.sampled_points) != len(values):
        curve.convert_to_keyframes(0, 1)  # the number of samples can only be chosen while converting
        curve.keyframe_points.clear()
    if not is_sampled(curve):
        curve.keyframe_points.insert(first_frame, 0.0)
        curve.convert_to_samples(first_frame, first_frame + len(values))
    points = np.empty(2 * len(values), np.float32)
    points[0::2] = np.arange(first_frame, first_frame + len(values))
    points[1::2] = values
    curve.sampled_points.foreach_set("co", points)
    curve.update()
