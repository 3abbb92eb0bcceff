"""The critic: a small residual StyleGAN2 discriminator with minibatch deviation and a projection on the class."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Discriminator(nn.Module):
    """Pictures [b, 3, r, r] and classes [b] -> scores [b]; r is any of the sizes, so that training can start small.

    channels   {64: 32, …, 4: 128}: feature maps at the entry of each size
    random     draws the first weights
    group      pictures compared by the minibatch deviation; b is a multiple of it, neighbours in the batch form a group
    """

    def __init__(self, channels: dict[int, int], classes: int, random: torch.Generator, group: int = 4):
        super().__init__()
        sizes = sorted(channels, reverse=True)
        self.group = group
        self.entries = nn.ModuleDict({str(s): Scaled(3, channels[s], 1) for s in sizes[:-1]})
        self.blocks = nn.ModuleDict({str(s): Block(channels[s], channels[s // 2]) for s in sizes[:-1]})
        self.last = Scaled(channels[4] + 1, channels[4], 3)
        self.dense = Scaled(channels[4] * 16, channels[4])
        self.score = Scaled(channels[4], 1)
        self.embed = Scaled(classes, channels[4])
        for layer in self.modules():
            if isinstance(layer, Scaled):
                torch.nn.init.normal_(layer.weight, generator=random)

    def forward(self, x: Tensor, classes: Tensor, fade: float = 1.0) -> Tensor:
        """fade 0…1: how much the block of the largest size counts beside the picture entered at half that size."""
        size = x.shape[-1]
        x = x.contiguous(memory_format=torch.channels_last)
        y = self.blocks[str(size)](_act(self.entries[str(size)](x)))
        if fade < 1.0:
            y = torch.lerp(_act(self.entries[str(size // 2)](F.avg_pool2d(x, 2))), y, fade)
        for s in (2 ** k for k in range(int(math.log2(size)) - 1, 2, -1)):
            y = self.blocks[str(s)](y)
        y = _act(self.last(torch.cat([y, self._deviation(y)], dim=1)))
        y = _act(self.dense(y.flatten(1)))
        chosen = self.embed(F.one_hot(classes, self.embed.weight.shape[1]).to(y.dtype)) * math.sqrt(self.embed.weight.shape[1])
        return (self.score(y)[:, 0] + (y * chosen).sum(1) / math.sqrt(y.shape[1])).float()

    def _deviation(self, y: Tensor) -> Tensor:
        """Standard deviation within each group, averaged over features and places -> [b, 1, h, w]."""
        b, _, h, w = y.shape
        grouped = y.float().reshape(b // self.group, self.group, -1)
        spread = (grouped.var(dim=1, unbiased=False) + 1e-8).sqrt().mean(dim=1)
        return spread.repeat_interleave(self.group)[:, None, None, None].expand(b, 1, h, w).to(y.dtype)


class Block(nn.Module):
    """Two convolutions and a shortcut, half the size on the way out."""

    def __init__(self, c_in: int, c_out: int):
        super().__init__()
        self.conv0, self.conv1 = Scaled(c_in, c_in, 3), Scaled(c_in, c_out, 3)
        self.skip = Scaled(c_in, c_out, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y = _act(self.conv1(F.avg_pool2d(_act(self.conv0(x)), 2)))
        return (y + self.skip(F.avg_pool2d(x, 2))) * math.sqrt(0.5)


class Scaled(nn.Module):
    """Dense layer (kernel 0) or convolution with an equalised learning rate: unit weights, scaled by 1/√fan_in in use."""

    def __init__(self, c_in: int, c_out: int, kernel: int = 0, *, bias: bool = True):
        super().__init__()
        shape = (c_out, c_in, kernel, kernel) if kernel else (c_out, c_in)
        self.weight = nn.Parameter(torch.empty(shape))
        self.bias = nn.Parameter(torch.zeros(c_out)) if bias else None
        self.gain = 1.0 / math.sqrt(self.weight[0].numel())
        self.kernel = kernel

    def forward(self, x: Tensor) -> Tensor:
        if self.kernel:
            return F.conv2d(x, self.weight * self.gain, self.bias, padding=self.kernel // 2)
        return F.linear(x, self.weight * self.gain, self.bias)


def _act(x: Tensor) -> Tensor:
    return F.leaky_relu(x, 0.2) * math.sqrt(2.0)
