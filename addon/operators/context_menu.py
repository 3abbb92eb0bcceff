"""What the right-click menu of a slider offers: back to neutral, and a route to it."""

from __future__ import annotations

import bpy
from bpy.props import StringProperty

from ...ganreact_core.errors import LookError
from .. import controls
from ..place import home
from .base import LookVerb


class ResetParameter(LookVerb, bpy.types.Operator):
    """Set it to the value at which it does nothing"""

    bl_idname = "ganreact.reset_to_neutral"
    bl_label = "Reset to Neutral"

    address: StringProperty(options={"HIDDEN", "SKIP_SAVE"})

    def work(self, context: bpy.types.Context) -> str | None:
        """The parameter that is named, or the one under the mouse."""
        control = controls.active_look(home(context))
        address = self.address or address_under_mouse(context)
        parameter = controls.parameters_of(controls.patch_of(control)).get(address)
        if parameter is None:
            raise LookError("this is no parameter of the look; right-click one of its sliders")
        control[address] = float(parameter.neutral)
        control.update_tag()
        return None


def address_under_mouse(context: bpy.types.Context) -> str:
    """The address of the slider that was right-clicked, where it is one of the active look; else ""."""
    pointer, prop = getattr(context, "button_pointer", None), getattr(context, "button_prop", None)
    is_ours = prop is not None and controls.kind_of(pointer) == "look" and pointer == controls.active_look(home(context))
    return prop.identifier if is_ours else ""


def draw_in_context_menu(menu: bpy.types.Menu, context: bpy.types.Context) -> None:
    """Appended to Blender's right-click menu of buttons."""
    address = address_under_mouse(context)
    if address:
        menu.layout.separator()
        menu.layout.operator("ganreact.reset_to_neutral", icon="LOOP_BACK").address = address
        menu.layout.operator("ganreact.add_route", text="Let the Music Move It", icon="DRIVER").address = address
        menu.layout.operator("ganreact.parameter_strip", icon="IMAGE_BACKGROUND").address = address


def draw_in_assets(menu: bpy.types.Menu, context: bpy.types.Context) -> None:
    """Appended to the Asset Browser's right-click menu."""
    menu.layout.separator()
    menu.layout.operator("ganreact.use_asset", icon="SHADERFX")


def register() -> None:
    """Join Blender's menus."""
    bpy.types.ASSETBROWSER_MT_context_menu.append(draw_in_assets)
    bpy.types.UI_MT_button_context_menu.append(draw_in_context_menu)


def unregister() -> None:
    """Leave them."""
    bpy.types.ASSETBROWSER_MT_context_menu.remove(draw_in_assets)
    bpy.types.UI_MT_button_context_menu.remove(draw_in_context_menu)


CLASSES = (ResetParameter,)
