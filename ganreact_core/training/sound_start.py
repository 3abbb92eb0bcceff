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
from .sound_state import SoundState

_RIDGE = 1e-2
_SILENT_ROWS = 3  # in the first row of patches
_QUIET_MAPS = 0.5  # what a regressed map is brought to beside those that stay random


def teach_first_layer(state: SoundState, batches: Sequence[Batch]) -> None:
    """Overwrite the last maps of "block1.conv0.weight", two for each band of a patch and two more, or as many as there are."""
    weight, config, network = state.tensors["block1.conv0.weight"], state.plan.config, state.network
    rows = torch.cat([_inputs(network, batch) for batch in batches])
    patches = torch.cat([described(batch, config) for batch in batches])
    maps = min(patches.shape[1], len(weight))
    target = patches[:, -maps:].flatten(1)
    gram = rows.T @ rows + _RIDGE * len(rows) * torch.eye(rows.shape[1])
    found = torch.linalg.solve(gram, rows.T @ target).reshape(-1, maps, *config.start).transpose(0, 1)  # [maps, inputs, h, w]
    heard = torch.einsum("bi,oihw->bohw", rows, found)
    scale = _QUIET_MAPS / (heard.std(dim=(0, 2, 3)) + 1e-6) / math.sqrt(2.0 / weight[0].numel())
    with torch.no_grad():
        weight[-maps:] = (found * scale[:, None, None, None]).flip(2, 3)
    state.average["block1.conv0.weight"].copy_(weight.detach())


def described(batch: Batch, config: GANSynthConfig) -> Tensor:
    """[b, maps, *start]: of each patch, band for band, phase and magnitude; then how magnitude rises, and how much is noise.

    Over everything each map has a mean of 0 and a deviation of 1.
    """
    assert batch.noise is not None
    frames, bands = (whole // start for whole, start in zip(config.resolution, config.start, strict=True))
    b, (h, w) = len(batch.pictures), config.start
    patches = torch.cat([batch.pictures, batch.noise], dim=1).reshape(b, 3, h, frames, w, bands)
    magnitude, phase, noise = patches.permute(0, 1, 2, 4, 3, 5).unbind(1)  # [b, h, w, frames, bands]
    turn = phase.mean(-2)
    turn[:, 0] = phase[:, 0, :, :_SILENT_ROWS].mean(-2)  # before a sound begins there are only phases
    rise = (magnitude[..., frames // 2:, :] - magnitude[..., :frames // 2, :]).mean((-2, -1))
    told = torch.cat([torch.stack([rise, noise.mean((-2, -1))], dim=-1), turn, magnitude.mean(-2)], dim=-1).permute(0, 3, 1, 2)
    return (told - told.mean(dim=(0, 2, 3), keepdim=True)) / (told.std(dim=(0, 2, 3), keepdim=True) + 1e-6)


def _inputs(network: GANSynth, batch: Batch) -> Tensor:
    """What the first layer sees: [b, z_dim + c_dim], each row at a mean square of one."""
    assert batch.latents is not None
    return network.activations(network.map(batch.latents, batch.pitches), 0)[:, :, 0, 0]
