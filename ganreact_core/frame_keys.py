"""What a frame's picture is made of, as a hash: equal keys, equal pictures."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from .look import Look, addresses, came_later
from .table import Table

PICTURE_VERSION = 3
"""Raised whenever the same table would give another picture: it is part of every frame key."""

_NOISE_TILES = b"|noise tiles"
"""It did not always: frames from then are stale, and no others."""

_UNTELLING = {"label", "default", "file"}
"""Fields that say what a thing is called, what the table was made from, or where a carried file came from."""


def frame_keys(look: Look, table: Table, model_sha256: str, frames: Iterable[int],
               carried: Callable[[int], bytes] = lambda frame: b"") -> dict[int, str]:
    """Frame -> key: a hash of everything that makes its picture, and of nothing else.

    carried   frame -> digest of the other files in the bundle that the picture is made of
    """
    base = hashlib.blake2b(f"{PICTURE_VERSION}|{model_sha256}|".encode(), digest_size=20)
    base.update(json.dumps(_telling(replace(look, id="", model="")), sort_keys=True).encode())
    if look.canvas.seamless and look.noise_layers:
        base.update(_NOISE_TILES)
    known = addresses(look)
    rows = np.stack([table.columns[name] for name in sorted(known) if not came_later(name)], axis=1)
    later = {name: (table.columns[name], np.float32(known[name].default)) for name in sorted(known) if came_later(name)}
    keys = {}
    for frame in frames:
        digest = base.copy()
        row = frame - table.first_frame
        digest.update(rows[row].tobytes() + carried(frame))
        for name, (column, default) in later.items():
            if column[row] != default:
                digest.update(f"|{name}|".encode() + column[row].tobytes())
        keys[frame] = digest.hexdigest()
    return keys


def table_digest(table: Table) -> str:
    """A hash of every value of a table."""
    digest = hashlib.blake2b(f"{table.first_frame}|{float(table.fps)!r}".encode(), digest_size=16)
    for name in sorted(table.columns):
        digest.update(name.encode() + b"\0" + np.ascontiguousarray(table.columns[name], np.float32).tobytes())
    return digest.hexdigest()


def text_digest(content: bytes) -> str:
    """A hash of a document."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def _telling(value: Any) -> Any:
    """The part of a look that makes the picture: no labels, no defaults that the table has already taken in. A field that
    has its default is left out, so that a field which later versions add makes no frame stale."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        given = ((f, getattr(value, f.name)) for f in dataclasses.fields(value) if f.name not in _UNTELLING)
        return {f.name: _telling(v) for f, v in given if f.default is dataclasses.MISSING or v != f.default}
    return [_telling(v) for v in value] if isinstance(value, (list, tuple)) else value
