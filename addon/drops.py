"""What happens to files that are dropped on the Sequencer or the 3D viewport."""

from __future__ import annotations

import bpy

_PLACES = {"SEQUENCE_EDITOR", "VIEW_3D", "DOPESHEET_EDITOR", "GRAPH_EDITOR"}


class DropSound(bpy.types.FileHandler):
    """Songs and films."""

    bl_idname = "GANREACT_FH_sound"
    bl_label = "Sound for GANReact"
    bl_import_operator = "ganreact.add_sound"
    bl_file_extensions = ".wav;.flac;.mp3;.ogg;.opus;.m4a;.aac;.aif;.aiff;.mp4;.mov;.mkv;.webm;.avi;.m4v"

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        """Where one would look for it."""
        return context.area is not None and context.area.type in _PLACES


class DropBeside(bpy.types.FileHandler):
    """MIDI clips and tables."""

    bl_idname = "GANREACT_FH_beside"
    bl_label = "Notes and tables for GANReact"
    bl_import_operator = "ganreact.add_beside"
    bl_file_extensions = ".mid;.midi;.csv;.tsv"

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        """Where one would look for it."""
        return context.area is not None and context.area.type in _PLACES


class DropModel(bpy.types.FileHandler):
    """Checkpoints: the look's network."""

    bl_idname = "GANREACT_FH_model"
    bl_label = "Network for GANReact"
    bl_import_operator = "ganreact.choose_model"
    bl_file_extensions = ".pkl;.pt;.pth;.safetensors"

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        """Where one would look for it."""
        return context.area is not None and context.area.type in {*_PLACES, "IMAGE_EDITOR"}


class DropPatch(bpy.types.FileHandler):
    """Patches: another look."""

    bl_idname = "GANREACT_FH_patch"
    bl_label = "Patch for GANReact"
    bl_import_operator = "ganreact.load_patch"
    bl_file_extensions = ".json"

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        """Where one would look for it."""
        return context.area is not None and context.area.type in {*_PLACES, "IMAGE_EDITOR"}


CLASSES = (DropSound, DropBeside, DropModel, DropPatch)
