"""Groups of a layer's feature maps that do alike things, found without training.

Broad et al. (2021, section 4) train a classifier for each layer and cluster what it learns to look at. Here each map is
described by how it looks over many samples (spatial moments) and by which other maps light up where it does (correlation),
and k-means groups these descriptions: 5 groups in the first half of the layers, then 4, and 3 in the last quarter, as theirs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.cluster import KMeans
from torch import Tensor

from ..cluster_files import Clusters
from .generators.base import Generator
from .sampling import Advance, activations, batches, random_latents, silent

_BATCH = 4
_SIDE = 16  # maps are looked at in at most this many cells a side
_COMPANIONS = 8  # dimensions that say which other maps a map goes with


@torch.inference_mode()
def find_clusters(generator: Generator, *, samples: int = 100, psi: float = 0.7, seed: int = 0,
                advance: Advance = silent) -> Clusters:
    """Group the maps of every layer but the input, by what they do over random pictures; the same every time."""
    layers = list(range(1, len(generator.layers)))
    seen = {index: _Description() for index in layers}
    draw = torch.Generator().manual_seed(seed)
    for n in batches(samples, _BATCH, advance, "Looking at feature maps"):
        for index, x in activations(generator, random_latents(generator, draw, n, psi), layers).items():
            seen[index].add(x.float().cpu())
    return Clusters({index: _grouped(seen[index].vectors(), group_count(index, len(layers)), seed) for index in layers})


def group_count(layer: int, layers: int) -> int:
    """5, 4 or 3 groups by depth; `layer` counts from 1."""
    depth = (layer - 1) / layers
    return 5 if depth < 0.5 else 4 if depth < 0.75 else 3


@dataclass
class _Description:
    """Running sums over samples of what every map of a layer looks like."""

    moments: Tensor | float = 0.0
    sums: Tensor | float = 0.0
    products: Tensor | float = 0.0
    places: int = 0
    pictures: int = 0

    def add(self, x: Tensor) -> None:
        """Take in activations [b, c, h, w]."""
        x = F.adaptive_avg_pool2d(x, (min(_SIDE, x.shape[2]), min(_SIDE, x.shape[3]))).double()
        flat = x.transpose(0, 1).flatten(1)
        self.moments = self.moments + _moments(x).sum(0)
        self.sums, self.products = self.sums + flat.sum(1), self.products + flat @ flat.T
        self.places, self.pictures = self.places + flat.shape[1], self.pictures + len(x)

    def vectors(self) -> np.ndarray:
        """[maps, numbers]: each map's mean moments, and its place among the maps it goes with."""
        moments = np.asarray(self.moments / self.pictures)
        moments = (moments - moments.mean(0)) / np.maximum(moments.std(0), 1e-9)
        mean = np.asarray(self.sums / self.places)
        covariance = np.asarray(self.products / self.places) - np.outer(mean, mean)
        spread = np.sqrt(np.maximum(np.diag(covariance), 1e-12))
        strength, vectors = np.linalg.eigh(covariance / np.outer(spread, spread))
        companions = vectors[:, ::-1][:, :_COMPANIONS] * np.sqrt(np.maximum(strength[::-1][:_COMPANIONS], 0.0))
        companions /= max(float(np.linalg.norm(companions, axis=1).mean()), 1e-9)
        return np.concatenate([moments / np.sqrt(moments.shape[1]), companions], axis=1)


def _moments(x: Tensor) -> Tensor:
    """[b, c, 6]: mean, spread, skewness, distance of what is lit from the centre, its extent, and how fine it is."""
    mean = x.mean((2, 3), keepdim=True)
    centred = x - mean
    spread = centred.square().mean((2, 3)).sqrt().clamp(min=1e-9)
    skew = (centred / spread[..., None, None]).pow(3).mean((2, 3))
    lit = centred.clamp(min=0)
    lit = lit / lit.sum((2, 3), keepdim=True).clamp(min=1e-9)
    down, right = (torch.linspace(-1, 1, n, dtype=x.dtype) if n > 1 else torch.zeros(1, dtype=x.dtype) for n in x.shape[2:])
    y, x_ = (lit.sum(3) @ down), (lit.sum(2) @ right)
    extent = (lit.sum(3) @ down.square() + lit.sum(2) @ right.square() - y.square() - x_.square()).clamp(min=0).sqrt()
    steps = (x.diff(dim=2).square().mean((2, 3)) + x.diff(dim=3).square().mean((2, 3))).nan_to_num(0.0).sqrt() / spread
    return torch.stack([mean[..., 0, 0], spread, skew, torch.hypot(x_, y), extent, steps], dim=-1)


def _grouped(vectors: np.ndarray, count: int, seed: int) -> np.ndarray:
    """The group of every row, groups numbered from the largest."""
    labels = KMeans(min(count, len(vectors)), n_init=10, random_state=seed).fit_predict(vectors)
    sizes = np.bincount(labels)
    rank = np.argsort(np.argsort(-sizes, kind="stable"), kind="stable")
    return rank[labels].astype(np.int64)
