"""What can be told of a PNG from its bytes alone, without decoding it: is it whole, and what text does it carry."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .files import without_waiting

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_END = b"\x00\x00\x00\x00IEND\xaeB`\x82"
_HEAD_BYTES = 4096


@dataclass(frozen=True)
class Glance:
    """What the two ends of a file say.

    whole    begins as a PNG and ends with the end chunk: a file that was cut short, or never written, does not
    texts    the iTXt chunks near its start
    """

    whole: bool
    n_bytes: int
    texts: dict[str, str]


def glance(path: Path) -> Glance | None:
    """A quick look at a file, a few microseconds; None where there is none that can be read."""
    try:
        with open(path, "rb", buffering=0, opener=without_waiting) as file:
            head = file.read(_HEAD_BYTES)
            n_bytes = file.seek(0, 2)
            file.seek(max(0, n_bytes - len(_END)))
            end = file.read()
    except OSError:
        return None
    return Glance(head.startswith(SIGNATURE) and end == _END, n_bytes, _texts(head))


def grey_png(grey: np.ndarray) -> bytes:
    """uint8 [h, w] as a PNG."""
    return _written(grey, 0)


def encode(picture: np.ndarray) -> bytes:
    """uint8 [h, w, 3] as a PNG: for small pictures, where no image library is at hand."""
    return _written(picture.reshape(picture.shape[0], -1), 2)


def _written(values: np.ndarray, colours: int) -> bytes:
    """Rows of values as a PNG of this colour type: 0 is grey, 2 is RGB."""
    height, width = values.shape[0], values.shape[1] // (3 if colours == 2 else 1)
    rows = np.concatenate([np.zeros((height, 1), np.uint8), values], axis=1)  # each begins with its filter: none
    head = struct.pack(">IIBBBBB", width, height, 8, colours, 0, 0, 0)
    return SIGNATURE + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows.tobytes(), 6)) + _END


def chunk(kind: bytes, content: bytes) -> bytes:
    """A part of a file: length, kind, content, checksum."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def is_sound(path: Path) -> bool:
    """Whether every chunk of the file carries the checksum it should, from the first to the end chunk."""
    try:
        content = path.read_bytes()
    except OSError:
        return False
    place = len(SIGNATURE)
    while place + 12 <= len(content) and content.startswith(SIGNATURE):
        (length,) = struct.unpack_from(">I", content, place)
        end = place + 8 + length
        if content[end:end + 4] != struct.pack(">I", zlib.crc32(content[place + 4:end])):
            return False
        if content[place + 4:place + 8] == b"IEND":
            return end + 4 == len(content)
        place = end + 4
    return False


def _texts(head: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    place = len(SIGNATURE)
    while place + 8 <= len(head):
        (length,) = struct.unpack_from(">I", head, place)
        if head[place + 4:place + 8] == b"iTXt" and place + 8 + length <= len(head):
            name, _, rest = head[place + 8:place + 8 + length].partition(b"\0")
            # two bytes of compression, then two empty strings: language, translation
            found.setdefault(name.decode("latin-1"), rest[4:].decode("utf-8", "replace"))
        place += 12 + length
    return found
