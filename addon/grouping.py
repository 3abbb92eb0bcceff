"""What groups of curves are called in the Graph Editor and the Dope Sheet. No bpy.

A channel's name is its property's key, the address, which Blender does not let anybody rename; a group says it in words.
"""

from __future__ import annotations

from collections.abc import Callable

from ..ganreact_core.forms import ids_in
from ..ganreact_core.look import CALLED
from ..ganreact_core.patches import Patch

OF = " · "
"""Between a group's family and whose it is."""

_FAMILIES = {"accent": "Palette", "set": "Palette", **CALLED}


def groups_of(patch: Patch) -> Callable[[str], str]:
    """Address -> name of the group its curve belongs to: the family, and whose it is: "Palette · C♯", "Bend · Turn"."""
    def group_of(address: str) -> str:
        family, owner = address.partition(".")[0], ids_in(address)
        name = _FAMILIES.get(family, family.capitalize())
        items = patch.routes if owner and owner[0] == "routes" else getattr(patch.look, owner[0], ()) if owner else ()
        label = next((item.label for item in items if owner and item.id == owner[1]), "")
        return f"{name}{OF}{label}" if label else name

    return group_of
