"""What each pickle instruction does to a machine: only those that build values; the others are refused by name."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .machine import Machine

_U1, _U2, _U4, _U8 = (struct.Struct(layout) for layout in ("<B", "<H", "<I", "<Q"))
_I4, _F8 = struct.Struct("<i"), struct.Struct(">d")

Step = Callable[["Machine"], None]


def _value(make: Callable[[Machine], Any]) -> Step:
    """An instruction that pushes one value."""
    def step(m: Machine) -> None:
        value = make(m)  # first: it may close a group and so change which stack is the current one
        m.stack.append(value)
    return step


def _proto(m: Machine) -> None:
    if m.number(_U1) > 5:
        raise ValueError("pickle protocol")


def _memoize(m: Machine) -> None:
    m.memo[len(m.memo)] = m.stack[-1]


def _put(layout: struct.Struct) -> Step:
    def step(m: Machine) -> None:
        m.memo[m.number(layout)] = m.stack[-1]
    return step


def _tuple_of(count: int) -> Step:
    def step(m: Machine) -> None:
        if len(m.stack) < count:
            raise IndexError("stack")
        m.stack[-count:] = [tuple(m.stack[-count:])]
    return step


def _dict_of_group(m: Machine) -> None:
    pairs = m.group()
    result: dict = {}
    m.put_items(result, pairs)
    m.stack.append(result)


def _set_items(m: Machine) -> None:
    pairs = m.group()
    m.put_items(m.stack[-1], pairs)


def _set_item(m: Machine) -> None:
    value, key = m.stack.pop(), m.stack.pop()
    m.put_items(m.stack[-1], [key, value])


def _append_group(m: Machine) -> None:
    values = m.group()
    m.put_values(m.stack[-1], values)


def _append(m: Machine) -> None:
    value = m.stack.pop()
    m.put_values(m.stack[-1], [value])


def _global(m: Machine) -> None:
    module = m.line()
    m.symbol(module, m.line())


def _stack_global(m: Machine) -> None:
    name, module = m.stack.pop(), m.stack.pop()
    m.symbol(module, name)


_STEPS: dict[str, Step] = {
    "\x80": _proto,
    "\x95": lambda m: (m.take(8), None)[1],  # FRAME: a hint to buffering, nothing else
    "(": lambda m: m.mark(),
    "0": lambda m: (m.stack.pop(), None)[1],
    "1": lambda m: (m.group(), None)[1],
    "2": lambda m: m.stack.append(m.stack[-1]),
    "N": _value(lambda m: None),
    "\x88": _value(lambda m: True),
    "\x89": _value(lambda m: False),
    "J": _value(lambda m: m.number(_I4)),
    "K": _value(lambda m: m.number(_U1)),
    "M": _value(lambda m: m.number(_U2)),
    "\x8a": _value(lambda m: m.integer(m.number(_U1))),
    "\x8b": _value(lambda m: m.integer(m.number(_I4))),
    "G": _value(lambda m: _F8.unpack(m.take(8))[0]),
    "X": _value(lambda m: m.text(m.number(_U4))),
    "\x8c": _value(lambda m: m.text(m.number(_U1))),
    "\x8d": _value(lambda m: m.text(m.number(_U8))),
    "T": _value(lambda m: m.text(m.number(_I4), "latin-1")),  # texts of Python 2
    "U": _value(lambda m: m.text(m.number(_U1), "latin-1")),
    "B": _value(lambda m: m.take(m.number(_U4))),
    "C": _value(lambda m: m.take(m.number(_U1))),
    "\x8e": _value(lambda m: m.take(m.number(_U8))),
    "}": _value(lambda m: {}),
    "]": _value(lambda m: []),
    "\x8f": _value(lambda m: []),  # EMPTY_SET
    ")": _value(lambda m: ()),
    "t": _value(lambda m: tuple(m.group())),
    "l": _value(lambda m: m.group()),
    "\x91": _value(lambda m: tuple(m.group())),  # FROZENSET
    "d": _dict_of_group,
    "\x85": _tuple_of(1),
    "\x86": _tuple_of(2),
    "\x87": _tuple_of(3),
    "s": _set_item,
    "u": _set_items,
    "a": _append,
    "e": _append_group,
    "\x90": _append_group,  # ADDITEMS
    "\x94": _memoize,
    "q": _put(_U1),
    "r": _put(_U4),
    "h": _value(lambda m: m.memo[m.number(_U1)]),
    "j": _value(lambda m: m.memo[m.number(_U4)]),
    "c": _global,
    "\x93": _stack_global,
    "R": lambda m: m.call(),
    "\x81": lambda m: m.call(),  # NEWOBJ
    "b": lambda m: m.build(),
    "Q": lambda m: m.refer(),
}

OPCODES: tuple[Step | None, ...] = tuple(_STEPS.get(chr(code)) for code in range(256))
"""The instruction of each byte, None where it is refused."""

REFUSED = {ord(code): name for code, name in {
    "P": "PERSID", "i": "INST", "o": "OBJ", "\x82": "EXT1", "\x83": "EXT2", "\x84": "EXT4", "\x92": "NEWOBJ_EX",
    "\x96": "BYTEARRAY8", "\x97": "NEXT_BUFFER", "\x98": "READONLY_BUFFER", "I": "INT", "L": "LONG", "F": "FLOAT",
    "S": "STRING", "V": "UNICODE", "p": "PUT", "g": "GET"}.items()}
