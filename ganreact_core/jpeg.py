"""What a JPEG says at its two ends (ITU-T T.81, annex B): comments after the start, a marker at the end."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import BinaryIO

_START, _END, _COMMENT = b"\xff\xd8", b"\xff\xd9", b"\xff\xfe"


def read_head(head: bytes) -> tuple[dict[str, str], int]:
    """The comments "name NUL text" right after the start, and where they end; nothing and 0 where it is no JPEG."""
    texts: dict[str, str] = {}
    place = len(_START)
    if not head.startswith(_START):
        return {}, 0
    while head[place:place + 2] == _COMMENT and place + 4 <= len(head):
        (length,) = struct.unpack_from(">H", head, place + 2)
        if place + 2 + length > len(head) or length < 2:
            return {}, 0
        name, _, text = head[place + 4:place + 2 + length].partition(b"\0")
        texts.setdefault(name.decode("latin-1"), text.decode("utf-8", "replace"))
        place += 2 + length
    return texts, place


def ends_whole(file: BinaryIO, head: bytes, n_bytes: int) -> bool:
    """Whether it ends as a JPEG."""
    file.seek(max(0, n_bytes - len(_END)))
    return head.startswith(_START) and file.read() == _END


def with_texts(content: bytes, texts: Mapping[str, str]) -> bytes:
    """A JPEG with comments at its head."""
    said = (name.encode() + b"\0" + text.encode() for name, text in texts.items())
    return _START + b"".join(_COMMENT + struct.pack(">H", len(one) + 2) + one for one in said) + content[len(_START):]
