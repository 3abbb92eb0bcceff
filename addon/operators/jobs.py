"""Verbs about what is under way: stop it, dismiss what it said, look for the engine again."""

from __future__ import annotations

import bpy

from ..engine_python import forget_probes
from ..preferences import engine_trouble
from ..session import session


class Cancel(bpy.types.Operator):
    """Stop after the frame that is being made; what is done stays, and the next render goes on from there"""

    bl_idname = "ganreact.cancel"
    bl_label = "Cancel"
    bl_options = frozenset({"INTERNAL"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Ask every job to stop."""
        session.cancel()
        return {"FINISHED"}


class Dismiss(bpy.types.Operator):
    """Read and done"""

    bl_idname = "ganreact.dismiss"
    bl_label = "Dismiss"
    bl_options = frozenset({"INTERNAL"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Forget the notice."""
        session.notice = ""
        return {"FINISHED"}


class LookForEngine(bpy.types.Operator):
    """Look again whether the Python chosen here has what the engine needs"""

    bl_idname = "ganreact.look_for_engine"
    bl_label = "Look Again"
    bl_options = frozenset({"INTERNAL"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Forget earlier answers, and ask."""
        forget_probes()
        trouble = engine_trouble(context)
        self.report({"WARNING" if trouble else "INFO"}, trouble or "The engine is ready")
        return {"FINISHED"}


class Warn(bpy.types.Operator):
    """Report what a job found odd, in the status bar and among the reports"""

    bl_idname = "ganreact.warn"
    bl_label = "Warn"
    bl_options = frozenset({"INTERNAL"})

    text: bpy.props.StringProperty(options={"HIDDEN", "SKIP_SAVE"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        """The panel shows it too, until it is dismissed."""
        self.report({"WARNING"}, self.text)
        return {"FINISHED"}


CLASSES = (Warn, Cancel, Dismiss, LookForEngine)
