"""BigGAN in compiled blocks; a block inside which something acts is left to the torch formulation."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from ..generators.base import AfterLayer, Rewrites
from ..generators.biggan import BigGAN
from .graph import Graph, Node
from .runtime import Compiled, Shelf


@dataclass(frozen=True)
class BigGANBlocks:
    """Stands in for `BigGAN.compute`.

    cuts        layers after which `after` acts; None: it may act after any
    rewritten   names of layers that may get other weights
    shelf       where compiled blocks are kept
    """

    precision: str
    streams: int
    cuts: Collection[int] | None
    rewritten: Collection[str]
    shelf: Shelf

    def __call__(self, net: BigGAN, index: int, x: Tensor, latent: Tensor, rows: Tensor, after: AfterLayer | None,
                 rewrites: Rewrites) -> Tensor:
        """One block; the one after the last is the output."""
        *inside, last = net.layers_of(index)
        acting = set(inside) if after and self.cuts is None else set(inside) & set(self.cuts or ())
        names = {net.layers[layer].name for layer in (*inside, last) if layer < len(net.layers)}
        if len(x) > 1 or acting or names & set(self.rewritten):
            return net._block(index, x, latent, rows, after, rewrites)
        (found,) = self._prepared(net, index, x)(_feeds(net, index, x, latent, rows))
        if index == len(net.config.upsample):
            return found.clone()
        y = found.permute(0, 3, 1, 2)
        return after(last, y) if after and (self.cuts is None or last in self.cuts) else y

    def _prepared(self, net: BigGAN, index: int, x: Tensor) -> Compiled:
        key = (index, tuple(x.shape), net.wrap, self.precision, self.streams)
        weights = sum(net.tensors[f"{name}.weight"].numel() for name in _convolutions(net, index))
        return self.shelf.get(key, weights, lambda: Compiled(_BlockGraph(net).model(index, x), self.precision, self.streams))


class _BlockGraph(Graph):
    """The graph of one block."""

    def __init__(self, net: BigGAN):
        super().__init__(wrap=net.wrap)
        self._net = net

    def model(self, index: int, given: Tensor) -> Any:
        """From activations of that size; factors and offsets of each normalisation are inputs."""
        net, x = self._net, self.map_input(*given.shape[1:])
        if index == len(net.config.upsample):
            return self.finish([], [self.tanh(self._convolved("output.conv", self._normalised(x)))])
        shortcut, doubles = self._shortcut(index, x), net.config.upsample[index]
        for k, name in enumerate(net.convolutions_of(index), 1):
            x = self._normalised(x)
            x = self.double(x) if doubles and k == net.first_after_upsampling() else x
            x = self._convolved(name, x)
        return self.finish([self.add(x, shortcut)], [])

    def _shortcut(self, index: int, x: Node) -> Node:
        net, name = self._net, f"blocks.{index}.shortcut"
        if net.config.block == "deep":
            x = self.first_channels(x, net.tensors[f"blocks.{index}.conv4.weight"].shape[0])
        x = self.double(x) if net.config.upsample[index] else x
        return self._convolved(name, x) if f"{name}.weight" in net.tensors else x

    def _normalised(self, x: Node) -> Node:
        channels = x.get_output_shape(0)[1]
        return self.relu(self.add(self.multiply(x, self.input(1, channels, 1, 1)), self.input(1, channels, 1, 1)))

    def _convolved(self, name: str, x: Node) -> Node:
        x, bias = self.convolve(x, self._net.tensors[f"{name}.weight"]), self._net.tensors.get(f"{name}.bias")
        return x if bias is None else self.add(x, self.per_channel(bias))


def _convolutions(net: BigGAN, index: int) -> tuple[str, ...]:
    """Every convolution that a block's graph holds."""
    if index == len(net.config.upsample):
        return ("output.conv",)
    shortcut = f"blocks.{index}.shortcut"
    return (*net.convolutions_of(index), *([shortcut] if f"{shortcut}.weight" in net.tensors else []))


def _feeds(net: BigGAN, index: int, x: Tensor, latent: Tensor, rows: Tensor) -> Iterator[Tensor]:
    """In the order in which `_BlockGraph` asks for its inputs."""
    yield x.permute(0, 2, 3, 1)
    for k in range(len(net.layers_of(index))):
        yield from net.normalisation(index, k + 1, latent, rows)
