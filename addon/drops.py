"""What happens to files that are dropped on the Sequencer or the 3D viewport."""

from __future__ import annotations

import bpy

from . import endings

_PLACES = {"SEQUENCE_EDITOR", "VIEW_3D", "DOPESHEET_EDITOR", "GRAPH_EDITOR"}
_OF_A_LOOK = {*_PLACES, "IMAGE_EDITOR"}


def _handler(name: str, label: str, verb: str, kinds: tuple[str, ...], places: set[str]) -> type:
    """Files with these endings, dropped on an editor where one would look for it, are given to a verb."""
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        return context.area is not None and context.area.type in places

    return type(f"GANREACT_FH_{name}", (bpy.types.FileHandler,), {
        "bl_idname": f"GANREACT_FH_{name}", "bl_label": f"{label} for GANReact", "bl_import_operator": f"ganreact.{verb}",
        "bl_file_extensions": ";".join(kinds), "poll_drop": classmethod(poll_drop), "__module__": __name__})


CLASSES = (
    _handler("sound", "Sound", "add_sound", endings.SOUNDS, _PLACES),
    _handler("beside", "Notes and tables", "add_beside", endings.BESIDE, _PLACES),
    _handler("model", "Network", "choose_model", endings.NETWORKS, _OF_A_LOOK),
    _handler("patch", "Patch", "load_patch", endings.PATCHES, _OF_A_LOOK),
)
