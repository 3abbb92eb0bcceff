"""Filters of a StyleGAN3 layer, sorted for `filtered_rows`: done once for each layer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..generators.filtered_activation import Rates
from .filtered_rows import GROUP, filter_planes


@dataclass(frozen=True)
class FilteredLeakyReLU:
    """`filtered_leaky_relu` with its filters prepared.

    raising, lowering   as `filter_planes` takes them
    taps                lengths of the two filters
    """

    rates: Rates
    raising: tuple[np.ndarray, np.ndarray]
    lowering: tuple[np.ndarray, np.ndarray]
    taps: tuple[int, int]
    radial: bool
    curve: tuple[np.float32, np.float32, np.float32]

    def __call__(self, x: Tensor) -> Tensor:
        """x [b, c, h, w] -> [b, c, h', w']."""
        b, c, h, w = x.shape
        high, wide = (side * self.rates.up + sum(self.rates.pad) - self.taps[0] + 1 for side in (h, w))
        y = torch.empty(b, c, self.rates.size(h, self.taps), self.rates.size(w, self.taps))
        margin = self.taps[0] + max(map(abs, self.rates.pad)) + GROUP
        sizes = (high, wide, margin, self.taps[1], self.radial)
        planes, filtered = x.contiguous().view(b * c, h, w).numpy(), y.view(b * c, *y.shape[2:]).numpy()
        threads = min(torch.get_num_threads(), len(planes))  # one where frames are computed side by side
        if threads == 1:
            filter_planes(planes, filtered, self.raising, self.lowering, sizes, self.curve)
            return y
        with ThreadPoolExecutor(threads) as pool:
            parts = zip(np.array_split(planes, threads), np.array_split(filtered, threads), strict=True)
            for part in [pool.submit(filter_planes, a, b, self.raising, self.lowering, sizes, self.curve) for a, b in parts]:
                part.result()
        return y


def prepare(filters: tuple[Tensor | None, Tensor | None], rates: Rates, *, slope: float, gain: float,
            clamp: float | None) -> FilteredLeakyReLU | None:
    """None for filters that the row kernels do not know: upwards radial, downwards radial and not symmetric."""
    up, down = (np.ones(1, np.float32) if f is None else f.numpy() for f in filters)
    radial = down.ndim == 2
    if up.ndim != 1 or (radial and (len(down) % 2 or not np.allclose(down, down[::-1], atol=1e-7))):
        return None
    lowering = _lowering(down, rates.down)
    curve = np.float32(slope), np.float32(gain), np.float32(np.inf if clamp is None else clamp)
    return FilteredLeakyReLU(rates, _raising(up, rates), lowering, (len(up), len(down)), radial, curve)


def _raising(taps: np.ndarray, rates: Rates) -> tuple[np.ndarray, np.ndarray]:
    """Taps by phase of the output, as a correlation, and where each phase begins to read."""
    kernel, skip = taps[::-1] * rates.up, [(rates.pad[0] - p) % rates.up for p in range(rates.up)]
    phases = [_filled(kernel[k::rates.up]) for k in skip]
    longest = max(map(len, phases))
    first = [(p + k - rates.pad[0]) // rates.up for p, k in enumerate(skip)]
    return np.stack([np.pad(p, (0, longest - len(p))) for p in phases]), np.array(first)


def _lowering(taps: np.ndarray, down: int) -> tuple[np.ndarray, np.ndarray]:
    """Horizontal taps by phase of the input, a set for each pair of opposite rows where radial, and the vertical taps."""
    rows = taps[:len(taps) // 2, ::-1] if taps.ndim == 2 else taps[None, ::-1]
    sets = [[_filled(row[p::down]) for p in range(down)] for row in rows]
    longest = max(len(phase) for phases in sets for phase in phases)
    horizontal = np.array([[np.pad(phase, (0, longest - len(phase))) for phase in phases] for phases in sets], np.float32)
    return horizontal, np.zeros(GROUP, np.float32) if taps.ndim == 2 else _filled(taps[::-1])


def _filled(taps: np.ndarray) -> np.ndarray:
    """With zeros to the next multiple of GROUP."""
    return np.pad(taps, (0, -len(taps) % GROUP)).astype(np.float32)
