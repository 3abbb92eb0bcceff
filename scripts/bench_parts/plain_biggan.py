"""BigGAN-deep as its published programs compute it, to measure against: spectral norms are worked out again in every call."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from ganreact_core.synthesis.generators.base import Rewrites
from ganreact_core.synthesis.generators.biggan import BigGAN


class PlainBigGAN(BigGAN):
    """Gives the pictures of the network it was made from, with channels first."""

    def __init__(self, net: BigGAN):
        super().__init__(net.config, {n: t.contiguous() if t.ndim == 4 else t for n, t in net.tensors.items()})
        weights = {n: t for n, t in self.tensors.items() if t.ndim == 4}
        self._vectors = {n: (F.normalize(t.new_ones(len(t)), dim=0), F.normalize(t.new_ones(t[0].numel()), dim=0))
                         for n, t in weights.items()}
        self._norms = {n: float(u @ (weights[n].flatten(1) @ v)) for n, (u, v) in self._vectors.items()}

    def _first(self, w: Tensor) -> Tensor:
        return super()._first(w).contiguous()

    def convolved(self, name: str, x: Tensor, rewrites: Rewrites = ()) -> Tensor:
        weight, (u, v) = self.tensors[f"{name}.weight"], self._vectors[f"{name}.weight"]
        norm = u @ (weight.flatten(1) @ v)
        weight = weight / norm * self._norms[f"{name}.weight"]
        return F.conv2d(x, weight, self.tensors.get(f"{name}.bias"), padding=weight.shape[-1] // 2)
