"""The face in Blender. This file lists the parts; each part says what it is.

They are imported when they are registered, so that those without bpy can be used without Blender.
"""


def register() -> None:
    """Make the parts known to Blender."""
    from bpy.utils import register_class

    from . import cli, counting, hallu_playing, network_card, previewing, properties, seeing, session, thumbnails, workspace
    from .operators import context_menu, dropping, files
    from .operators import workspace as workspace_verb

    for kind in _classes():
        register_class(kind)
    properties.register()
    session.register(hallu_playing.rest, network_card.rest, thumbnails.rest, workspace.rest)
    counting.register()
    seeing.register()
    previewing.register()
    cli.register()
    context_menu.register()
    files.register()
    dropping.register()
    workspace_verb.register()


def unregister() -> None:
    """Leave no trace."""
    from bpy.utils import unregister_class

    from . import (
        cli,
        counting,
        hallu_playing,
        installing,
        network_card,
        previewing,
        properties,
        seeing,
        session,
        thumbnails,
        viewing,
        workspace,
    )
    from .operators import context_menu, dropping, files
    from .operators import workspace as workspace_verb

    workspace_verb.unregister()
    dropping.unregister()
    files.unregister()
    context_menu.unregister()
    cli.unregister()
    seeing.unregister()
    counting.unregister()
    installing.rest()
    previewing.unregister()
    hallu_playing.rest()
    network_card.rest()
    workspace.rest()
    thumbnails.rest()
    session.unregister()
    properties.unregister()
    viewing.clear()
    for kind in reversed(_classes()):
        unregister_class(kind)


def _classes() -> tuple[type, ...]:
    from . import beginnings, drops, lists, operators, panels, preferences, properties

    parts = (preferences, properties, operators, beginnings, lists, panels, drops)
    return tuple(kind for part in parts for kind in part.CLASSES)
