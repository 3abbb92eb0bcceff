"""Periodic scalar fields: the words the picture families are written in.

Everything wraps around at the edges, so a picture may be rolled by any amount and stay a picture.
Shapes: n pictures of size × size; a field is [n, size, size]; generators are seeded, so everything is reproducible.
"""

from __future__ import annotations

import math

import torch
from torch import Generator, Tensor

TURN = 2.0 * math.pi


def uniform(g: Generator, n: int, low: float = 0.0, high: float = 1.0) -> Tensor:
    """[n, 1, 1] numbers in low…high, one per picture."""
    return low + (high - low) * torch.rand(n, 1, 1, generator=g)


def gaussian_field(g: Generator, n: int, size: int, cycles: Tensor | float, *, width: float = 0.45,
                   stretch: tuple[float, float] = (1.0, 1.0)) -> Tensor:
    """Gaussian random field of unit variance, its spectrum a log-normal bump at `cycles` per picture, `width` nepers wide.

    stretch (y, x) draws the field out along an axis: 3 makes it three times slower there.
    """
    fy = torch.fft.fftfreq(size) * size * stretch[0]
    fx = torch.fft.rfftfreq(size) * size * stretch[1]
    radius = torch.sqrt(fy[:, None] ** 2 + fx[None] ** 2).clamp(min=1e-6)
    centre = cycles if isinstance(cycles, Tensor) else torch.full((1, 1, 1), cycles)
    gain = torch.exp(-0.5 * ((radius.log() - centre.log()) / width) ** 2) / radius
    gain[..., 0, 0] = 0.0
    field = torch.fft.irfft2(torch.fft.rfft2(torch.randn(n, size, size, generator=g)) * gain, s=(size, size))
    return field / field.std(dim=(1, 2), keepdim=True)


def octaves(g: Generator, n: int, size: int, cycles: Tensor | float, *, count: int = 3, roughness: float = 0.5) -> Tensor:
    """Sum of fields at doubling frequencies, each `roughness` times the last; unit variance."""
    total = sum(gaussian_field(g, n, size, cycles * 2.0 ** k, width=0.35) * roughness ** k for k in range(count))
    return total / total.std(dim=(1, 2), keepdim=True)  # type: ignore[union-attr]


def spread(field: Tensor) -> Tensor:
    """A unit gaussian field -> 0…1, every value as frequent as any other."""
    return 0.5 * (1.0 + torch.erf(field / math.sqrt(2.0)))


def warp(field: Tensor, dy: Tensor, dx: Tensor) -> Tensor:
    """The field read at places displaced by (dy, dx) [n, size, size], in fractions of the picture; bilinear, periodic."""
    n, size, _ = field.shape
    rows, columns = _places(size)
    y, x = rows * size + dy * size, columns * size + dx * size
    y0, x0 = y.floor(), x.floor()
    ty, tx = y - y0, x - x0
    flat = field.reshape(n, -1)

    def at(j: Tensor, i: Tensor) -> Tensor:
        index = (j.long() % size) * size + i.long() % size
        return flat.gather(1, index.reshape(n, -1)).reshape(n, size, size)

    top = torch.lerp(at(y0, x0), at(y0, x0 + 1), tx)
    return torch.lerp(top, torch.lerp(at(y0 + 1, x0), at(y0 + 1, x0 + 1), tx), ty)


def waves(g: Generator, n: int, size: int, count: int, cycles: tuple[int, int]) -> Tensor:
    """Mean of `count` plane waves with whole numbers of cycles (low, high) per picture and any direction; in -1…1."""
    rows, columns = _places(size)
    radius = cycles[0] + (cycles[1] - cycles[0]) * torch.rand(n, count, generator=g)
    angle = TURN * torch.rand(n, count, generator=g)
    ky, kx = (radius * angle.sin()).round(), (radius * angle.cos()).round()
    phase = TURN * torch.rand(n, count, generator=g)
    turns = ky[..., None, None] * rows + kx[..., None, None] * columns
    return torch.sin(TURN * turns + phase[..., None, None]).mean(dim=1)


def worley(g: Generator, n: int, size: int, points: int, dy: Tensor, dx: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Distances to the nearest and second nearest of scattered points, 1 = mean spacing, and the index of the nearest.

    (dy, dx) displace the places, in fractions of the picture; points lie on a jittered grid, so that cells are even.
    """
    side = max(1, round(math.sqrt(points)))
    lattice = (torch.stack(torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij"), -1) + 0.5) / side
    seeds = lattice.reshape(1, -1, 2) + (torch.rand(n, side * side, 2, generator=g) - 0.5) * 0.9 / side
    rows, columns = _places(size)
    away_y = (rows + dy)[:, None] - seeds[:, :, 0, None, None]
    away_x = (columns + dx)[:, None] - seeds[:, :, 1, None, None]
    square = (away_y - away_y.round()) ** 2 + (away_x - away_x.round()) ** 2
    nearest = square.topk(2, dim=1, largest=False)
    distance = nearest.values.clamp(min=0).sqrt() * side
    return distance[:, 0], distance[:, 1], nearest.indices[:, 0]


def slope(height: Tensor, angle: Tensor) -> Tensor:
    """Directional derivative of a height [n, size, size] towards angle [n, 1, 1], per picture width."""
    size = height.shape[-1]
    across = (height.roll(-1, 2) - height.roll(1, 2)) * (size / 2)
    down = (height.roll(-1, 1) - height.roll(1, 1)) * (size / 2)
    return across * angle.cos() + down * angle.sin()


def _places(size: int) -> tuple[Tensor, Tensor]:
    """Rows [size, 1] and columns [1, size] of pixel centres, 0…1."""
    line = (torch.arange(size) + 0.5) / size
    return line[:, None], line[None, :]
