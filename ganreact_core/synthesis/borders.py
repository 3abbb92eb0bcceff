"""What activations are beyond their border: mirrored, the other side, or nothing."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def padded(x: Tensor, reach: int, axis: int, border: str) -> Tensor:
    """x with `reach` more cells, at most as many as it has, on both ends of an axis."""
    if border == "zero":
        return F.pad(x, (reach, reach) if axis == 3 else (0, 0, reach, reach))
    first, last = x.narrow(axis, 0, reach), x.narrow(axis, x.shape[axis] - reach, reach)
    before, after = (last, first) if border == "wrap" else (first.flip(axis), last.flip(axis))
    return torch.cat([before, x, after], dim=axis)
