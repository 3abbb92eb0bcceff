"""TensorFlow's tensor bundle (`NAME.index`, `NAME.data-00000-of-00001`) without TensorFlow.

The index is a LevelDB table: blocks of prefix-compressed entries, a footer that points to the index of blocks. Each value is a
small protobuf that says where in which shard a tensor lies. Every block and every tensor carries a CRC-32C.
"""

from __future__ import annotations

import glob
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .crc32c import crc32c, masked
from .opening import read_file
from .records import refuse, shown

_MAGIC = 0xDB4775248B80FB57
_FOOTER_BYTES = 48
_DTYPES = {1: "<f4", 2: "<f8", 3: "<i4", 9: "<i8", 19: "<f2"}
_TENSORS, _DIMS, _KEY_BYTES, _SHARDS = 20_000, 8, 4096, 1000


@dataclass(frozen=True)
class Entry:
    """Where a tensor lies."""

    dtype: str
    shape: tuple[int, ...]
    shard: int
    offset: int
    size: int
    crc: int | None


def read_tf_bundle(index: Path) -> dict[str, np.ndarray]:
    """The tensors of NAME.index and its shards by name; CheckpointError where anything does not fit."""
    table = dict(_table(read_file(index)))
    header = dict(fields(table.pop(b"", b"")))
    n_shards = header.get(1, 1)
    if not (isinstance(n_shards, int) and 1 <= n_shards <= _SHARDS) or header.get(2, 0) != 0:
        raise refuse(f"'{shown(index.name)}' is no little-endian TensorFlow checkpoint of 1 to {_SHARDS} shards")
    read = {key.decode("utf-8", "replace"): _entry(key, value) for key, value in table.items()}
    entries = {name: entry for name, entry in read.items() if entry is not None}
    _require_apart(entries)
    stem = index.name.removesuffix(".index")
    shards = {k: read_file(index.with_name(f"{stem}.data-{k:05d}-of-{n_shards:05d}"))
              for k in sorted({e.shard for e in entries.values()}) if k < n_shards}
    return {name: _tensor(name, entry, shards) for name, entry in entries.items()}


def is_index(data: memoryview) -> bool:
    """Whether a file is the index of a bundle, by its last bytes."""
    return len(data) >= _FOOTER_BYTES and int.from_bytes(data[-8:], "little") == _MAGIC


def shard_files(index: Path) -> list[Path]:
    """The files of numbers that belong to an index, in order."""
    return sorted(index.parent.glob(f"{glob.escape(index.name.removesuffix('.index'))}.data-?????-of-?????"))


def index_of(folder: Path) -> Path | None:
    """The index file that a folder means: the one its `checkpoint` file names, or the only one there."""
    names = sorted(p.name for p in folder.glob("*.index"))
    named = folder / "checkpoint"
    if named.is_file():
        found = re.search(rb'^model_checkpoint_path: "([^"/\\]{1,200})"', bytes(read_file(named)[:1 << 16]), re.MULTILINE)
        if found and f"{found[1].decode('utf-8', 'replace')}.index" in names:
            return folder / f"{found[1].decode()}.index"
    return folder / names[0] if len(names) == 1 else None


def _table(data: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """Every key and value of a LevelDB table, in order."""
    if not is_index(data):
        raise refuse("the index is no TensorFlow index, or is cut; copy it again", max(len(data) - 8, 0))
    _, _, place = _handle(data, len(data) - _FOOTER_BYTES)
    start, size, _ = _handle(data, place)
    seen = 0
    for _, handle in _block(data, start, size):
        block_start, block_size, _ = _handle(handle, 0)
        for key, value in _block(data, block_start, block_size):
            seen += 1
            if seen > _TENSORS:
                raise refuse(f"the index lists more than {_TENSORS} tensors, as no network has")
            yield key, value


def _block(data: memoryview, start: int, size: int) -> Iterator[tuple[bytes, memoryview]]:
    """The entries of a block, keys made whole; its kind and CRC follow it."""
    end = start + size
    if not 0 <= start <= end <= len(data) - 5 or size < 4:
        raise refuse("a block of the index lies outside the file; copy it again", max(start, 0))
    if data[end] != 0:
        raise refuse("the index is compressed, which TensorFlow does not write", end)
    if masked(crc32c(data[start:end + 1])) != int.from_bytes(data[end + 1:end + 5], "little"):
        raise refuse("the index is damaged (a checksum does not fit); copy it again", start)
    restarts = int.from_bytes(data[end - 4:end], "little")
    place, stop, key = start, end - 4 * (restarts + 1), b""
    while place < stop:
        (shared, fresh, length), place = _varints(data, place, 3)
        if shared > len(key) or fresh > _KEY_BYTES or place + fresh + length > stop:
            raise refuse("an entry of the index is damaged; copy it again", place)
        key = key[:shared] + bytes(data[place:place + fresh])
        yield key, data[place + fresh:place + fresh + length]
        place += fresh + length


def _handle(data: memoryview, place: int) -> tuple[int, int, int]:
    (start, size), place = _varints(data, place, 2)
    return start, size, place


def _varints(data: memoryview, place: int, count: int) -> tuple[list[int], int]:
    """So many base-128 numbers from a place on, and the place after them."""
    numbers = []
    for _ in range(count):
        if place < len(data) and data[place] < 128:  # one byte: nearly all of them
            numbers.append(data[place])
            place += 1
            continue
        value = 0
        for shift in range(0, 70, 7):
            if place >= len(data) or shift > 63:
                raise refuse("a number in the index is damaged; copy it again", place)
            byte = data[place]
            place += 1
            value |= (byte & 127) << shift
            if byte < 128:
                break
        numbers.append(value)
    return numbers, place


def fields(message: memoryview | bytes) -> Iterator[tuple[int, int | memoryview]]:
    """The fields of a protobuf message: number, and an integer (fixed-width ones as unsigned bits) or bytes."""
    message, place = memoryview(message), 0
    while place < len(message):
        (tag,), place = _varints(message, place, 1)
        wire = tag & 7
        if wire == 0:
            (value,), place = _varints(message, place, 1)
            yield tag >> 3, value
            continue
        if wire == 2:
            (length,), place = _varints(message, place, 1)
        else:
            length = {1: 8, 5: 4}.get(wire, len(message) + 1)
        if place + length > len(message):
            raise refuse("a record in the index is damaged; copy it again")
        part, place = message[place:place + length], place + length
        yield tag >> 3, part if wire == 2 else int.from_bytes(part, "little")


def _entry(key: bytes, value: memoryview) -> Entry | None:
    """One tensor's record; None for kinds of values that no network's weights are."""
    found: dict[int, int] = {}
    shape: list[int] = []
    for number, field in fields(value):
        if number == 2 and isinstance(field, memoryview):
            shape = [next((v for n, v in fields(dim) if n == 1 and isinstance(v, int)), 0)
                     for n, dim in fields(field) if n == 2 and isinstance(dim, memoryview)]
        elif isinstance(field, int):
            found[number] = field
    if found.get(1) not in _DTYPES:
        return None
    if len(shape) > _DIMS or not all(0 <= side < 1 << 40 for side in shape):
        raise refuse(f"tensor '{shown(key.decode('utf-8', 'replace'))}' has the impossible shape {shown(shape)}")
    return Entry(_DTYPES[found[1]], tuple(shape), found.get(3, 0), found.get(4, 0), found.get(5, 0), found.get(6))


def _require_apart(entries: dict[str, Entry]) -> None:
    """No two tensors lie over each other: a shard could be read, checked and widened as often as it is named."""
    ends: dict[int, int] = {}
    for name, entry in sorted(entries.items(), key=lambda item: (item[1].shard, item[1].offset, item[1].size)):
        if entry.offset < ends.get(entry.shard, 0):
            raise refuse(f"tensor '{shown(name)}' overlaps another; copy the checkpoint again")
        ends[entry.shard] = entry.offset + entry.size


def _tensor(name: str, entry: Entry, shards: dict[int, memoryview]) -> np.ndarray:
    """A tensor as a view into its shard, float32 where it is any float."""
    if entry.shard not in shards:
        raise refuse(f"tensor '{shown(name)}' is said to lie in shard {entry.shard}, which there is not")
    raw = shards[entry.shard][entry.offset:entry.offset + entry.size]
    if len(raw) != entry.size or entry.size != math.prod(entry.shape) * np.dtype(entry.dtype).itemsize:
        raise refuse(f"tensor '{shown(name)}' does not fit its place in the file; copy the checkpoint again")
    if entry.crc is not None and masked(crc32c(raw)) != entry.crc:
        raise refuse(f"tensor '{shown(name)}' is damaged (its checksum does not fit); copy the checkpoint again")
    values = np.frombuffer(raw, entry.dtype).reshape(entry.shape)
    return values.astype(np.float32) if values.dtype.kind == "f" and values.dtype != np.float32 else values
