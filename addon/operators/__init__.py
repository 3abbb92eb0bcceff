"""The verbs, by subject."""

from . import context_menu, items, looks, palette, picture, sound

CLASSES = (*sound.CLASSES, *looks.CLASSES, *items.CLASSES, *palette.CLASSES, *context_menu.CLASSES, *picture.CLASSES)
