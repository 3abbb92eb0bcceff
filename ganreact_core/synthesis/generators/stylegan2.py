"""StyleGAN2 in the configuration of stylegan2-ada-pytorch, written from its description (Karras et al. 2020a, 2020b).

The convolution is computed in the form "scale the input by the style, convolve with static weights, demodulate the
output", which is the same function as modulating the weights (2020a, section 2.2) and needs no grouped convolution.
Everything is differentiable, so the trainer of the embedded model uses this very code.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ...errors import UsageError
from .base import AfterLayer, Layer, Noise, Rewrites
from .mapping import dense, map_to_w, mapping_shapes, spread
from .resample import upfirdn

_SQRT2 = math.sqrt(2.0)
NO_REWRITES: Rewrites = {}


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

    @property
    def block_sizes(self) -> tuple[int, ...]:
        """4, 8, … resolution."""
        return tuple(2 ** k for k in range(2, int(math.log2(self.resolution)) + 1))

    @property
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
        self._fir = torch.tensor(config.resample_filter, dtype=torch.float32, device=self.device)
        self._fir = self._fir / self._fir.sum()
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
                   input_map: Tensor | None = None, rewrites: Rewrites = NO_REWRITES) -> Tensor:
        """w+ [b, num_ws, w_dim] -> [b, 3, height, width], raw.

        `input_map` [1 or b, c, h, w] stands in for the learned 4×4 constant: a larger one gives a larger picture
        (then `noise` must be "none" or explicit maps of the larger sizes). `rewrites` stand in for weights of layers.
        """
        assert w.ndim == 3 and tuple(w.shape[1:]) == (self.num_ws, self.w_dim), f"w is {tuple(w.shape)}"
        maps = self._noise_maps(noise)
        x = (self.input_map if input_map is None else input_map).expand(len(w), -1, -1, -1)
        x = x.contiguous(memory_format=torch.channels_last)
        x = after(0, x) if after else x
        image: Tensor | None = None
        for n, size in enumerate(self.config.block_sizes):
            x = self._block(size, x, w, maps, after, rewrites)
            if self.config.architecture == "skip" or size == self.config.resolution:
                rgb = self._to_rgb(f"b{size}.torgb", x, w[:, 2 * n + 1])
                image = rgb if image is None else self._upsample(image) + rgb
        assert image is not None
        return image if image.shape[1] == 3 else image.expand(-1, 3, -1, -1)

    # -- parts ---------------------------------------------------------------------------------------------------

    def _describe_layers(self) -> tuple[Layer, ...]:
        shapes = [(name, self.tensors[f"synthesis.{name}.weight"].shape[0]) for name in self.config.conv_names]
        convs = [Layer(name, (_size_of(name),) * 2, channels) for name, channels in shapes]
        return (Layer("input", (4, 4), self.input_map.shape[1]), *convs)

    def _noise_maps(self, noise: Noise) -> tuple[Tensor | None, ...]:
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

    def _block(self, size: int, x: Tensor, w: Tensor, maps: tuple[Tensor | None, ...], after: AfterLayer | None,
               rewrites: Rewrites) -> Tensor:
        """Both convolutions of a block (one at 4×4), with bends after each."""
        first = 2 * int(math.log2(size)) - 5  # index of conv0 among the convolutions: 1 at 8×8, 3 at 16×16
        residual = self.config.architecture == "resnet" and size > 4
        gain = math.sqrt(0.5) if residual else 1.0
        shortcut = self._shortcut(f"b{size}.skip", x) * gain if residual else None
        for index, conv, up in ((first, "conv0", True), (first + 1, "conv1", False)):
            if index < 0:
                continue
            name = f"b{size}.{conv}"
            x = self._conv(name, x, w[:, index], maps[index], rewrites.get(name), up=up, gain=1.0 if up else gain)
            if shortcut is not None and not up:
                x = x + shortcut
            x = after(index + 1, x) if after else x
        return x

    def _conv(self, name: str, x: Tensor, w: Tensor, noise: Tensor | None, rewritten: Tensor | None, *, up: bool,
              gain: float) -> Tensor:
        """Modulated 3×3 convolution, noise, bias, leaky ReLU · √2 · gain, clamp."""
        name = f"synthesis.{name}"
        style = dense(self.tensors, f"{name}.affine", w)
        x = x * style[:, :, None, None]
        if rewritten is None:
            x = self._convolve(x, self.tensors[f"{name}.weight"], up)
            energy = style.square() @ self._weight_energy(name).t()
        else:  # each row has weights of its own
            x = torch.cat([self._convolve(row[None], weight, up) for row, weight in zip(x, rewritten, strict=True)])
            energy = (rewritten.square().sum(dim=(3, 4)) @ style.square()[:, :, None])[:, :, 0]
        gain *= _SQRT2  # the leaky ReLU lets a gain through: scaled before it, one pass over the activations is saved
        outputs = (torch.rsqrt(energy + 1e-8) * gain)[:, :, None, None]
        bias = (self.tensors[f"{name}.bias"] * gain)[:, None, None]
        in_place = not torch.is_grad_enabled()  # half the time goes into fetching fresh memory otherwise
        x = x.mul_(outputs) if in_place else x * outputs
        if noise is not None:
            scaled = noise * (self.tensors[f"{name}.noise_strength"] * gain)
            x = x.add_(scaled) if in_place else x + scaled
        x = F.leaky_relu(x.add_(bias) if in_place else x + bias, 0.2, inplace=in_place)
        return self._clamp(x, gain / _SQRT2)

    def _convolve(self, x: Tensor, weight: Tensor, up: bool) -> Tensor:
        """Plain convolution with weights [o, i, k, k]; upwards, a transposed one and the low-pass after it."""
        if not up:
            return F.conv2d(x, weight, padding=weight.shape[-1] // 2)
        x = F.conv_transpose2d(x, weight.transpose(0, 1), stride=2)
        return upfirdn(x, self._fir, pad=_after_transposed(len(self._fir), weight.shape[-1]), gain=4.0)

    def _to_rgb(self, name: str, x: Tensor, w: Tensor) -> Tensor:
        name = f"synthesis.{name}"
        weight = self.tensors[f"{name}.weight"]
        style = dense(self.tensors, f"{name}.affine", w) / math.sqrt(weight[0].numel())
        y = F.conv2d(x * style[:, :, None, None], weight, padding=weight.shape[-1] // 2)
        return self._clamp(y + self.tensors[f"{name}.bias"][:, None, None], 1.0)

    def _shortcut(self, name: str, x: Tensor) -> Tensor:
        weight = self.tensors[f"synthesis.{name}.weight"]
        return self._upsample(F.conv2d(x, weight / math.sqrt(weight[0].numel())))

    def _upsample(self, x: Tensor) -> Tensor:
        taps = len(self._fir)
        return upfirdn(x, self._fir, up=2, pad=((taps + 1) // 2, (taps - 2) // 2), gain=4.0)

    def _clamp(self, x: Tensor, gain: float) -> Tensor:
        limit = self.config.conv_clamp
        return x if limit is None else x.clamp(-limit * gain, limit * gain)

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


def _after_transposed(taps: int, kernel: int) -> tuple[int, int]:
    """Padding (before, after) of the low-pass that follows a stride-2 transposed convolution, so that 2h comes out."""
    same = kernel // 2
    return same + (taps + 1) // 2 - (kernel - 1), same + (taps - 2) // 2 - (kernel - 2)
