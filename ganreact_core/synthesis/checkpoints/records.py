"""The nouns: what a checkpoint is to the rest of the program, and the inert things that a pickle is read into."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...errors import CheckpointError


@dataclass(frozen=True)
class Checkpoint:
    """A network as plain values.

    architecture  "stylegan2" | "stylegan3" | "biggan" | "gansynth"
    config        what the generator's configuration class takes, by name
    tensors       float32 arrays under the names of stylegan2-ada-pytorch ("synthesis.b8.conv0.affine.bias")
    origin        "format", "sha256" of the file, "network_source": "known" | "unknown" | "empty" where a file embeds
                  program text (it is hashed, never run), and whatever else the file tells about itself
    """

    architecture: str
    config: dict[str, Any]
    tensors: dict[str, np.ndarray]
    origin: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Symbol:
    """The name of something a pickle wanted to import. It stays a name."""

    module: str
    name: str

    def __str__(self) -> str:
        return shown(f"{self.module}.{self.name}")


class Call:
    """A call a pickle wanted to make: kept as a record, never made. `state` is what BUILD wanted to set."""

    __slots__ = ("arguments", "byte", "state", "symbol")

    def __init__(self, symbol: Symbol, arguments: tuple, byte: int):
        self.symbol, self.arguments, self.byte = symbol, arguments, byte
        self.state: Any = None

    def __repr__(self) -> str:
        return f"Call({self.symbol}, byte {self.byte})"


class Reference:
    """A persistent id: in torch's files, a storage that lies elsewhere in the same file."""

    __slots__ = ("byte", "id")

    def __init__(self, id: Any, byte: int):
        self.id, self.byte = id, byte


FOREIGN = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, struct.error, MemoryError, RecursionError)
"""What a file that is not what it should be can provoke in the code that looks at it."""


@contextmanager
def one_error() -> Iterator[None]:
    """Whatever a file provokes in here leaves as a CheckpointError."""
    try:
        yield
    except FOREIGN as cause:
        raise refuse(f"the checkpoint is damaged, or written in an unknown way ({type(cause).__name__}); "
                     "download it again") from cause


class Budget:
    """How many bytes of tensors a file may become: 16-bit floats double, but nothing is handed out many times."""

    def __init__(self, file_bytes: int):
        self.left = 2 * file_bytes + (1 << 20)

    def take(self, array: np.ndarray, name: str) -> np.ndarray:
        """Count an array that was made."""
        self.left -= array.nbytes
        if self.left < 0:
            raise refuse(f"the tensors up to '{shown(name)}' hold far more numbers than the file has; it is not loaded")
        return array


def shown(text: object, limit: int = 80) -> str:
    """A foreign text made fit for a message: ASCII, one line, short."""
    plain = ascii(str(text)[:limit + 1])[1:-1]
    return plain if len(plain) <= limit else plain[:limit] + "…"


def refuse(cause: str, byte: int | None = None) -> CheckpointError:
    """The error for a file that will not be loaded, with the byte where that was seen."""
    return CheckpointError(cause if byte is None else f"{cause} (at byte {byte})")
