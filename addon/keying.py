"""Keys of a whole look at once: which parameters are meant, the keys themselves, Blender's own keying sets of them."""

from __future__ import annotations

from collections.abc import Sequence

import bpy

from ..ganreact_core.look import describe
from ..ganreact_core.patches import Patch
from . import controls, fcurves
from .grouping import groups_of

WHICH = (("WEIGHTS", "All Weights", "Every picture's weight and cover, as they are now"),
         ("KEYED", "What Is Keyed", "Every parameter of this look that has keys already"),
         ("ALL", "Everything", "Every parameter of this look but the amounts of its routes"))
"""What can be meant by a look's parameters."""

_WEIGHTS = ("palette", "accent")


def meant(control: controls.Control, patch: Patch, which: str) -> list[str]:
    """Addresses, in the look's order."""
    known = [address for address in controls.parameters_of(patch) if address in control]
    if which == "KEYED":
        keyed = fcurves.hand_keys(control)
        return [address for address in known if address in keyed]
    if which == "WEIGHTS":
        return [address for address in known if address.split(".")[0] in _WEIGHTS and address.count(".") == 1]
    return [address for address in known if not address.startswith("route.")]


def key(control: controls.Control, patch: Patch, addresses: Sequence[str], frame: float) -> None:
    """A key on each at a frame, of the value that its slider shows."""
    fcurves.own_action(control, f"GANReact · {control.name}")
    group_of = groups_of(patch)
    for address in addresses:
        control.keyframe_insert(fcurves.path_of(address), frame=frame, group=group_of(address))
    control.update_tag()


def keyed(control: controls.Control, patch: Patch) -> list[tuple[str, int]]:
    """What has keys: (what it is, how many)."""
    found = fcurves.hand_keys(control)
    known = controls.parameters_of(patch)
    return [(describe(patch.look, address), len(found[address])) for address in known if address in found]


def make_sets(scene: bpy.types.Scene, control: controls.Control, patch: Patch) -> list[str]:
    """Keying sets of this look, made anew: the Timeline's Keying menu offers them; returns their names."""
    made = []
    for which, label, _ in WHICH[:2]:
        name = f"{patch.look.label} · {label}"
        old = scene.keying_sets.get(name)
        addresses = meant(control, patch, which)
        if old is not None:
            old.paths.clear()
        if addresses:
            keying_set = old or scene.keying_sets.new(idname=f"ganreact_{patch.look.id}_{which.lower()}", name=name)
            for address in addresses:
                keying_set.paths.add(control, fcurves.path_of(address), group_method="NAMED",
                                     group_name=groups_of(patch)(address))
            made.append(name)
    return made
