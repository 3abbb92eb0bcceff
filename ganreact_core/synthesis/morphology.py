"""Bends that look at the neighbours of a place: erosion and dilation with a disc, blur, sharpening, edges.

Radii are in cells of the layer; between two whole radii the results are mixed, so that an amount can glide.
"""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F
from scipy.special import ive
from torch import Tensor

from .borders import padded
from .manner import Manner
from .transfers import onto

_SHARPENED_SIGMA = 1.0


def dilate(x: Tensor, amount: float, how: Manner) -> Tensor:
    """Bright parts grow: the largest value within a disc of radius `amount`."""
    below = math.floor(amount)
    lower = _widest(x, below)
    return lower if below == amount else torch.lerp(lower, _widest(x, below + 1), amount - below)


def erode(x: Tensor, amount: float, how: Manner) -> Tensor:
    """Bright parts shrink: the smallest value within the disc."""
    return -dilate(-x, amount, how)


def blur(x: Tensor, amount: float, how: Manner) -> Tensor:
    """Gaussian of `amount` cells, in its discrete form (Lindeberg 1990), which is exact for small ones too."""
    variance = amount * amount
    for axis in (2, 3):
        reach = min(max(1, math.ceil(4 * amount)), x.shape[axis])
        taps = ive(np.abs(np.arange(-reach, reach + 1)), variance)
        x = _along(x, onto(torch.from_numpy(taps / taps.sum()).to(x.dtype), x.device), axis, how.border)
    return x


def sharpen(x: Tensor, amount: float, how: Manner) -> Tensor:
    """Lift what a small blur takes away."""
    return torch.lerp(blur(x, _SHARPENED_SIGMA, how), x, 1 + amount)


def edges(x: Tensor, amount: float, how: Manner) -> Tensor:
    """Towards the steepness of each map (Sobel)."""
    around = padded(padded(x, 1, 2, how.border), 1, 3, how.border)
    right = around[..., 2:] - around[..., :-2]
    down = around[:, :, 2:] - around[:, :, :-2]
    right = right[:, :, :-2] + 2 * right[:, :, 1:-1] + right[:, :, 2:]
    down = down[..., :-2] + 2 * down[..., 1:-1] + down[..., 2:]
    return torch.lerp(x, (right.square() + down.square()).sqrt() / 4, amount)


def _widest(x: Tensor, radius: int) -> Tensor:
    """The largest value within the disc; what is beyond the border does not count."""
    half_widths = disc_half_widths(radius)
    wide, found = x.clone(), x.clone()
    reached = 0
    for down in range(radius, -1, -1):  # rows of the disc from the narrowest
        for _ in range(half_widths[down] - reached):
            wide = _spread_by_one(wide)
        reached = half_widths[down]
        _raise_to(found, wide, down)
    return found


def _spread_by_one(x: Tensor) -> Tensor:
    """The largest of each place and its neighbours left and right."""
    wide = x.clone()
    torch.maximum(wide[..., 1:], x[..., :-1], out=wide[..., 1:])
    torch.maximum(wide[..., :-1], x[..., 1:], out=wide[..., :-1])
    return wide


def _raise_to(found: Tensor, x: Tensor, down: int) -> None:
    """`found` becomes the largest of itself and of x moved down and up, in place."""
    height = x.shape[2]
    for step in {down, -down} if down < height else ():
        here, there = slice(max(step, 0), height + min(step, 0)), slice(max(-step, 0), height + min(-step, 0))
        torch.maximum(found[:, :, here], x[:, :, there], out=found[:, :, here])


def disc_half_widths(radius: int) -> list[int]:
    """Half the width of the disc in the row 0, 1, … radius from its middle, as OpenCV's ellipse has it."""
    return [round(math.sqrt(radius ** 2 - down ** 2)) for down in range(radius + 1)]


def _along(x: Tensor, kernel: Tensor, axis: int, border: str) -> Tensor:
    weight = kernel.view((1, 1, -1, 1) if axis == 2 else (1, 1, 1, -1)).expand(x.shape[1], -1, -1, -1)
    return F.conv2d(padded(x, len(kernel) // 2, axis, border), weight, groups=x.shape[1])
