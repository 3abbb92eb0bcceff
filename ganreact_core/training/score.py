"""A simple fidelity score: Fréchet distance between real and made pictures on features of a fixed random network."""

from __future__ import annotations

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor

_WIDTHS = (3, 24, 32, 48)


def features(x: Tensor) -> Tensor:
    """[n, 3, h, w] -> [n, 214]: means and deviations of the colours and of three random convolutions."""
    g = torch.Generator().manual_seed(20)
    parts = [x.mean((2, 3)), x.std((2, 3))]
    for c_in, c_out in pairwise(_WIDTHS):
        weight = torch.randn(c_out, c_in, 3, 3, generator=g) / (9 * c_in) ** 0.5
        x = F.leaky_relu(F.conv2d(x, weight - weight.mean((2, 3), keepdim=True) * 0.5, padding=1), 0.2) * 2.0
        parts += [x.mean((2, 3)), x.std((2, 3))]
        x = F.avg_pool2d(x, 2)
    return torch.cat(parts, dim=1)


def frechet(a: Tensor, b: Tensor) -> float:
    """Distance between two clouds [n, d], as gaussians: |μa − μb|² + tr(Σa + Σb − 2·√(Σa·Σb))."""
    a, b = a.double(), b.double()
    cov_a, cov_b = torch.cov(a.t()), torch.cov(b.t())
    roots = torch.linalg.eigvals(cov_a @ cov_b).real.clamp(min=0).sqrt().sum()
    return float((a.mean(0) - b.mean(0)).square().sum() + cov_a.trace() + cov_b.trace() - 2.0 * roots)
