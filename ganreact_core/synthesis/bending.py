"""Bends: transformations of activations at one layer (Broad et al. 2021, "Network Bending"), each with one amount.

This is the chain: which bend acts after which layer, on which feature maps, inside which mask. What a kind does stands in
`warps`, `pointwise` and `morphology`: functions (activations [1, c, h, w], amount, manner) -> the same shape. Rows at the
neutral value never reach them, so neutral is exactly the identity.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..catalogue import BENDS
from ..look import Bend, Look
from . import morphology, pointwise, warps
from .generators.base import AfterLayer, Generator
from .generators.stylegan3 import StyleGAN3
from .latents import Values
from .manner import Manner
from .masking import MaskAt
from .transfers import onto

Function = Callable[[Tensor, float, Manner], Tensor]

FUNCTIONS: dict[str, Function] = {f.__name__: f for f in (
    warps.zoom, warps.rotate, warps.shift_x, warps.shift_y, warps.stretch_x, warps.stretch_y, warps.shear_x, warps.shear_y,
    warps.swirl, pointwise.flip_x, pointwise.flip_y, pointwise.gain, pointwise.add, pointwise.contrast, pointwise.flatten,
    pointwise.ablate, pointwise.invert, pointwise.threshold, pointwise.posterise, pointwise.noise, morphology.blur,
    morphology.sharpen, morphology.edges, morphology.erode, morphology.dilate)}


@dataclass(frozen=True)
class _Acting:
    """A bend with the rows' amounts, the maps it acts on unless on all, and the cells of its layer around the picture."""

    bend: Bend
    amounts: np.ndarray
    manner: Manner
    maps: np.ndarray | None
    margin: int


@dataclass(frozen=True)
class Layers:
    """What bends need to know of a network's layers: feature maps of each, and cells of each that lie around the picture."""

    channels: tuple[int, ...]
    margins: tuple[int, ...]


def layers_of(generator: Generator) -> Layers:
    """Of any family; StyleGAN3's layers see more than the picture."""
    margins = generator.margins() if isinstance(generator, StyleGAN3) else [0] * len(generator.layers)
    return Layers(tuple(layer.channels for layer in generator.layers), tuple(margins))


def bend_layers(look: Look, values: Values, layers: Layers, mask_at: MaskAt | None = None) -> AfterLayer | None:
    """What acts after each layer for these rows, in list order; None where every bend is neutral.

    A bend at a layer the network does not have acts at its last one, so that a patch plays on any model.
    """
    acting: dict[int, list[_Acting]] = {}
    for bend in look.bends:
        amounts = values[f"bend.{bend.id}"]
        if (amounts != BENDS[bend.kind].neutral).any():
            layer = layer_of(bend, len(layers.channels))
            manner = Manner(bend.border, bend.level, bend.seed, bend.classic)
            maps = chosen_maps(look, bend, layers.channels[layer])
            acting.setdefault(layer, []).append(_Acting(bend, amounts, manner, maps, layers.margins[layer]))
    if not acting:
        return None

    def after(index: int, x: Tensor) -> Tensor:
        for one in acting.get(index, ()):
            x = _bend_rows(x, one, mask_at)
        return x

    return after


def layer_of(bend: Bend, n_layers: int) -> int:
    """The layer after which a bend acts: the last one where the network does not have its own."""
    return min(max(bend.layer, 0), n_layers - 1)


def chosen_maps(look: Look, bend: Bend, count: int) -> np.ndarray | None:
    """Which of a layer's `count` feature maps a bend acts on, ascending; None for all."""
    if bend.maps == "all":
        return None
    if bend.maps == "part":
        return np.sort(np.random.default_rng(bend.seed).permutation(count)[:round(bend.part * count)])
    listed = bend.indices if bend.maps == "list" else next(c.indices for c in look.clusters if c.id == bend.cluster)
    return np.array(sorted({index for index in listed if index < count}), np.int64)


def _bend_rows(x: Tensor, one: _Acting, mask_at: MaskAt | None) -> Tensor:
    """Apply a bend to the rows that are not neutral, one row at a time: neighbours in a batch never change a frame."""
    rows = list(x.split(1))
    for row in np.flatnonzero(one.amounts != BENDS[one.bend.kind].neutral).tolist():
        mask = None
        if one.bend.mask and mask_at:
            mask = onto(mask_at(one.bend.mask, row, (x.shape[2], x.shape[3]), one.margin).to(x.dtype), x.device)
        rows[row] = _bent(rows[row], one, float(one.amounts[row]), mask)
    return (torch.cat(rows) if len(rows) > 1 else rows[0]).contiguous(memory_format=_layout(x))


def _layout(x: Tensor) -> torch.memory_format:
    """How a card is to find activations: as they lay, or what follows would depend on whether a neighbour was bent."""
    planes = x.is_cuda and not x.is_contiguous(memory_format=torch.channels_last)
    return torch.contiguous_format if planes else torch.channels_last


def _bent(x: Tensor, one: _Acting, amount: float, mask: Tensor | None) -> Tensor:
    """One row [1, c, h, w]; outside the mask, and maps that are not chosen, stay as they are."""
    if one.maps is not None:
        if not len(one.maps):
            return x
        chosen = onto(torch.from_numpy(one.maps), x.device)
        y = x.clone()
        y[:, chosen] = FUNCTIONS[one.bend.kind](x[:, chosen], amount, one.manner)
    else:
        y = FUNCTIONS[one.bend.kind](x, amount, one.manner)
    return y if mask is None else torch.lerp(x, y, mask)
