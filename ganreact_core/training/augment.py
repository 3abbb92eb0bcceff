"""Adaptive augmentation (Karras et al. 2020b): with few pictures the critic sees them turned, moved and recoloured.

Real and made pictures pass the same changes, each with probability p, so the generator learns the pictures and not the
changes as long as p stays below one. All of it is differentiable.
"""

from __future__ import annotations

import math

import torch
from torch import Generator, Tensor

MOST = 0.8
"""Above this probability the changes begin to leak into what is made (2020b, section 2.2)."""

_PICTURES_TO_ONE = 50_000  # p needs so many pictures from 0 to 1, a tenth of the paper's: budgets here are small
_REACH = 0.125  # of the picture that it is moved
_BRIGHTNESS, _CONTRAST, _SATURATION = 0.2, 0.5 * math.log(2.0), math.log(2.0)


def widened(x: Tensor, p: float, g: Generator) -> Tensor:
    """x [n, 3, h, h] -> the same pictures, each change made to each with probability p."""
    if p <= 0.0:
        return x
    return _holed(_recoloured(_moved(_turned(x, p, g), p, g), p, g), p, g)


def adapted(p: float, mean_sign: float, target: float, pictures: int) -> float:
    """The next p: up while the critic is too sure of the real ones (mean sign of their scores above target), down else."""
    return min(MOST, max(0.0, p + math.copysign(pictures / _PICTURES_TO_ONE, mean_sign - target)))


def _chosen(x: Tensor, p: float, g: Generator) -> Tensor:
    """bool [n, 1, 1, 1]"""
    return (torch.rand(len(x), 1, 1, 1, generator=g) < p).to(x.device)


def _turned(x: Tensor, p: float, g: Generator) -> Tensor:
    quarters = torch.randint(1, 4, (len(x),), generator=g) * (torch.rand(len(x), generator=g) < p)
    return torch.stack([torch.rot90(row, k, (1, 2)) for row, k in zip(x, quarters.tolist(), strict=True)])


def _moved(x: Tensor, p: float, g: Generator) -> Tensor:
    reach = max(1, round(_REACH * x.shape[-1]))
    shifts = torch.randint(-reach, reach + 1, (len(x), 2), generator=g) * (torch.rand(len(x), 1, generator=g) < p)
    wide = torch.nn.functional.pad(x, (reach,) * 4, mode="reflect")
    size = x.shape[-1]
    return torch.stack([row[:, reach + dy:reach + dy + size, reach + dx:reach + dx + size]
                        for row, (dy, dx) in zip(wide, shifts.tolist(), strict=True)])


def _recoloured(x: Tensor, p: float, g: Generator) -> Tensor:
    def number(spread: float) -> Tensor:
        return (torch.randn(len(x), 1, 1, 1, generator=g) * spread).to(x.device)

    x = torch.where(_chosen(x, p, g), x + number(_BRIGHTNESS), x)
    x = torch.where(_chosen(x, p, g), x * number(_CONTRAST).exp(), x)
    grey = x.mean(1, keepdim=True)
    return torch.where(_chosen(x, p, g), grey + (x - grey) * number(_SATURATION).exp(), x)


def _holed(x: Tensor, p: float, g: Generator) -> Tensor:
    """A square of half the side is taken out, anywhere, also partly beyond the border."""
    size = x.shape[-1]
    line = ((torch.arange(size) + 0.5) / size)[None].to(x.device)
    middle = torch.rand(2, len(x), 1, generator=g).to(x.device)
    near_y, near_x = ((line - middle[k]).abs() < 0.25 for k in (0, 1))
    hole = near_y[:, None, :, None] & near_x[:, None, None, :] & _chosen(x, p, g)
    return x.masked_fill(hole, 0.0)
