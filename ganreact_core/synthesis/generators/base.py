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


Extend = Callable[[Tensor], Tensor]
"""The first activations of the network as trained, continued over a larger field."""

Rewrites = Sequence[Mapping[str, Tensor]]
"""For each row: names of tensors -> what stands in for them. "<layer>.gain" [out], which no network has, scales a layer's
outputs, after demodulation. Empty: no row has any."""


def touches(rewrites: Rewrites, name: str) -> bool:
    """Whether any row has other tensors at the layer of this full name."""
    return any(tensor.startswith(f"{name}.") for row in rewrites for tensor in row)


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
