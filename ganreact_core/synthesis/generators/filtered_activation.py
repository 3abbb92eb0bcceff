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
                        clamp: float | None, merges: bool = False) -> Tensor:
    """x [b, c, h, w] -> [b, c, h', w'] with h' = rates.size(h).

    The filters (up, down) are [taps], applied on both axes, or [taps, taps]; None lets everything pass.

    merges   the gain goes into the filter that follows, and the rest is done in place: two passes less over what is largest
    """
    x = _raised(x, filters[0], rates)
    if merges:
        x = F.leaky_relu(x, slope, inplace=True)
        x = x if clamp is None else x.clamp_(-clamp / gain, clamp / gain)
        return _filtered(x, filters[1], gain=gain, step=rates.down)
    x = F.leaky_relu(x, slope) * gain
    x = x if clamp is None else x.clamp(-clamp, clamp)
    return _filtered(x, filters[1], step=rates.down)


def _raised(x: Tensor, taps: Tensor | None, rates: Rates) -> Tensor:
    """Upsample, pad and low-pass: one axis after the other, as the first pass is then over fewer samples."""
    if taps is not None and taps.ndim == 1:
        kernel = taps.flip(0) * rates.up
        for axis in (2, 3):
            x = _spread(x, axis, rates)
            shape = (1, 1, -1, 1) if axis == 2 else (1, 1, 1, -1)
            x = F.conv2d(x, kernel.view(shape).expand(x.shape[1], *shape[1:]), groups=x.shape[1])
        return x
    return _filtered(_spread(_spread(x, 2, rates), 3, rates), taps, gain=float(rates.up ** 2))


def _spread(x: Tensor, axis: int, rates: Rates) -> Tensor:
    """up − 1 zeros after each sample along one axis, then the padding."""
    pad = (*rates.pad, 0, 0) if axis == 3 else (0, 0, *rates.pad)
    if rates.up > 1:
        shape = list(x.shape)
        spread = x.new_zeros(*shape[:axis + 1], rates.up, *shape[axis + 1:])
        spread.select(axis + 1, 0).copy_(x)
        shape[axis] *= rates.up
        x = spread.reshape(shape)
    return F.pad(x, pad)


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
