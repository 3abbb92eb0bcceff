"""Blender's properties of a form, made from `ganreact_core.forms`: plain ones for operators, living ones for panels.

A living property is no state of its own: it reads the look's text and writes it, so that each click is one undo step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, IntVectorProperty, StringProperty

from ..ganreact_core.errors import GANReactError
from ..ganreact_core.forms import Field, fields_of, lists, spoken
from ..ganreact_core.look import Canvas, Look, addresses, describe
from ..ganreact_core.patches import Patch
from . import baking, controls, edits, frames, hallu
from .place import home
from .session import session

SINGLE: dict[str, type] = {"look": Look, "canvas": Canvas}
"""Forms about the one look itself, beside those of `lists`."""

_KINDS: dict[str, Callable[..., Any]] = {
    "text": StringProperty, "reference": StringProperty, "members": StringProperty, "whole": IntProperty,
    "number": FloatProperty, "switch": BoolProperty, "choice": EnumProperty, "size": IntVectorProperty}


def forms() -> dict[str, type]:
    """Every form: its name -> the dataclass it shows."""
    return {**lists(), **SINGLE}


def operator_properties(kind: str) -> dict[str, Any]:
    """Annotations for an operator that takes the fields of one form."""
    return {field.name: _property(field, options={"SKIP_SAVE"}) for field in fields_of(forms()[kind])}


def panel_properties() -> dict[str, Any]:
    """Annotations of the one group that all panels draw: "<form>_<field>"."""
    made = {}
    for kind, cls in forms().items():
        for field in fields_of(cls):
            made[f"{kind}_{field.name}"] = _property(field, get=_reader(kind, field), set=_writer(kind, field), options=set())
    return made


def chosen(scene: bpy.types.Scene, kind: str) -> Any:
    """What a form is about: the chosen item of a list, the look, its canvas; None where there is none."""
    try:
        _, holder = controls.holder_of(scene, kind)
    except GANReactError:
        return None
    if kind in SINGLE:
        return holder.look if kind == "look" else holder.look.canvas
    items, index = edits.items_of(holder, kind), getattr(scene.ganreact, f"{kind}_index")
    return items[index] if 0 <= index < len(items) else None


def change_chosen(scene: bpy.types.Scene, kind: str, /, **changes: Any) -> None:
    """Write fields of what a form is about."""
    control, holder = controls.holder_of(scene, kind)
    if kind not in SINGLE:
        baking.store(control, edits.change_item(holder, kind, chosen(scene, kind).id, **changes))
    elif isinstance(holder, Patch):
        look = replace(holder.look, **(changes if kind == "look" else {"canvas": replace(holder.look.canvas, **changes)}))
        baking.store(control, replace(holder, look=look))
        if look.label != holder.look.label:
            frames.rename(scene, holder.look.label, look.label)


def to_property(field: Field, value: Any) -> Any:
    """A field's value as a property holds it."""
    if field.kind == "members":
        return ", ".join(value or ())
    if field.kind == "size":
        return tuple(value or (512, 512))
    return ({"whole": -1, "number": 0.0, "switch": False}.get(field.kind, "")) if value is None else value


def from_property(field: Field, value: Any) -> Any:
    """A property's value as the field holds it; raises nothing, the dataclass checks."""
    if field.kind == "members":
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if field.kind == "size":
        return tuple(value)
    if field.optional and field.kind == "whole" and value < 0:
        return None
    return value


def _property(field: Field, **more: Any) -> Any:
    text = f"{field.help[:1].upper()}{field.help[1:]}"
    settings: dict[str, Any] = {"name": field.label, "description": text, **more}
    if field.kind == "choice":
        settings["items"] = tuple((value, spoken(value), help_, n) for n, (value, help_) in enumerate(field.choices))
    elif field.kind == "reference":
        settings["search"] = _search(field.of)
    elif field.kind in ("whole", "size"):
        settings |= {"min": int(field.limits[0]), "max": int(field.limits[1])}
    elif field.kind == "number":
        settings |= {"min": field.limits[0], "max": field.limits[1]}
    if field.kind == "size":
        settings["size"] = 2
    if "get" not in more:
        settings["default"] = to_property(field, field.default)
    return _KINDS[field.kind](**settings)


def _reader(kind: str, field: Field) -> Callable[[Any], Any]:
    def read(group: bpy.types.PropertyGroup) -> Any:
        item = chosen(group.id_data, kind)
        value = to_property(field, getattr(item, field.name) if item is not None else field.default)
        return [choice for choice, _ in field.choices].index(value) if field.kind == "choice" else value

    return read


def _writer(kind: str, field: Field) -> Callable[[Any, Any], None]:
    def write(group: bpy.types.PropertyGroup, value: Any) -> None:
        new = field.choices[value][0] if field.kind == "choice" else from_property(field, value)
        item = chosen(group.id_data, kind)
        if item is None or getattr(item, field.name) == new:
            return
        try:
            change_chosen(group.id_data, kind, **{field.name: new})
        except GANReactError as cause:  # a setter has nobody to raise to
            session.notice = str(cause)

    return write


def _search(of: str) -> Callable[[Any, Any, str], list[Any]]:
    def search(holder: Any, context: bpy.types.Context, text: str) -> list[Any]:
        return _candidates(of, home(context))

    return search


def _candidates(of: str, scene: bpy.types.Scene) -> list[Any]:
    """What a reference can name, with what it is."""
    look_control = controls.active_look(scene)
    look = controls.patch_of(look_control).look if look_control else None
    if of == "addresses":
        return [(address, describe(look, address)) for address in addresses(look)] if look else []
    sliders = hallu.components_of(scene) if of == "envelopes" else []
    try:
        return [*((item.id, item.label) for item in edits.items_of(controls.holder_of(scene, of)[1], of)), *sliders]
    except GANReactError:
        return sliders
