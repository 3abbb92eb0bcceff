"""Noise maps for every convolution: noise.base · const + Σ mask · strength · field(phase)."""

from __future__ import annotations

from functools import lru_cache, partial

import numpy as np
import torch
from torch import Tensor

from ..look import Look, NoiseLayer
from .canvas import Field
from .generators.base import Generator
from .latents import Values
from .masking import MaskAt
from .noise_fields import Planes, gaussian_field, perlin_field, perlin_planes
from .noise_on_card import CardFields, Seeds
from .transfers import onto

_KEPT_MAPS = 512
_KEPT_ON_CARD = 6  # whole phases of each field: a batch runs through two, and four lie around a frame
_KEPT_PLANES = 3
"""Whole phases whose clouds are kept: the two that a field lies between, and one that a neighbouring frame needs."""


class NoiseSource:
    """Makes the noise of frames for one network on one field; keeps the lattices it has drawn."""

    def __init__(self, generator: Generator, look: Look, field: Field):
        self._look, self._symmetric = look, field.extended and field.mode == "mirror"
        self._tiles = look.canvas.seamless and not self._symmetric  # what is mirrored meets itself
        const = generator.noise_const() if hasattr(generator, "noise_const") else ()
        grows = field.mode == "grow"
        self._const = tuple(_grown(m, field, (look.seed, n)) if grows else field.extend(m) for n, m in enumerate(const))
        self._lattice_point = lru_cache(maxsize=_KEPT_MAPS)(_draw)
        clouds = sum(layer.field == "perlin" for layer in look.noise_layers)
        self._latest: dict[tuple[str, int], tuple[float, Tensor]] = {}
        kept = _KEPT_ON_CARD * len(look.noise_layers) * len(self._const)
        on_card = self._const and self._const[0].is_cuda
        self._card = CardFields(_draw, str(self._const[0].device), kept=kept, tiles=self._tiles) if on_card else None
        self._planes = lru_cache(maxsize=_KEPT_PLANES * clouds * len(self._const))(partial(_planes, tiles=self._tiles))

    def maps(self, values: Values, mask_at: MaskAt | None = None) -> list[Tensor] | str:
        """Values [b] -> one map [b or 1, 1, h, w] per convolution, or "none" for a network that takes no noise."""
        if not self._const:
            return "none"
        base = np.asarray(values["noise.base"], np.float32)
        moving = [layer for layer in self._look.noise_layers if values[f"noise.{layer.id}.strength"].any()]
        acting = {layer.id: _chosen(layer, len(self._const)) for layer in moving}
        maps = []
        for index, own in enumerate(self._const):
            here = [layer for layer in moving if index in acting[layer.id]]
            maps.append(_scaled(own, base, keep=not here))
            for layer in here:
                self._add_field(maps[-1], layer, index, values, mask_at)
        return maps

    def _add_field(self, noise: Tensor, layer: NoiseLayer, index: int, values: Values, mask_at: MaskAt | None) -> None:
        size = (noise.shape[2], noise.shape[3])
        moved = zip(values[f"noise.{layer.id}.strength"].tolist(), values[f"noise.{layer.id}.phase"].tolist(), strict=True)
        for row, (strength, phase) in enumerate(moved):
            if strength:
                field = self._kept(layer, index, size, phase) * strength
                if layer.mask and mask_at:
                    field.mul_(onto(mask_at(layer.mask, row, size, 0), noise.device))
                noise[row, 0] += field

    def _kept(self, layer: NoiseLayer, index: int, size: tuple[int, int], phase: float) -> Tensor:
        """`field` where the noise is, made once while it stands still: of most looks the grain that hits bring out does."""
        at, field = self._latest.get((layer.id, index), (None, None))
        if field is None or at != phase:
            field = self._field_on(self._card, layer, index, size, phase) if self._card else torch.from_numpy(
                self.field(layer, index, size, phase))
            self._latest[layer.id, index] = phase, field
        return field

    def _field_on(self, card: CardFields, layer: NoiseLayer, index: int, size: tuple[int, int], phase: float) -> Tensor:
        seeds, whole, spots = self._plan(layer, index, size)
        field = (card.clouds if layer.field == "perlin" else card.grain)(seeds, whole, phase, spots)
        return _unfolded_there(field, size) if self._symmetric else field

    def field(self, layer: NoiseLayer, index: int, size: tuple[int, int], phase: float) -> np.ndarray:
        """The field of one convolution at a phase, float32 [h, w], unit variance; symmetric where the canvas mirrors."""
        seeds, whole, spots = self._plan(layer, index, size)
        if layer.field == "perlin":
            field = perlin_field(lambda point: self._planes(seeds(point), whole, spots), phase)
        else:
            field = gaussian_field(lambda point, shape: self._lattice_point(seeds(point), shape), whole, phase, spots,
                                   tiles=self._tiles)
        return _unfolded(field, size) if self._symmetric else field

    def _plan(self, layer: NoiseLayer, index: int, size: tuple[int, int]) -> tuple[Seeds, tuple[int, int], float]:
        """Seeds of whole phases, the size that is drawn, and how large spots are in it: fields count in their own height."""
        def seeds(point: int) -> tuple[int, ...]:
            return self._look.seed, layer.seed, index, point % layer.loop if layer.loop else point

        whole = (-(-size[0] // 2), -(-size[1] // 2)) if self._symmetric else size
        return seeds, whole, layer.scale * size[0] / whole[0]


def _unfolded_there(quarter: Tensor, size: tuple[int, int]) -> Tensor:
    """`_unfolded` of a tensor."""
    down = torch.cat([quarter.flip(0)[:size[0] - len(quarter)], quarter])
    return torch.cat([down.flip(1)[:, :size[1] - quarter.shape[1]], down], dim=1)


def _unfolded(quarter: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """A quarter mirrored to all four sides of the centre, [h, w]."""
    down = np.concatenate([quarter[::-1][:size[0] - len(quarter)], quarter])
    return np.concatenate([down[:, ::-1][:, :size[1] - quarter.shape[1]], down], axis=1)


def _planes(seeds: tuple[int, ...], size: tuple[int, int], spots: float, *, tiles: bool) -> Planes:
    return perlin_planes(lambda shape: _draw(seeds, shape), size, spots, tiles=tiles)


def _scaled(own: Tensor, base: np.ndarray, *, keep: bool) -> Tensor:
    """A network's own noise [1, 1, h, w], as strong as each row's base [b]: a tensor of its own, unless it is to be kept."""
    if keep and (base == 1).all():
        return own
    if not base.any():
        return own.new_zeros(len(base), *own.shape[1:])
    return onto(torch.from_numpy(base), own.device)[:, None, None, None] * own


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
