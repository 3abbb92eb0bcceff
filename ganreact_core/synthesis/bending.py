"""Bends: transformations of activations at one layer (Broad et al. 2021, "Network Bending"), each with one amount.

To add one: a function here, (activations [b, c, h, w], amounts [b]) -> the same shape, and a row of the same name in
`catalogue.BENDS`. Rows at the neutral value never reach the function, so neutral is exactly the identity.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..catalogue import BENDS
from ..look import Bend, Look
from .generators.base import AfterLayer
from .latents import Values


def zoom(x: Tensor, amount: Tensor) -> Tensor:
    """Enlarge about the centre, mirrored beyond the border."""
    scale = 1.0 / amount
    return _affine(x, [[scale, 0.0, 0.0], [0.0, scale, 0.0]])


def rotate(x: Tensor, amount: Tensor) -> Tensor:
    """Turn counter-clockwise by degrees, about the true centre, with square pixels."""
    angle, aspect = torch.deg2rad(amount), x.shape[3] / x.shape[2]
    cos, sin = torch.cos(angle), torch.sin(angle)
    return _affine(x, [[cos, -sin / aspect, 0.0], [sin * aspect, cos, 0.0]])


def shift_x(x: Tensor, amount: Tensor) -> Tensor:
    """Move right by widths; two widths are a full turn of the mirrored picture."""
    return _affine(x, [[1.0, 0.0, -2.0 * amount], [0.0, 1.0, 0.0]])


def shift_y(x: Tensor, amount: Tensor) -> Tensor:
    """Move down by heights."""
    return _affine(x, [[1.0, 0.0, 0.0], [0.0, 1.0, -2.0 * amount]])


def gain(x: Tensor, amount: Tensor) -> Tensor:
    """Multiply."""
    return x * amount[:, None, None, None]


def flatten(x: Tensor, amount: Tensor) -> Tensor:
    """Pull every map towards its own mean."""
    return torch.lerp(x, x.mean(dim=(2, 3), keepdim=True).expand_as(x), amount[:, None, None, None])


FUNCTIONS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    f.__name__: f for f in (zoom, rotate, shift_x, shift_y, gain, flatten)
}


def bend_layers(look: Look, values: Values, n_layers: int) -> AfterLayer | None:
    """What acts after each layer for these rows, in list order; None where every bend is neutral.

    A bend at a layer the network does not have acts at its last one, so that a patch plays on any model.
    """
    acting: dict[int, list[tuple[Bend, np.ndarray]]] = {}
    for bend in look.bends:
        amount = values[f"bend.{bend.id}"]
        if (amount != BENDS[bend.kind].neutral).any():
            acting.setdefault(min(max(bend.layer, 0), n_layers - 1), []).append((bend, amount))
    if not acting:
        return None

    def after(index: int, x: Tensor) -> Tensor:
        for bend, amount in acting.get(index, ()):
            x = _bend_rows(x, bend.kind, amount)
        return x

    return after


def _bend_rows(x: Tensor, kind: str, amount: np.ndarray) -> Tensor:
    """Apply a bend to the rows that are not neutral, one row at a time: neighbours in a batch never change a frame."""
    rows = list(x.unbind(0))
    for row in np.flatnonzero(amount != BENDS[kind].neutral):
        value = torch.tensor([amount[row]], dtype=x.dtype, device=x.device)
        rows[row] = FUNCTIONS[kind](rows[row][None], value)[0]
    return torch.stack(rows).contiguous(memory_format=torch.channels_last)


def _affine(x: Tensor, matrix: list[list]) -> Tensor:
    """Sample x where `matrix` [2, 3] of floats or [b] tensors says, in coordinates −1…1, mirrored beyond the border."""
    theta = torch.stack([torch.stack([torch.as_tensor(v, dtype=x.dtype, device=x.device).expand(len(x)) for v in row], dim=1)
                         for row in matrix], dim=1)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, padding_mode="reflection", align_corners=False)
