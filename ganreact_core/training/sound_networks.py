"""The sound networks in training: fresh tensors for GANSynth, pictures from parts of it, and the critic that hears them."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..synthesis.generators.gansynth import GANSynth, GANSynthConfig
from .discriminator import Scaled

_LOUD = 3.0  # the latent's first two numbers and the pitch start with so much more weight than the rest
_FAINT, _DARK = 0.2, -0.7  # what the first pictures are like: near to silence
CELL = 4
_CUT = 2  # blocks before the end where a window is cut out
_MARGIN = 2  # cells around a window that see its cut edges
_RUSTLING = 2  # maps of the first layer that begin as noise, the same for every sound: what breath and rustle can be made of
_QUIET, _HEARD = -0.55, 0.45  # normalised log power: below the first no phase is heard, above it by so much each is


class Window(NamedTuple):
    """A part of the picture, in cells of 4 × 4: what becomes of one place two blocks before the end."""

    top: int
    left: int
    height: int
    width: int


def fresh_tensors(config: GANSynthConfig, widths: tuple[int, ...], first: int, g: torch.Generator) -> dict[str, Tensor]:
    """Gaussian weights, biases of 0; `first` maps to begin with, then so many in each block; the picture is dark at first."""
    tensors: dict[str, Tensor] = {}
    c_in = config.z_dim + len(config.pitches)
    for b, width in enumerate(widths, 1):
        for k in range(2):
            kernel = config.start if (b, k) == (1, 0) else (1, 1) if (b, k) == (len(widths), 1) else (3, 3)
            c_out = first if (b, k) == (1, 0) else width
            tensors[f"block{b}.conv{k}.weight"] = torch.randn(c_out, c_in, *kernel, generator=g)
            tensors[f"block{b}.conv{k}.bias"] = torch.zeros(c_out)
            c_in = c_out
    tensors[f"block{len(widths)}.to_rgb.weight"] = _FAINT * torch.randn(2, widths[-1], 1, 1, generator=g)
    tensors[f"block{len(widths)}.to_rgb.bias"] = torch.tensor([_DARK, 0.0])
    start = tensors["block1.conv0.weight"]
    start.copy_(_smooth(start, g) * first_gain(config))
    start[:, :2] *= _LOUD
    rough = torch.randn(min(_RUSTLING, first // 2), 1, *config.start, generator=g)
    start[:len(rough), config.z_dim:] = rough * first_gain(config)
    start[:, config.z_dim:] *= _LOUD
    return {name: t.contiguous(memory_format=torch.channels_last) if t.ndim == 4 else t for name, t in tensors.items()}


def _smooth(like: Tensor, g: torch.Generator) -> Tensor:
    """A first kernel that says nearly the same at neighbouring places: the blocks after it share their kernels over all."""
    everywhere = torch.randn(*like.shape[:2], 1, 1, generator=g)
    field = F.interpolate(torch.randn(*like.shape[:2], 3, 6, generator=g), like.shape[2:], mode="bicubic", align_corners=True)
    return math.sqrt(0.5) * (everywhere + field / field.std())


def first_gain(config: GANSynthConfig) -> float:
    """What the first kernel's numbers are larger by than unit variance: it covers the whole start, but sees one place."""
    return math.sqrt(config.start[0] * config.start[1] / 2)


def window_picture(network: GANSynth, w: Tensor, window: Window) -> Tensor:
    """The part of the whole picture that lies under a window: [b, 2, 4·height, 4·width]."""
    block = network.blocks - _CUT
    x = network.activations(w, 2 * block)
    top, left = max(0, window.top - _MARGIN), max(0, window.left - _MARGIN)
    x = x[:, :, top:window.top + window.height + _MARGIN, left:window.left + window.width + _MARGIN]
    for index in range(2 * block + 1, len(network.layers)):
        x = network.convolve(index, x)
    return under(network.picture(network.blocks, x), window._replace(top=window.top - top, left=window.left - left))


def under(pictures: Tensor, window: Window) -> Tensor:
    """The part of whole pictures [b, c, h, w] under a window."""
    top, left = CELL * window.top, CELL * window.left
    return pictures[:, :, top:top + CELL * window.height, left:left + CELL * window.width]


def heard(magnitude: Tensor) -> Tensor:
    """Normalised log power -> how much the phase there is heard, 0…1."""
    return ((magnitude - _QUIET) / _HEARD).clamp(0.0, 1.0)


class Critic(nn.Module):
    """Windows of pictures and pitches [b, c_dim] -> scores [b].

    It sees magnitude, phase step as a point on the circle where it can be heard, and where in the picture it looks.
    """

    def __init__(self, c_dim: int, random: torch.Generator, group: int = 4, widths: tuple[int, ...] = (12, 24, 32, 48, 48)):
        super().__init__()
        self.group = group
        ends = (5, *widths)
        self.convs = nn.ModuleList(Scaled(a, b, 3) for a, b in pairwise(ends))
        self.last = Scaled(widths[-1] + 1, widths[-1], 3)
        self.score, self.pitch = Scaled(widths[-1], 1, 1), Scaled(c_dim, widths[-1])
        for layer in self.modules():
            if isinstance(layer, Scaled):
                nn.init.normal_(layer.weight, generator=random)

    def forward(self, seen: Tensor, pitch: Tensor) -> Tensor:
        """seen    [b, 5, h, w] as `seen_by_critic` makes it"""
        x = seen.contiguous(memory_format=torch.channels_last)
        for conv in self.convs:
            x = F.avg_pool2d(_act(conv(x)), 2)
        x = _act(self.last(torch.cat([x, self._deviation(x)], dim=1)))
        mean = x.mean(dim=(2, 3))
        chosen = self.pitch(pitch) * math.sqrt(pitch.shape[1])
        return (self.score(x).mean(dim=(1, 2, 3)) + (mean * chosen).sum(1) / math.sqrt(mean.shape[1])).float()

    def _deviation(self, x: Tensor) -> Tensor:
        """Standard deviation within each group of neighbours in the batch -> [b, 1, h, w]."""
        b, _, h, w = x.shape
        spread = (x.float().reshape(b // self.group, self.group, -1).var(dim=1, unbiased=False) + 1e-8).sqrt().mean(dim=1)
        return spread.repeat_interleave(self.group)[:, None, None, None].expand(b, 1, h, w).to(x.dtype)


def seen_by_critic(x: Tensor, window: Window, cells: tuple[int, int], phase_scale: float) -> Tensor:
    """[b, 2, h, w] of a window, in a picture of so many cells -> [b, 5, h, w]."""
    magnitude, angle = x[:, 0], x[:, 1] * (math.pi / phase_scale)
    loud = heard(magnitude.detach())
    rows = torch.linspace(window.top, window.top + window.height, x.shape[2]) / cells[0] * 2 - 1
    columns = torch.linspace(window.left, window.left + window.width, x.shape[3]) / cells[1] * 2 - 1
    place = torch.stack(torch.meshgrid(rows, columns, indexing="ij"))[None].expand(len(x), -1, -1, -1)
    return torch.cat([torch.stack([2 * magnitude, loud * angle.cos(), loud * angle.sin()], dim=1), place.to(x)], dim=1)


def _act(x: Tensor) -> Tensor:
    return F.leaky_relu(x, 0.2) * math.sqrt(2.0)
