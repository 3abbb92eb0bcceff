"""The verbs, by subject."""

from . import (
    arranging,
    beside,
    comparing,
    context_menu,
    engine,
    envelopes,
    events,
    finding,
    hallu,
    items,
    jobs,
    looks,
    networks,
    palette,
    picture,
    rendering,
    routing,
    sequencing,
    showing,
    sound,
    timing,
)

_SUBJECTS = (
    arranging, beside, comparing, context_menu, engine, envelopes, events, finding, hallu, items, jobs, looks, networks,
    palette, picture, rendering, routing, sequencing, showing, sound, timing,
)

CLASSES = tuple(cls for subject in _SUBJECTS for cls in subject.CLASSES)
