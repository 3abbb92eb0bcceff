"""StyleGAN3's layers on a CPU: one convolution, then the activation row by row.

Large 3×3 convolutions are computed by tiles; others with modulated weights, which are smaller than what they scale.
"""

from __future__ import annotations

import threading

import torch
import torch.nn.functional as F
from torch import Tensor

from ..generators.filtered_activation import filtered_leaky_relu
from ..generators.stylegan3 import StyleGAN3
from .activation import FilteredLeakyReLU, prepare
from .tiling import gains
from .winograd import Curve, Tiled


class StyleGAN3Rows:
    """Stands in for `StyleGAN3.compute`.

    kind   of numbers that are convolved: float32, or bfloat16 where the processor computes in it. Everything else is float32
           in both
    """

    def __init__(self, network: StyleGAN3, kind: torch.dtype):
        self._kind, self._network = kind, network
        self._tiled: dict[int, Tiled] = {}
        self._lock = threading.Lock()
        self._activations = [_prepared(network, index) for index in range(len(network.config.layer_names))]

    def __call__(self, net: StyleGAN3, index: int, x: Tensor, w: Tensor) -> Tensor:
        """One layer of this network, or of one with other weights. Rows are computed one by one: they stand alone."""
        return torch.cat([self._row(net, index, *row) for row in zip(x.split(1), w.split(1), strict=True)])

    def _row(self, net: StyleGAN3, index: int, x: Tensor, w: Tensor) -> Tensor:
        activate = self._activations[index]
        weight, (inputs, outputs) = net.static_weight(index)[0], net.modulation(index, w)
        bias, pad = net.tensors[f"synthesis.{net.config.layer_names[index]}.bias"], weight.shape[-1] - 1
        own = net.tensors is self._network.tensors
        if own and gains(weight, (x.shape[2] + pad, x.shape[3] + pad)):
            x = self._by_tiles(index, weight)(x, inputs, Curve(outputs, bias), pad=pad)
        else:
            weight = weight * outputs.t()[:, :, None, None] * inputs[:, :, None, None]
            x = F.conv2d(x.to(self._kind), weight.to(self._kind), bias.to(self._kind), padding=pad).float()
        if activate is None:
            return filtered_leaky_relu(x, net.filters(index), net.config.rates(index), **net.curve(index))
        return activate(x)

    def _by_tiles(self, index: int, weight: Tensor) -> Tiled:
        with self._lock:
            if index not in self._tiled:
                self._tiled[index] = Tiled(weight, self._kind)
            return self._tiled[index]


def _prepared(network: StyleGAN3, index: int) -> FilteredLeakyReLU | None:
    """None where nothing is filtered: the torch formulation is as fast there."""
    filters = network.filters(index)
    if filters == (None, None):
        return None
    return prepare(filters, network.config.rates(index), **network.curve(index))
