"""What belongs to the machine, not to a file: the engine's Python and its device."""

from __future__ import annotations

from dataclasses import dataclass

import bpy

from ..ganreact_core.errors import EngineError
from .engine_python import find_engine_python, forget_probes

ROOT = __package__.rpartition(".")[0]
"""Name of the extension: another in every repository it is installed from."""

DEVICES = (
    ("auto", "Automatic", "The graphics card where there is one that fits, else the processor"),
    ("cpu", "Processor", "Works everywhere, slowly"),
    ("cuda", "Nvidia or AMD card", "Needs a torch that was made for it"),
    ("mps", "Apple graphics", "The graphics of Apple's own chips"),
)


@dataclass(frozen=True)
class EngineChoice:
    """What a job needs to know of the machine."""

    python: str = ""
    device: str = "auto"


def _another_python(preferences: bpy.types.AddonPreferences, context: bpy.types.Context) -> None:
    forget_probes()


class GanreactPreferences(bpy.types.AddonPreferences):
    """Edit > Preferences > Add-ons > GANReact."""

    bl_idname = ROOT

    python: bpy.props.StringProperty(
        name="Engine's Python", subtype="FILE_PATH", update=_another_python,
        description="A Python, or a virtual environment, that has torch and librosa; empty tries Blender's own")
    device: bpy.props.EnumProperty(name="Device", items=DEVICES, description="What the frames are computed on")

    def draw(self, context: bpy.types.Context) -> None:
        """Two fields, and whether they will do."""
        column = self.layout.column()
        column.use_property_split = True
        column.prop(self, "python")
        column.prop(self, "device")
        trouble = engine_trouble(context)
        column.label(text=trouble or "The engine is ready", icon="ERROR" if trouble else "CHECKMARK")
        column.operator("ganreact.look_for_engine", icon="FILE_REFRESH")


def engine_choice(context: bpy.types.Context) -> EngineChoice:
    """The preferences as plain values; defaults where the extension runs without being enabled."""
    enabled = context.preferences.addons.get(ROOT)
    return EngineChoice(bpy.path.abspath(enabled.preferences.python), enabled.preferences.device) if enabled else EngineChoice()


def engine_trouble(context: bpy.types.Context) -> str:
    """Why the engine cannot be started, in one sentence; empty where it can. Asked once, then remembered."""
    try:
        find_engine_python(engine_choice(context).python)
    except EngineError as cause:
        return str(cause)
    return ""


CLASSES = (GanreactPreferences,)
