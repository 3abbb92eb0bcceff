"""Verbs about keys of a whole look: key it now, offer it as Blender's keying sets."""

from __future__ import annotations

import bpy
from bpy.props import EnumProperty

from ...ganreact_core.errors import LookError
from .. import controls, keying
from ..place import home
from .base import LookVerb


class KeyLook(LookVerb, bpy.types.Operator):
    """Set keys at this frame on many sliders of the look at once, as they stand now"""

    bl_idname = "ganreact.key_look"
    bl_label = "Key"

    which: EnumProperty(name="Which", items=keying.WHICH, description="Which sliders get a key")

    def work(self, context: bpy.types.Context) -> str | None:
        """One undo step."""
        scene = home(context)
        control = controls.active_look(scene)
        patch = controls.patch_of(control)
        addresses = keying.meant(control, patch, self.which)
        if not addresses:
            raise LookError("nothing of this look is keyed yet; hover over a slider and press I first")
        keying.key(control, patch, addresses, scene.frame_current)
        return f"{len(addresses)} keys at frame {scene.frame_current}"


class KeyingSets(LookVerb, bpy.types.Operator):
    """Offer this look's weights, and what is keyed of it, as keying sets: Blender's own I key and Timeline use them"""

    bl_idname = "ganreact.keying_sets"
    bl_label = "As Keying Sets"

    def work(self, context: bpy.types.Context) -> str | None:
        """Sets of the same name are made anew."""
        scene = home(context)
        control = controls.active_look(scene)
        return f"Keying sets: {', '.join(keying.make_sets(scene, control, controls.patch_of(control)))}"


CLASSES = (KeyLook, KeyingSets)
"""Registered by `operators`."""
