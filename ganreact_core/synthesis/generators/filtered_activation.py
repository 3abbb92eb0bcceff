"""The leaky ReLU of StyleGAN3: upsampled, bent, low-passed and downsampled, so that it adds no frequencies that alias."""

from __future__ import annotations

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class Rates:
    """How a layer resamples: times `up`, then by `down`; `pad` (before, after) in samples of the higher rate, − crops."""

    up: int
    down: int
    pad: tuple[int, int]

    def size(self, side: int, taps: tuple[int, int]) -> int:
        """The side that comes out, ≤ 0 where there is nothing left; `taps` are the lengths of the two filters."""
        if min(self.pad) <= -side * self.up:
            return 0
        return (side * self.up + sum(self.pad) - taps[0] - taps[1] + 1 + self.down) // self.down


def filtered_leaky_relu(x: Tensor, filters: tuple[Tensor | None, Tensor | None], rates: Rates, *, slope: float, gain: float,
                        clamp: float | None) -> Tensor:
    """x [b, c, h, w] -> [b, c, h', w'] with h' = rates.size(h).

    The filters (up, down) are [taps], applied on both axes, or [taps, taps]; None lets everything pass.
    """
    before, after = rates.pad
    x = F.pad(_spread(x, rates.up), (before, after, before, after))
    x = _filtered(x, filters[0], gain=float(rates.up ** 2))
    x = F.leaky_relu(x, slope) * gain
    x = x if clamp is None else x.clamp(-clamp, clamp)
    return _filtered(x, filters[1], step=rates.down)


def _spread(x: Tensor, up: int) -> Tensor:
    """up − 1 zeros after each sample."""
    if up == 1:
        return x
    b, c, h, w = x.shape
    spread = x.new_zeros(b, c, h, up, w, up)
    spread[:, :, :, 0, :, 0] = x
    return spread.reshape(b, c, h * up, w * up)


def _filtered(x: Tensor, taps: Tensor | None, *, gain: float = 1.0, step: int = 1) -> Tensor:
    """Convolve each channel, keep every `step`-th sample."""
    c = x.shape[1]
    if taps is None:
        return (x * gain if gain != 1.0 else x)[:, :, ::step, ::step]
    if taps.ndim == 2:
        return F.conv2d(x, (taps.flip(0, 1) * gain).expand(c, 1, -1, -1), stride=step, groups=c)
    kernel = taps.flip(0) * gain ** 0.5
    x = F.conv2d(x, kernel.view(1, 1, -1, 1).expand(c, 1, -1, 1), stride=(step, 1), groups=c)
    return F.conv2d(x, kernel.view(1, 1, 1, -1).expand(c, 1, 1, -1), stride=(1, step), groups=c)
