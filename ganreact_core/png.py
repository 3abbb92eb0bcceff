"""What can be told of a PNG from its bytes alone, without decoding it: is it whole, and what text does it carry."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_END = b"\x00\x00\x00\x00IEND\xaeB`\x82"
_HEAD_BYTES = 4096


def ends_whole(path: Path) -> bool:
    """Whether the file is there, begins as a PNG and ends with the end chunk: a cut file does not."""
    try:
        with open(path, "rb") as file:
            start = file.read(len(_SIGNATURE))
            file.seek(-len(_END), 2)
            return start == _SIGNATURE and file.read() == _END
    except OSError:
        return False


def is_sound(path: Path) -> bool:
    """Whether every chunk of the file carries the checksum it should, from the first to the end chunk."""
    try:
        content = path.read_bytes()
    except OSError:
        return False
    place = len(_SIGNATURE)
    while place + 12 <= len(content) and content.startswith(_SIGNATURE):
        (length,) = struct.unpack_from(">I", content, place)
        end = place + 8 + length
        if content[end:end + 4] != struct.pack(">I", zlib.crc32(content[place + 4:end])):
            return False
        if content[place + 4:place + 8] == b"IEND":
            return end + 4 == len(content)
        place = end + 4
    return False


def embedded_text(path: Path, keyword: str) -> str | None:
    """The text of an iTXt chunk near the file's start, or None."""
    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError:
        return None
    place = len(_SIGNATURE)
    while place + 8 <= len(head):
        (length,) = struct.unpack_from(">I", head, place)
        if head[place + 4:place + 8] == b"iTXt":
            name, _, rest = head[place + 8:place + 8 + length].partition(b"\0")
            if name == keyword.encode():  # two bytes of compression, then two empty strings: language, translation
                return rest[4:].decode("utf-8", "replace")
        place += 12 + length
    return None


def encode(picture: np.ndarray) -> bytes:
    """An 8-bit RGB picture [h, w, 3] as a PNG: for small ones, where no image library is at hand."""
    height, width = picture.shape[:2]
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # each row begins with its filter: none
    rows[:, 1:] = np.asarray(picture, np.uint8).reshape(height, -1)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return _SIGNATURE + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(rows.tobytes())) + _END


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
