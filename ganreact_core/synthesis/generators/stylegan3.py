"""StyleGAN3 (configurations t and r), written from its description (Karras et al. 2021, "Alias-free generative adversarial
networks", sections 3 and 4 and appendix F).

The picture is a function on the plane: Fourier features, placed by w and by `transform`, go through layers that each work
at their own sampling rate; every nonlinearity is applied at a higher rate and low-passed afterwards. There is no noise.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import torch
import torch.nn.functional as F
from torch import Tensor

from ...errors import CheckpointError, UsageError
from ..transfers import onto
from .base import AfterLayer, Layer, Noise, Rewrites, touches
from .filtered_activation import Rates, filtered_leaky_relu
from .mapping import dense, map_to_w, mapping_shapes, spread
from .resample import filterable

_SQRT2 = math.sqrt(2.0)
_INPUT = "synthesis.input"
ComputeLayer = Callable[["StyleGAN3", int, Tensor, Tensor], Tensor]
"""(the network, index of a layer, activations [b, c, h, w], w [b, w_dim]) -> the layer's activations."""

Run = Callable[["StyleGAN3", Tensor, Tensor, AfterLayer | None, Rewrites], Tensor]
"""(the network, input [b, c, h, w], w+, after, rewrites) -> picture: what follows the input, layer by layer."""

_MARGIN = 128  # pixels that layers may have around the picture


@dataclass(frozen=True)
class StyleGAN3Config:
    """The shape of a StyleGAN3; kernels and filters are read from the tensors.

    layer_names          from the first convolution to the to-RGB layer ("L0_36_512", …)
    up_factors, down_factors, paddings    of each layer's filtered activation; padding (before, after) on both axes
    input_size           side of the Fourier features' grid, pixels
    sampling_rate        of that grid, samples per picture side
    bandwidth            cycles per picture side up to which the features pass whole
    conv_clamp           activations are clamped to ± this, None where not
    class_table          classes are rows of a table, each with a mean w of its own (StyleGAN-XL)
    """

    z_dim: int
    w_dim: int
    resolution: int
    layer_names: tuple[str, ...]
    up_factors: tuple[int, ...]
    down_factors: tuple[int, ...]
    paddings: tuple[tuple[int, int], ...]
    input_size: int
    sampling_rate: float
    bandwidth: float
    c_dim: int = 0
    img_channels: int = 3
    mapping_layers: int = 2
    lr_multiplier: float = 0.01
    output_scale: float = 0.25
    conv_clamp: float | None = 256.0
    class_table: bool = False

    def rates(self, index: int) -> Rates:
        """How layer `index` resamples."""
        return Rates(self.up_factors[index], self.down_factors[index], self.paddings[index])


class StyleGAN3:
    """A StyleGAN3 generator over named tensors ("synthesis.L0_36_512.weight", …)."""

    kind = "stylegan3"

    def __init__(self, config: StyleGAN3Config, tensors: dict[str, Tensor]):
        self.config = config
        self.tensors = tensors
        self.z_dim, self.w_dim, self.c_dim = config.z_dim, config.w_dim, config.c_dim
        self.num_ws = len(config.layer_names) + 1
        self.resolution = (config.resolution, config.resolution)
        means = tensors["mapping.w_avg"]
        self.w_avg: Tensor | None = means.mean(dim=0) if means.ndim == 2 else means
        self.device = str(tensors[f"{_INPUT}.weight"].device)
        self.layers = self._describe_layers()
        self.own_cells = round(config.sampling_rate)
        self.wrap = False  # opposite edges meet
        self.short: torch.dtype | None = None  # what convolutions multiply; what lies between them shows every lost bit
        self.planar = self.device.startswith("cuda")  # how low-passes want activations to lie
        self.merges = self.planar  # passes over activations are taken together: what memory moves bounds a card
        self.compute: ComputeLayer = StyleGAN3._layer
        self.run: Run = StyleGAN3._in_turn
        self.shelf: Any = None  # where whoever else computes keeps what it prepared
        self._scaled: dict[str, tuple[Tensor, Tensor]] = {}

    def __repr__(self) -> str:
        kernel = self.tensors[f"synthesis.{self.config.layer_names[0]}.weight"].shape[-1]
        return f"StyleGAN3({'r' if kernel == 1 else 't'}, {self.resolution[0]}², w {self.w_dim}, c {self.c_dim})"

    def mean_of_class(self, number: int) -> Tensor | None:
        """[w_dim]: the mean w of a class, of StyleGAN-XL its own."""
        means = self.tensors["mapping.w_avg"]
        return means[number] if means.ndim == 2 else self.w_avg

    def noise_const(self) -> tuple[Tensor, ...]:
        """Empty: there is no noise in this family."""
        return ()

    def map(self, z: Tensor, c: Tensor | None = None, truncation_psi: float = 1.0,
            truncation_cutoff: int | None = None) -> Tensor:
        """z [b, z_dim], c [b, c_dim] -> w+ [b, num_ws, w_dim], pulled towards w_avg on the first `cutoff` layers.

        StyleGAN-XL is pulled towards the mean of the class; its `w_avg` is the mean of these.
        """
        w = map_to_w(self.config, self.tensors, z, c)
        means = self.tensors["mapping.w_avg"]
        mean = means if means.ndim == 1 or c is None else (c.to(means) @ means)[:, None]
        return spread(w, self.num_ws, mean, truncation_psi, truncation_cutoff)

    def synthesize(self, w: Tensor, noise: Noise = "const", *, after: AfterLayer | None = None,
                   input_map: Tensor | None = None, transform: Tensor | None = None, cells: tuple[int, int] | None = None,
                   rewrites: Rewrites = ()) -> Tensor:
        """w+ [b, num_ws, w_dim] -> [b, 3, height, width], raw.

        transform   [3, 3] or [b, 3, 3]: moves the picture's content, shifts in picture sides (see `placement`)
        input_map   [1 or b, c, h, w] stands in for the Fourier features
        cells       (height, width) of the picture in samples of its input, as trained `own_cells`: more give a larger one
        noise       "const" and "none" mean the same here; maps are refused
        rewrites    stand in for tensors of layers, a set for each row
        """
        assert w.ndim == 3 and tuple(w.shape[1:]) == (self.num_ws, self.w_dim), f"w is {tuple(w.shape)}"
        if not isinstance(noise, str) and tuple(noise):
            raise UsageError("StyleGAN3 has no noise layers: leave noise at 'const'")
        x = self._fourier_features(w[:, 0], transform, cells) if input_map is None else input_map.expand(len(w), -1, -1, -1)
        x = after(0, x) if after else x
        image = self.run(self, x, w, after, rewrites) * self.config.output_scale
        return image if image.shape[1] == 3 else image.expand(-1, 3, -1, -1)

    def variant(self, *, compute: ComputeLayer | None = None, run: Run | None = None, wrap: bool | None = None,
                short: torch.dtype | None = None) -> Self:
        """The same network, the same tensors, its layers computed by something else, one or all, with edges that meet, or
        with convolutions in fewer bits."""
        other = copy.copy(self)
        other.compute = self.compute if compute is None else compute
        other.run = self.run if run is None else run
        other.short = self.short if short is None else short
        other.wrap = self.wrap if wrap is None else wrap
        return other

    def rewritten(self, tensors: Mapping[str, Tensor]) -> Self:
        """The same network with some other tensors; this one is left as it is."""
        other = copy.copy(self)
        other.tensors, other._scaled = {**self.tensors, **tensors}, {}
        return other

    # -- parts ---------------------------------------------------------------------------------------------------

    def _in_turn(self, x: Tensor, w: Tensor, after: AfterLayer | None, rewrites: Rewrites) -> Tensor:
        """All layers after the input, with bends in between."""
        for index in range(len(self.config.layer_names)):
            if touches(rewrites, f"synthesis.{self.config.layer_names[index]}"):  # each row by a network of its own
                rows = zip(rewrites, x.split(1), w[:, index + 1].split(1), strict=True)
                x = torch.cat([self.compute(self.rewritten(own), index, *row) for own, *row in rows])
            else:
                x = self.compute(self, index, x, w[:, index + 1])
            x = after(index + 1, x) if after and index + 1 < len(self.layers) else x
        return x

    def _describe_layers(self) -> tuple[Layer, ...]:
        size = self.config.input_size
        layers = [Layer("input", (size, size), self.tensors[f"{_INPUT}.weight"].shape[0])]
        for index, name in enumerate(self.config.layer_names[:-1]):
            size = _side_after(self.config, index, size, {key: tuple(tensor.shape) for key, tensor in self.tensors.items()})
            layers.append(Layer(name, (size, size), self.tensors[f"synthesis.{name}.weight"].shape[0]))
        return tuple(layers)

    def margins(self) -> list[int]:
        """Of each of `layers`: how many samples of a side lie around the picture, half before it and half after it."""
        inside, found = self.config.sampling_rate, []
        for index, layer in enumerate(self.layers):
            if index:
                rates = self.config.rates(index - 1)
                inside *= rates.up / rates.down
            found.append(round(layer.size[0] - inside))
        return found

    def _fourier_features(self, w: Tensor, transform: Tensor | None, cells: tuple[int, int] | None) -> Tensor:
        """w [b, w_dim] -> [b, c, input_size, input_size]: waves of fixed frequencies, turned and shifted as w says."""
        placed = self._placed_by(w)
        if transform is not None:
            placed = placed @ onto(torch.linalg.inv(transform.to(placed.dtype)), placed.device)
        elif f"{_INPUT}.transform" in self.tensors:
            placed = placed @ self.tensors[f"{_INPUT}.transform"]
        frequencies, phases = self.tensors[f"{_INPUT}.freqs"], self.tensors[f"{_INPUT}.phases"]
        phases = phases + (frequencies @ placed[:, :2, 2:])[:, :, 0]
        frequencies = frequencies @ placed[:, :2, :2]  # [b, c, 2]
        cells = cells or (self.own_cells, self.own_cells)
        if self.wrap:  # the nearest waves that go into the picture's sides without a rest
            sides = onto(torch.tensor(cells[::-1]) / self.own_cells, w.device)
            frequencies = torch.round(frequencies * sides) / sides
        rate, band = self.config.sampling_rate, self.config.bandwidth
        amplitudes = (1 - (frequencies.norm(dim=2) - band) / (rate / 2 - band)).clamp(0, 1)
        x = torch.einsum("hwk,bck->bhwc", self._grid(w, cells), frequencies) + phases[:, None, None]
        x = torch.sin(x * (2 * math.pi)) * amplitudes[:, None, None]
        weight = self.tensors[f"{_INPUT}.weight"]
        return (x @ (weight.t() / math.sqrt(weight.shape[1]))).permute(0, 3, 1, 2)

    def _placed_by(self, w: Tensor) -> Tensor:
        """The rotation and shift [b, 3, 3] that w asks for: the inverse, as frequencies and not pixels are moved."""
        t = dense(self.tensors, f"{_INPUT}.affine", w)
        t = t / t[:, :2].norm(dim=1, keepdim=True)
        cos, sin, x, y = t.unbind(dim=1)
        one, zero = torch.ones_like(cos), torch.zeros_like(cos)
        rotation = torch.stack([cos, -sin, zero, sin, cos, zero, zero, zero, one], dim=1).view(-1, 3, 3)
        shift = torch.stack([one, zero, -x, zero, one, -y, zero, zero, one], dim=1).view(-1, 3, 3)
        return rotation @ shift

    def _grid(self, like: Tensor, cells: tuple[int, int]) -> Tensor:
        """Where the samples lie, [h, w, 2] as (x, y): pixel centres, in picture sides from the centre."""
        def along(n: int) -> Tensor:
            size = n + self.config.input_size - self.own_cells  # there is a margin around the picture
            return (torch.arange(size, dtype=like.dtype, device=like.device) - (size - 1) / 2) / self.config.sampling_rate

        return torch.stack(torch.meshgrid(along(cells[1]), along(cells[0]), indexing="xy"), dim=-1)

    def _layer(self, index: int, x: Tensor, w: Tensor) -> Tensor:
        """Modulated convolution, bias, and the leaky ReLU at a higher rate (to-RGB: no demodulation, no ReLU)."""
        name, (weight, _) = f"synthesis.{self.config.layer_names[index]}", self.static_weight(index)
        inputs, outputs = self.modulation(index, w)
        kind = self.short or x.dtype
        y = F.conv2d((x * inputs[:, :, None, None]).to(kind), weight.to(kind), padding=weight.shape[-1] - 1).to(x.dtype)
        outputs, bias = outputs[:, :, None, None], self.tensors[f"{name}.bias"][:, None, None]
        merges = self.merges and not torch.is_grad_enabled()
        x = torch.addcmul(bias, y, outputs, out=y) if merges else y * outputs + bias
        x = filterable(x, self.planar)
        return filtered_leaky_relu(x, self.filters(index), self.config.rates(index), **self.curve(index), merges=merges)

    def modulation(self, index: int, w: Tensor) -> tuple[Tensor, Tensor]:
        """w [b, w_dim] -> factors of a layer's inputs [b, i] and outputs [b or 1, o]."""
        name, to_rgb = f"synthesis.{self.config.layer_names[index]}", index == len(self.config.layer_names) - 1
        style = dense(self.tensors, f"{name}.affine", w)
        gain = torch.rsqrt(self.tensors[f"{name}.magnitude_ema"])
        if to_rgb:
            return style, gain.view(1, 1)
        style = style * torch.rsqrt(style.square().mean(dim=1, keepdim=True))
        gain = gain * self.tensors.get(f"{name}.gain", 1.0)
        return style, gain * torch.rsqrt(style.square() @ self.static_weight(index)[1].t() + 1e-8)

    def filters(self, index: int) -> tuple[Tensor | None, Tensor | None]:
        """Of a layer's activation, up and down."""
        name = f"synthesis.{self.config.layer_names[index]}"
        return self.tensors.get(f"{name}.up_filter"), self.tensors.get(f"{name}.down_filter")

    def curve(self, index: int) -> dict[str, Any]:
        """Slope, gain and clamp of a layer's activation; to-RGB layers have none."""
        to_rgb = index == len(self.config.layer_names) - 1
        return {"slope": 1.0 if to_rgb else 0.2, "gain": 1.0 if to_rgb else _SQRT2, "clamp": self.config.conv_clamp}

    def static_weight(self, index: int) -> tuple[Tensor, Tensor]:
        """A layer's weight [o, i, k, k] with the part of its scaling that does not depend on w, and Σ over the kernel of
        its square [o, i]. Kept, unless the weight is in training.
        """
        name, to_rgb = f"synthesis.{self.config.layer_names[index]}", index == len(self.config.layer_names) - 1
        weight = self.tensors[f"{name}.weight"]
        if name in self._scaled and not weight.requires_grad:
            return self._scaled[name]
        if to_rgb:
            scaled = weight / math.sqrt(weight[0].numel())
        else:
            scaled = weight * torch.rsqrt(weight.square().mean(dim=(1, 2, 3), keepdim=True))
        found = scaled, scaled.square().sum(dim=(2, 3))
        if not weight.requires_grad:
            self._scaled[name] = found
        return found


def placement(x: float = 0.0, y: float = 0.0, rotate: float = 0.0) -> Tensor:
    """The `transform` [3, 3] that moves the content by (x, y) picture sides and turns it by `rotate` degrees."""
    cos, sin = math.cos(math.radians(rotate)), math.sin(math.radians(rotate))
    return torch.tensor([[cos, sin, x], [-sin, cos, y], [0.0, 0.0, 1.0]])


def _side_after(config: StyleGAN3Config, index: int, side: int, shapes: dict[str, tuple[int, ...]]) -> int:
    """The side after layer `index`, of a side before it."""
    name = f"synthesis.{config.layer_names[index]}"
    kernel = (*shapes.get(f"{name}.weight", ())[-1:], 1)[0]
    taps = (*shapes.get(f"{name}.up_filter", ()), 1)[0], (*shapes.get(f"{name}.down_filter", ()), 1)[0]
    return config.rates(index).size(side + kernel - 1, taps)


def _check_sides(config: StyleGAN3Config, found: dict[str, tuple[int, ...]]) -> None:
    """The layers lead from the input's side to the picture's, never through nothing or through something huge."""
    count = len(config.layer_names)
    if {len(config.up_factors), len(config.down_factors), len(config.paddings)} != {count} or count < 2:
        raise CheckpointError("this StyleGAN3 does not say for each layer how it resamples; choose another checkpoint")
    sides = [config.input_size]
    for index in range(count):
        sides.append(_side_after(config, index, sides[-1], found))
        if not 0 < sides[-1] <= 2 * config.resolution + _MARGIN:
            break
    if sides[-1] != config.resolution or len(sides) != count + 1:
        raise CheckpointError(f"the layers of this StyleGAN3 do not lead to a picture of {config.resolution} pixels "
                              f"(sides: {', '.join(map(str, sides[-4:]))}); choose another checkpoint")


def stylegan3_shapes(config: StyleGAN3Config, found: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """The name and shape of every tensor; channel counts, kernels and filter lengths as found."""
    _check_sides(config, found)
    channels = (*found.get(f"{_INPUT}.weight", ()), 0)[0]
    shapes = mapping_shapes(config, found)
    shapes |= {f"{_INPUT}.weight": (channels, channels), f"{_INPUT}.affine.weight": (4, config.w_dim),
               f"{_INPUT}.affine.bias": (4,), f"{_INPUT}.transform": (3, 3), f"{_INPUT}.freqs": (channels, 2),
               f"{_INPUT}.phases": (channels,)}
    for index, name in enumerate(f"synthesis.{name}" for name in config.layer_names):
        last = index == len(config.layer_names) - 1
        weight = found.get(f"{name}.weight", ())
        out = config.img_channels if last else (*weight, 0)[0]
        kernel = (*weight[-1:], 1)[0]
        shapes |= {f"{name}.weight": (out, channels, kernel, kernel), f"{name}.bias": (out,), f"{name}.magnitude_ema": (),
                   f"{name}.affine.weight": (channels, config.w_dim), f"{name}.affine.bias": (channels,)}
        shapes |= {f"{name}.{key}": _filter_shape(found[f"{name}.{key}"]) for key in ("up_filter", "down_filter")
                   if f"{name}.{key}" in found}
        channels = out
    return shapes


def _filter_shape(found: tuple[int, ...]) -> tuple[int, ...]:
    """[taps], or [taps, taps] where the filter is radial."""
    return (found[0],) * min(len(found), 2) if found else (1,)
