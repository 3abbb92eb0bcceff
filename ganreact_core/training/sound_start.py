"""A first layer that knows what sounds look like on average: linear regression of small patches on latent and pitch.

Each place of the first layer becomes a patch of the picture. What the patch shows, band for band, is regressed on the latent
and the pitch that asked for it, and put into as many maps. The layers after it, which share their kernels over all places,
only have to learn how to lay such patches out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from ..synthesis.generators.gansynth import GANSynth, GANSynthConfig
from .sound_pool import Batch

_RIDGE = 1e-2
_PARTS = 3  # maps for each band of a patch: magnitude early and late in it, phase
_SILENT_ROWS = 3
_QUIET_MAPS = 0.5  # what a regressed map is brought to beside those that stay random


def teach_first_layer(tensors: dict[str, Tensor], config: GANSynthConfig, batches: Sequence[Batch]) -> None:
    """Overwrite the last maps of "block1.conv0.weight", three for each band of a patch, or as many as there are."""
    weight = tensors["block1.conv0.weight"]
    network = GANSynth(config, tensors)
    rows = torch.cat([_inputs(network, batch) for batch in batches])
    patches = torch.cat([described(batch.pictures, config) for batch in batches])
    maps = min(patches.shape[1], len(weight))
    target = patches[:, :maps].flatten(1)
    gram = rows.T @ rows + _RIDGE * len(rows) * torch.eye(rows.shape[1])
    found = torch.linalg.solve(gram, rows.T @ target).reshape(-1, maps, *config.start).transpose(0, 1)  # [maps, inputs, h, w]
    heard = torch.einsum("bi,oihw->bohw", rows, found)
    scale = _QUIET_MAPS / (heard.std(dim=(0, 2, 3)) + 1e-6) / math.sqrt(2.0 / weight[0].numel())
    with torch.no_grad():
        weight[-maps:] = (found * scale[:, None, None, None]).flip(2, 3)
        tensors["block1.conv0.bias"][-maps:] = 0.0


def described(pictures: Tensor, config: GANSynthConfig) -> Tensor:
    """[b, 2, frames, bands] -> [b, maps, *start]: of each patch, band for band, magnitude early, late, and phase.

    Over everything each map has a mean of 0 and a deviation of 1.
    """
    frames, bands = (whole // start for whole, start in zip(config.resolution, config.start, strict=True))
    b, (h, w) = len(pictures), config.start
    patches = pictures.reshape(b, 2, h, frames, w, bands).permute(0, 1, 2, 4, 3, 5)  # [b, 2, h, w, frames, bands]
    early, late = (patches[:, 0, ..., part, :].mean(-2) for part in (slice(0, frames // 2), slice(frames // 2, None)))
    phase = patches[:, 1, ..., frames // 2:, :].mean(-2)
    early[:, 0] = patches[:, 1, 0, :, :_SILENT_ROWS].mean(-2)  # before a sound begins there are only phases
    told = torch.cat([early, late, phase], dim=-1).permute(0, 3, 1, 2)
    return (told - told.mean(dim=(0, 2, 3), keepdim=True)) / (told.std(dim=(0, 2, 3), keepdim=True) + 1e-6)


def _inputs(network: GANSynth, batch: Batch) -> Tensor:
    """What the first layer sees: [b, z_dim + c_dim], each row at a mean square of one."""
    assert batch.latents is not None
    return network.activations(network.map(batch.latents, batch.pitches), 0)[:, :, 0, 0]
