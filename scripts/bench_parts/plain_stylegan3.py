"""StyleGAN3 as its published program computes it without its own CUDA operators, to measure against.

Written from its description: weights are modulated, and the activation goes through the full higher rate: zeros are put in
between samples on both axes, then come the low-pass, bias, leaky ReLU, gain and clamp, then the other low-pass.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ganreact_core.synthesis.generators.filtered_activation import Rates
from ganreact_core.synthesis.generators.stylegan3 import StyleGAN3


def plain_stylegan3(net: StyleGAN3, w: Tensor) -> Tensor:
    """w+ -> the picture of `StyleGAN3.synthesize`."""
    def layer(net: StyleGAN3, index: int, x: Tensor, latent: Tensor) -> Tensor:
        name = f"synthesis.{net.config.layer_names[index]}"
        weight = net.tensors[f"{name}.weight"]
        to_rgb = index == len(net.config.layer_names) - 1
        if not to_rgb:
            weight = weight * torch.rsqrt(weight.square().mean(dim=(1, 2, 3), keepdim=True))
        inputs, _ = net.modulation(index, latent)
        weight = (weight / weight[0].numel() ** 0.5 if to_rgb else weight)[None] * inputs[:, None, :, None, None]
        if not to_rgb:
            weight = weight * torch.rsqrt(weight.square().sum(dim=(2, 3, 4), keepdim=True) + 1e-8)
        weight = weight * torch.rsqrt(net.tensors[f"{name}.magnitude_ema"])
        b, o = weight.shape[:2]
        pad = weight.shape[-1] - 1
        x = F.conv2d(x.reshape(1, -1, *x.shape[2:]), weight.reshape(b * o, *weight.shape[2:]), padding=pad, groups=b)
        x = x.reshape(b, o, *x.shape[2:]) + net.tensors[f"{name}.bias"][:, None, None]
        return _activated(x, net.filters(index), net.config.rates(index), **net.curve(index))

    return net.variant(compute=layer).synthesize(w)


def _activated(x: Tensor, filters: tuple[Tensor | None, Tensor | None], rates: Rates, *, slope: float, gain: float,
               clamp: float | None) -> Tensor:
    b, c, h, w = x.shape
    up, (before, after) = rates.up, rates.pad
    x = F.pad(x.reshape(b, c, h, 1, w, 1), (0, up - 1, 0, 0, 0, up - 1)).reshape(b, c, h * up, w * up)
    x = _filtered(F.pad(x, (before, after, before, after)), filters[0], float(up ** 2))
    x = F.leaky_relu(x, slope) * gain
    x = x if clamp is None else x.clamp(-clamp, clamp)
    return _filtered(x, filters[1], 1.0)[:, :, ::rates.down, ::rates.down]


def _filtered(x: Tensor, taps: Tensor | None, gain: float) -> Tensor:
    c = x.shape[1]
    if taps is None:
        return x
    if taps.ndim == 2:
        return F.conv2d(x, (taps * gain).flip(0, 1).expand(c, 1, -1, -1), groups=c)
    line = (taps * gain ** 0.5).flip(0)
    x = F.conv2d(x, line.view(1, 1, 1, -1).expand(c, 1, 1, -1), groups=c)
    return F.conv2d(x, line.view(1, 1, -1, 1).expand(c, 1, -1, 1), groups=c)
