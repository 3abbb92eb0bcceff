"""Twelve families of procedural pictures: what the embedded model is trained on.

Each is a pure function of (seeded generator, n, size) -> [n, 3, size, size] in -1…1: a periodic texture without a
centre, with light and dark, in colours chosen by hand. With a look [n, 32], a latent, the colours are those that the
lessons give to that latent.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Generator, Tensor

from .colours import PALETTES, blended, palette_part, palettes, ramp
from .fields import TURN, gaussian_field, octaves, slope, spread, uniform, warp, waves, worley

Look = Tensor | None
Family = Callable[[Generator, int, int, Look], Tensor]


def marble(g: Generator, n: int, size: int, look: Look = None) -> Tensor:
    """Polished stone: soft clouds cut by thin bright veins."""
    dy, dx = _swirl(g, n, size, 1.6, 0.08)
    body = warp(octaves(g, n, size, 2.0), dy, dx)
    vein = torch.exp(-(warp(gaussian_field(g, n, size, 1.7), dy, dx) / 0.24) ** 2)
    stops = _colours(g, n, look, "marble", 0)
    gold = _colours(g, n, look, "marble", 1, 0.02)[:, 0, :, None, None]
    return _finish(torch.lerp(ramp(spread(body) * 0.9, stops), gold.expand(-1, -1, size, size), 0.9 * vein[:, None]))


def nebula(g: Generator, n: int, size: int, look: Look = None) -> Tensor:
    """Glowing gas before a dark sky, two colours of light, a few stars."""
    dy, dx = _swirl(g, n, size, 2.0, 0.08)
    gas = spread(warp(octaves(g, n, size, 1.8, roughness=0.6), dy, dx))
    other = spread(gaussian_field(g, n, size, 1.5))
    warm = _colours(g, n, look, "nebula", 0, 0.06)
    cold = _colours(g, n, look, "nebula", 1, 0.06)
    light = torch.lerp(ramp(gas ** 1.5, warm), ramp(gas ** 1.5, cold), smooth_step(other, 0.3, 0.7)[:, None])
    stars = smooth_step(gaussian_field(g, n, size, 9.0), 2.7, 3.6)
    return _finish(light + 0.8 * stars[:, None])


def lava(g: Generator, n: int, size: int, look: Look = None) -> Tensor:
    """Dark crust, torn open over glowing melt."""
    dy, dx = _swirl(g, n, size, 3.0, 0.06)
    near, second, _ = worley(g, n, size, 16, dy, dx)
    crack = (second - near) / uniform(g, n, 0.7, 1.1)
    heat = torch.exp(-crack * 3.0) + 0.28 * spread(octaves(g, n, size, 2.5)) - 0.08
    stops = _colours(g, n, look, "lava", 0, 0.03)
    return _finish(ramp(heat, stops))


def ink(g: Generator, n: int, size: int, look: Look = None) -> Tensor:
    """Drops of two inks unfolding in bright water."""
    dy, dx = _swirl(g, n, size, 1.7, 0.11)
    plume = warp(octaves(g, n, size, 1.8, roughness=0.4), dy, dx)
    other = warp(gaussian_field(g, n, size, 1.6), -dx, dy)
    first = _colours(g, n, look, "ink", 0, 0.08)
    second = _colours(g, n, look, "ink", 1, 0.08)
    depth = spread(plume * 1.25)
    return _finish(torch.lerp(ramp(depth, first), ramp(depth, second), smooth_step(other, -0.7, 0.7)[:, None]))


def cells(g: Generator, n: int, size: int, look: Look = None) -> Tensor:
    """Living tissue: lit membranes between round coloured cells with dark nuclei."""
    dy, dx = _swirl(g, n, size, 2.5, 0.03)
    near, second, index = worley(g, n, size, 16, dy, dx)
    colour = torch.rand(n, 16, generator=g).gather(1, index.reshape(n, -1)).reshape(n, size, size)
    stops = _colours(g, n, look, "cells", 0, 0.06)
    body = ramp(0.15 + 0.7 * colour, stops) * (0.18 + 0.82 * smooth_step(second - near, 0.0, 0.30))[:, None]
    nucleus = 1.0 - 0.75 * smooth_step(-near, -0.24, -0.12)
    return _finish(body * nucleus[:, None] * (1.35 - 0.55 * near)[:, None])


def crystal(g: Generator, n: int, size: int, look: Look = None) -> Tensor:
    """Facets of gems, each catching the light at its own angle."""
    near, second, index = worley(g, n, size, 16, *_swirl(g, n, size, 2.0, 0.02))
    shade = torch.rand(n, 16, 2, generator=g)
    angle = (TURN * shade[..., 0]).gather(1, index.reshape(n, -1)).reshape(n, size, size)
    level = shade[..., 1].gather(1, index.reshape(n, -1)).reshape(n, size, size)
    glint = torch.sin(angle + 3.2 * near) * 0.28
    edge = smooth_step(-(second - near), -0.14, 0.0)
    stops = _colours(g, n, look, "crystal", 0, 0.07)
    return _finish(ramp(0.1 + 0.75 * level + glint + 0.35 * edge, stops))


def aurora(g: Generator, n: int, size: int, look: Look = None) -> Tensor:
    """Curtains of light hanging in the night."""
    drift = gaussian_field(g, n, size, 1.5) * uniform(g, n, 0.04, 0.09)
    rays = gaussian_field(g, n, size, 4.0, width=0.5, stretch=(4.0, 1.0))
    sheet = gaussian_field(g, n, size, 1.6, stretch=(1.0, 1.4))
    light = spread(warp(sheet, drift, drift)) ** 1.5 * (0.35 + 0.8 * spread(warp(rays, 0 * drift, drift)))
    stops = _colours(g, n, look, "aurora", 0, 0.04)
    veil = _colours(g, n, look, "aurora", 1)[:, 0, :, None, None]
    return _finish(ramp(1.25 * light, stops) + 0.5 * veil * spread(warp(sheet, drift + 0.12, drift))[:, None] ** 2)


def ripples(g: Generator, n: int, size: int, look: Look = None) -> Tensor:
    """Sunlight through moving water: a net of caustics."""
    dy, dx = _swirl(g, n, size, 2.0, 0.05)
    net = 1.0 - warp(waves(g, n, size, 4, (2, 4)), dy, dx).abs() * 2.4
    fine = 1.0 - warp(waves(g, n, size, 4, (3, 6)), dx, dy).abs() * 2.4
    light = 0.32 + 0.5 * net.clamp(min=0) ** 3 + 0.35 * fine.clamp(min=0) ** 4 + 0.12 * gaussian_field(g, n, size, 1.5)
    stops = _colours(g, n, look, "ripples", 0, 0.05)
    return _finish(ramp(light, stops))


def silk(g: Generator, n: int, size: int, look: Look = None) -> Tensor:
    """Folded cloth, lit from one side."""
    dy, dx = _swirl(g, n, size, 1.5, 0.09)
    height = warp(gaussian_field(g, n, size, 1.8), dy, dx)
    folds = torch.sin(height * uniform(g, n, 1.8, 2.8) + TURN * uniform(g, n))
    light = torch.tanh(slope(folds, TURN * uniform(g, n)) * 0.14)
    stops = _colours(g, n, look, "silk", 0, 0.06)
    return _finish(ramp(0.47 + 0.40 * light + 0.10 * folds, stops))


def coral(g: Generator, n: int, size: int, look: Look = None) -> Tensor:
    """The labyrinths of corals and moss, raised and lit."""
    rough = gaussian_field(g, n, size, uniform(g, n, 5.0, 8.0), width=0.12)
    height = torch.tanh(rough * 1.8)
    light = slope(height, TURN * uniform(g, n)) * 0.022
    stops = _colours(g, n, look, "coral", 0, 0.05)
    tint = 0.12 * gaussian_field(g, n, size, 1.5)
    return _finish(ramp(0.47 + 0.33 * height + tint, stops) * (1.0 + light.clamp(-0.6, 0.6))[:, None])


def dunes(g: Generator, n: int, size: int, look: Look = None) -> Tensor:
    """Ridges of sand in low sun: bright windward, coloured shadow in the lee."""
    long = gaussian_field(g, n, size, 1.3)
    bend = gaussian_field(g, n, size, 2.2) * 0.05
    rows = (torch.arange(size) + 0.5)[None, :, None] / size
    count = torch.randint(3, 6, (n, 1, 1), generator=g)
    lean = torch.randint(-2, 3, (n, 1, 1), generator=g) * rows.transpose(1, 2)
    turn = (count * (rows + bend) + lean + 0.28 * long) % 1.0
    ridge = torch.where(turn < 0.72, turn / 0.72, (1.0 - turn) / 0.28)
    light = 0.12 + 0.72 * ridge ** 1.4 * smooth_step(-turn, -0.86, -0.72) + 0.20 * spread(long)
    stops = _colours(g, n, look, "dunes", 0, 0.03)
    return _finish(ramp(light, stops))


def neon(g: Generator, n: int, size: int, look: Look = None) -> Tensor:
    """Contour lines of an unseen landscape, drawn in light on black."""
    height = gaussian_field(g, n, size, uniform(g, n, 1.6, 2.2), width=0.35)
    level = height * uniform(g, n, 1.0, 1.5) + uniform(g, n)
    away = (level - level.round()).abs()
    across, down = slope(height, torch.zeros(1, 1, 1)), slope(height, torch.full((1, 1, 1), TURN / 4))
    steep = torch.sqrt(across ** 2 + down ** 2 + 4.0)
    line = torch.exp(-(away * 20.0 / steep * 1.6) ** 2) + 0.45 * torch.exp(-(away * 6.0 / steep * 1.6))
    stops = _colours(g, n, look, "neon", 0, 0.12)
    base = _colours(g, n, look, "neon", 1)[:, 0, :, None, None]
    return _finish(base + ramp(spread(height), stops) * line[:, None])


FAMILIES: dict[str, Family] = {family.__name__: family for family in (
    marble, nebula, lava, ink, cells, crystal, aurora, ripples, silk, coral, dunes, neon)}
CLASSES = tuple(FAMILIES)


def pictures(name: str, g: Generator, n: int, size: int, look: Look = None) -> Tensor:
    """n pictures of one family, [n, 3, size, size] in -1…1, in random colours or in those of look [n, 32]."""
    return FAMILIES[name](g, n, size, look)


def _colours(g: Generator, n: int, look: Look, family: str, k: int, hue_spread: float = 0.05) -> Tensor:
    """The family's k-th palette: drawn, or as the latent has it."""
    choices = PALETTES[family][k]
    return palettes(g, n, choices, hue_spread) if look is None else blended(palette_part(look, k), choices, hue_spread)


def _swirl(g: Generator, n: int, size: int, cycles: float, reach: float) -> tuple[Tensor, Tensor]:
    """A pair of displacement fields, their spread `reach` of the picture."""
    return tuple(gaussian_field(g, n, size, cycles) * reach for _ in range(2))  # type: ignore[return-value]


def smooth_step(x: Tensor, low: float, high: float | Tensor) -> Tensor:
    """0 below low, 1 above high, smooth between."""
    t = ((x - low) / (high - low)).clamp(0, 1)
    return t * t * (3.0 - 2.0 * t)


def _finish(light: Tensor) -> Tensor:
    return light.clamp(0, 1) * 2.0 - 1.0
