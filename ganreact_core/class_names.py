"""The names of a network's classes, and classes by their names.

Networks trained on ImageNet (BigGAN, StyleGAN-XL) have its 1000 classes in the order of ILSVRC 2012; a name is WordNet's: one
or several words that mean the same, with commas between. Other networks' names come with their card, or classes are numbers.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from .errors import UsageError

_FILE = Path(__file__).parent / "models" / "imagenet.txt"
_SUGGESTED = 5
_HEAD_BYTES = 16 << 20
_MOST = 100_000  # classes; a network of more is not read either


@cache
def imagenet_names() -> tuple[str, ...]:
    """The 1000 names of ILSVRC 2012, by class number."""
    return tuple(_FILE.read_text("utf-8").splitlines())


def class_names(count: int, told: object = None) -> tuple[str, ...]:
    """A name for each of `count` classes: as a card tells, ImageNet's where there are 1000, else "class 3"."""
    if isinstance(told, list | tuple) and len(told) == count and all(isinstance(name, str) for name in told):
        return tuple(told)
    return imagenet_names() if count == len(imagenet_names()) else tuple(f"class {n}" for n in range(count))


def names_in(config: Mapping[str, Any], origin: Mapping[str, Any]) -> tuple[str, ...]:
    """A name for each class of a checkpoint, as it tells itself under either of its two keys; () where it has none, or more
    than can be."""
    try:
        count = operator.index(config.get("c_dim") or 0)
    except TypeError:
        return ()
    if not 0 < count <= _MOST:
        return ()
    return class_names(count, origin.get("class_names") or origin.get("classes"))


def names_without_reading(path: Path) -> tuple[str, ...]:
    """The names of a network's classes where its family's reader is not at hand: those in the head of our own safetensors,
    else ImageNet's, which most networks of classes have. Nothing else of the file is read."""
    try:
        with open(path, "rb") as file:
            size = int.from_bytes(file.read(8), "little")
            head = json.loads(file.read(size)) if size <= _HEAD_BYTES else {}
            card = json.loads(head["__metadata__"]["ganreact"])
            return names_in(card["config"], card)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return imagenet_names()


def short_name(number: int, names: Sequence[str]) -> str:
    """The first of the words that mean the class."""
    return names[number].partition(",")[0].strip()


def find_classes(wish: str, names: Sequence[str]) -> list[int]:
    """The classes that a text may mean, the likeliest first: a number, a whole name, or words that names begin with.

    >>> find_classes("goldfish", imagenet_names()), find_classes("517 crane", imagenet_names())
    ([1], [517])
    """
    wanted = wish.strip().lower()
    number, _, name = wanted.partition(" ")
    if number.isdecimal() and (not name or (int(number) < len(names) and names[int(number)].lower().startswith(name))):
        return [int(number)] if int(number) < len(names) else []
    known = [[word.strip().lower() for word in name.split(",")] for name in names]
    exact = [number for number, words in enumerate(known) if wanted in words]
    starts = [re.compile(rf"\b{re.escape(part)}") for part in wanted.split()]
    parts = [number for number, name in enumerate(names)
             if starts and number not in exact and all(start.search(name.lower()) for start in starts)]
    return exact + parts


def class_number(wish: str, names: Sequence[str]) -> int:
    """The one class that a text means; raises UsageError where that is none, or one of several."""
    found = find_classes(wish, names)
    wanted = wish.strip().lower()
    exact = [n for n in found if wanted in [word.strip().lower() for word in names[n].split(",")]]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if not names:
        raise UsageError(f"this network has no classes, so none is called '{wish[:40]}'; choose its pictures by seed")
    if not found:
        raise UsageError(f"no class of this network is called '{wish[:40]}'; "
                         f"give a name, or a number from 0 to {len(names) - 1}")
    likely = ", ".join(f"{n} ({short_name(n, names)})" for n in (exact or found)[:_SUGGESTED])
    raise UsageError(f"'{wish[:40]}' may mean {len(exact or found)} classes: {likely}; give one of the numbers")
