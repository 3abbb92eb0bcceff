"""Noise maps for every convolution: noise.base · const + Σ mask · strength · field(phase)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from ..look import Look, NoiseLayer
from .canvas import Field
from .generators.base import Generator
from .latents import Values
from .masking import MaskAt
from .noise_fields import FIELDS

_KEPT_MAPS = 512


class NoiseSource:
    """Makes the noise of frames for one network on one field; keeps the lattices it has drawn."""

    def __init__(self, generator: Generator, look: Look, field: Field):
        self._look, self._symmetric = look, field.extended and field.mode == "mirror"
        const = generator.noise_const() if hasattr(generator, "noise_const") else ()
        grows = field.mode == "grow"
        self._const = tuple(_grown(m, field, (look.seed, n)) if grows else field.extend(m) for n, m in enumerate(const))
        self._lattice_point = lru_cache(maxsize=_KEPT_MAPS)(_draw)

    def maps(self, values: Values, mask_at: MaskAt | None = None) -> list[Tensor] | str:
        """Values [b] -> one map [b, 1, h, w] per convolution, or "none" for a network that takes no noise."""
        if not self._const:
            return "none"
        base = torch.from_numpy(np.array(values["noise.base"], np.float32))[:, None, None, None]
        maps = [base.to(m.device) * m for m in self._const]
        for layer in self._look.noise_layers:
            strength, phase = values[f"noise.{layer.id}.strength"], values[f"noise.{layer.id}.phase"]
            if strength.any():
                for index in _chosen(layer, len(maps)):
                    maps[index] = self._add_field(maps[index], layer, index, (strength, phase), mask_at)
        return maps

    def _add_field(self, onto: Tensor, layer: NoiseLayer, index: int, moved: tuple[np.ndarray, np.ndarray],
                   mask_at: MaskAt | None) -> Tensor:
        rows, size = list(onto.unbind(0)), (onto.shape[2], onto.shape[3])
        for row, (strength, phase) in enumerate(zip(*(a.tolist() for a in moved), strict=True)):
            if strength:
                field = strength * torch.from_numpy(self.field(layer, index, size, phase)).to(onto.device)
                if layer.mask and mask_at:
                    field = field * mask_at(layer.mask, row, size, 0).to(onto.device)
                rows[row] = rows[row] + field
        return torch.stack(rows)

    def field(self, layer: NoiseLayer, index: int, size: tuple[int, int], phase: float) -> np.ndarray:
        """The field of one convolution at a phase, float32 [h, w], unit variance; symmetric where the canvas mirrors."""
        def lattice(point: int, shape: tuple[int, ...]) -> np.ndarray:
            return self._lattice_point((self._look.seed, layer.seed, index, point % layer.loop if layer.loop else point), shape)

        whole = tuple(-(-side // 2) for side in size) if self._symmetric else size
        spots = layer.scale * size[0] / whole[0]  # fields count in their own height
        field = FIELDS[layer.field](lattice, whole, phase, spots)  # type: ignore[arg-type]
        return _unfolded(field, size) if self._symmetric else field


def _unfolded(quarter: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """A quarter mirrored to all four sides of the centre, [h, w]."""
    down = np.concatenate([quarter[::-1][:size[0] - len(quarter)], quarter])
    return np.concatenate([down[:, ::-1][:, :size[1] - quarter.shape[1]], down], axis=1)


def _draw(seeds: tuple[int, ...], size: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng([s & 0xFFFFFFFF for s in seeds]).standard_normal(size, dtype=np.float32)


def _grown(own: Tensor, field: Field, seeds: tuple[int, ...]) -> Tensor:
    """A network's own noise [1, 1, h, w] in the middle of fresh noise as strong as it."""
    height, width = own.shape[2:]
    size = field.size_at((height, width))
    fresh = torch.from_numpy(_draw(seeds, size))[None, None].to(own) * own.std()
    top, left = (size[0] - height) // 2, (size[1] - width) // 2
    fresh[:, :, top:top + height, left:left + width] = own
    return fresh


def _chosen(layer: NoiseLayer, count: int) -> range:
    last = layer.last if layer.last >= 0 else count + layer.last
    return range(max(layer.first, 0), min(last, count - 1) + 1)
