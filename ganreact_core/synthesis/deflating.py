"""Deflate, three times as fast where python-isal is installed, and as small: what a frame's file mostly costs."""

from __future__ import annotations

import zlib

try:
    from isal import isal_zlib
except ImportError:
    isal_zlib = None  # type: ignore[assignment]

_LEVEL, _MEMORY_LEVEL = 1, 9


def deflated(content: bytes | memoryview) -> bytes:
    """A zlib stream of differences: runs of equal bytes, and Huffman codes."""
    if isal_zlib is not None:
        return isal_zlib.compress(content, _LEVEL)
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS, _MEMORY_LEVEL, zlib.Z_RLE)
    return packer.compress(content) + packer.flush()
