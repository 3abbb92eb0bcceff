"""Table values -> w+: palette, sets, accents and truncation, as DESIGN's formula has it.

B = (Σ p_k·e_k + max(0, ε − Σp)·w_avg) / max(Σ p_k, ε) per layer, sets mixed the same way, paths and then accents laid
over in list order, directions added, then w = w_avg + ψ·(B − w_avg).

BigGAN's w is z beside a class embedding: there z's weighted sum is divided by √Σp², so that its length stays that of the
prior, and ψ scales z alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from ..catalogue import GROUPS
from ..errors import LookError
from ..look import Direction, Look
from .entries import resolve_entries, weighted_mean
from .generators.base import Generator
from .paths import Walk
from .walks import resolve_walk

Values = Mapping[str, np.ndarray]
"""address -> float32 [b]: rows of the table."""


@dataclass(frozen=True)
class Palette:
    """A look's entries as this network sees them.

    latents      id -> [num_ws, w_dim], untruncated
    w_avg        [w_dim], zeros where the network has none
    groups       layer group of every layer, [num_ws] in 0…2
    walks        path's id -> positions [b] to w+ [b, num_ws, w_dim]
    directions   id -> σ·v, [num_ws, w_dim], zero outside its layers
    prior        how many of w's first numbers are a z of unit variance: BigGAN's; 0 elsewhere
    """

    latents: dict[str, Tensor]
    w_avg: Tensor
    groups: np.ndarray
    walks: dict[str, Walk] = field(default_factory=dict)
    directions: dict[str, Tensor] = field(default_factory=dict)
    prior: int = 0


def resolve_palette(generator: Generator, look: Look) -> Palette:
    """Map every entry once; the palette stays on the CPU, where blending is exact and cheap."""
    latents = resolve_entries(generator, look.entries)
    w_avg = generator.w_avg.cpu() if generator.w_avg is not None else torch.zeros(generator.w_dim)
    walks = {path.id: resolve_walk(generator, look, path, latents) for path in look.paths}
    directions = {d.id: _steps(d, generator) for d in look.directions}
    prior = generator.z_dim if generator.kind == "biggan" else 0
    return Palette(latents, w_avg, layer_groups(generator.num_ws), walks, directions, prior)


def layer_groups(num_ws: int) -> np.ndarray:
    """0 coarse, 1 middle, 2 fine for every layer: `array_split(range(num_ws), 3)`."""
    return np.concatenate([np.full(len(part), g) for g, part in enumerate(np.array_split(np.arange(num_ws), 3))])


def blend(palette: Palette, look: Look, values: Values) -> Tensor:
    """Values [b] -> w+ [b, num_ws, w_dim]. Each row stands alone: its neighbours never change it."""
    mean = palette.w_avg
    mixed: list[tuple[Tensor, Tensor]] = []
    for entry_set in look.blended_sets():
        weighted = [(_effective(values, f"palette.{k}", palette.groups), palette.latents[k])
                    for k in _heard(entry_set.entries, values)]
        weight = _column(values[f"set.{entry_set.id}.mix"]) if look.sets else torch.ones(1, 1, 1)
        mixed.append((weight.clamp(min=0), weighted_mean(weighted, mean, look.normalise, palette.prior)))
    blended = weighted_mean(mixed, mean, True, palette.prior) if look.sets else mixed[0][1]
    for path in look.paths:
        mix = f"path.{path.id}.mix"
        if not values[mix].any():
            continue  # a walk by chance or in z costs more than all else here
        cover = (_column(values[mix]) * _by_layer(values, mix, palette.groups)).clamp(0, 1)
        blended = cover * palette.walks[path.id](values[f"path.{path.id}.position"]) + (1 - cover) * blended
    for accent in look.accents():
        cover = _column(values[f"accent.{accent.id}"]).clamp(0, 1)
        blended = cover * palette.latents[accent.id] + (1 - cover) * blended
    for direction in look.directions:
        blended = blended + _column(values[f"direction.{direction.id}"]) * palette.directions[direction.id]
    psi = _column(values["truncation"]) * _by_layer(values, "truncation", palette.groups)
    if palette.prior:
        return torch.cat([psi * blended[..., :palette.prior], blended[..., palette.prior:]], dim=-1)
    return mean + psi * (blended - mean)


def _steps(direction: Direction, generator: Generator) -> Tensor:
    """σ·v on the direction's layers."""
    if len(direction.vector) != generator.w_dim:
        raise LookError(f"the direction '{direction.id}' has {len(direction.vector)} numbers where this network's w has "
                        f"{generator.w_dim}; it was found in another network")
    steps = torch.zeros(generator.num_ws, generator.w_dim)
    last = direction.last if direction.last >= 0 else generator.num_ws + direction.last
    steps[max(direction.first, 0):last + 1] = direction.sigma * torch.tensor(direction.vector)
    return steps


def _heard(entries: tuple[str, ...], values: Values) -> tuple[str, ...]:
    """The entries that weigh anything, or one of those that do not: it gives the sum its shape."""
    return tuple(k for k in entries if (values[f"palette.{k}"] > 0).any()) or entries[:1]


def _effective(values: Values, address: str, groups: np.ndarray) -> Tensor:
    """max(0, whole) · max(0, group), [b, num_ws, 1]."""
    whole = np.maximum(np.asarray(values[address], np.float32), 0)
    return _spread(whole * np.maximum(_per_group(values, address), 0), groups)


def _by_layer(values: Values, address: str, groups: np.ndarray) -> Tensor:
    return _spread(_per_group(values, address), groups)


def _per_group(values: Values, address: str) -> np.ndarray:
    """float32 [3, b]."""
    return np.array([values[f"{address}.{group}"] for group in GROUPS], np.float32)


def _spread(per_group: np.ndarray, groups: np.ndarray) -> Tensor:
    """[3, b] -> [b, num_ws, 1]."""
    return torch.from_numpy(np.ascontiguousarray(per_group[groups].T))[:, :, None]


def _column(values: np.ndarray) -> Tensor:
    return torch.from_numpy(np.array(values, np.float32))[:, None, None]
