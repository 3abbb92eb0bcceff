"""Upsample and low-pass with a separable FIR filter, as the StyleGAN family does between layers."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def filterable(x: Tensor, planar: bool) -> Tensor:
    """Activations as they lie, or each channel by itself in memory.

    On a card the low-passes, which are convolutions of single channels, are quick in torch's own kernels only, and those
    want planes; with channels last they would be cuDNN's, which is made for many channels at a time.
    """
    return x.contiguous() if planar else x


def times(x: Tensor, factors: Tensor, layout: torch.memory_format) -> Tensor:
    """x · factors, laid as what reads it next wants it: turned round in the same pass."""
    if x.is_contiguous(memory_format=layout):
        return x * factors
    found = torch.empty(x.shape, dtype=torch.result_type(x, factors), device=x.device, memory_format=layout)
    return torch.mul(x, factors, out=found)


def upfirdn(x: Tensor, taps: Tensor, *, up: int = 1, pad: tuple[int, int] = (0, 0), gain: float = 1.0) -> Tensor:
    """Insert up − 1 zeros after each pixel, pad (before, after) on both axes, convolve with taps ⊗ taps · gain.

    x [b, c, h, w] -> [b, c, h·up + Σpad − len(taps) + 1, the same for w]. Negative padding crops.
    """
    b, c, h, w = x.shape
    if up > 1:
        spread = x.new_zeros(b, c, h, up, w, up)
        spread[:, :, :, 0, :, 0] = x
        x = spread.reshape(b, c, h * up, w * up)
    even = pad[0] == pad[1] >= 0  # then the convolution pads by itself, without a copy
    if not even:
        x = F.pad(x, (pad[0], pad[1], pad[0], pad[1]))
    border = pad[0] if even else 0
    kernel = taps.flip(0) * gain ** 0.5  # conv2d correlates; a FIR convolves
    x = F.conv2d(x, kernel.view(1, 1, -1, 1).expand(c, 1, -1, 1), padding=(border, 0), groups=c)
    return F.conv2d(x, kernel.view(1, 1, 1, -1).expand(c, 1, 1, -1), padding=(0, border), groups=c)


def wrapped(x: Tensor, reach: int) -> Tensor:
    """`reach` pixels of the opposite edge beyond each edge, around as often as it takes."""
    if not reach:
        return x
    for axis in (2, 3):
        side = x.shape[axis]
        x = x.index_select(axis, torch.arange(-reach, side + reach, device=x.device) % side)
    return x


def cropped(x: Tensor, border: int) -> Tensor:
    """Without `border` pixels at each edge."""
    return x[:, :, border:-border, border:-border] if border else x
