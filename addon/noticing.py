"""Hearing from Blender that something has changed: one function among several of its handlers."""

from __future__ import annotations

from collections.abc import Callable

import bpy

CHANGES = ("depsgraph_update_post", "undo_post", "redo_post")
"""A value, a curve, a name, anything: also when it is undone."""


def notice(note: Callable[..., None], *events: str) -> None:
    """Have it called at these events; where it is called already, once."""
    for event in events:
        heard = getattr(bpy.app.handlers, event)
        if note not in heard:
            heard.append(note)


def forget(note: Callable[..., None], *events: str) -> None:
    """Have it called no more."""
    for event in events:
        heard = getattr(bpy.app.handlers, event)
        if note in heard:
            heard.remove(note)
