"""What happens to files that are dropped on the Sequencer or the 3D viewport."""

from __future__ import annotations

import bpy

_PLACES = {"SEQUENCE_EDITOR", "VIEW_3D", "DOPESHEET_EDITOR", "GRAPH_EDITOR"}
_OF_A_LOOK = {*_PLACES, "IMAGE_EDITOR"}


def _handler(name: str, label: str, verb: str, extensions: str, places: set[str]) -> type:
    """Files with these extensions, dropped on an editor where one would look for it, are given to a verb."""
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        return context.area is not None and context.area.type in places

    return type(f"GANREACT_FH_{name}", (bpy.types.FileHandler,), {
        "bl_idname": f"GANREACT_FH_{name}", "bl_label": f"{label} for GANReact", "bl_import_operator": f"ganreact.{verb}",
        "bl_file_extensions": extensions, "poll_drop": classmethod(poll_drop), "__module__": __name__})


CLASSES = (
    _handler("sound", "Sound", "add_sound", ".wav;.flac;.mp3;.ogg;.opus;.m4a;.aac;.aif;.aiff;.mp4;.mov;.mkv;.webm;.avi;.m4v",
             _PLACES),
    _handler("beside", "Notes and tables", "add_beside", ".mid;.midi;.csv;.tsv", _PLACES),
    _handler("model", "Network", "choose_model", ".pkl;.pt;.pth;.safetensors", _OF_A_LOOK),
    _handler("patch", "Patch", "load_patch", ".json", _OF_A_LOOK),
)
