"""Rewrites: other weights at one layer, W + s·ΔW, with a strength for every frame. The loaded network is never touched.

To add one: a function here, (weights [o, i, k, k], seed) -> weights of the same shape, which are reached at strength 1,
and a row of the same name in `catalogue.REWRITES`. At strength 0 a layer is computed exactly as without.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor

from ..look import Look
from .generators.base import Generator
from .latents import Values


def scatter(weight: Tensor, seed: int) -> Tensor:
    """Every weight times a normal factor: at strength s, W·(1 + s·(n − 1)), with mean −1 of the change (Brouwer 2020)."""
    return weight * torch.randn(weight.shape, generator=_draw(seed)).to(weight.device)


def shuffle(weight: Tensor, seed: int) -> Tensor:
    """The layer's feature maps change places."""
    return weight[torch.randperm(len(weight), generator=_draw(seed)).to(weight.device)]


def turn(weight: Tensor, seed: int) -> Tensor:
    """Every kernel a quarter turn on: strokes run the other way."""
    return torch.rot90(weight, 1, (2, 3))


FUNCTIONS: dict[str, Callable[[Tensor, int], Tensor]] = {f.__name__: f for f in (scatter, shuffle, turn)}


class Rewriter:
    """The changes of one look for one network, made once; strengths come with the frames."""

    def __init__(self, generator: Generator, look: Look):
        tensors: Mapping[str, Tensor] = getattr(generator, "tensors", {})
        self._changes: list[tuple[str, str, Tensor, Tensor]] = []  # rewrite's id, layer's name, W, ΔW
        for rewrite in look.rewrites:
            layer = generator.layers[min(max(rewrite.layer, 1), len(generator.layers) - 1)].name
            weight = tensors.get(f"synthesis.{layer}.weight")
            if weight is not None and generator.kind == "stylegan2":
                self._changes.append((rewrite.id, layer, weight, FUNCTIONS[rewrite.kind](weight, rewrite.seed) - weight))

    @property
    def layers(self) -> frozenset[str]:
        """Names of the layers that may get other weights in some frame."""
        return frozenset(layer for _, layer, _, _ in self._changes)

    def weights(self, values: Values) -> dict[str, Tensor]:
        """Values [b] -> layer's name to weights [b, o, i, k, k], for layers that any of these rows changes."""
        changed: dict[str, Tensor] = {}
        for ident, layer, weight, delta in self._changes:
            strength = values[f"rewrite.{ident}"]
            if strength.any():
                step = torch.from_numpy(np.array(strength, np.float32)).to(weight.device)[:, None, None, None, None]
                changed[layer] = changed.get(layer, weight[None]) + step * delta
        return changed


def _draw(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)
