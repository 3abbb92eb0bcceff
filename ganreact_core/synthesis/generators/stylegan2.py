"""StyleGAN2 in the configuration of stylegan2-ada-pytorch, written from its description (Karras et al. 2020a, 2020b).

The convolution is computed in the form "scale the input by the style, convolve with static weights, demodulate the
output", which is the same function as modulating the weights (2020a, section 2.2) and needs no grouped convolution.
Everything is differentiable, so the trainer of the embedded model uses this very code.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Self

import torch
import torch.nn.functional as F
from torch import Tensor

from ...errors import UsageError
from .base import AfterLayer, Extend, Layer, Noise, Rewrites, touches
from .mapping import dense, map_to_w, mapping_shapes, spread
from .resample import cropped, filterable, times, upfirdn, wrapped

_SQRT2 = math.sqrt(2.0)
NO_REWRITES: Rewrites = ()

Maps = tuple[Tensor | None, ...]
"""The noise of each convolution, [1 or b, 1, h, w]; None where there is none."""

Compute = Callable[[Tensor, Tensor, Maps, AfterLayer | None, Rewrites], Tensor]
"""(input [b, c, h, w], w+, noise, after, rewrites) -> picture [b, img_channels, height, width]: what follows the input."""


@dataclass(frozen=True)
class StyleGAN2Config:
    """The shape of a StyleGAN2; channel counts are read from the tensors.

    architecture      "skip": to-RGB at every block; "resnet": residual blocks; "orig": neither
    resample_filter   taps of the separable low-pass
    conv_clamp        activations are clamped to ± this, None where not
    lr_multiplier     run-time scale of the mapping network's weights
    """

    z_dim: int
    w_dim: int
    resolution: int
    c_dim: int = 0
    img_channels: int = 3
    architecture: str = "skip"
    mapping_layers: int = 8
    lr_multiplier: float = 0.01
    resample_filter: tuple[float, ...] = (1.0, 3.0, 3.0, 1.0)
    conv_clamp: float | None = None
    use_noise: bool = True

    @cached_property
    def block_sizes(self) -> tuple[int, ...]:
        """4, 8, … resolution."""
        return tuple(2 ** k for k in range(2, int(math.log2(self.resolution)) + 1))

    @cached_property  # asked for several times a frame
    def conv_names(self) -> tuple[str, ...]:
        """"b4.conv1", "b8.conv0", "b8.conv1", …"""
        return ("b4.conv1", *(f"b{size}.conv{k}" for size in self.block_sizes[1:] for k in (0, 1)))


class StyleGAN2:
    """A StyleGAN2 generator over named tensors ("mapping.fc0.weight", "synthesis.b8.conv0.affine.bias", …)."""

    kind = "stylegan2"

    def __init__(self, config: StyleGAN2Config, tensors: dict[str, Tensor]):
        self.config = config
        self.tensors = tensors
        self.z_dim, self.w_dim, self.c_dim = config.z_dim, config.w_dim, config.c_dim
        self.num_ws = len(config.conv_names) + 1
        self.resolution = (config.resolution, config.resolution)
        self.w_avg: Tensor | None = tensors.get("mapping.w_avg")
        self.input_map = tensors["synthesis.b4.const"][None]
        self.layers = self._describe_layers()
        self.device = str(self.input_map.device)
        taps = torch.tensor(config.resample_filter, dtype=torch.float32, device=self.device)
        self.low_pass = taps / taps.sum()
        self.wrap = False  # beyond an edge lies the opposite edge, not black
        self.planar = self.device.startswith("cuda")  # how low-passes want activations to lie
        self.merges = self.planar  # passes over activations are taken together: what memory moves bounds a card
        self.compute: Compute = self._in_torch
        self.shelf: Any = None  # where whoever else computes keeps what it prepared
        self._energy: dict[str, Tensor] = {}

    def __repr__(self) -> str:
        return f"StyleGAN2({self.config.architecture}, {self.resolution[0]}², w {self.w_dim}, c {self.c_dim})"

    def noise_const(self) -> tuple[Tensor, ...]:
        """The stored noise of each convolution, [1, 1, h, w]; empty where the network has none."""
        if not self.config.use_noise:
            return ()
        return tuple(self.tensors[f"synthesis.{name}.noise_const"][None, None] for name in self.config.conv_names)

    def map(self, z: Tensor, c: Tensor | None = None, truncation_psi: float = 1.0,
            truncation_cutoff: int | None = None) -> Tensor:
        """z [b, z_dim], c [b, c_dim] -> w+ [b, num_ws, w_dim], pulled towards w_avg on the first `cutoff` layers."""
        w = map_to_w(self.config, self.tensors, z, c)
        return spread(w, self.num_ws, self.w_avg, truncation_psi, truncation_cutoff)

    def synthesize(self, w: Tensor, noise: Noise = "const", *, after: AfterLayer | None = None,
                   input_map: Tensor | None = None, extend: Extend | None = None, rewrites: Rewrites = NO_REWRITES) -> Tensor:
        """w+ [b, num_ws, w_dim] -> [b, 3, height, width], raw.

        `input_map` [1 or b, c, h, w] stands in for the learned 4×4 constant, which `extend` then continues: a larger one
        gives a larger picture (then `noise` must be "none" or explicit maps of the larger sizes). `rewrites` stand in for
        weights of layers.
        """
        assert w.ndim == 3 and tuple(w.shape[1:]) == (self.num_ws, self.w_dim), f"w is {tuple(w.shape)}"
        x = self.input_map if input_map is None else input_map
        x = (extend(x) if extend else x).expand(len(w), -1, -1, -1)
        x = x.contiguous(memory_format=torch.channels_last)
        x = after(0, x) if after else x
        image = self.compute(x, w, self._noise_maps(noise), after, rewrites)
        return image if image.shape[1] == 3 else image.expand(-1, 3, -1, -1)

    def variant(self, *, compute: Compute | None = None, wrap: bool | None = None) -> Self:
        """The same network, the same tensors, computed by something else or with edges that meet."""
        other = copy.copy(self)
        other.compute = other._in_torch if compute is None else compute
        other.wrap = self.wrap if wrap is None else wrap
        return other

    # -- parts ---------------------------------------------------------------------------------------------------

    def _describe_layers(self) -> tuple[Layer, ...]:
        shapes = [(name, self.tensors[f"synthesis.{name}.weight"].shape[0]) for name in self.config.conv_names]
        convs = [Layer(name, (_size_of(name),) * 2, channels) for name, channels in shapes]
        return (Layer("input", (4, 4), self.input_map.shape[1]), *convs)

    def _noise_maps(self, noise: Noise) -> Maps:
        count = len(self.config.conv_names)
        if not self.config.use_noise or (isinstance(noise, str) and noise == "none"):
            return (None,) * count
        if isinstance(noise, str):
            assert noise == "const", f"noise is {noise!r}"
            return self.noise_const()
        given = tuple(noise)
        if len(given) == count + 1:  # one per layer, the input's included: it has none
            given = given[1:]
        if len(given) != count:
            raise UsageError(f"noise needs one map per convolution: {count}, not {len(given)}")
        return given

    def size_on(self, name: str, cells: tuple[int, int]) -> tuple[int, int]:
        """(height, width) of a convolution's outputs where the input has so many cells."""
        return cells[0] * _size_of(name) // 4, cells[1] * _size_of(name) // 4

    def parts(self) -> tuple[tuple[str, str], ...]:
        """What is computed after the input, in order: ("conv" | "skip" | "torgb", name without "synthesis.")."""
        found: list[tuple[str, str]] = []
        for size in self.config.block_sizes:
            if size > 4:
                found += [("skip", f"b{size}.skip")] if self.config.architecture == "resnet" else []
                found += [("conv", f"b{size}.conv0")]
            found += [("conv", f"b{size}.conv1")]
            if self.config.architecture == "skip" or size == self.config.resolution:
                found += [("torgb", f"b{size}.torgb")]
        return tuple(found)

    def sketch(self, part: int) -> Self | None:
        """The same network, stopped where its picture is 1/part as large: rougher, and all there; None for a network that
        makes colours only at its end."""
        if self.config.architecture != "skip" or self.config.resolution // part < 16:
            return None
        other = self.variant()
        other.compute = partial(other._in_torch, largest=self.config.resolution // part)
        return other

    def _in_torch(self, x: Tensor, w: Tensor, maps: Maps, after: AfterLayer | None, rewrites: Rewrites,
                  largest: int | None = None) -> Tensor:
        """The one clear formulation, against which every other way to compute is tested; blocks up to the largest size."""
        image: Tensor | None = None
        shortcut: Tensor | None = None
        index = 0
        for kind, name in self.parts():
            if largest is not None and _size_of(name) > largest:
                break
            if kind == "torgb":
                rgb = self._to_rgb(name, x, w)
                image = rgb if image is None else self._enlarged(image) + rgb
            elif kind == "skip":
                shortcut = self._enlarged(F.conv2d(x, self.shortcut_weight(name)))
            else:
                x = self.convolution(name, x, w[:, index], maps[index], rewrites)
                if shortcut is not None and name.endswith("conv1"):
                    x, shortcut = x + shortcut, None
                index += 1
                x = after(index, x) if after else x
        assert image is not None
        return image

    def convolution(self, name: str, x: Tensor, w: Tensor, noise: Tensor | None, rewrites: Rewrites = NO_REWRITES) -> Tensor:
        """Modulated 3×3 convolution, noise, bias, leaky ReLU · gain, clamp."""
        if touches(rewrites, f"synthesis.{name}"):  # each row by a network of its own
            noises_ = (None,) * len(x) if noise is None else noise.expand(len(x), -1, -1, -1).split(1)
            rows = zip(rewrites, x.split(1), w.split(1), noises_, strict=True)
            return torch.cat([self.rewritten(own).convolution(name, *row) for own, *row in rows])
        inputs, outputs, *noises = self.modulation(name, w, noise)
        weight, gain, up = self.tensors[f"synthesis.{name}.weight"], self.gain_of(name), name.endswith("conv0")
        in_place = not torch.is_grad_enabled()  # half the time goes into fetching fresh memory otherwise
        merges = in_place and self.merges
        x = self._convolve(times(x, inputs, torch.channels_last) if merges else x * inputs, weight, up)
        bias = (self.tensors[f"synthesis.{name}.bias"] * gain)[:, None, None]
        if merges:
            x = torch.addcmul(bias.to(x.dtype), x, outputs.to(x.dtype), out=x)
        else:
            x = x.mul_(outputs) if in_place else x * outputs
        for scaled in noises if merges else (*noises, bias):
            x = x.add_(scaled) if in_place else x + scaled
        return _clamped(F.leaky_relu(x, 0.2, inplace=in_place), self.limit(gain))

    def modulation(self, name: str, w: Tensor, noise: Tensor | None) -> tuple[Tensor, ...]:
        """What a frame changes at a convolution: factors of its inputs and its outputs [b, c, 1, 1], and its noise, if any.

        The leaky ReLU lets a gain through: it is in the outputs' factors already, which saves a pass over the activations.
        """
        style = dense(self.tensors, f"synthesis.{name}.affine", w)
        energy = style.square() @ self._weight_energy(f"synthesis.{name}").t()
        gain = self.gain_of(name)
        outputs = torch.rsqrt(energy + 1e-8) * gain * self.tensors.get(f"synthesis.{name}.gain", 1.0)
        factors = style[:, :, None, None], outputs[:, :, None, None]
        return factors if noise is None else (*factors, noise * (self.tensors[f"synthesis.{name}.noise_strength"] * gain))

    def rewritten(self, tensors: Mapping[str, Tensor]) -> Self:
        """The same network with some other tensors, computed in torch; this one is left as it is."""
        other = copy.copy(self)
        other.tensors, other._energy = {**self.tensors, **tensors}, {}
        other.compute = other._in_torch
        return other

    def gain_of(self, name: str) -> float:
        """Of a convolution's leaky ReLU: √2, less where a residual block adds its shortcut afterwards."""
        return 1.0 if self.config.architecture == "resnet" and name.endswith("conv1") and name != "b4.conv1" else _SQRT2

    def limit(self, gain: float) -> float | None:
        """What activations with that gain are clamped to, ±."""
        return None if self.config.conv_clamp is None else self.config.conv_clamp * gain / _SQRT2

    def rgb_style(self, name: str, w: Tensor) -> Tensor:
        """w+ -> factors [b, c, 1, 1] of a to-RGB layer's inputs."""
        index = 2 * int(math.log2(_size_of(name))) - 3  # of its w: 1 at 4×4, 3 at 8×8
        fan_in = self.tensors[f"synthesis.{name}.weight"][0].numel()
        return (dense(self.tensors, f"synthesis.{name}.affine", w[:, index]) / math.sqrt(fan_in))[:, :, None, None]

    def shortcut_weight(self, name: str) -> Tensor:
        """Weights of a residual block's shortcut, with its share of the block's gain."""
        weight = self.tensors[f"synthesis.{name}.weight"]
        return weight * math.sqrt(0.5 / weight[0].numel())

    def pad_after_up(self, weight: Tensor) -> tuple[int, int]:
        """Padding (before, after) of the low-pass that follows a stride-2 transposed convolution, so that 2h comes out."""
        taps, kernel = len(self.low_pass), weight.shape[-1]
        same = kernel // 2
        return same + (taps + 1) // 2 - (kernel - 1), same + (taps - 2) // 2 - (kernel - 2)

    def pad_enlarging(self) -> tuple[int, int]:
        """Padding (before, after) of the low-pass where zeros were put in between pixels."""
        return (len(self.low_pass) + 1) // 2, (len(self.low_pass) - 2) // 2

    def _convolve(self, x: Tensor, weight: Tensor, up: bool) -> Tensor:
        """Plain convolution with weights [o, i, k, k]; upwards, a transposed one and the low-pass after it."""
        if not up:
            return F.conv2d(wrapped(x, weight.shape[-1] // 2), weight) if self.wrap else \
                F.conv2d(x, weight, padding=weight.shape[-1] // 2)
        reach = (len(self.low_pass) + weight.shape[-1]) // 2 if self.wrap else 0
        y = filterable(F.conv_transpose2d(wrapped(x, reach), weight.transpose(0, 1), stride=2), self.planar)
        return cropped(upfirdn(y, self.low_pass, pad=self.pad_after_up(weight), gain=4.0), 2 * reach)

    def _to_rgb(self, name: str, x: Tensor, w: Tensor) -> Tensor:
        y = self._convolve(x * self.rgb_style(name, w), self.tensors[f"synthesis.{name}.weight"], up=False)
        return _clamped(y + self.tensors[f"synthesis.{name}.bias"][:, None, None], self.config.conv_clamp)

    def _enlarged(self, x: Tensor) -> Tensor:
        reach = (len(self.low_pass) + 1) // 2 if self.wrap else 0
        x = filterable(wrapped(x, reach), self.planar)
        return cropped(upfirdn(x, self.low_pass, up=2, pad=self.pad_enlarging(), gain=4.0), 2 * reach)

    def _weight_energy(self, name: str) -> Tensor:
        """Σ over the kernel of weight², [out, in]: what demodulation needs. Kept, unless the weights are in training."""
        weight = self.tensors[f"{name}.weight"]
        if weight.requires_grad:
            return weight.square().sum(dim=(2, 3))
        if name not in self._energy:
            self._energy[name] = weight.square().sum(dim=(2, 3))
        return self._energy[name]


def expected_shapes(config: StyleGAN2Config, tensors: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """The name and shape of every tensor a network of this configuration needs; channel counts as found in `tensors`."""
    channels = {size: (*tensors.get(f"synthesis.b{size}.conv1.weight", ()), 0)[0] for size in config.block_sizes}
    shapes = mapping_shapes(config, tensors)
    shapes["synthesis.b4.const"] = (channels[4], 4, 4)
    for name in config.conv_names:
        size = _size_of(name)
        c_in = channels[size // 2] if name.endswith("conv0") else channels[size]
        shapes |= _modulated(f"synthesis.{name}", config.w_dim, c_in, channels[size], 3)
        if config.use_noise:
            shapes |= {f"synthesis.{name}.noise_const": (size, size), f"synthesis.{name}.noise_strength": ()}
        if config.architecture == "resnet" and name.endswith("conv0"):
            shapes[f"synthesis.b{size}.skip.weight"] = (channels[size], c_in, 1, 1)
    for size in config.block_sizes if config.architecture == "skip" else config.block_sizes[-1:]:
        shapes |= _modulated(f"synthesis.b{size}.torgb", config.w_dim, channels[size], config.img_channels, 1)
    return shapes


def _modulated(name: str, w_dim: int, c_in: int, c_out: int, kernel: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (c_out, c_in, kernel, kernel), f"{name}.bias": (c_out,),
            f"{name}.affine.weight": (c_in, w_dim), f"{name}.affine.bias": (c_in,)}


def _size_of(name: str) -> int:
    return int(name.partition(".")[0][1:])


def _clamped(x: Tensor, limit: float | None) -> Tensor:
    return x if limit is None else x.clamp(-limit, limit)
