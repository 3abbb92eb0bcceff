"""What a lesson says about a drawn sound: where it is wrong, and where noise is not rough enough.

Partials and silence are told apart from noise: the first can be right at every place; the second only on average, so there
the error of means counts, and beside it how strongly small random filters answer (after Portilla and Simoncelli 2000: a
texture is what has the same statistics).
"""

from __future__ import annotations

from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

from .sound_networks import CELL, Window, heard, under
from .sound_pool import Batch

_MEAN = 4  # places over which noise is averaged
_FILTERS = 8
_ROUGH = 4.0  # weight of texture
_SILENT_ROWS = 3  # before the sound begins: they say with which phases it does


def lesson_loss(made: Tensor, batch: Batch, window: Window) -> dict[str, Tensor]:
    """made [b, 2, h, w] of a window -> errors of magnitude, of phase, and of texture."""
    assert batch.noise is not None
    wanted, noise = under(batch.pictures, window), under(batch.noise, window)[:, 0]
    loud, off = heard(wanted[:, 0]), made[:, 0] - wanted[:, 0]
    mean = F.avg_pool2d((off * noise)[:, None], _MEAN)[:, 0]
    told = _error(off, 0.5 + loud).mul(1.0 - noise).mean() + _error(mean, 1.0).mean()
    turned = made[:, 1] - wanted[:, 1]
    weight = _ever_heard(loud, window)
    turn = ((turned.abs() + turned.square()) * weight * (1.0 - noise)).mean()
    return {"magnitude": told, "phase": 2.0 * turn, "texture": _ROUGH * _texture(made, wanted, (noise * loud)[:, None])}


def _error(off: Tensor, weight: Tensor | float) -> Tensor:
    return off.abs() * weight + 2.0 * off.square()


def _ever_heard(loud: Tensor, window: Window) -> Tensor:
    """Where a phase matters: where it is heard, and before, where something will be."""
    rows = max(0, _SILENT_ROWS - CELL * window.top)
    return torch.cat([loud.amax(dim=1, keepdim=True).expand(-1, rows, -1), loud[:, rows:]], dim=1)


def _texture(made: Tensor, wanted: Tensor, weight: Tensor) -> Tensor:
    """How differently small filters answer, near and twice as far, in places of cell size."""
    where = F.avg_pool2d(weight, CELL)
    parts = [(_answers(made, step) - _answers(wanted, step)).abs() * where for step in (1, 2)]
    return torch.stack(parts).mean()


def _answers(x: Tensor, step: int) -> Tensor:
    """[b, 2, h, w] -> how strong each filter's answers are in each cell."""
    return (F.avg_pool2d(F.conv2d(x, _filters(), padding=step, dilation=step).square(), CELL) + 1e-4).sqrt()


@lru_cache(maxsize=1)
def _filters() -> Tensor:
    """Fixed and random, of no mean: [n, 2, 3, 3], a half for each of the two pictures."""
    random = torch.randn(_FILTERS, 2, 3, 3, generator=torch.Generator().manual_seed(3))
    random = random - random.mean(dim=(2, 3), keepdim=True)
    random[:_FILTERS // 2, 0] = 0
    random[_FILTERS // 2:, 1] = 0
    return random / random.square().sum(dim=(1, 2, 3), keepdim=True).sqrt()
