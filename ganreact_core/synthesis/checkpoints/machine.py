"""A pickle interpreter that executes nothing.

Opcodes build numbers, texts, lists, dicts and tuples as usual; imports become names (Symbol), calls become records
(Call). No real callable is ever on the stack, so there is nothing an attacker could reach. What the records mean is
decided afterwards by code that knows the few shapes it wants.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ...errors import CheckpointError
from .opcodes import OPCODES, REFUSED
from .records import FOREIGN, Call, Reference, Symbol, refuse, shown

_LINE_BYTES = 400


@dataclass(frozen=True)
class Limits:
    """What no checkpoint of a known kind comes near to."""

    opcodes: int = 5_000_000
    stack: int = 100_000
    marks: int = 1_000
    text_bytes: int = 16 << 20
    integer_bytes: int = 16
    integer_keys: int = 10_000
    tensors: int = 20_000
    copied: int = 100_000


class Machine:
    """Reads one pickle of `data`; `allowed` says which names it may mention, `references` whether storages lie outside."""

    def __init__(self, data: memoryview, allowed: Callable[[str, str], bool], *, references: bool = False,
                 limits: Limits | None = None):
        self.data, self.allowed, self.references = data, allowed, references
        self.limits = limits or Limits()
        self.position = 0
        self.stack: list[Any] = []
        self.marks: list[list[Any]] = []
        self.memo: dict[int, Any] = {}
        self.referred: list[Reference] = []
        self.integer_keys = 0
        self.tensors = 0
        self.copied = 0

    def run(self, start: int = 0) -> tuple[Any, int]:
        """The value of the pickle that starts at `start`, and the byte after its end. Only CheckpointError leaves."""
        self.position, self.stack, self.marks, self.memo = start, [], [], {}
        try:
            self._loop()
            value = self.stack.pop()
        except CheckpointError:
            raise
        except FOREIGN as cause:
            raise self._broken(cause) from cause
        if self.stack or self.marks:
            raise refuse("the checkpoint ends in the middle of a value; download it again", self.position)
        return value, self.position

    def _loop(self) -> None:
        data, limit, table = self.data, self.limits.stack, OPCODES
        for _ in range(self.limits.opcodes):
            code = data[self.position]
            self.position += 1
            if code == 0x2E:  # STOP
                return
            step = table[code]
            if step is None:
                raise self._refused_opcode(code)
            step(self)
            if len(self.stack) > limit:
                raise refuse(f"the checkpoint nests or piles up more than {limit} values, as no network does", self.position)
        raise refuse(f"the checkpoint holds more than {self.limits.opcodes} instructions, as no network does", self.position)

    def _broken(self, cause: Exception) -> CheckpointError:
        if self.position >= len(self.data):
            return refuse(f"the file is cut: it ends at byte {len(self.data)} in the middle of a value; download it again")
        return refuse(f"the checkpoint is damaged or is none ({type(cause).__name__}); download it again", self.position)

    def _refused_opcode(self, code: int) -> CheckpointError:
        if code in REFUSED:
            return refuse(f"the checkpoint uses the pickle instruction {REFUSED[code]}, which no known network needs; "
                          "it is not loaded", self.position - 1)
        return refuse(f"the checkpoint is damaged or is none (instruction {code:#04x}); download it again", self.position - 1)

    # -- what opcodes are made of --------------------------------------------------------------------------------

    def take(self, count: int) -> memoryview:
        """The next `count` bytes, not copied."""
        end = self.position + count
        if count < 0:  # it would lead back, and round and round
            raise refuse(f"the checkpoint holds a value of {count} bytes; it is not loaded", self.position)
        if end > len(self.data):
            raise refuse(f"the file is cut, or lies: {count} bytes are announced at byte {self.position} and "
                         f"{len(self.data) - self.position} are left; download it again")
        piece = self.data[self.position:end]
        self.position = end
        return piece

    def number(self, layout: struct.Struct) -> int:
        """The next integer of a fixed layout."""
        return layout.unpack(self.take(layout.size))[0]

    def text(self, count: int, encoding: str = "utf-8") -> str:
        """The next `count` bytes as text."""
        if count > self.limits.text_bytes:
            raise refuse(f"the checkpoint holds a text of {count} bytes, as no network does", self.position)
        errors = "surrogatepass" if encoding == "utf-8" else "strict"
        return str(self.take(count), encoding, errors)

    def line(self) -> str:
        """Text up to the next end of line, as GLOBAL has it."""
        window = bytes(self.data[self.position:self.position + _LINE_BYTES])
        if b"\n" not in window and len(window) < _LINE_BYTES:
            self.position = len(self.data)
        return self.text(window.index(b"\n") + 1)[:-1]

    def integer(self, count: int) -> int:
        """A signed integer of `count` bytes."""
        if not 0 <= count <= self.limits.integer_bytes:
            raise refuse(f"the checkpoint holds an integer of {count} bytes, as no network does", self.position)
        return int.from_bytes(self.take(count), "little", signed=True)

    def mark(self) -> None:
        """Open a group of values."""
        if len(self.marks) >= self.limits.marks:
            raise refuse(f"the checkpoint is nested more than {self.limits.marks} deep, as no network is", self.position)
        self.marks.append(self.stack)
        self.stack = []

    def group(self) -> list[Any]:
        """The values since the last mark."""
        values = self.stack
        self.stack = self.marks.pop()
        return values

    # -- what opcodes do to values -------------------------------------------------------------------------------

    def symbol(self, module: Any, name: Any) -> None:
        """A name, if it is one of those that checkpoints need."""
        if not (type(module) is str and type(name) is str and self.allowed(module, name)):
            raise refuse(f"the checkpoint asks for '{shown(module)}.{shown(name)}', which no known network needs; "
                         f"it may be harmful and is not loaded", self.position)
        self.stack.append(Symbol(module, name))

    def call(self) -> None:
        """REDUCE and NEWOBJ: a record; the containers of the standard library become plain ones."""
        arguments, symbol = self.stack.pop(), self.stack.pop()
        if type(symbol) is not Symbol or type(arguments) is not tuple:
            raise refuse("the checkpoint calls something that is not a name", self.position)
        if symbol.name.startswith("_rebuild_tensor"):
            self.tensors += 1
            if self.tensors > self.limits.tensors:
                raise refuse(f"the checkpoint holds more than {self.limits.tensors} tensors, as no network does", self.position)
        container = _CONTAINERS.get((symbol.module, symbol.name))
        self.stack.append(Call(symbol, arguments, self.position) if container is None else container(self, arguments))

    def build(self) -> None:
        """BUILD: the state is kept beside the record; attributes of a plain container mean nothing and are dropped."""
        state, target = self.stack.pop(), self.stack[-1]
        if type(target) is Call and target.state is None:
            target.state = state
        elif type(target) is not dict:
            raise refuse(f"the checkpoint sets attributes of {described(target)}; it is not loaded", self.position)

    def put_items(self, target: Any, pairs: list[Any]) -> None:
        """SETITEMS; keys are texts, or a bounded number of integers."""
        if type(target) is not dict or len(pairs) % 2:
            raise refuse(f"the checkpoint sets items of {described(target)}", self.position)
        for key, value in zip(pairs[::2], pairs[1::2], strict=True):
            self._check_key(key)
            target[key] = value

    def put_values(self, target: Any, values: list[Any]) -> None:
        """APPENDS and ADDITEMS."""
        if type(target) is not list:
            raise refuse(f"the checkpoint appends to {described(target)}", self.position)
        target.extend(values)

    def refer(self) -> None:
        """BINPERSID."""
        if not self.references:
            raise refuse("the checkpoint refers to values outside itself; it is not loaded", self.position - 1)
        id = self.stack.pop()
        if type(id) is tuple and len(id) == 4 and id[0] == "module" and type(id[1]) is Symbol:
            self.stack.append(id[1])  # a class of torch's older format, with its source text, which nobody needs
            return
        if len(self.referred) >= self.limits.tensors:
            raise refuse(f"the checkpoint refers to more than {self.limits.tensors} runs of numbers, as no network does",
                         self.position)
        self.referred.append(Reference(id, self.position))
        self.stack.append(self.referred[-1])

    def _check_key(self, key: Any) -> None:
        if type(key) is int:
            self.integer_keys += 1
            if self.integer_keys > self.limits.integer_keys:
                raise refuse(f"the checkpoint holds more than {self.limits.integer_keys} integer keys, as no network does",
                             self.position)
        elif type(key) is not str:
            raise refuse(f"the checkpoint uses {described(key)} as a key", self.position)


def described(value: Any) -> str:
    """What a value is, for a message."""
    if type(value) is Symbol:
        return f"the name '{value}'"
    if type(value) is Call:
        return f"an object of '{value.symbol}'"
    return {dict: "a dictionary", list: "a list", tuple: "a tuple", str: "a text", int: "a number", float: "a number",
            bool: "a truth value", memoryview: "bytes"}.get(type(value), "nothing")


def _as_dict(machine: Machine, arguments: tuple) -> dict:
    """OrderedDict() or EasyDict(), possibly with a list of pairs."""
    result: dict = {}
    for pair in _initial(machine, arguments):
        machine.put_items(result, list(pair))
    return result


def _as_list(machine: Machine, arguments: tuple) -> list:
    """set() or set([…]), whose order and uniqueness nobody here needs."""
    return list(_initial(machine, arguments))


def _initial(machine: Machine, arguments: tuple) -> list:
    """What a container starts with; counted, for one list can be named in a million calls."""
    if not arguments:
        return []
    values = arguments[0]
    if type(values) is not list or len(arguments) > 1:
        raise refuse("the checkpoint fills a container in an unknown way", machine.position)
    machine.copied += len(values)
    if machine.copied > machine.limits.copied:
        raise refuse(f"the checkpoint copies more than {machine.limits.copied} values, as no network does", machine.position)
    return values


_CONTAINERS: dict[tuple[str, str], Callable[[Machine, tuple], Any]] = {
    ("collections", "OrderedDict"): _as_dict,
    ("dnnlib.util", "EasyDict"): _as_dict,
    ("dnnlib", "EasyDict"): _as_dict,
    ("builtins", "set"): _as_list,
    ("__builtin__", "set"): _as_list,
}
