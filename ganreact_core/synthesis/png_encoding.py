"""Pictures -> PNG, several times as fast as the usual encoder and no larger: differences of rows, runs and Huffman codes."""

from __future__ import annotations

import struct
from collections.abc import Mapping

import numpy as np

from ..png import SIGNATURE, chunk
from .deflating import deflated

_RGB, _UP = 2, 2  # colour type; filter: each byte as its difference to the one above


def encode_png(picture: np.ndarray, texts: Mapping[str, str]) -> bytes:
    """uint8 or uint16 [h, w, 3] -> a file's bytes, with the texts as iTXt chunks at its head."""
    assert picture.ndim == 3 and picture.shape[2] == 3 and picture.dtype in (np.uint8, np.uint16)
    height, width = picture.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, 8 * picture.dtype.itemsize, _RGB, 0, 0, 0)
    chunks = [chunk(b"IHDR", header)]
    chunks += [chunk(b"iTXt", keyword.encode() + b"\0\0\0\0\0" + text.encode()) for keyword, text in texts.items()]
    packed = deflated(_filtered(picture).data)
    return SIGNATURE + b"".join([*chunks, chunk(b"IDAT", packed), chunk(b"IEND", b"")])


def _filtered(picture: np.ndarray) -> np.ndarray:
    """[h, 1 + bytes of a row]: the filter's number, then differences to the row above."""
    rows = np.ascontiguousarray(picture, picture.dtype.newbyteorder(">")).view(np.uint8).reshape(len(picture), -1)
    filtered = np.empty((len(rows), rows.shape[1] + 1), np.uint8)
    filtered[:, 0], filtered[0, 1:] = _UP, rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    return filtered
