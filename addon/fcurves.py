"""The only file that knows actions, slots, channelbags, samples and groups.

Written against the layered actions that Blender 4.5, 5.0 and 5.2 share: `fcurve_ensure_for_datablock` to create,
the channelbag of the assigned slot for everything else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import bpy
import numpy as np

from ..ganreact_core.errors import LookError
from .grouping import OF

Control = bpy.types.Object
_ITS_OWN = {"data_path", "array_index", "co", "co_ui", "handle_left", "handle_right", "active", "name"}


_INTERPOLATIONS = {"ease": "BEZIER", "linear": "LINEAR", "hold": "CONSTANT"}


def path_of(address: str) -> str:
    """Data path of a parameter on its control."""
    return f'["{address}"]'


def curve_of(control: Control, address: str) -> bpy.types.FCurve | None:
    """The curve that moves this parameter, or None."""
    bag = _channelbag(control)
    return bag.fcurves.find(path_of(address)) if bag else None


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
        _set_samples(curve, np.asarray(values, np.float32), first_frame)
        _join_group(control, curve, group)
        curve.hide = curve.lock = True
    control.update_tag()
    return kept


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
    _join_group(control, curve, group)
    control.update_tag()
    return True


def samples_to_keys(control: Control, address: str) -> None:
    """Turn a baked curve into keys that the Graph Editor shows: from then on it is the artist's."""
    curve = _own_curve(control, address)
    if curve is None or not is_sampled(curve):
        raise LookError(f"'{address}' is not baked, so there is nothing to convert; bake first")
    first, n = round(curve.sampled_points[0].co[0]), len(curve.sampled_points)
    curve.convert_to_keyframes(first, first + n)
    curve.hide = curve.lock = False


def hand_keys(control: Control) -> dict[str, np.ndarray]:
    """What is keyed by hand on a control: address -> frames of its keys, float32 [n]; baked samples are not."""
    bag, found = _channelbag(control), {}
    for curve in bag.fcurves if bag else ():
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
    _join_group(control, curve, group)
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


def remove_curves(control: Control, addresses: Sequence[str]) -> None:
    """Remove the curves and drivers of these parameters, and groups that are left empty."""
    animation, bag = control.animation_data, _own_channelbag(control) if addresses else None
    for address in addresses:
        if animation and animation.drivers.find(path_of(address)):
            control.driver_remove(path_of(address))
        curve = bag.fcurves.find(path_of(address)) if bag else None
        if curve:
            bag.fcurves.remove(curve)
    _remove_empty_groups(bag)


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
        _set_samples(made, points[1::2], round(points[0]))
    else:
        _copy_keys(curve, made)
    for modifier in curve.modifiers:
        _copy_settings(modifier, made.modifiers.new(modifier.type))
    _copy_settings(curve, made)
    if curve.group:
        _join_group(control, made, curve.group.name)
    made.update()
    control.update_tag()


def show_ghost(control: Control, address: str) -> bool:
    """Show a baked curve in the Graph Editor, locked, to key beside it; or hide it again. Says whether it is shown now."""
    curve = _own_curve(control, address)
    if curve is None or not is_sampled(curve):
        raise LookError(f"'{address}' is not baked, so there is nothing to show; bake first")
    curve.hide, curve.lock = not curve.hide, True
    return not curve.hide


def tidy(control: Control, group_of: Callable[[str], str]) -> None:
    """Put curves that lie loose, as Blender's own keying leaves them, into groups, and those of our groups into the one
    that is right now: group_of(address) names it. Groups that an artist made stay."""
    bag = _own_channelbag(control)
    for curve in bag.fcurves if bag else ():
        if curve.data_path.startswith('["'):
            wanted = group_of(curve.data_path[2:-2])
            if curve.group is None or curve.group.name.partition(OF)[0] == wanted.partition(OF)[0]:
                _join_group(control, curve, wanted)
    _remove_empty_groups(bag)


def unfold(control: Control, is_open: bool) -> None:
    """Show a control's groups of curves open, or closed, in Graph Editors and Dope Sheets."""
    bag = _channelbag(control)
    for group in bag.groups if bag else ():
        group.show_expanded_graph = group.show_expanded = is_open


def keys_within(control: Control, address: str, frames: range) -> list[tuple[float, float, str]]:
    """Keys of one parameter as (place in the frames 0…1, value, interpolation of a patch's key); none for samples."""
    curve = curve_of(control, address)
    if curve is None or is_sampled(curve):
        return []
    words = {blender: word for word, blender in _INTERPOLATIONS.items()}
    span = max(len(frames) - 1, 1)
    return [((key.co[0] - frames[0]) / span, float(key.co[1]), words.get(key.interpolation, "ease"))
            for key in curve.keyframe_points if frames[0] <= key.co[0] <= frames[-1]]


def copy_keys(control: Control, frames: range, shift: int, only: Collection[str] | None = None) -> int:
    """Copy the keys within some frames, of all parameters or of some, `shift` frames on; returns how many.

    Keys that lie where the copy goes are replaced; baked samples are not keys.
    """
    bag, count = _own_channelbag(control), 0
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


def own_action(control: Control, name: str) -> bpy.types.Action:
    """The action of this control and of nobody else: made where there is none, made single where it is shared."""
    animation = control.animation_data or control.animation_data_create()
    if animation.action is None:
        animation.action = bpy.data.actions.new(name)
    _repair_slot(animation)
    shared = animation.action_slot is not None and any(user != control for user in animation.action_slot.users())
    if shared or animation.action.library:
        identifier = animation.action_slot.identifier if animation.action_slot else None
        animation.action = animation.action.copy()
        animation.action.name = name
        animation.action_slot = animation.action.slots.get(identifier) if identifier else None
    return animation.action


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
    bag = _channelbag(control)
    ours = [curve for curve in bag.fcurves if curve.data_path in paths] if bag else []
    if any(curve.mute or (curve.group and curve.group.mute) for curve in ours):
        return "muted curves"
    return ""


def read_exact(control: Control, addresses: Sequence[str], frames: range) -> dict[str, np.ndarray | float]:
    """Values over scene frames, without stepping: address -> float32 [n_frames], or a scalar where nothing is keyed."""
    bag = _channelbag(control)
    curves = {curve.data_path: curve for curve in bag.fcurves} if bag else {}
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


def _set_samples(curve: bpy.types.FCurve, values: np.ndarray, first_frame: int) -> None:
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


def _copy_keys(source: bpy.types.FCurve, target: bpy.types.FCurve) -> None:
    """Every key with its handles and its easing."""
    target.keyframe_points.add(len(source.keyframe_points))
    for old, new in zip(source.keyframe_points, target.keyframe_points, strict=True):
        new.co = old.co
        _copy_settings(old, new)
        new.handle_left, new.handle_right = old.handle_left, old.handle_right


def _key_of(key: bpy.types.Keyframe) -> tuple[dict[str, str], list[tuple[float, float]]]:
    """A key as plain values: adding and removing moves keys in memory."""
    names = ("interpolation", "easing", "type", "handle_left_type", "handle_right_type")
    places = [tuple(place) for place in (key.co, key.handle_left, key.handle_right)]
    return {name: getattr(key, name) for name in names}, places


def _copy_settings(source: bpy.types.bpy_struct, target: bpy.types.bpy_struct) -> None:
    """Every plain setting that can be written; not what says whose it is."""
    for setting in source.bl_rna.properties:
        name = setting.identifier
        if setting.type in ("BOOLEAN", "INT", "FLOAT", "ENUM", "STRING") and not (setting.is_readonly or name in _ITS_OWN):
            setattr(target, name, getattr(source, name))


def _own_curve(control: Control, address: str) -> bpy.types.FCurve | None:
    bag = _own_channelbag(control)
    return bag.fcurves.find(path_of(address)) if bag else None


def _own_channelbag(control: Control) -> bpy.types.ActionChannelbag | None:
    """The channelbag, to be changed: of an action that is linked, or another's too, this control gets a copy first."""
    action = control.animation_data.action if control.animation_data else None
    if action is not None:
        own_action(control, action.name)
    return _channelbag(control)


def _join_group(control: Control, curve: bpy.types.FCurve, name: str) -> None:
    bag = _channelbag(control)
    if curve.group is None or curve.group.name != name:
        curve.group = bag.groups.get(name) or bag.groups.new(name)


def _remove_empty_groups(bag: bpy.types.ActionChannelbag | None) -> None:
    for group in list(bag.groups) if bag else ():
        if not len(group.channels):
            bag.groups.remove(group)


def _repair_slot(animation: bpy.types.AnimData) -> None:
    """An action can be assigned with no slot, which moves nothing: take the one that fits."""
    if animation.action_slot is None and len(animation.action_suitable_slots):
        animation.action_slot = animation.action_suitable_slots[0]


def _channelbag(control: Control) -> bpy.types.ActionChannelbag | None:
    animation = control.animation_data
    if animation is None or animation.action is None or animation.action_slot is None:
        return None
    layers = animation.action.layers
    return layers[0].strips[0].channelbag(animation.action_slot) if layers and layers[0].strips else None
