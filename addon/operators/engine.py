"""Verbs about the engine's own environment: install it, stop that, take it away, read what happened."""

from __future__ import annotations

import bpy
from bpy.props import StringProperty

from ...ganreact_core.errors import EngineError
from .. import engine_home, engine_install, installing
from ..engine_python import forget_probes
from ..preferences import ROOT
from ..session import session
from .base import Verb, allowed


class InstallEngine(Verb, bpy.types.Operator):
    """Install what computes the pictures into an environment of its own, outside Blender; it stays when Blender is updated"""

    bl_idname = "ganreact.install_engine"
    bl_label = "Install Engine"
    bl_options = frozenset({"REGISTER", "INTERNAL"})

    build: StringProperty(options={"SKIP_SAVE"}, description="cpu, cuda, rocm or metal; empty takes the preferences'")
    wheels: StringProperty(options={"SKIP_SAVE"}, description="A folder of wheels; empty takes the preferences'")

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """One at a time."""
        return allowed(cls, {"An installation is under way": installing.is_running()})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Tell the size first."""
        build = engine_home.BUILDS[self._order(context).build]
        text = f"{build.label}: about {build.download:g} GB to download, {build.disk:g} GB on the disk"
        return context.window_manager.invoke_confirm(self, event, title="Install the engine", message=text,
                                                     confirm_text="Install")

    def work(self, context: bpy.types.Context) -> str | None:
        """On a thread; the preferences show how far it is."""
        order = self._order(context)
        advice = engine_install.advice_offline(order.wheels, bpy.app.online_access)
        if advice:
            raise EngineError(advice)
        session.stop()
        done = installing.begin(order)
        if done.error:
            raise EngineError(done.error)
        return "The engine is ready" if done.is_done else None

    def _order(self, context: bpy.types.Context) -> engine_install.Order:
        enabled = context.preferences.addons.get(ROOT)
        own = enabled.preferences if enabled else None
        wheels = self.wheels or (bpy.path.abspath(own.wheels) if own and own.wheels else "")
        base = bpy.path.abspath(own.base) if own and own.base else ""
        return engine_install.Order(self.build or (own.build if own else "cpu"), wheels, base)


class StopInstalling(Verb, bpy.types.Operator):
    """Stop the installation; what was there before stays"""

    bl_idname = "ganreact.stop_installing"
    bl_label = "Stop"
    bl_options = frozenset({"INTERNAL"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs one."""
        return allowed(cls, {"Nothing is being installed": not installing.is_running()})

    def work(self, context: bpy.types.Context) -> str | None:
        """Ask it to stop."""
        installing.installation.stop()
        return None


class UninstallEngine(Verb, bpy.types.Operator):
    """Remove the engine's environment from this machine; looks, keys and frames stay"""

    bl_idname = "ganreact.uninstall_engine"
    bl_label = "Uninstall Engine"
    bl_options = frozenset({"INTERNAL"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs one that is not being made."""
        return allowed(cls, {"An installation is under way": installing.is_running(),
                             "The engine is not installed": not engine_home.home().is_dir()})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask first."""
        return context.window_manager.invoke_confirm(self, event)

    def work(self, context: bpy.types.Context) -> str | None:
        """The whole folder."""
        session.stop()
        engine_home.uninstall()
        forget_probes()
        return None


class ShowInstallLog(Verb, bpy.types.Operator):
    """Open what the last installation said"""

    bl_idname = "ganreact.show_install_log"
    bl_label = "Installation Log"
    bl_options = frozenset({"INTERNAL"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs one."""
        return allowed(cls, {"Nothing was installed yet": not engine_install.log_file().is_file()})

    def work(self, context: bpy.types.Context) -> str | None:
        """In the system's own viewer."""
        bpy.ops.wm.path_open(filepath=str(engine_install.log_file()))
        return None


CLASSES = (InstallEngine, StopInstalling, UninstallEngine, ShowInstallLog)
