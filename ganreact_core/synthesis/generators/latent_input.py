"""StyleGAN2 whose first activations are computed from w (maua's `noconst` networks), not learned once for all."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor

from .base import AfterLayer, Extend, Noise, Rewrites
from .stylegan2 import NO_REWRITES, StyleGAN2, StyleGAN2Config, expected_shapes

_SIDE = 4  # pixels
_SQRT2 = math.sqrt(2.0)


@dataclass(frozen=True)
class LatentInputConfig(StyleGAN2Config):
    """The shape of a StyleGAN2 with an input computed from w."""


class LatentInputStyleGAN2(StyleGAN2):
    """A StyleGAN2 with `input.linear` and `input.activate` in the place of the constant."""

    def __init__(self, config: LatentInputConfig, tensors: dict[str, Tensor]):
        mean = tensors["mapping.w_avg"][None]
        super().__init__(config, tensors | {"synthesis.b4.const": _input_of(tensors, mean)[0]})

    def synthesize(self, w: Tensor, noise: Noise = "const", *, after: AfterLayer | None = None,
                   input_map: Tensor | None = None, extend: Extend | None = None, rewrites: Rewrites = NO_REWRITES) -> Tensor:
        """w+ [b, num_ws, w_dim] -> [b, 3, height, width], raw; `input_map` stands in for the computed input."""
        given = _input_of(self.tensors, w[:, 0]) if input_map is None else input_map
        return super().synthesize(w, noise, after=after, input_map=given, extend=extend, rewrites=rewrites)


def _input_of(tensors: dict[str, Tensor], w: Tensor) -> Tensor:
    """w [b, w_dim] -> [b, c, 4, 4]: a dense layer, then bias and leaky ReLU once more."""
    weight = tensors["input.linear.weight"]
    x = F.linear(w, weight / math.sqrt(weight.shape[1]), tensors["input.linear.bias"])
    x = F.leaky_relu(x, 0.2) * _SQRT2
    x = F.leaky_relu(x + tensors["input.activate.bias"], 0.2) * _SQRT2
    return x.reshape(len(w), -1, _SIDE, _SIDE)


def latent_input_shapes(config: LatentInputConfig, found: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """The name and shape of every tensor; channel counts as found."""
    shapes = expected_shapes(config, found)
    count = shapes.pop("synthesis.b4.const")[0] * _SIDE * _SIDE
    return shapes | {"input.linear.weight": (count, config.w_dim), "input.linear.bias": (count,),
                     "input.activate.bias": (count,)}
