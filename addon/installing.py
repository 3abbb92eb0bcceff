"""The installation under way in this Blender, if there is one."""

from __future__ import annotations

import bpy

from .engine_install import Installation, Order
from .engine_python import forget_probes
from .redrawing import redraw

_PERIOD_S = 0.25
installation: Installation | None = None


def begin(order: Order) -> Installation:
    """Start; without a window, wait for the end."""
    global installation  # noqa: PLW0603 - there is one engine on a machine, and one installation of it
    installation = Installation(order)
    if bpy.app.background:
        installation.run()
        forget_probes()
    else:
        installation.start()
        bpy.app.timers.register(_watch, first_interval=_PERIOD_S, persistent=True)  # whatever file is open
    return installation


def is_running() -> bool:
    """Whether one is under way."""
    return installation is not None and not installation.is_done


def rest() -> None:
    """Stop what is under way."""
    if bpy.app.timers.is_registered(_watch):
        bpy.app.timers.unregister(_watch)
    if installation is not None and not installation.is_done:
        installation.stop()
        installation.join(10.0)


def _watch() -> float | None:
    redraw()
    if is_running():
        return _PERIOD_S
    forget_probes()
    return None
