"""The face in Blender. This file lists the parts; each part says what it is."""

import bpy

from . import cli, lists, operators, panels, preferences, properties, session, viewing

_CLASSES = (*preferences.CLASSES, *properties.CLASSES, *operators.CLASSES, *lists.CLASSES, *panels.CLASSES)


def register() -> None:
    """Make the parts known to Blender."""
    for kind in _CLASSES:
        bpy.utils.register_class(kind)
    properties.register()
    session.register()
    cli.register()


def unregister() -> None:
    """Leave no trace."""
    cli.unregister()
    session.unregister()
    properties.unregister()
    viewing.clear()
    for kind in reversed(_CLASSES):
        bpy.utils.unregister_class(kind)
