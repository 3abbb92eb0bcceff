"""Arrays and scalars as numpy pickles them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .machine import described
from .records import Call, Symbol, refuse, shown
from .torch_tensors import widened

_TYPES = {"f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"}
_ORDERS = {"<": "<", "|": "", "=": "<", ">": ">"}
_MAX_DIMS = 8


def is_numpy(value: Any) -> bool:
    """Whether a record is an array or a scalar of numpy."""
    return type(value) is Call and value.symbol.name in ("_reconstruct", "scalar")


def read_numpy(value: Any, name: str) -> np.ndarray:
    """The array of a record, a scalar as an array of no dimensions; floats as float32. Objects are refused."""
    if not is_numpy(value):
        raise refuse(f"'{shown(name)}' in the checkpoint is {described(value)}, not an array")
    if value.symbol.name == "scalar" and len(value.arguments) == 2:
        kind, raw = value.arguments
        return _array(name, kind, (), raw, False)
    if type(value.state) is not tuple or len(value.state) != 5:
        raise refuse(f"array '{shown(name)}' is written in an unknown way", value.byte)
    _, shape, kind, fortran, raw = value.state
    return _array(name, kind, shape, raw, fortran)


def _array(name: str, kind: Any, shape: Any, raw: Any, fortran: Any) -> np.ndarray:
    dtype, data = _dtype(kind, name), _bytes(raw, name)
    if type(shape) is not tuple or len(shape) > _MAX_DIMS or not all(type(s) is int and 0 < s < 1 << 48 for s in shape):
        raise refuse(f"array '{shown(name)}' has an impossible shape")
    if math.prod(shape) * dtype.itemsize != len(data):
        raise refuse(f"array '{shown(name)}' has {len(data)} bytes, which do not fit its shape")
    numbers = np.frombuffer(data, dtype).reshape(shape, order="F" if fortran is True or fortran == 1 else "C")
    return widened(numbers, dtype.str)


def _dtype(kind: Any, name: str) -> np.dtype:
    """numpy.dtype('f4', False, True) with the byte order in its state."""
    code = kind.arguments[0] if type(kind) is Call and kind.symbol == Symbol("numpy", "dtype") and kind.arguments else None
    order = kind.state[1] if code is not None and type(kind.state) is tuple and len(kind.state) > 1 else "|"
    if type(code) is not str or code not in _TYPES or type(order) is not str or order not in _ORDERS:
        raise refuse(f"array '{shown(name)}' holds values of the type '{shown(code)}', which is not supported")
    return np.dtype(_ORDERS[order] + code)


def _bytes(raw: Any, name: str) -> memoryview | bytes:
    """Raw bytes; older protocols write them as the Latin-1 text that encodes to them."""
    if type(raw) is memoryview:
        return raw
    if type(raw) is Call and raw.symbol == Symbol("_codecs", "encode"):
        text = raw.arguments[0] if raw.arguments else None
        if type(text) is str and raw.arguments[1:] == ("latin1",):
            return text.encode("latin-1")
    raise refuse(f"array '{shown(name)}' has no bytes")
