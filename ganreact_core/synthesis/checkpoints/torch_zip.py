"""Torch's zip format: a directory that must be exactly as torch writes it, one pickle, and one stored entry per storage.

Nothing is unpacked to disk, and no entry's name is ever used as a path. Every byte before the directory belongs to
exactly one entry, so there is no room for a second archive, a bomb, or a record that two parsers would see differently.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .machine import Machine
from .records import refuse, shown
from .torch_tensors import Storage, StorageKey, item_bytes

_END = struct.Struct("<4sHHHHIIH")
_END64 = struct.Struct("<4sQHHIIQQQQ")
_LOCATOR64 = struct.Struct("<4sIQI")
_ENTRY = struct.Struct("<4sHHHHHHIIIHHHHHII")
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_MAX_ENTRIES = 20_100
_KNOWN = re.compile(r"data\.pkl|version|byteorder|\.format_version|\.storage_alignment|\.data/serialization_id|data/\w{1,40}")


@dataclass(frozen=True)
class Entry:
    """One stored record: where its bytes begin and end, and where the next entry may begin."""

    name: str
    begin: int
    end: int
    crc: int
    header: int


def read_zip(data: memoryview, allowed: Callable[[str, str], bool]) -> tuple[Any, Callable[[Any], Storage]]:
    """The value of `data.pkl`, and the finder of its storages. Only CheckpointError leaves."""
    try:
        records = _records(data)
    except (struct.error, ValueError, IndexError) as cause:
        raise refuse(f"the directory of this zip file is damaged ({type(cause).__name__}); download it again") from cause
    if bytes(records.get("byteorder", memoryview(b"little"))) != b"little":
        raise refuse("the checkpoint was written on a big-endian machine; save it again on another one")
    machine = Machine(records["data.pkl"], allowed, references=True)
    value, end = machine.run()
    if end != len(records["data.pkl"]):
        raise refuse("the record 'data.pkl' goes on after its end; the checkpoint is not loaded", end)
    return value, _finder(records, machine)


def _finder(records: dict[str, memoryview], machine: Machine) -> Callable[[Any], Storage]:
    """Finds the record of a storage. Every storage that is mentioned must be there, in one type and its whole length."""
    declared: dict[str, StorageKey] = {}
    for reference in machine.referred:
        found = StorageKey.of(reference)
        if declared.setdefault(found.key, found) != found:
            raise refuse(f"the checkpoint describes the numbers '{shown(found.key)}' in two ways", reference.byte)
    storages = {key: _storage(records, found) for key, found in declared.items()}
    return lambda record: storages[StorageKey.of(record).key]


def _storage(records: dict[str, memoryview], key: StorageKey) -> Storage:
    raw = records.get(f"data/{key.key}")
    if raw is None:
        raise refuse(f"the record 'data/{shown(key.key)}' is missing; download the checkpoint again")
    if len(raw) != key.count * item_bytes(key.dtype):
        raise refuse(f"the record 'data/{shown(key.key)}' has {len(raw)} bytes, which are not {key.count} numbers")
    return Storage(key.dtype, raw)


def _records(data: memoryview) -> dict[str, memoryview]:
    """The records by their names below the one folder of the archive, their checksums checked."""
    directory, count = _directory(data)
    entries = _entries(data, directory, count)
    records = _named({entry.name: entry for entry in entries})
    for name, entry in records.items():
        if zlib.crc32(data[entry.begin:entry.end]) != entry.crc:
            raise refuse(f"the record '{shown(name)}' is damaged (its checksum is wrong); download the checkpoint again")
    return {name: data[entry.begin:entry.end] for name, entry in records.items()}


def _directory(data: memoryview) -> tuple[int, int]:
    """The byte where the directory begins and the number of its entries; it ends with the file."""
    last = len(data) - _END.size
    sign, disk, first, here, count, size, begin, comment = _END.unpack(data[max(0, last):])
    if sign != b"PK\x05\x06":
        raise refuse(f"the file is cut, or something follows the archive ({len(data)} bytes); download it again")
    end = last
    if bytes(data[last - _LOCATOR64.size:][:4]) == b"PK\x06\x07":
        end = last - _LOCATOR64.size - _END64.size
        if _LOCATOR64.unpack(data[last - _LOCATOR64.size:last]) != (b"PK\x06\x07", 0, end, 1):
            raise refuse("the directory of this zip file is not where it should be", last)
        wide = _END64.unpack(data[end:end + _END64.size])
        sign, _, _, _, disk, first, here, count, size, begin = wide
    if sign not in (b"PK\x05\x06", b"PK\x06\x06") or (disk, first, comment) != (0, 0, 0) or here != count:
        raise refuse("the directory of this zip file is written in an unknown way", end)
    if begin + size != end or not 0 < count <= _MAX_ENTRIES:
        raise refuse(f"the directory of this zip file does not fit it ({count} entries)", end)
    return begin, count


def _entries(data: memoryview, directory: int, count: int) -> list[Entry]:
    """All entries. Each begins where the one before it ended; names are unique."""
    entries, position = [], directory
    for _ in range(count):
        entry, position = _entry(data, position)
        entries.append(entry)
    if len({entry.name for entry in entries}) != count:
        raise refuse("the archive holds two records of one name; it is not loaded")
    free = 0
    for entry in sorted(entries, key=lambda entry: entry.header):
        if entry.header != free:
            raise refuse(f"the record '{shown(entry.name)}' overlaps another or leaves a hole", entry.header)
        free = entry.end + _descriptor_bytes(data, entry.end)
    if free != directory:
        raise refuse(f"{directory - free} unknown bytes lie before the directory of the archive", free)
    return entries


def _entry(data: memoryview, position: int) -> tuple[Entry, int]:
    """One line of the directory and the local header it points to."""
    (sign, _, _, flags, method, _, _, crc, packed, size, n_name, n_extra, n_comment, _, _, attributes,
     header) = _ENTRY.unpack(data[position:position + _ENTRY.size])
    after = position + _ENTRY.size + n_name + n_extra + n_comment
    name = str(data[position + _ENTRY.size:position + _ENTRY.size + n_name], "utf-8")
    extra = data[position + _ENTRY.size + n_name:position + _ENTRY.size + n_name + n_extra]
    size, packed, header = _widened(extra, (size, packed, header))
    if sign != b"PK\x01\x02" or flags & 0x2041 or attributes >> 28 == 0xA:
        raise refuse(f"the record '{shown(name)}' is encrypted, a link, or written in an unknown way", position)
    if method != 0 or packed != size:
        raise refuse(f"the record '{shown(name)}' is compressed, which those of a torch checkpoint never are; "
                     "if this is an ordinary archive, unpack it first")
    begin = _local_begin(data, header, name)
    if begin + size > len(data):
        raise refuse(f"the file is cut: the record '{shown(name)}' ends at byte {begin + size} of {len(data)}")
    return Entry(name, begin, begin + size, crc, header), after


def _local_begin(data: memoryview, header: int, name: str) -> int:
    """Where the bytes of an entry begin; its local header must tell the same name."""
    local = _LOCAL.unpack(data[header:header + _LOCAL.size])
    start = header + _LOCAL.size
    if local[0] != b"PK\x03\x04" or local[3] != 0 or bytes(data[start:start + local[9]]) != name.encode():
        raise refuse(f"the record '{shown(name)}' is not where the directory says", header)
    return start + local[9] + local[10]


def _widened(extra: memoryview, values: tuple[int, int, int]) -> tuple[int, int, int]:
    """Sizes and offset, those above 4 GiB from the entry's zip64 field."""
    wide: list[int] = []
    position = 0
    while position + 4 <= len(extra):
        kind, size = struct.unpack("<HH", extra[position:position + 4])
        if kind == 1:
            wide = list(struct.unpack(f"<{size // 8}Q", extra[position + 4:position + 4 + size // 8 * 8]))
        position += 4 + size
    size, packed, header = (wide.pop(0) if value == 0xFFFFFFFF else value for value in values)
    return size, packed, header


def _descriptor_bytes(data: memoryview, position: int) -> int:
    """The data descriptor that may follow an entry: 16 bytes, or 24 for a large one."""
    if bytes(data[position:position + 4]) != b"PK\x07\x08":
        return 0
    return 16 if bytes(data[position + 16:position + 18]) == b"PK" else 24


def _named(entries: dict[str, Entry]) -> dict[str, Entry]:
    """Entries by their name below the archive's one folder; other archives are refused by what they are."""
    folder = next(iter(entries)).partition("/")[0]
    records = {name.partition("/")[2]: entry for name, entry in entries.items()}
    if any("constants.pkl" in name or name.startswith("code/") for name in records):
        raise refuse("this is a TorchScript program, which is not run; choose the checkpoint of weights")
    if any(name.startswith(".data/") and "extern" in name for name in records):
        raise refuse("this is a torch.package program, which is not run; choose the checkpoint of weights")
    if "data.pkl" not in records:
        raise refuse(f"this zip archive is no checkpoint of torch (it begins with '{shown(next(iter(entries)))}'); "
                     "unpack it first")
    odd = [name for name in entries if name.partition("/")[0] != folder or not _KNOWN.fullmatch(name.partition("/")[2])]
    if odd or folder in ("", ".", "..") or len(records) != len(entries):
        raise refuse(f"the archive holds the unknown record '{shown((odd or [folder])[0])}'; it is not loaded")
    return records


