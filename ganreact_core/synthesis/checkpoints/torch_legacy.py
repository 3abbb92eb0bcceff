"""Torch's older file format (and every storage inside an NVIDIA pickle): five pickles, then the raw numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .machine import Limits, Machine
from .records import refuse, shown
from .torch_tensors import Storage, StorageKey, item_bytes

MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001


def is_legacy(data: memoryview) -> bool:
    """Whether a file starts with the pickle of torch's magic number."""
    return bytes(data[:14]).find(b"\x8a\x0a" + MAGIC.to_bytes(10, "little")) == 2


def read_legacy(data: memoryview, allowed: Callable[[str, str], bool],
                limits: Limits | None = None) -> tuple[Any, dict[str, Storage]]:
    """The value of a whole stream, and its storages by key. Nothing may follow."""
    machine = Machine(data, allowed, references=True, limits=limits)
    magic, position = machine.run(0)
    protocol, position = machine.run(position)
    if magic != MAGIC or protocol != _PROTOCOL:
        raise refuse("the numbers of a tensor are not in torch's format")
    system, position = machine.run(position)
    if type(system) is not dict or system.get("little_endian") is not True:
        raise refuse("the checkpoint was written on a big-endian machine; save it again on another one")
    value, position = machine.run(position)
    keys, position = machine.run(position)
    storages = _read_storages(data, position, keys, _declared(machine))
    return value, storages


def _declared(machine: Machine) -> dict[str, StorageKey]:
    """The type and count of each storage, as the object's pickle says; two claims about one storage must agree."""
    declared: dict[str, StorageKey] = {}
    for reference in machine.referred:
        found = StorageKey.of(reference)
        if declared.setdefault(found.key, found) != found:
            raise refuse(f"the checkpoint describes the numbers '{shown(found.key)}' in two ways", reference.byte)
    return declared


def _read_storages(data: memoryview, position: int, keys: Any, declared: dict[str, StorageKey]) -> dict[str, Storage]:
    """The numbers behind the pickles: for each key an int64 count, then the numbers. They fill the rest exactly."""
    if type(keys) is not list or len(keys) != len(declared) or any(type(key) is not str or key not in declared for key in keys):
        raise refuse("the checkpoint's list of storages does not match its tensors", position)
    storages: dict[str, Storage] = {}
    for key in keys:
        size = declared[key].count * item_bytes(declared[key].dtype)
        if len(data) - position - 8 < size:
            raise refuse(f"the file is cut: {size} bytes of numbers are announced at byte {position} and "
                         f"{max(0, len(data) - position - 8)} are left; download it again")
        if int.from_bytes(data[position:position + 8], "little", signed=True) != declared[key].count:
            raise refuse(f"the numbers '{shown(key)}' are not as many as announced", position)
        storages[key] = Storage(declared[key].dtype, data[position + 8:position + 8 + size])
        position += 8 + size
    if position != len(data):
        raise refuse(f"{len(data) - position} bytes follow the end of the checkpoint; it is not loaded", position)
    return storages
