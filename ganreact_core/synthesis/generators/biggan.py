"""BigGAN and BigGAN-deep (Brock et al. 2019, appendix B), with spectral norms folded into the weights.

The latent of a block is the noise z and the class embedding; both kinds of blocks are normalised with stored statistics,
of which there may be a table: one row for each of several truncations.
"""

from __future__ import annotations

import contextlib
import copy
import math
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Self

import torch
import torch.nn.functional as F
from torch import Tensor

from ...errors import UsageError
from ..transfers import onto
from .base import AfterLayer, Extend, Layer, Noise, Rewrites, touches
from .resample import wrapped

_SIDE = 4  # pixels of the first activations
_MOST_WEIGHTS = 1 << 24  # of attention in memory at a time
_CONVS = {"deep": 4, "wide": 2}


Compute = Callable[["BigGAN", Tensor, Tensor, Tensor, AfterLayer | None, Rewrites], Tensor]
"""(the network, input [b, c, h, w], w+, rows of statistics, after, rewrites) -> picture: what follows the input."""


@dataclass(frozen=True)
class BigGANConfig:
    """The shape of a BigGAN; channel counts are read from the tensors.

    block        "deep": bottleneck of four convolutions; "wide": two 3×3 convolutions with a convolved shortcut
    upsample     of each block: whether it doubles the size
    attention    indices of the blocks before which there is self-attention
    latent       what a block sees: "whole" (z, class), "chunks" (its own part of z, class), "class" (only that)
    eps          added to variances
    """

    z_dim: int
    embedding_dim: int
    c_dim: int
    resolution: int
    block: str
    upsample: tuple[bool, ...]
    attention: tuple[int, ...] = ()
    latent: str = "whole"
    eps: float = 1e-4


class BigGAN:
    """A BigGAN generator over named tensors ("blocks.3.conv1.weight", "blocks.3.bn1.gain.weight", …)."""

    kind = "biggan"
    w_avg: Tensor | None = None

    def __init__(self, config: BigGANConfig, tensors: dict[str, Tensor]):
        self.config = config
        self.tensors = tensors
        self.z_dim, self.c_dim = config.z_dim, config.c_dim
        self.w_dim = config.z_dim + config.embedding_dim
        self.num_ws = len(config.upsample) + 1
        self.resolution = (config.resolution, config.resolution)
        self.device = str(tensors["linear.weight"].device)
        self.wrap = False  # beyond an edge lies the opposite edge, not black
        self.short: torch.dtype | None = None  # what the second half of the blocks multiplies; all of what is off comes late
        self.compute: Compute = BigGAN._in_torch
        self.shelf: Any = None  # where whoever else computes keeps what it prepared
        self.layers = self._describe_layers()

    def variant(self, *, compute: Compute | None = None, wrap: bool | None = None, short: torch.dtype | None = None) -> Self:
        """The same network, the same tensors, its blocks computed by something else, with edges that meet, or half of them in
        fewer bits."""
        other = copy.copy(self)
        other.compute = self.compute if compute is None else compute
        other.short = self.short if short is None else short
        other.wrap = self.wrap if wrap is None else wrap
        return other

    def __repr__(self) -> str:
        return f"BigGAN({self.config.block}, {self.resolution[0]}², z {self.z_dim}, {self.c_dim} classes)"

    def noise_const(self) -> tuple[Tensor, ...]:
        """Empty: there is no noise in this family."""
        return ()

    def map(self, z: Tensor, c: Tensor | None = None, truncation_psi: float = 1.0,
            truncation_cutoff: int | None = None) -> Tensor:
        """z [b, z_dim], class weights c [b, c_dim] -> w+ [b, num_ws, w_dim]: z as given, beside the class embedding.

        There is no mean w to pull towards: scale z, and give `synthesize` the truncation.
        """
        if c is None:
            raise UsageError(f"BigGAN needs a class: give c, one row of {self.c_dim} class weights per sample")
        w = torch.cat([z, F.linear(c.to(z), self.tensors["embedding.weight"])], dim=1)
        return w[:, None].repeat(1, self.num_ws, 1)

    def synthesize(self, w: Tensor, noise: Noise = "const", *, after: AfterLayer | None = None, input_map: Tensor | None = None,
                   extend: Extend | None = None, truncation: float | Tensor = 1.0, classic: bool = False,
                   rewrites: Rewrites = ()) -> Tensor:
        """w+ [b, num_ws, w_dim] -> [b, 3, height, width] in −1…1.

        truncation   picks the stored statistics: one value, or [b]; `classic` blends two rows of them the wrong way
                     round, as the published code does
        input_map    [1 or b, c, h, w] stands in for the first activations
        rewrites     stand in for tensors of convolutions, a set for each row
        extend       continues them: a larger map gives a larger picture
        """
        assert w.ndim == 3 and tuple(w.shape[1:]) == (self.num_ws, self.w_dim), f"w is {tuple(w.shape)}"
        if not isinstance(noise, str) and tuple(noise):
            raise UsageError("BigGAN has no noise layers: leave noise at 'const'")
        rows = self._statistic_rows(truncation, classic)
        x = self._first(w[:, 0]) if input_map is None else input_map.expand(len(w), -1, -1, -1)
        x = extend(x).contiguous(memory_format=torch.channels_last) if extend else x
        x = after(0, x) if after else x
        return self.compute(self, x, w, rows, after, rewrites)

    # -- parts ---------------------------------------------------------------------------------------------------

    def _describe_layers(self) -> tuple[Layer, ...]:
        side, convs = _SIDE, _CONVS[self.config.block]
        layers = [Layer("input", (side, side), self.tensors["blocks.0.conv1.weight"].shape[1])]
        for index, up in enumerate(self.config.upsample):
            for k in range(1, convs + 1):
                side *= 2 if up and k == self.first_after_upsampling() else 1
                name = f"blocks.{index}.conv{k}"
                layers.append(Layer(name, (side, side), self.tensors[f"{name}.weight"].shape[0]))
        return tuple(layers)

    def first_after_upsampling(self) -> int:
        """The number of the convolution that sees the doubled size."""
        return 2 if self.config.block == "deep" else 1

    def _statistic_rows(self, truncation: float | Tensor, classic: bool) -> Tensor:
        """Weights of the rows of the statistics' table, [1 or b, n_rows]."""
        table = self.tensors["output.bn.mean"]
        last = len(table) - 1
        rows = torch.zeros(truncation.numel() if isinstance(truncation, Tensor) else 1, last + 1)
        values = truncation.reshape(-1).tolist() if isinstance(truncation, Tensor) else [truncation]
        for row, value in zip(rows, values, strict=True):
            inside = min(max(float(value), 0.0), 1.0)
            part, at = math.modf(inside / (1.0 / last)) if last and classic else math.modf(inside * last)
            below, above = min(int(at), last), min(int(at) + 1, last)
            row[below] += part if classic and part else 1.0 - part
            row[above] += 1.0 - part if classic and part else part
        return onto(rows, table.device)

    def _first(self, w: Tensor) -> Tensor:
        """w [b, w_dim] -> the first activations [b, c, 4, 4]."""
        x = F.linear(self._seen_by(0, w), self.tensors["linear.weight"], self.tensors["linear.bias"])
        return x.view(len(w), -1, _SIDE, _SIDE).contiguous(memory_format=torch.channels_last)

    def _seen_by(self, slot: int, w: Tensor) -> Tensor:
        """The part of w that slot 0 (the first activations) or a block uses."""
        z, embedding = w[:, :self.z_dim], w[:, self.z_dim:]
        if self.config.latent == "chunks":
            size = self.z_dim // self.num_ws
            z = z[:, slot * size:(slot + 1) * size]
        if self.config.latent != "whole" and slot == 0:
            return z
        return embedding if self.config.latent == "class" else torch.cat([z, embedding], dim=1)

    def _in_torch(self, x: Tensor, w: Tensor, rows: Tensor, after: AfterLayer | None, rewrites: Rewrites) -> Tensor:
        """The one clear formulation, against which every other way to compute is tested."""
        for index in range(len(self.config.upsample)):
            with self._arithmetic(index):
                x = self._attention(index, x) if index in self.config.attention else x
                x = self._block(index, x, self.latent_of(index, w), rows, after, rewrites)
        index = len(self.config.upsample)
        with self._arithmetic(index):
            picture = self.convolved("output.conv", self._normalised(x, index, 1, self.latent_of(index, w), rows))
        return torch.tanh(picture.to(w.dtype))

    def _arithmetic(self, index: int) -> AbstractContextManager:
        """In which a block, or the output, is computed."""
        if self.short is None or index < len(self.config.upsample) // 2:
            return contextlib.nullcontext()
        return torch.autocast(self.device.partition(":")[0], self.short, cache_enabled=False)

    def latent_of(self, index: int, w: Tensor) -> Tensor:
        """What a block sees of w+; the output sees nothing."""
        return self._seen_by(index + 1, w[:, index + 1]) if index < len(self.config.upsample) else w[:, 0]

    def size_on(self, name: str, cells: tuple[int, int]) -> tuple[int, int]:
        """(height, width) of a layer where the input has so many cells."""
        size = next(layer.size for layer in self.layers if layer.name == name)
        return size[0] * cells[0] // _SIDE, size[1] * cells[1] // _SIDE

    def _block(self, index: int, x: Tensor, latent: Tensor, rows: Tensor, after: AfterLayer | None,
               rewrites: Rewrites = ()) -> Tensor:
        """A residual block, with bends after each convolution (after the last one: after the shortcut is added)."""
        shortcut, layers = self._shortcut(index, x), self.layers_of(index)
        for k, (name, layer) in enumerate(zip(self.convolutions_of(index), layers, strict=True), 1):
            x = self._normalised(x, index, k, latent, rows)
            x = _doubled(x) if self.config.upsample[index] and k == self.first_after_upsampling() else x
            x = self.convolved(name, x, rewrites)
            x = x + shortcut if layer == layers[-1] else x
            x = after(layer, x) if after else x
        return x

    def layers_of(self, index: int) -> tuple[int, ...]:
        """Indices of a block's convolutions among the layers; of the output's, which is none, one more than there are."""
        convs = _CONVS[self.config.block] if index < len(self.config.upsample) else 1
        return tuple(range(1 + index * _CONVS[self.config.block], 1 + index * _CONVS[self.config.block] + convs))

    def convolutions_of(self, index: int) -> tuple[str, ...]:
        """Names of a block's convolutions."""
        return tuple(f"blocks.{index}.conv{k}" for k in range(1, _CONVS[self.config.block] + 1))

    def _shortcut(self, index: int, x: Tensor) -> Tensor:
        """Deep blocks drop the channels that are too many; wide ones convolve."""
        name = f"blocks.{index}"
        if self.config.block == "deep":
            x = x[:, :self.tensors[f"{name}.conv4.weight"].shape[0]]
        x = _doubled(x) if self.config.upsample[index] else x
        return self.convolved(f"{name}.shortcut", x) if f"{name}.shortcut.weight" in self.tensors else x

    def _normalised(self, x: Tensor, index: int, k: int, latent: Tensor, rows: Tensor) -> Tensor:
        """What convolution k of a block sees."""
        factor, offset = self.normalisation(index, k, latent, rows)
        return F.relu(x * factor + offset)

    def normalisation(self, index: int, k: int, latent: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        """(x − mean) / √(var + eps) · gain + bias for convolution k of a block: factor and offset [1 or b, c, 1, 1]."""
        if index == len(self.config.upsample):
            name, gain, bias = "output.bn", self.tensors["output.bn.gain"][None], self.tensors["output.bn.bias"][None]
        else:
            name = f"blocks.{index}.bn{k}"
            gain = 1 + F.linear(latent, self.tensors[f"{name}.gain.weight"])
            bias = F.linear(latent, self.tensors[f"{name}.bias.weight"])
        mean, variance = rows @ self.tensors[f"{name}.mean"], rows @ self.tensors[f"{name}.var"]
        gain = gain * torch.rsqrt(variance + self.config.eps)
        return gain[:, :, None, None], (bias - mean * gain)[:, :, None, None]

    def convolved(self, name: str, x: Tensor, rewrites: Rewrites = ()) -> Tensor:
        """A convolution of this name; each row with its own weights, where it has any."""
        if touches(rewrites, name):  # each row by a network of its own
            return torch.cat([self.rewritten(own).convolved(name, row) for own, row in zip(rewrites, x.split(1), strict=True)])
        weight, gain = self.tensors[f"{name}.weight"], self.tensors.get(f"{name}.gain")
        reach = weight.shape[-1] // 2
        x, pad = (wrapped(x, reach), 0) if self.wrap else (x, reach)
        x = F.conv2d(x, weight, self.tensors.get(f"{name}.bias"), padding=pad)
        return x if gain is None else x * gain[:, None, None]

    def rewritten(self, tensors: Mapping[str, Tensor]) -> Self:
        """The same network with some other tensors; this one is left as it is."""
        other = copy.copy(self)
        other.tensors = {**self.tensors, **tensors}
        return other

    def _attention(self, index: int, x: Tensor) -> Tensor:
        """Self-attention over positions (Zhang et al. 2019), keys and values at half the size."""
        name = f"attention.{index}"
        query = self.convolved(f"{name}.theta", x).flatten(2)
        key = F.max_pool2d(self.convolved(f"{name}.phi", x), 2).flatten(2)
        value = F.max_pool2d(self.convolved(f"{name}.g", x), 2).flatten(2)
        at_a_time = max(1, _MOST_WEIGHTS // key.shape[2])  # on large fields the whole table would not fit into memory
        tables = (torch.softmax(part.transpose(1, 2) @ key, dim=-1) for part in query.split(at_a_time, dim=2))
        found = torch.cat([value @ table.transpose(1, 2) for table in tables], dim=2).view(len(x), -1, *x.shape[2:])
        return x + self.tensors[f"{name}.gamma"] * self.convolved(f"{name}.o", found)


def _doubled(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2, mode="nearest")
