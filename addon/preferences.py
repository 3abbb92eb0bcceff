"""What belongs to the machine, not to a file: the engine's Python and its device."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass

import bpy

from ..ganreact_core.errors import EngineError
from . import engine_home, installing
from .engine_python import find_engine_python, forget_probes

ROOT = __package__.rpartition(".")[0]
"""Name of the extension: another in every repository it is installed from."""

DEVICES = (
    ("auto", "Automatic", "The graphics card where there is one that fits, else the processor"),
    ("cpu", "Processor", "Works everywhere, slowly"),
    ("cuda", "Nvidia or AMD card", "Needs a torch that was made for it"),
    ("mps", "Apple graphics", "The graphics of Apple's own chips"),
)


_BUILD_ITEMS = tuple((name, build.label, f"About {build.download:g} GB to download, {build.disk:g} GB on the disk")
                     for name, build in engine_home.BUILDS.items())


def _likely_build() -> str:
    """What most machines of this kind want; an Nvidia card is known by its driver's program."""
    if sys.platform == "darwin":
        return "metal"
    return "cuda" if shutil.which("nvidia-smi") else "cpu"


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
        name="Another Python", subtype="FILE_PATH", update=_another_python,
        description="A Python, or a virtual environment, that has torch and librosa: used instead of the installed engine")
    device: bpy.props.EnumProperty(name="Device", items=DEVICES, description="What the frames are computed on")
    build: bpy.props.EnumProperty(name="Build", items=_BUILD_ITEMS, default=_likely_build(),
                                  description="Which torch is installed")
    wheels: bpy.props.StringProperty(
        name="Wheels", subtype="DIR_PATH",
        description="A folder of wheels to install from, for a machine without a network; empty uses the network")
    base: bpy.props.StringProperty(
        name="Base Python", subtype="FILE_PATH",
        description="The Python that the environment is made with; empty looks for one, and copies Blender's if there is none")

    def draw(self, context: bpy.types.Context) -> None:
        """Whether there is an engine; what gets one; the device."""
        column = self.layout.column()
        column.use_property_split = True
        trouble = engine_trouble(context)
        text = trouble[:1].upper() + trouble[1:] if trouble else _what_there_is(self)
        column.label(text=text, icon="ERROR" if trouble else "CHECKMARK")
        column.prop(self, "device")
        self._installing(column.box().column())
        column.prop(self, "python")
        column.operator("ganreact.look_for_engine", icon="FILE_REFRESH")

    def _installing(self, box: bpy.types.UILayout) -> None:
        job, found = installing.installation, engine_home.ready()
        if job is not None and not job.is_done:
            row = box.row(align=True)
            row.progress(factor=job.fraction, text=job.text)
            row.operator("ganreact.stop_installing", text="", icon="CANCEL")
            return
        box.prop(self, "build")
        box.prop(self, "wheels")
        box.prop(self, "base")
        row = box.row(align=True)
        row.scale_y = 1.3
        again = "Repair" if engine_home.trouble() else "Install Again" if found else "Install Engine"
        row.operator("ganreact.install_engine", text=again, icon="IMPORT")
        if engine_home.home().is_dir():
            row.operator("ganreact.uninstall_engine", text="", icon="TRASH")
        row.operator("ganreact.show_install_log", text="", icon="TEXT")
        if job is not None and job.error:
            box.label(text=job.error[:1].upper() + job.error[1:], icon="ERROR")


def _what_there_is(preferences: bpy.types.AddonPreferences) -> str:
    """ "The engine is ready: torch 2.13.0, librosa 0.11.0, on cpu"; of another Python, which one it is."""
    found = None if preferences.python else engine_home.ready()
    if found is None:
        return f"The engine is ready: {find_engine_python(bpy.path.abspath(preferences.python))}"
    versions = ", ".join(f"{name} {version}" for name, version in found.versions.items() if name != "device")
    return f"The engine is ready: {versions}, on {found.versions.get('device', 'cpu')}"


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
