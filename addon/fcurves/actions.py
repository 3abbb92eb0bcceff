"""Whose a curve is: actions, slots, channelbags and groups of a control, made single before anything is changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import bpy

from ..grouping import OF

Control = bpy.types.Object
_ITS_OWN = {"data_path", "array_index", "co", "co_ui", "handle_left", "handle_right", "active", "name"}


def path_of(address: str) -> str:
    """Data path of a parameter on its control."""
    return f'["{address}"]'


def curve_of(control: Control, address: str) -> bpy.types.FCurve | None:
    """The curve that moves this parameter, or None."""
    bag = channelbag(control)
    return bag.fcurves.find(path_of(address)) if bag else None


def curves_of(thing: bpy.types.ID) -> list[bpy.types.FCurve]:
    """Every curve that moves something of a control, or of a scene with its strips."""
    bag = channelbag(thing)
    return list(bag.fcurves) if bag else []


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


def own_curve(control: Control, address: str) -> bpy.types.FCurve | None:
    bag = own_channelbag(control)
    return bag.fcurves.find(path_of(address)) if bag else None


def own_channelbag(control: Control) -> bpy.types.ActionChannelbag | None:
    """The channelbag, to be changed: of an action that is linked, or another's too, this control gets a copy first."""
    action = control.animation_data.action if control.animation_data else None
    if action is not None:
        own_action(control, action.name)
    return channelbag(control)


def remove_curves(control: Control, addresses: Sequence[str]) -> None:
    """Remove the curves and drivers of these parameters, and groups that are left empty."""
    animation, bag = control.animation_data, own_channelbag(control) if addresses else None
    for address in addresses:
        if animation and animation.drivers.find(path_of(address)):
            control.driver_remove(path_of(address))
        curve = bag.fcurves.find(path_of(address)) if bag else None
        if curve:
            bag.fcurves.remove(curve)
    _remove_empty_groups(bag)


def tidy(control: Control, group_of: Callable[[str], str]) -> None:
    """Put curves that lie loose, as Blender's own keying leaves them, into groups, and those of our groups into the one
    that is right now: group_of(address) names it. Groups that an artist made stay."""
    bag = own_channelbag(control)
    for curve in bag.fcurves if bag else ():
        if curve.data_path.startswith('["'):
            wanted = group_of(curve.data_path[2:-2])
            if curve.group is None or curve.group.name.partition(OF)[0] == wanted.partition(OF)[0]:
                join_group(control, curve, wanted)
    _remove_empty_groups(bag)


def unfold(control: Control, is_open: bool) -> None:
    """Show a control's groups of curves open, or closed, in Graph Editors and Dope Sheets."""
    bag = channelbag(control)
    for group in bag.groups if bag else ():
        group.show_expanded_graph = group.show_expanded = is_open


def join_group(control: Control, curve: bpy.types.FCurve, name: str) -> None:
    bag = channelbag(control)
    if curve.group is None or curve.group.name != name:
        curve.group = bag.groups.get(name) or bag.groups.new(name)


def copy_settings(source: bpy.types.bpy_struct, target: bpy.types.bpy_struct) -> None:
    """Every plain setting that can be written; not what says whose it is."""
    for setting in source.bl_rna.properties:
        name = setting.identifier
        if setting.type in ("BOOLEAN", "INT", "FLOAT", "ENUM", "STRING") and not (setting.is_readonly or name in _ITS_OWN):
            setattr(target, name, getattr(source, name))


def _remove_empty_groups(bag: bpy.types.ActionChannelbag | None) -> None:
    for group in list(bag.groups) if bag else ():
        if not len(group.channels):
            bag.groups.remove(group)


def _repair_slot(animation: bpy.types.AnimData) -> None:
    """An action can be assigned with no slot, which moves nothing: take the one that fits."""
    if animation.action_slot is None and len(animation.action_suitable_slots):
        animation.action_slot = animation.action_suitable_slots[0]


def channelbag(control: Control) -> bpy.types.ActionChannelbag | None:
    animation = control.animation_data
    if animation is None or animation.action is None or animation.action_slot is None:
        return None
    layers = animation.action.layers
    return layers[0].strips[0].channelbag(animation.action_slot) if layers and layers[0].strips else None
