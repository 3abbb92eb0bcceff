"""The verbs, by subject."""

from . import (
    arranging,
    beside,
    context_menu,
    envelopes,
    events,
    items,
    jobs,
    looks,
    palette,
    picture,
    rendering,
    sequencing,
    showing,
    sound,
    timing,
)

CLASSES = (*sound.CLASSES, *envelopes.CLASSES, *events.CLASSES, *timing.CLASSES, *beside.CLASSES, *jobs.CLASSES,
           *looks.CLASSES, *items.CLASSES, *palette.CLASSES, *context_menu.CLASSES, *sequencing.CLASSES,
           *arranging.CLASSES, *picture.CLASSES, *rendering.CLASSES, *showing.CLASSES)
