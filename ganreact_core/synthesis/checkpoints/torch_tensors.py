"""Torch's way of writing tensors: typed storages, and views (offset, size, stride) into them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .machine import described
from .records import Call, Reference, Symbol, refuse, shown

STORAGES = {"FloatStorage": "<f4", "HalfStorage": "<f2", "DoubleStorage": "<f8", "BFloat16Storage": "bfloat16",
            "LongStorage": "<i8", "IntStorage": "<i4", "ShortStorage": "<i2", "CharStorage": "i1", "ByteStorage": "u1",
            "BoolStorage": "?"}
_REBUILD = {"_rebuild_tensor", "_rebuild_tensor_v2"}
_MAX_DIMS = 8
_VIEWED_BYTES = 1 << 16


@dataclass(frozen=True)
class Storage:
    """A run of raw numbers, not yet read: `dtype` is numpy's, or "bfloat16"."""

    dtype: str
    raw: memoryview

    @property
    def count(self) -> int:
        return len(self.raw) // item_bytes(self.dtype)

    def view(self) -> np.ndarray:
        """The numbers, [count]; no copy (bfloat16 as uint16)."""
        return np.frombuffer(self.raw, dtype="<u2" if self.dtype == "bfloat16" else self.dtype)


def item_bytes(dtype: str) -> int:
    """Bytes per number."""
    return 2 if dtype == "bfloat16" else np.dtype(dtype).itemsize


StorageOf = Callable[[Any], Storage]
"""Finds the storage that a record in the pickle means."""


def torch_global(module: str, name: str) -> bool:
    """The names that tensors need, in every format of torch."""
    if module == "torch":
        return name in STORAGES or name in {"Size", "device", "float32", "float16", "float64", "int64"}
    return (module, name) in {("torch._utils", "_rebuild_tensor_v2"), ("torch._utils", "_rebuild_tensor"),
                              ("torch._utils", "_rebuild_parameter"), ("collections", "OrderedDict"),
                              ("builtins", "set"), ("__builtin__", "set")}


def is_tensor(value: Any) -> bool:
    """Whether a record is a tensor or a parameter."""
    return type(value) is Call and (value.symbol.name in _REBUILD or value.symbol.name == "_rebuild_parameter")


def read_tensor(call: Call, name: str, storage_of: StorageOf) -> np.ndarray:
    """The tensor of a record, contiguous; floats as float32. Checked before anything is viewed."""
    if call.symbol.name == "_rebuild_parameter" and call.arguments and is_tensor(call.arguments[0]):
        call = call.arguments[0]
    if call.symbol.name not in _REBUILD or len(call.arguments) < 4:
        raise refuse(f"tensor '{shown(name)}' is written in an unknown way", call.byte)
    record, offset, size, stride = call.arguments[:4]
    if not _is_geometry(offset, size, stride):
        raise refuse(f"tensor '{shown(name)}' has an impossible shape", call.byte)
    storage = storage_of(record)
    last = offset + sum((s - 1) * step for s, step in zip(size, stride, strict=True))
    if math.prod(size) > storage.count or last >= storage.count:
        raise refuse(f"tensor '{shown(name)}' reaches outside its {storage.count} stored numbers", call.byte)
    numbers = storage.view()
    steps = [step * numbers.itemsize for step in stride]
    view = np.lib.stride_tricks.as_strided(numbers[offset:], size, steps)
    return widened(view, storage.dtype)


def widened(view: np.ndarray, dtype: str) -> np.ndarray:
    """Contiguous; every float type becomes float32, integers stay. A large array that is right already is not copied: it may
    begin at any byte of the file's memory.
    """
    if dtype == "bfloat16":
        bits = np.left_shift(view.astype(np.uint32), np.uint32(16))
        return np.asarray(bits).view(np.float32)  # numpy makes plain numbers of arrays without sides
    if view.dtype == np.float32 and view.dtype.isnative and view.flags.c_contiguous and view.nbytes >= _VIEWED_BYTES:
        return view
    return np.array(view, dtype=np.float32 if view.dtype.kind == "f" else view.dtype, order="C")


def storage_type(symbol: Any) -> str:
    """The number type of torch.FloatStorage and its kin."""
    if type(symbol) is not Symbol or symbol.module != "torch" or symbol.name not in STORAGES:
        raise refuse(f"the checkpoint stores numbers as {described(symbol)}, which is not supported")
    return STORAGES[symbol.name]


def _is_geometry(offset: Any, size: Any, stride: Any) -> bool:
    """A non-empty block of numbers; torch.Size is a plain tuple here."""
    if type(size) is not tuple or type(stride) is not tuple or len(size) != len(stride) or len(size) > _MAX_DIMS:
        return False
    return (type(offset) is int and offset >= 0 and all(type(s) is int and s > 0 for s in size)
            and all(type(s) is int and 0 <= s < 1 << 62 for s in stride))


@dataclass(frozen=True)
class StorageKey:
    """What torch writes as a persistent id: ('storage', type, key, location, count); every location means the CPU here."""

    dtype: str
    key: str
    count: int

    @staticmethod
    def of(reference: Any) -> StorageKey:
        """Read from a record; refused where it is anything else."""
        found = reference.id if type(reference) is Reference else None
        if type(found) is not tuple or len(found) not in (5, 6) or found[0] != "storage":
            raise refuse("the checkpoint has a tensor without numbers", getattr(reference, "byte", None))
        _, symbol, key, _, count, *view = found
        if type(key) is not str or type(count) is not int or count < 0 or (view and view[0] is not None):
            raise refuse("the checkpoint has a tensor whose numbers are described in an unknown way", reference.byte)
        return StorageKey(storage_type(symbol), key, count)
