"""What can be told of a frame's file from its bytes alone, in whatever format: is it whole, and what text does it carry.

Formats without checksums carry a digest of what follows their head.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

from . import exr, jpeg, png
from .files import without_waiting
from .png import Glance

ENDINGS = {"png": ".png", "exr": ".exr", "jpeg": ".jpg"}
"""Format of a look's frames -> ending of their names."""

DIGEST_NAME = "ganreact-digest"
_HEAD_BYTES = 1 << 14

_Head = Callable[[bytes], tuple[dict[str, str], int]]
_Ends = Callable[[BinaryIO, bytes, int], bool]
_ENDS: dict[str, tuple[_Head, _Ends]] = {".exr": (exr.read_head, exr.ends_whole), ".jpg": (jpeg.read_head, jpeg.ends_whole)}


def glance(path: Path) -> Glance | None:
    """A quick look at a file; None where there is none that can be read."""
    if path.suffix not in _ENDS:
        return png.glance(path)
    read_head, ends_whole = _ENDS[path.suffix]
    try:
        with open(path, "rb", buffering=0, opener=without_waiting) as file:
            head = file.read(_HEAD_BYTES)
            n_bytes = file.seek(0, 2)
            texts, end = read_head(head)
            whole = 0 < end < n_bytes and (not texts or ends_whole(file, head, n_bytes))  # a stranger's may be of any make
    except OSError:
        return None
    return Glance(whole, n_bytes, texts)


def is_sound(path: Path) -> bool:
    """Whether every byte is the one that was written, as far as the file itself can tell."""
    if path.suffix not in _ENDS:
        return png.is_sound(path)
    try:
        content = path.read_bytes()
    except OSError:
        return False
    texts, end = _ENDS[path.suffix][0](content[:_HEAD_BYTES])
    return bool(end) and texts.get(DIGEST_NAME) == digest_of(content[end:])


def digest_of(body: bytes) -> str:
    """What a file's head says of what follows it."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()


def with_digest(texts: Mapping[str, str], body: bytes) -> dict[str, str]:
    """Texts, and the digest of what will follow them."""
    return {**texts, DIGEST_NAME: digest_of(body)}


def embedded_text(path: Path, keyword: str) -> str | None:
    """The text of that name near the file's start, or None."""
    seen = glance(path)
    return seen.texts.get(keyword) if seen else None
