"""The face in Blender. This file lists the parts; each part says what it is.

They are imported when they are registered, so that those without bpy can be used without Blender.
"""

from collections.abc import Callable
from types import ModuleType


def register() -> None:
    """Make the parts known to Blender."""
    from bpy.utils import register_class

    from . import session

    for kind in _classes():
        register_class(kind)
    for part in _parts():
        part.register()
    session.end_with_the_file(*_at_work())


def unregister() -> None:
    """Leave no trace."""
    from bpy.utils import unregister_class

    from . import installing

    for part in reversed(_parts()):
        part.unregister()
    for rest in (*_at_work(), installing.rest):
        rest()
    for kind in reversed(_classes()):
        unregister_class(kind)


def _classes() -> tuple[type, ...]:
    from . import beginnings, drops, lists, operators, panels, preferences, properties

    parts = (preferences, properties, operators, beginnings, lists, panels, drops)
    return tuple(kind for part in parts for kind in part.CLASSES)


def _parts() -> tuple[ModuleType, ...]:
    """What joins Blender's properties, handlers, menus and commands."""
    from . import cli, counting, previewing, properties, resaving, seeing, session
    from .operators import context_menu, dropping, files, workspace

    return properties, session, counting, seeing, previewing, resaving, cli, context_menu, files, dropping, workspace


def _at_work() -> tuple[Callable[[], None], ...]:
    """What puts to rest that which goes on between two clicks and is about the open file."""
    from . import hallu_playing, network_card, thumbnails, viewing, workspace

    return hallu_playing.rest, network_card.rest, thumbnails.rest, viewing.clear, workspace.rest
