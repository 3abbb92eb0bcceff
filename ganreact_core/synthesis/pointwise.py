"""Bends that change what every place says without looking at its neighbours (some look at the layer's mean and spread)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from .manner import Manner

_STEP = 1.5
"""Posterised activations stand this many standard deviations apart."""


def gain(x: Tensor, amount: float, how: Manner) -> Tensor:
    """Multiply."""
    return x * amount


def add(x: Tensor, amount: float, how: Manner) -> Tensor:
    """Add, in standard deviations of the layer."""
    return x + amount * _spread(x)


def contrast(x: Tensor, amount: float, how: Manner) -> Tensor:
    """Multiply each map's distance from its own mean."""
    return torch.lerp(_mean(x), x, amount)


def flatten(x: Tensor, amount: float, how: Manner) -> Tensor:
    """Pull every map towards its own mean."""
    return torch.lerp(x, _mean(x), amount)


def ablate(x: Tensor, amount: float, how: Manner) -> Tensor:
    """Take away."""
    return x * (1 - amount)


def invert(x: Tensor, amount: float, how: Manner) -> Tensor:
    """Towards 1 − x."""
    return torch.lerp(x, 1 - x, amount)


def threshold(x: Tensor, amount: float, how: Manner) -> Tensor:
    """Towards 1 above the level and 0 below."""
    return torch.lerp(x, (x > how.level).to(x), amount)


def posterise(x: Tensor, amount: float, how: Manner) -> Tensor:
    """Towards a few steps."""
    step = _STEP * _spread(x)
    return torch.lerp(x, torch.round(x / step) * step, amount)


def noise(x: Tensor, amount: float, how: Manner) -> Tensor:
    """Add still noise of the seed, in standard deviations of the layer."""
    return x + amount * _spread(x) * _still(how.seed, tuple(x.shape[1:]), x.device)


def flip_x(x: Tensor, amount: float, how: Manner) -> Tensor:
    """Towards left and right exchanged."""
    return torch.lerp(x, x.flip(3), amount)


def flip_y(x: Tensor, amount: float, how: Manner) -> Tensor:
    """Towards top and bottom exchanged."""
    return torch.lerp(x, x.flip(2), amount)


def _mean(x: Tensor) -> Tensor:
    return x.mean(dim=(2, 3), keepdim=True).expand_as(x)


def _spread(x: Tensor) -> Tensor:
    """Standard deviation of a frame's layer, [b, 1, 1, 1]."""
    return x.std(dim=(1, 2, 3), keepdim=True).clamp(min=1e-6)


@lru_cache(maxsize=16)
def _still(seed: int, shape: tuple[int, ...], device: torch.device) -> Tensor:
    drawn = torch.from_numpy(np.random.default_rng(seed).standard_normal(shape, dtype=np.float32))[None]
    return drawn.contiguous(memory_format=torch.channels_last).to(device)
