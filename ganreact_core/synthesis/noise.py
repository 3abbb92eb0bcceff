"""Noise maps for every convolution: noise.base · const + Σ strength · field(phase).

A field is a lattice of seeded unit-variance noise along the phase, mixed over four neighbouring lattice points with
cubic B-spline weights divided by √Σweight²: its variance stays one at every phase and its velocity has no jump.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from ..look import Look, NoiseLayer
from .canvas import Field
from .generators.base import Generator
from .latents import Values

_KEPT_MAPS = 512


class NoiseSource:
    """Makes the noise of frames for one network on one field; keeps the lattice points it has drawn."""

    def __init__(self, generator: Generator, look: Look, field: Field):
        self._look, self._symmetric = look, field.extended and field.mode == "mirror"
        const = generator.noise_const() if hasattr(generator, "noise_const") else ()
        self._const = tuple(field.extend(m) for m in const)
        self._lattice_point = lru_cache(maxsize=_KEPT_MAPS)(_draw)

    def maps(self, values: Values) -> list[Tensor] | str:
        """Values [b] -> one map [b, 1, h, w] per convolution, or "none" for a network that takes no noise."""
        if not self._const:
            return "none"
        base = torch.from_numpy(np.array(values["noise.base"], np.float32))[:, None, None, None]
        maps = [base.to(m.device) * m for m in self._const]
        for layer in self._look.noise_layers:
            strength, phase = values[f"noise.{layer.id}.strength"], values[f"noise.{layer.id}.phase"]
            for index in _chosen(layer, len(maps)):
                maps[index] = self._add_field(maps[index], layer, index, strength, phase)
        return maps

    def _add_field(self, onto: Tensor, layer: NoiseLayer, index: int, strength: np.ndarray, phase: np.ndarray) -> Tensor:
        rows = list(onto.unbind(0))
        for row, (s, p) in enumerate(zip(strength.tolist(), phase.tolist(), strict=True)):
            if s:
                field = self.field(layer, index, tuple(onto.shape[2:]), p)
                rows[row] = rows[row] + s * torch.from_numpy(field).to(onto.device)
        return torch.stack(rows)

    def field(self, layer: NoiseLayer, index: int, size: tuple[int, ...], phase: float) -> np.ndarray:
        """The field of one convolution at a phase, float32 [h, w], unit variance; symmetric where the canvas mirrors."""
        start = int(np.floor(phase))
        weights = _spline_weights(phase - start)
        weights /= np.sqrt(np.sum(weights ** 2))
        points = [start + k - 1 for k in range(4)]
        if layer.loop:
            points = [p % layer.loop for p in points]
        drawn = tuple(-(-side // 2) for side in size) if self._symmetric else size
        field: np.ndarray = sum(np.float32(w) * self._lattice_point((self._look.seed, layer.seed, index, p), drawn)
                                for w, p in zip(weights, points, strict=True))  # type: ignore[assignment]
        return _unfolded(field, size) if self._symmetric else field


def _unfolded(quarter: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """A quarter mirrored to all four sides of the centre, [h, w]."""
    down = np.concatenate([quarter[::-1][:size[0] - len(quarter)], quarter])
    return np.concatenate([down[:, ::-1][:, :size[1] - quarter.shape[1]], down], axis=1)


def _draw(seeds: tuple[int, ...], size: tuple[int, int]) -> np.ndarray:
    return np.random.default_rng([s & 0xFFFFFFFF for s in seeds]).standard_normal(size, dtype=np.float32)


def _spline_weights(t: float) -> np.ndarray:
    """Uniform cubic B-spline at t in 0…1: weights of the points before, at, after and after that."""
    return np.array([(1 - t) ** 3, 3 * t ** 3 - 6 * t ** 2 + 4, -3 * t ** 3 + 3 * t ** 2 + 3 * t + 1, t ** 3]) / 6


def _chosen(layer: NoiseLayer, count: int) -> range:
    last = layer.last if layer.last >= 0 else count + layer.last
    return range(max(layer.first, 0), min(last, count - 1) + 1)
