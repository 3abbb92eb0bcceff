"""What the artist's hand says: keys, and events as keys."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import bpy
import numpy as np

from .actions import copy_settings, curve_of, curves_of, join_group, own_action, own_channelbag, path_of, remove_curves
from .samples import is_sampled, set_samples

Control = bpy.types.Object
_INTERPOLATIONS = {"ease": "BEZIER", "linear": "LINEAR", "hold": "CONSTANT"}


def write_keys(control: Control, address: str, keys: Sequence[tuple[float, float, str]], *, action_name: str,
               group: str, instead: bool = False) -> bool:
    """Keys as (frame, value, interpolation of a patch's key); does nothing and says False where the parameter is already
    keyed, unless they are to stand there instead."""
    if curve_of(control, address) is not None:
        if not instead:
            return False
        remove_curves(control, [address])
    curve = own_action(control, action_name).fcurve_ensure_for_datablock(control, path_of(address), index=0)
    curve.keyframe_points.add(len(keys))
    curve.keyframe_points.foreach_set("co", np.asarray([key[:2] for key in keys], np.float32).ravel())
    for point, key in zip(curve.keyframe_points, keys, strict=True):
        point.interpolation = _INTERPOLATIONS[key[2]]
        point.handle_left_type = point.handle_right_type = "AUTO_CLAMPED"
    curve.update()
    join_group(control, curve, group)
    control.update_tag()
    return True


def hand_keys(control: Control) -> dict[str, np.ndarray]:
    """What is keyed by hand on a control: address -> frames of its keys, float32 [n]; baked samples are not."""
    found = {}
    for curve in curves_of(control):
        if len(curve.keyframe_points) and curve.data_path.startswith('["'):
            co = np.empty(2 * len(curve.keyframe_points), np.float32)
            curve.keyframe_points.foreach_get("co", co)
            found[curve.data_path[2:-2]] = co[0::2]
    return found


def move_keys(control: Control, addresses: Sequence[str], moved: Callable[[np.ndarray], np.ndarray], *,
              stretch: float = 1.0) -> None:
    """Move keys in time, frames [n] -> frames [n]; handles keep their distance to their key, times `stretch`."""
    own_action(control, f"GANReact · {control.name}")
    for address in addresses:
        curve = curve_of(control, address)
        points = curve.keyframe_points
        co, left, right = (np.empty(2 * len(points), np.float32) for _ in range(3))
        for name, a in (("co", co), ("handle_left", left), ("handle_right", right)):
            points.foreach_get(name, a)
        at = moved(co[0::2].astype(float))
        for a in (left, right):
            a[0::2] = at + (a[0::2] - co[0::2]) * stretch
        co[0::2] = at
        for name, a in (("co", co), ("handle_left", left), ("handle_right", right)):
            points.foreach_set(name, a)
        curve.update()
        if len(points) > 1 and (np.diff(np.sort(co[0::2])) < 1e-3).any():  # what was cut out falls on the cut
            points.deduplicate()
    control.update_tag()


def write_events(control: Control, address: str, points: np.ndarray, *, action_name: str, group: str) -> None:
    """Moments as keys of a curve of their own, (frame, strength) float [n, 2]: open to the hand, held until the next."""
    curve = own_action(control, action_name).fcurve_ensure_for_datablock(control, path_of(address), index=0)
    curve.keyframe_points.clear()
    curve.keyframe_points.add(len(points))
    curve.keyframe_points.foreach_set("co", np.asarray(points, np.float32).ravel())
    curve.keyframe_points.foreach_set("interpolation", np.zeros(len(points), np.int32))  # constant: an event is a moment
    curve.update()
    join_group(control, curve, group)
    curve.hide = curve.lock = False
    control.update_tag()


def read_events(control: Control, address: str) -> np.ndarray | None:
    """The keys of a curve as (frame, value) float32 [n, 2] in order, or None where there is no such curve."""
    curve = curve_of(control, address)
    if curve is None or is_sampled(curve):
        return None
    co = np.empty(2 * len(curve.keyframe_points), np.float32)
    curve.keyframe_points.foreach_get("co", co)
    found = co.reshape(-1, 2)
    return found[np.argsort(found[:, 0], kind="stable")]


def copy_motion(control: Control, address: str, twin: str) -> None:
    """Give one parameter the curve and the driver of another of the same control."""
    animation, curve = control.animation_data, curve_of(control, address)
    driver = animation.drivers.find(path_of(address)) if animation else None
    if driver and not animation.drivers.find(path_of(twin)):
        animation.drivers.from_existing(src_driver=driver).data_path = path_of(twin)
    if curve is None or curve_of(control, twin) is not None:
        return
    made = own_action(control, animation.action.name).fcurve_ensure_for_datablock(control, path_of(twin), index=0)
    if is_sampled(curve):
        points = np.empty(2 * len(curve.sampled_points), np.float32)
        curve.sampled_points.foreach_get("co", points)
        set_samples(made, points[1::2], round(points[0]))
    else:
        _copy_keys(curve, made)
    for modifier in curve.modifiers:
        copy_settings(modifier, made.modifiers.new(modifier.type))
    copy_settings(curve, made)
    if curve.group:
        join_group(control, made, curve.group.name)
    made.update()
    control.update_tag()


def keys_within(control: Control, address: str, frames: range) -> list[tuple[float, float, str]]:
    """Keys of one parameter as (place in the frames 0…1, value, interpolation of a patch's key); none for samples."""
    span = max(len(frames) - 1, 1)
    return [((frame - frames[0]) / span, value, word) for frame, value, word in keys_of(control, address)
            if frames[0] <= frame <= frames[-1]]


def keys_of(control: Control, address: str) -> list[tuple[float, float, str]]:
    """All keys of one parameter, as `write_keys` takes them; none for samples."""
    curve = curve_of(control, address)
    words = {blender: word for word, blender in _INTERPOLATIONS.items()}
    return [(float(key.co[0]), float(key.co[1]), words.get(key.interpolation, "ease"))
            for key in curve.keyframe_points] if curve else []


def copy_keys(control: Control, frames: range, shift: int, only: Collection[str] | None = None) -> int:
    """Copy the keys within some frames, of all parameters or of some, `shift` frames on; returns how many.

    Keys that lie where the copy goes are replaced; baked samples are not keys.
    """
    bag, count = own_channelbag(control), 0
    for curve in list(bag.fcurves) if bag else ():
        if is_sampled(curve) or not (only is None or curve.data_path[2:-2] in only):
            continue
        found = [_key_of(key) for key in curve.keyframe_points if frames[0] <= key.co[0] <= frames[-1]]
        for key in reversed([k for k in curve.keyframe_points if found and frames[0] <= k.co[0] - shift <= frames[-1]]):
            curve.keyframe_points.remove(key, fast=True)
        for settings, places in found:
            made = curve.keyframe_points.insert(places[0][0] + shift, places[0][1], options={"FAST"})
            for name, value in settings.items():
                setattr(made, name, value)
            made.handle_left, made.handle_right = ((x + shift, y) for x, y in places[1:])
        curve.update()
        count += len(found)
    control.update_tag()
    return count


def _copy_keys(source: bpy.types.FCurve, target: bpy.types.FCurve) -> None:
    """Every key with its handles and its easing."""
    target.keyframe_points.add(len(source.keyframe_points))
    for old, new in zip(source.keyframe_points, target.keyframe_points, strict=True):
        new.co = old.co
        copy_settings(old, new)
        new.handle_left, new.handle_right = old.handle_left, old.handle_right


def _key_of(key: bpy.types.Keyframe) -> tuple[dict[str, str], list[tuple[float, float]]]:
    """A key as plain values: adding and removing moves keys in memory."""
    names = ("interpolation", "easing", "type", "handle_left_type", "handle_right_type")
    places = [tuple(place) for place in (key.co, key.handle_left, key.handle_right)]
    return {name: getattr(key, name) for name in names}, places
