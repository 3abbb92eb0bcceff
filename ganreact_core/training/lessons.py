"""The warm start's lessons: for a latent, a class and noise maps, the picture that a generator should make of them.

The layout comes from the noise maps of the middle layers, blended as the latent says; colours and sharpness come from
the latent and the class. So layout is noise, look is latent, and both move smoothly: a field of any size, drifting noise
and blended latents all give pictures. The families are those of `imagery`, in forms a few convolutions can draw.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from .colours import PALETTES, blended, palette_part, ramp
from .fields import TURN, spread
from .imagery import CLASSES, smooth_step

_BLUR = torch.tensor([1.0, 2.0, 1.0]) / 4.0


@dataclass(frozen=True)
class Ground:
    """What a lesson is made of: unit fields [n, h, w] from slow to fine, and the latent [n, 32].

    u, u2     slow, independent        v, v2    twice as fast
    band      ripples of one scale     rays     drawn out downwards       flow   slow, drawn out sideways
    """

    u: Tensor
    u2: Tensor
    v: Tensor
    v2: Tensor
    band: Tensor
    rays: Tensor
    flow: Tensor
    z: Tensor

    def number(self, k: int, middle: float, reach: float) -> Tensor:
        """[n, 1, 1]: a number that moves with one coordinate of the latent."""
        return (middle + reach * torch.tanh(self.z[:, k]))[:, None, None]

    def colours(self, family: str, k: int) -> Tensor:
        """The family's k-th palette as the latent has it."""
        return blended(palette_part(self.z, k), PALETTES[family][k])


def draw(z: Tensor, classes: Tensor, noise: list[Tensor], size: int) -> Tensor:
    """z [n, 32], classes [n], noise maps from 4×4 upwards (at least to 16×16), size of a 64×64's worth of cells

    -> [n, 3, h, w] in -1…1; h × w is as much larger than the noise maps' layers as size asks.
    """
    ground = _ground(z, noise, size)
    out = torch.empty(len(z), 3, *ground.u.shape[1:], device=z.device)
    for k in classes.unique().tolist():
        rows = classes == k
        part = Ground(**{name: value[rows] for name, value in vars(ground).items()})
        out[rows] = LESSONS[CLASSES[k]](part).clamp(0, 1) * 2.0 - 1.0
    return out


def _ground(z: Tensor, noise: list[Tensor], size: int) -> Ground:
    """noise: b4.conv1, b8.conv0, b8.conv1, b16.conv0, b16.conv1, …"""
    scale = size / 16  # output pixels per pixel of the 16×16 layer
    a, b = (_field(m, 2 * scale) for m in noise[1:3])
    c, d = (_field(m, scale) for m in noise[3:5])
    u, u2 = _mixed(a, b, z[:, 0])
    v, v2 = _mixed(c, d, z[:, 2])
    sharp = F.interpolate(noise[4] - _blurred(noise[4], 2), scale_factor=scale, mode="bicubic")
    tall = F.interpolate(_blurred(noise[3], 2, axes=(2, 2, 2)), scale_factor=scale, mode="bicubic")
    wide = F.interpolate(_blurred(noise[1], 1, axes=(3, 3)), scale_factor=2 * scale, mode="bicubic")
    band, rays, flow = (m[:, 0] / m.std((1, 2, 3))[:, None, None].clamp(min=0.05) for m in (sharp, tall, wide))
    return Ground(u, u2, v, v2, band, rays, flow, z)


def _field(noise: Tensor, scale: float) -> Tensor:
    """A noise map smoothed and enlarged, of unit variance on average."""
    return F.interpolate(_blurred(noise, 1), scale_factor=scale, mode="bicubic")[:, 0] / 0.43


def _blurred(x: Tensor, times: int, axes: tuple[int, ...] = (2, 3)) -> Tensor:
    for axis in axes * times:
        side = (0, 0, 1, 1) if axis == 2 else (1, 1, 0, 0)
        kernel = _BLUR.view(1, 1, 3, 1) if axis == 2 else _BLUR.view(1, 1, 1, 3)
        x = F.conv2d(F.pad(x, side, mode="replicate"), kernel.to(x.device))
    return x


def _mixed(a: Tensor, b: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    """Two fields turned into each other, by a little more than a quarter turn at most; z [n]."""
    angle = (1.7 * torch.tanh(z))[:, None, None]
    return a * angle.cos() + b * angle.sin(), b * angle.cos() - a * angle.sin()


def _marble(g: Ground) -> Tensor:
    body = ramp(0.9 * spread(0.9 * g.u2 + 0.45 * g.v2), g.colours("marble", 0))
    vein = torch.exp(-((g.u + g.number(4, 0.4, 0.3) * g.v) / g.number(5, 0.2, 0.08)) ** 2)
    gold = g.colours("marble", 1)[:, 0, :, None, None]
    return torch.lerp(body, gold.expand_as(body), 0.9 * vein[:, None])


def _nebula(g: Ground) -> Tensor:
    gas = spread(0.85 * g.u + g.number(4, 0.5, 0.3) * g.v) ** 1.4
    share = smooth_step(g.u2 + 0.3 * g.v2, -0.6, 0.6)
    return torch.lerp(ramp(gas, g.colours("nebula", 0)), ramp(gas, g.colours("nebula", 1)), share[:, None])


def _lava(g: Ground) -> Tensor:
    crack = torch.minimum((g.u + g.number(4, 0.5, 0.2) * g.v2).abs(), (g.v + 0.4 * g.u2).abs())
    return ramp(torch.exp(-crack * g.number(5, 3.6, 0.8)) + 0.3 * spread(g.u2) - 0.08, g.colours("lava", 0))


def _ink(g: Ground) -> Tensor:
    depth = spread(1.3 * (g.u + g.number(4, 0.5, 0.3) * g.v))
    share = smooth_step(g.u2 + 0.4 * g.v2, -0.7, 0.7)
    return torch.lerp(ramp(depth, g.colours("ink", 0)), ramp(depth, g.colours("ink", 1)), share[:, None])


def _cells(g: Ground) -> Tensor:
    wall = torch.minimum((g.v + 0.3 * g.u).abs(), (g.v2 + 0.3 * g.u2).abs())
    lit = 0.1 + 1.0 * smooth_step(wall, 0.0, g.number(4, 0.55, 0.15))
    return ramp(spread(g.u + 0.3 * g.v), g.colours("cells", 0)) * lit[:, None]


def _crystal(g: Ground) -> Tensor:
    facet = 0.17 * torch.tanh(9 * (g.v + 0.3 * g.u)) + 0.15 * torch.tanh(9 * (g.v2 - 0.3 * g.u2)) + 0.13 * torch.tanh(9 * g.u)
    edge = torch.exp(-((g.v + 0.3 * g.u) / 0.12) ** 2) + torch.exp(-((g.v2 - 0.3 * g.u2) / 0.12) ** 2)
    return ramp(0.48 + facet + 0.1 * torch.sin(2.5 * g.u2) + g.number(4, 0.25, 0.15) * edge, g.colours("crystal", 0))


def _aurora(g: Ground) -> Tensor:
    light = spread(g.u + 0.25 * g.v) ** 1.5 * (0.35 + 0.85 * spread(g.rays))
    veil = g.colours("aurora", 1)[:, 0, :, None, None]
    return ramp(g.number(4, 1.25, 0.3) * light, g.colours("aurora", 0)) + 0.5 * veil * spread(g.u2)[:, None] ** 2


def _ripples(g: Ground) -> Tensor:
    net = (1.0 - 1.3 * (g.v + 0.4 * g.u).abs()).clamp(min=0) ** 3
    fine = (1.0 - 1.3 * (g.v2 + 0.5 * g.band).abs()).clamp(min=0) ** 4
    return ramp(0.32 + g.number(4, 0.5, 0.2) * net + 0.4 * fine + 0.12 * g.u2, g.colours("ripples", 0))


def _silk(g: Ground) -> Tensor:
    folds = g.number(4, 2.4, 0.8) * g.u + 0.8 * g.v + TURN * g.z[:, 5, None, None] / 8
    light = torch.cos(folds) * torch.tanh(g.u2 + 0.5 * g.v2)
    return ramp(0.47 + 0.36 * light + 0.22 * torch.sin(folds), g.colours("silk", 0))


def _coral(g: Ground) -> Tensor:
    height = torch.tanh(g.number(4, 1.8, 0.6) * (g.band + 0.25 * g.v2))
    return ramp(0.47 + 0.36 * height + 0.13 * g.u, g.colours("coral", 0)) * (1.0 + 0.25 * torch.tanh(g.v))[:, None]


def _dunes(g: Ground) -> Tensor:
    turn = g.number(4, 2.4, 0.6) * g.flow + 0.8 * g.u + TURN * g.z[:, 5, None, None] / 8
    ridge = 0.5 + 0.4 * torch.sin(turn) + 0.12 * torch.sin(2 * turn)  # steep on one side
    return ramp(0.05 + 0.75 * ridge + 0.2 * spread(g.u2), g.colours("dunes", 0))


def _neon(g: Ground) -> Tensor:
    turn = g.number(4, 2.2, 0.5) * g.u + 0.7 * g.v + TURN * g.z[:, 5, None, None] / 8
    line = (0.5 + 0.5 * torch.sin(turn)) ** 3
    base = g.colours("neon", 1)[:, 0, :, None, None]
    return base + ramp(spread(g.u2), g.colours("neon", 0)) * line[:, None]


LESSONS: dict[str, Callable[[Ground], Tensor]] = {
    "marble": _marble, "nebula": _nebula, "lava": _lava, "ink": _ink, "cells": _cells, "crystal": _crystal,
    "aurora": _aurora, "ripples": _ripples, "silk": _silk, "coral": _coral, "dunes": _dunes, "neon": _neon}
