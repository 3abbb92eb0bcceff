"""Whether a timer may write into the file now.

Timers run also while a hand drags a strip or a key, and while Blender renders in a thread. Both hold on to what they began
with: 5.2 crashed when a job's end replaced the strip that was being dragged. What is written then waits a moment.
"""

from __future__ import annotations

import bpy

from ..ganreact_core.errors import LookError

_HOLDING = ("TRANSFORM_", "SEQUENCER_", "ANIM_", "GRAPH_", "ACTION_", "NLA_", "MARKER_", "NODE_", "OBJECT_", "VIEW3D_",
            "IMAGE_", "PAINT_", "SCULPT_", "MESH_")
"""How the names of Blender's operators begin that keep strips, curves, nodes or pixels while they run; an add-on's own may
run for ever, and a finished render leaves its own in the list."""


def renders() -> bool:
    """Whether Blender renders in a thread."""
    return bpy.app.is_job_running("RENDER")


def require_still() -> None:
    """Raises LookError while Blender renders: its thread goes from frame to frame of the very file that would change."""
    if renders():
        raise LookError("Blender is rendering this file; wait for it, or stop it with Esc, and then do this again")


def are_full() -> bool:
    """Whether Blender renders, or something is being dragged, painted or shaped in any window."""
    if renders():
        return True
    running = (one.bl_idname for window in bpy.context.window_manager.windows for one in window.modal_operators)
    return any(name.startswith(_HOLDING) for name in running)
