"""Editors that show something of ours, drawn again: what a timer has changed is seen without a move of the mouse."""

from __future__ import annotations

import bpy

_SHOWN_IN = {"SEQUENCE_EDITOR", "VIEW_3D", "PREFERENCES", "IMAGE_EDITOR"}


def redraw() -> None:
    """Have all of them drawn, in every window."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in _SHOWN_IN:
                area.tag_redraw()
