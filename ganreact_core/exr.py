"""What an OpenEXR file says at its two ends (openexr.com, "OpenEXR File Layout"): scan lines in zip blocks."""

from __future__ import annotations

import struct
from typing import BinaryIO

MAGIC = b"\x76\x2f\x31\x01\x02\0\0\0"
BLOCK_ROWS = 16
_MOST_ROWS = 1 << 16


def read_head(head: bytes) -> tuple[dict[str, str], int]:
    """The texts among the attributes, and where these end; nothing and 0 where they do not."""
    texts, _, end = _attributes(head)
    return texts, end


def ends_whole(file: BinaryIO, head: bytes, n_bytes: int) -> bool:
    """Whether the last block of rows ends where the file does."""
    _, rows, end = _attributes(head)
    blocks = -(-rows // BLOCK_ROWS)
    if not (end and blocks and end + 8 * blocks <= len(head)):
        return False
    (place,) = struct.unpack_from("<Q", head, end + 8 * (blocks - 1))
    if not end < place < n_bytes:
        return False
    file.seek(place)
    block = file.read(8)
    return len(block) == 8 and place + 8 + struct.unpack("<iI", block)[1] == n_bytes


def _attributes(head: bytes) -> tuple[dict[str, str], int, int]:
    """(texts, rows of the picture, where the head ends): 0 where it does not end in these bytes."""
    texts: dict[str, str] = {}
    rows, place = 0, len(MAGIC)
    if not head.startswith(MAGIC):
        return {}, 0, 0
    while place < len(head) and head[place]:
        name, _, rest = head[place:].partition(b"\0")
        kind, _, rest = rest.partition(b"\0")
        if len(rest) < 4:
            return {}, 0, 0
        (size,) = struct.unpack_from("<I", rest)
        value = rest[4:4 + size]
        place += len(name) + len(kind) + 6 + size
        if kind == b"string":
            texts.setdefault(name.decode("latin-1"), value.decode("utf-8", "replace"))
        elif name == b"dataWindow" and len(value) == 16:
            top, bottom = struct.unpack_from("<xxxxixxxxi", value)
            rows = bottom - top + 1
    return (texts, rows if 0 < rows < _MOST_ROWS else 0, place + 1) if place < len(head) else ({}, 0, 0)
