"""The textures: a made picture need not show any given layout, but should be woven as a real one of its look is.

A look is a latent. Every family draws pictures in the colours of a latent (`imagery.pictures(…, look)`), and an artist's own
pictures get a latent each; so a generator's picture for that latent has a real one to be compared with: not pixel by pixel,
as in the lessons, but in the correlations of a `Loom`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Generator, Tensor

from .imagery import CLASSES, pictures
from .loom import Loom, shipped_loom
from .pool import Pool

_EACH, _LAYOUTS, _CHUNK = 320, 2, 64
_MOST_LOOKS = 2048
_LEAST = 0.01  # share of its mean square that the unit of a layer is at least
_HARD = {"crystal": 2.0, "neon": 3.0}  # learned last, so drawn more often
_SAYS_COLOURS = 20  # from this coordinate on, a latent says colours


@dataclass(frozen=True)
class Woven:
    """Latents z [n, z_dim], their classes [n], and rows [n] of the weave whose looks they have."""

    z: Tensor
    classes: Tensor
    rows: Tensor


@dataclass(frozen=True)
class Weave:
    """How real pictures of m looks are woven.

    size      of the pictures, in pixels
    first     coordinate of the latent from which on it says the look; those before it are free
    looks     latents [m, z_dim]
    classes   [m]
    shares    [m]: how often a look is drawn
    woven     by layer, mean correlations of real pictures of the look [m, c + 1, c]
    apart     by layer [m]: squared distance of the correlations to those of another look of the class, the unit of distances
    """

    size: int
    first: int
    loom: Loom
    looks: Tensor
    classes: Tensor
    shares: Tensor
    woven: list[Tensor]
    apart: list[Tensor]

    def drawn(self, g: Generator, n: int) -> Woven:
        """n random latents that have random looks."""
        rows = torch.multinomial(self.shares, n, replacement=True, generator=g)
        z = torch.randn(n, self.looks.shape[1], generator=g)
        z[:, self.first:] = self.looks[rows][:, self.first:]
        return Woven(z, self.classes[rows], rows)

    def loss(self, made: Tensor, of: Woven) -> Tensor:
        """Squared distance of made pictures [k·n, 3, h, w] to the real ones of their looks, a mean over layers.

        About 1 for real pictures of another look of the class, a third of it for another layout of the same.
        """
        rows = of.rows.repeat(len(made) // len(of.rows))
        far = [((seen - real[rows]).square().mean((1, 2)) / unit[rows]).mean()
               for seen, real, unit in zip(self.loom(made), self.woven, self.apart, strict=True)]
        return torch.stack(far).mean()


@torch.no_grad()
def weave_of_families(loom: Loom, size: int, each: int = _EACH, layouts: int = _LAYOUTS, seed: int = 70) -> Weave:
    """`each` looks of every family, each drawn in some layouts."""
    looks, rows = [], []
    for k, name in enumerate(CLASSES):
        g = torch.Generator().manual_seed(seed + k)
        looks.append(torch.randn(each, 32, generator=g))
        seen = [[loom(pictures(name, g, len(part), size, part)) for part in looks[-1].split(_CHUNK)] for _ in range(layouts)]
        joined = [[torch.cat(layer) for layer in zip(*parts, strict=True)] for parts in seen]
        rows.append([torch.stack(same).mean(0) for same in zip(*joined, strict=True)])
    woven = [torch.cat(layer) for layer in zip(*rows, strict=True)]
    shares = torch.tensor([_HARD.get(name, 1.0) for name in CLASSES]).repeat_interleave(each)
    classes = torch.arange(len(CLASSES)).repeat_interleave(each)
    return Weave(size, _SAYS_COLOURS, loom, torch.cat(looks), classes, shares, woven, _apart(woven, classes))


@torch.no_grad()
def weave_of_pictures(loom: Loom, pool: Pool, z_dim: int, seed: int = 71) -> Weave:
    """A look for every picture of a pool, or for 2,048 of them: a latent drawn by chance, which is that picture's from now on.

    Latents between them become looks between those of the pictures (Bojanowski et al. 2018, "Optimizing the Latent Space
    of Generative Networks", but with the textures in place of pixels).
    """
    g, count = torch.Generator().manual_seed(seed), len(pool.classes)
    each = [pool.stack(k) for k in range(count)]
    kept = [rows[torch.randperm(len(rows), generator=g)[:max(1, _MOST_LOOKS // count)]] for rows in each]
    classes = torch.cat([torch.full((len(rows),), k) for k, rows in enumerate(kept)])
    parts = [loom(part.float() / 127.5 - 1.0) for part in torch.cat(kept).split(_CHUNK)]
    woven = [torch.cat(layer) for layer in zip(*parts, strict=True)]
    shares = torch.cat([torch.full((len(rows),), 1.0 / len(rows)) for rows in kept])
    looks = torch.randn(len(classes), z_dim, generator=g)
    return Weave(pool.size, 0, loom, looks, classes, shares, woven, _apart(woven, classes))


def _apart(woven: list[Tensor], classes: Tensor) -> list[Tensor]:
    """How far two looks of a class are apart on average; never nothing, where all pictures of a class are alike."""
    units = []
    for layer in woven:
        unit = torch.empty(len(layer))
        for k in classes.unique():
            rows = layer[classes == k]
            unit[classes == k] = torch.maximum(2.0 * (rows - rows.mean(0)).square().mean(), _LEAST * rows.square().mean())
        units.append(unit)
    return units


def procedural_weave(size: int, stored: Path) -> Weave:
    """The weave of the families at this size; made in a few minutes, and kept in a file that the next sitting reads."""
    loom = shipped_loom()
    if not stored.is_file():
        weave = weave_of_families(loom, size)
        torch.save({name: value for name, value in vars(weave).items() if name != "loom"}, stored)
        return weave
    return Weave(loom=loom, **torch.load(stored, weights_only=True))
