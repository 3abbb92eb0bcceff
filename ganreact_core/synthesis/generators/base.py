"""What every generator offers, whatever its family."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

from torch import Tensor


class Layer(NamedTuple):
    """One place where activations can be bent: the input, then every convolution (to-RGB layers are not bent)."""

    name: str
    size: tuple[int, int]  # (height, width)
    channels: int


AfterLayer = Callable[[int, Tensor], Tensor]
"""(index into `layers`, activations [b, c, h, w]) -> activations of the same shape: where bends act."""

Noise = str | Sequence[Tensor]
""""const" | "none" | one map [b or 1, 1, h, w] per convolution, scaled inside by the layer's learned strength."""


Rewrites = Mapping[str, Tensor]
"""Layer's name -> weights [b, out, in, k, k] that stand in for its own, a set for each row."""


class Generator(Protocol):
    """A loaded network. Nothing in it changes after loading: a forward pass never edits the model."""

    kind: str
    z_dim: int
    w_dim: int
    num_ws: int
    c_dim: int
    resolution: tuple[int, int]  # (height, width)
    layers: tuple[Layer, ...]
    w_avg: Tensor | None  # [w_dim]
    device: str

    def map(self, z: Tensor, c: Tensor | None = None, truncation_psi: float = 1.0,
            truncation_cutoff: int | None = None) -> Tensor:
        """z [b, z_dim], c [b, c_dim] -> w+ [b, num_ws, w_dim]; a conditional network without c raises UsageError."""
        ...

    def synthesize(self, w: Tensor, noise: Noise = "const", *, after: AfterLayer | None = None,
                   input_map: Tensor | None = None) -> Tensor:
        """w+ [b, num_ws, w_dim] -> images [b, 3, height, width], raw: never clamped, nominally -1…1."""
        ...
