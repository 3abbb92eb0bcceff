"""GANSynth (Engel et al. 2019): a progressive GAN that draws sounds as pictures of log magnitude and frequency.

Every block has two convolutions; each but the first doubles the size by repeating. Weights are of unit variance and scaled in
use. There is neither a mapping network nor noise: the latent z and the pitch enter together, once.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ...errors import CheckpointError, UsageError
from ..sound.spectrogram import Representation
from .base import AfterLayer, Layer, Noise

_SLOPE = 0.2
_EPS = 1e-8
_LARGEST = 4096  # rows or columns of a picture


@dataclass(frozen=True)
class GANSynthConfig:
    """The shape of a GANSynth; channel counts and the number of blocks are read from the tensors.

    z_dim            length of the latent
    pitches          MIDI numbers of the pitches it was trained on, ascending; the condition is their one-hot
    start            (frames, bands) of the first block
    num_resolutions  blocks of the finished network: each after the first doubles the size
    progress         how far training has grown: block b counts by how near b − 1 is to it; None is finished
    sample_rate      Hz
    n_samples        length of a clip
    mel              bands on the mel scale
    magnitude        (a, b): log magnitude = (x − b) / a
    phase            (a, b): frequency = (x − b) / a
    """

    z_dim: int
    pitches: tuple[int, ...]
    start: tuple[int, int] = (2, 16)
    num_resolutions: int = 7
    progress: float | None = None
    sample_rate: int = 16_000
    n_samples: int = 64_000
    mel: bool = True
    magnitude: tuple[float, float] = (0.0661371661726, 0.113718730221)
    phase: tuple[float, float] = (0.8, 0.0)

    @property
    def resolution(self) -> tuple[int, int]:
        """(frames, bands) of the picture."""
        return self.start[0] << (self.num_resolutions - 1), self.start[1] << (self.num_resolutions - 1)

    @property
    def representation(self) -> Representation:
        """How the picture is a sound."""
        return Representation(*self.resolution, self.n_samples, self.sample_rate, self.mel)

    def share(self, block: int, blocks: int) -> float:
        """How much the picture of block 1, 2, … counts, of so many blocks."""
        progress = blocks - 1.0 if self.progress is None else self.progress
        return max(0.0, min(progress - (block - 2), block - progress))


def count_blocks(names: Iterator[str] | dict) -> int:
    """The number of blocks among names of tensors, counted from block 1 without a gap."""
    found = {int(m[1]) for name in names if (m := re.fullmatch(r"block(\d{1,2})\.conv0\.weight", name))}
    return next((b for b in range(len(found)) if b + 1 not in found), len(found))


def gansynth_shapes(config: GANSynthConfig, known: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """Every tensor the network needs; widths and kernels are taken from those that are there."""
    if max(config.resolution) > _LARGEST or config.representation.padding < 0:
        shape = f"{config.resolution[0]}×{config.resolution[1]}"
        raise CheckpointError(f"a picture of {shape} cannot hold {config.n_samples} samples; "
                              "the checkpoint's configuration does not belong to it")
    shapes: dict[str, tuple[int, ...]] = {}
    c_in, blocks = config.z_dim + len(config.pitches), count_blocks(known)
    for b in range(1, max(blocks, 1) + 1):
        for k in range(2):
            like = known.get(f"block{b}.conv{k}.weight", (1, c_in, 3, 3))
            size = config.start if (b, k) == (1, 0) else (like[-1] | 1,) * 2
            shapes |= {f"block{b}.conv{k}.weight": (like[0], c_in, *size), f"block{b}.conv{k}.bias": (like[0],)}
            c_in = like[0]
        if config.share(b, blocks) > 0:
            shapes |= {f"block{b}.to_rgb.weight": (2, c_in, 1, 1), f"block{b}.to_rgb.bias": (2,)}
    return shapes


class GANSynth:
    """A GANSynth generator over named tensors ("block3.conv1.weight", "block7.to_rgb.bias", …)."""

    kind = "gansynth"
    w_avg: Tensor | None = None
    num_ws = 1

    def __init__(self, config: GANSynthConfig, tensors: dict[str, Tensor]):
        self.config = config
        self.tensors = tensors
        self.blocks = count_blocks(tensors)
        self.pitches = config.pitches
        self.z_dim, self.c_dim = config.z_dim, len(config.pitches)
        self.w_dim = self.z_dim + self.c_dim
        self.resolution = config.resolution
        self.representation = config.representation
        self.device = str(tensors["block1.conv0.weight"].device)
        self.layers = self._describe_layers()

    def __repr__(self) -> str:
        size = f"{self.resolution[0]}×{self.resolution[1]}"
        return f"GANSynth({size}, z {self.z_dim}, {self.c_dim} pitches, {self.blocks} blocks)"

    def noise_const(self) -> tuple[Tensor, ...]:
        """Empty: there is no noise in this family."""
        return ()

    def map(self, z: Tensor, c: Tensor | None = None, truncation_psi: float = 1.0,
            truncation_cutoff: int | None = None) -> Tensor:
        """z [b, z_dim], pitch c [b, c_dim] (one-hot, or a mixture) -> w [b, 1, z_dim + c_dim]; psi draws z towards 0."""
        if c is None:
            raise UsageError(f"GANSynth needs a pitch: give c, one row of {self.c_dim} pitch weights per sound")
        return torch.cat([z * truncation_psi, c.to(z)], dim=1)[:, None]

    def pitch(self, midi: float, n: int = 1) -> Tensor:
        """The condition [n, c_dim] of the trained pitch that is nearest to a MIDI number."""
        nearest = min(range(self.c_dim), key=lambda k: abs(self.pitches[k] - midi))
        return torch.eye(self.c_dim, device=self.device)[nearest].expand(n, -1)

    def synthesize(self, w: Tensor, noise: Noise = "const", *, after: AfterLayer | None = None,
                   input_map: Tensor | None = None) -> Tensor:
        """w [b, 1, z_dim + c_dim] -> pictures [b, 2, frames, bands] in −1…1."""
        assert w.ndim == 3 and tuple(w.shape[1:]) == (1, self.w_dim), f"w is {tuple(w.shape)}"
        if not isinstance(noise, str) and tuple(noise):
            raise UsageError("GANSynth has no noise layers: leave noise at 'const'")
        x = _normalised(w[:, 0, :, None, None]) if input_map is None else input_map.expand(len(w), -1, -1, -1)
        return self.from_layer(0, after(0, x) if after else x, after)

    def activations(self, w: Tensor, layer: int) -> Tensor:
        """w -> what comes out of layer 0, 1, … of `layers`."""
        x = _normalised(w[:, 0, :, None, None])
        for index in range(1, layer + 1):
            x = self.convolve(index, x)
        return x

    def from_layer(self, layer: int, x: Tensor, after: AfterLayer | None = None) -> Tensor:
        """Activations of a layer -> the picture [b, 2, frames, bands]."""
        out = x.new_zeros(len(x), 2, *self.resolution)
        if layer >= 2 and layer % 2 == 0:
            out = self._add_picture(layer // 2, x, out)
        for index in range(layer + 1, len(self.layers)):
            x = self.convolve(index, x)
            x = after(index, x) if after else x
            out = self._add_picture(index // 2, x, out) if index % 2 == 0 else out
        return out

    def to_audio(self, x: Tensor) -> Tensor:
        """Pictures [b, 2, frames, bands] in −1…1 -> sound [b, n_samples]; not normalised."""
        return self.representation.to_audio(self.denormalised(x))

    def denormalised(self, x: Tensor) -> Tensor:
        """Pictures in −1…1 -> log magnitude (mel: log power) and frequency."""
        a, b = (x.new_tensor(pair)[:, None, None] for pair in zip(self.config.magnitude, self.config.phase, strict=True))
        return (x - b) / a

    def normalised(self, spectrogram: Tensor) -> Tensor:
        """The other way, as it is trained."""
        a, b = (spectrogram.new_tensor(p)[:, None, None] for p in zip(self.config.magnitude, self.config.phase, strict=True))
        return spectrogram * a + b

    def convolve(self, index: int, x: Tensor) -> Tensor:
        """Layer 1, 2, …: doubled in size where a block begins, convolved, leaky ReLU, every place to unit length."""
        name = self.layers[index].name
        weight, bias = self.tensors[f"{name}.weight"], self.tensors[f"{name}.bias"]
        weight = weight * math.sqrt(2.0 / weight[0].numel())
        if index == 1:
            x = _spread(x, weight) + bias[:, None, None]
        else:
            x = F.interpolate(x, scale_factor=2, mode="nearest") if index % 2 else x
            x = F.conv2d(x, weight, bias, padding=weight.shape[-1] // 2)
        return _normalised(F.leaky_relu(x, _SLOPE))

    def picture(self, block: int, x: Tensor) -> Tensor:
        """Activations at the end of block 1, 2, … -> its own picture [b, 2, h, w] in −1…1."""
        weight, bias = self.tensors[f"block{block}.to_rgb.weight"], self.tensors[f"block{block}.to_rgb.bias"]
        return torch.tanh(F.conv2d(x, weight * math.sqrt(1.0 / weight[0].numel()), bias))

    # -- parts ---------------------------------------------------------------------------------------------------

    def _describe_layers(self) -> tuple[Layer, ...]:
        layers = [Layer("input", (1, 1), self.w_dim)]
        for b in range(1, self.blocks + 1):
            size = (self.config.start[0] << (b - 1), self.config.start[1] << (b - 1))
            layers += [Layer(f"block{b}.conv{k}", size, self.tensors[f"block{b}.conv{k}.weight"].shape[0]) for k in range(2)]
        return tuple(layers)

    def _add_picture(self, block: int, x: Tensor, out: Tensor) -> Tensor:
        share = self.config.share(block, self.blocks)
        return out + share * F.interpolate(self.picture(block, x), size=self.resolution, mode="nearest") if share > 0 else out


def _normalised(x: Tensor) -> Tensor:
    """Every place to a mean square of one over its channels."""
    return x * torch.rsqrt(x.square().mean(dim=1, keepdim=True) + _EPS)


def _spread(x: Tensor, weight: Tensor) -> Tensor:
    """The first convolution: one place with zeros around it, under a kernel as large as its result, which appears turned."""
    return torch.einsum("bi,oihw->bohw", x[:, :, 0, 0], weight.flip(2, 3))
