"""StyleGAN2 as its published programs compute it without their own CUDA operators, to measure against.

Written from descriptions: `nvidia` modulates the weights and calls a grouped convolution, low-passes with a 4×4 kernel on each
channel and takes bias, leaky ReLU and gain one after the other; `maua` does the same with channels folded into the batch
before each low-pass. Both give the picture of `StyleGAN2.synthesize`.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from ganreact_core.synthesis.generators.mapping import dense
from ganreact_core.synthesis.generators.stylegan2 import StyleGAN2


def plain_stylegan2(net: StyleGAN2, w: Tensor, manner: str = "nvidia") -> Tensor:
    """w+ -> the picture; manner "nvidia" or "maua". For networks of the "skip" architecture without clamp."""
    x, image, taps = net.input_map.contiguous().repeat(len(w), 1, 1, 1), None, net.low_pass
    kernel = torch.outer(taps, taps) * 4
    noise, index = net.noise_const(), 0
    for kind, name in net.parts():
        full = f"synthesis.{name}"
        weight, bias = net.tensors[f"{full}.weight"].contiguous(), net.tensors[f"{full}.bias"]
        if kind == "conv":
            style = dense(net.tensors, f"{full}.affine", w[:, index])
            x = _modulated(x, weight, style, up=name.endswith("conv0"), kernel=kernel, manner=manner)
            x = x + noise[index] * net.tensors[f"{full}.noise_strength"]
            x = F.leaky_relu(x + bias[:, None, None], 0.2) * math.sqrt(2)
            index += 1
            continue
        style = dense(net.tensors, f"{full}.affine", w[:, index]) / math.sqrt(weight[0].numel())
        rgb = _grouped(x, weight[None] * style[:, None, :, None, None]) + bias[:, None, None]
        image = rgb if image is None else _filtered(_spread(image, (2, 1)), kernel, manner) + rgb
    return image


def _modulated(x: Tensor, weight: Tensor, style: Tensor, *, up: bool, kernel: Tensor, manner: str) -> Tensor:
    weight = weight[None] * style[:, None, :, None, None]
    weight = weight * torch.rsqrt(weight.square().sum(dim=(2, 3, 4), keepdim=True) + 1e-8)
    if not up:
        return _grouped(x, weight, padding=1)
    b, o, i, k, _ = weight.shape
    turned = weight.transpose(1, 2).reshape(b * i, o, k, k)
    x = F.conv_transpose2d(x.reshape(1, b * i, *x.shape[2:]), turned, stride=2, groups=b)
    return _filtered(F.pad(x.reshape(b, o, *x.shape[2:]), (1, 1, 1, 1)), kernel, manner)


def _grouped(x: Tensor, weight: Tensor, padding: int = 0) -> Tensor:
    """Each row of the batch with weights of its own, in one call."""
    b, o = weight.shape[:2]
    y = F.conv2d(x.reshape(1, -1, *x.shape[2:]), weight.reshape(b * o, *weight.shape[2:]), padding=padding, groups=b)
    return y.reshape(b, o, *y.shape[2:])


def _spread(x: Tensor, pad: tuple[int, int]) -> Tensor:
    b, c, h, w = x.shape
    x = F.pad(x.reshape(b, c, h, 1, w, 1), (0, 1, 0, 0, 0, 1)).reshape(b, c, 2 * h, 2 * w)
    return F.pad(x, (*pad, *pad))


def _filtered(x: Tensor, kernel: Tensor, manner: str) -> Tensor:
    b, c, h, w = x.shape
    if manner == "maua":
        y = F.conv2d(x.reshape(b * c, 1, h, w), kernel.flip(0, 1)[None, None])
        return y.reshape(b, c, *y.shape[2:])
    return F.conv2d(x, kernel.flip(0, 1).expand(c, 1, -1, -1), groups=c)
