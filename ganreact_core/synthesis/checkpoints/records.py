"""The nouns: what a checkpoint is to the rest of the program, and the inert things that a pickle is read into."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...errors import CheckpointError


@dataclass(frozen=True)
class Checkpoint:
    """A network as plain values.

    architecture  "stylegan2" | "stylegan3" | "biggan"
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


def shown(text: object, limit: int = 80) -> str:
    """A foreign text made fit for a message: ASCII, one line, short."""
    plain = ascii(str(text)[:limit + 1])[1:-1]
    return plain if len(plain) <= limit else plain[:limit] + "…"


def refuse(cause: str, byte: int | None = None) -> CheckpointError:
    """The error for a file that will not be loaded, with the byte where that was seen."""
    return CheckpointError(cause if byte is None else f"{cause} (at byte {byte})")
