"""Ids, labels and addresses: everything an artist names has a stable ASCII id and a label in any script."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection

from .errors import LookError

ADDRESS_LIMIT_BYTES = 63
"""Blender keeps the name of a custom property in 64 bytes."""

_DEVICES = ("con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10)))
"""What Windows takes for a device, whatever ending a file's name has: no file of a thing can be called so."""

_SLUG = re.compile(r"[a-z0-9_-]{1,20}")


def is_slug(text: str) -> bool:
    """Whether it can be an id: 1 to 20 of a-z, 0-9, _ and -."""
    return bool(_SLUG.fullmatch(text))


def check_slug(text: str) -> str:
    """The id itself, or LookError where it is none."""
    if not isinstance(text, str) or not is_slug(text):
        raise LookError(f"{text!r} is not an id; use 1 to 20 of a-z, 0-9, _ and -")
    return text


def slug(label: str, taken: Collection[str] = (), *, fallback: str = "item") -> str:
    """An id for a label, unique among those taken: "Überblick!" -> "uberblick", again -> "uberblick-2"."""
    ascii_ = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9_-]+", "-", ascii_).strip("-")[:20] or fallback
    candidate, n = stem, 1
    while candidate in taken or candidate in _DEVICES:
        n += 1
        candidate = f"{stem[:20 - len(str(n)) - 1]}-{n}"
    return candidate


def check_unique(kind: str, ids: list[str]) -> None:
    """Raises LookError where two of a list share an id."""
    twice = sorted(ident for ident, count in Counter(ids).items() if count > 1)
    if twice:
        raise LookError(f"two of the {kind} are called '{twice[0]}'; give each an id of its own")
