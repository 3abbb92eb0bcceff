"""Bends that move activations about: each says, for every place, where to look; beyond the border as the manner says.

Amounts are in picture sides and degrees, so that they look alike at any layer and size.
"""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .borders import padded
from .manner import Manner

_PADDING = {"reflect": "reflection", "zero": "zeros"}


def zoom(x: Tensor, amount: float, how: Manner) -> Tensor:
    """Enlarge about the centre."""
    return _affine(x, how, [[1 / amount, 0.0], [0.0, 1 / amount]])


def stretch_x(x: Tensor, amount: float, how: Manner) -> Tensor:
    """Widen about the centre."""
    return _affine(x, how, [[1 / amount, 0.0], [0.0, 1.0]])


def stretch_y(x: Tensor, amount: float, how: Manner) -> Tensor:
    """Heighten about the centre."""
    return _affine(x, how, [[1.0, 0.0], [0.0, 1 / amount]])


def rotate(x: Tensor, amount: float, how: Manner) -> Tensor:
    """Turn counter-clockwise by degrees about the centre."""
    cos, sin = math.cos(math.radians(amount)), math.sin(math.radians(amount))
    return _affine(x, how, [[cos, -sin], [sin, cos]])


def shear_x(x: Tensor, amount: float, how: Manner) -> Tensor:
    """Slant: what is one height above the centre moves right by `amount` heights."""
    return _affine(x, how, [[1.0, amount], [0.0, 1.0]])


def shear_y(x: Tensor, amount: float, how: Manner) -> Tensor:
    """Slant: what is one width right of the centre moves down by `amount` widths."""
    return _affine(x, how, [[1.0, 0.0], [-amount, 1.0]])


def shift_x(x: Tensor, amount: float, how: Manner) -> Tensor:
    """Move right by widths; mirrored, two widths are a full turn; wrapped, one (classic: by heights, sic)."""
    return _affine(x, how, _STILL, (amount * x.shape[2 if how.classic else 3], 0.0))


def shift_y(x: Tensor, amount: float, how: Manner) -> Tensor:
    """Move down by heights (classic: by widths, sic)."""
    return _affine(x, how, _STILL, (0.0, amount * x.shape[3 if how.classic else 2]))


def swirl(x: Tensor, amount: float, how: Manner) -> Tensor:
    """Turn counter-clockwise by degrees at the centre, less further out, not at all half a picture side away."""
    height, width = x.shape[2:]
    down, right = _from_centre(height, x), _from_centre(width, x)
    radius = torch.hypot(down[:, None], right[None]) / (min(height, width) / 2)
    angle = math.radians(amount) * (1 - radius).clamp(min=0).square()
    cos, sin = torch.cos(angle), torch.sin(angle)
    from_x, from_y = cos * right - sin * down[:, None], sin * right + cos * down[:, None]
    return _sampled(x, torch.stack([2 * from_x / width, 2 * from_y / height], dim=-1)[None], how.border)


_STILL = [[1.0, 0.0], [0.0, 1.0]]


def _affine(x: Tensor, how: Manner, linear: list[list[float]], shift: tuple[float, float] = (0.0, 0.0)) -> Tensor:
    """The place p (x, y in pixels) shows what was at c + linear·(p − c) − shift, c being the centre."""
    height, width = x.shape[2:]
    centre = np.array([width / 2, height / 2] if how.classic else [(width - 1) / 2, (height - 1) / 2])
    source = np.eye(3)
    source[:2, :2] = linear
    source[:2, 2] = centre - source[:2, :2] @ centre - shift
    to_unit = np.array([[2 / width, 0, 1 / width - 1], [0, 2 / height, 1 / height - 1], [0, 0, 1]])  # pixels -> −1…1
    theta = (to_unit @ source @ np.linalg.inv(to_unit))[None, :2]
    grid = F.affine_grid(torch.from_numpy(theta).to(x), [1, 1, height, width], align_corners=False)
    return _sampled(x, grid, "zero" if how.classic else how.border)


def _sampled(x: Tensor, grid: Tensor, border: str) -> Tensor:
    """x [1, c, h, w] at the places of a grid [1, h, w, 2], bilinear."""
    if border == "wrap":
        sides = torch.tensor([x.shape[3], x.shape[2]], dtype=x.dtype, device=x.device)
        place = torch.remainder((grid + 1) / 2, 1.0) * sides + 1  # one row and column more on each side hide the seam
        x, grid = padded(padded(x, 1, 2, border), 1, 3, border), place / (sides + 2) * 2 - 1
    return F.grid_sample(x, grid.expand(len(x), -1, -1, -1), padding_mode=_PADDING.get(border, "border"), align_corners=False)


def _from_centre(n: int, like: Tensor) -> Tensor:
    return torch.arange(n, dtype=like.dtype, device=like.device) - (n - 1) / 2
