"""The error of a generator on its lessons: all of the warm start, and a share of the adversarial steps."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ..synthesis.generators.stylegan2 import StyleGAN2
from .imagery import CLASSES
from .lessons import draw
from .networks import mirrored, noise_maps
from .state import State

_HARD = {"cells": 2.0, "dunes": 2.0, "neon": 4.0}  # learned last, so drawn more often
_SHARES = torch.tensor([_HARD.get(name, 1.0) for name in CLASSES])


def lesson_loss(state: State, resolution: int, cells: int, n: int) -> Tensor:
    """Error of n pictures on a field of cells × cells, and of their edges; squares, because grey pleases absolute values."""
    network, g = StyleGAN2(state.plan.shape.at(resolution), state.tensors), state.random
    classes = torch.multinomial(_SHARES, n, replacement=True, generator=g).to(network.device)
    z = torch.randn(n, network.z_dim, generator=g).to(network.device)
    noise = noise_maps(network, g, n, cells)
    const = mirrored(network) if cells == 8 else network.input_map
    with torch.autocast(network.device.partition(":")[0], torch.bfloat16):
        w = network.map(z, F.one_hot(classes, network.c_dim).float())
        made = network.synthesize(w, noise, input_map=const).float()
    off = made - draw(z, classes, noise, resolution)
    edges = off.diff(dim=2).square().mean() + off.diff(dim=3).square().mean()
    return 2.0 * off.square().mean() + 0.3 * off.abs().mean() + edges
