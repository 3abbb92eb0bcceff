"""The verbs, by subject."""

from . import items, looks, picture, sound

CLASSES = (*sound.CLASSES, *looks.CLASSES, *items.CLASSES, *picture.CLASSES)
