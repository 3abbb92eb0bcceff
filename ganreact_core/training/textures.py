"""The textures: a made picture need not show any given layout, but should be woven as real ones in the same colours are.

Every family draws pictures in the colours of a latent (`imagery.pictures(…, look)`), so a generator's picture for that latent
has real ones to be compared with: not pixel by pixel, as in the lessons, but in the correlations of a `Loom`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Generator, Tensor

from .imagery import CLASSES, pictures
from .loom import Loom, taught_loom

_EACH, _LAYOUTS, _CHUNK = 384, 2, 64
_PALETTES = 20  # from this coordinate on, a latent says colours


@dataclass(frozen=True)
class Woven:
    """Latents z [n, 32] with the colours of real pictures, and which: classes [n] and rows [n] of a weave."""

    z: Tensor
    classes: Tensor
    rows: Tensor


@dataclass(frozen=True)
class Weave:
    """Looks, and how real pictures of them are woven.

    size     of the pictures, in pixels
    looks    latents [classes, each, 32]
    woven    by layer, mean correlations of a few real pictures of every look: [classes, each, c + 1, c]
    apart    by layer [classes]: squared distance of the correlations of two looks, the unit of distances
    """

    size: int
    loom: Loom
    looks: Tensor
    woven: list[Tensor]
    apart: list[Tensor]

    @classmethod
    @torch.no_grad()
    def of(cls, loom: Loom, size: int, each: int = _EACH, layouts: int = _LAYOUTS, seed: int = 70) -> Weave:
        """`each` looks of every family, each drawn in some layouts."""
        looks, rows = [], []
        for k, name in enumerate(CLASSES):
            g = torch.Generator().manual_seed(seed + k)
            looks.append(torch.randn(each, 32, generator=g))
            seen = [[loom(pictures(name, g, len(part), size, part)) for part in looks[-1].split(_CHUNK)]
                    for _ in range(layouts)]
            joined = [[torch.cat(layer) for layer in zip(*parts, strict=True)] for parts in seen]
            rows.append([torch.stack(same).mean(0) for same in zip(*joined, strict=True)])
        woven = [torch.stack(layer) for layer in zip(*rows, strict=True)]
        return cls(size, loom, torch.stack(looks), woven, [(t - t.roll(1, 1)).square().mean((1, 2, 3)) for t in woven])

    def drawn(self, g: Generator, n: int) -> Woven:
        """n random latents with the colours of random looks."""
        classes = torch.randint(len(CLASSES), (n,), generator=g)
        rows = torch.randint(self.looks.shape[1], (n,), generator=g)
        z = torch.randn(n, self.looks.shape[2], generator=g)
        z[:, _PALETTES:] = self.looks[classes, rows][:, _PALETTES:]
        return Woven(z, classes, rows)

    def loss(self, made: Tensor, of: Woven) -> Tensor:
        """Squared distance of made pictures [k·n, 3, h, w] to the real ones of their looks, a mean over layers.

        About 1 for real pictures of another look of the class, a third of it for another layout of the same.
        """
        repeats = len(made) // len(of.rows)
        classes, rows = of.classes.repeat(repeats), of.rows.repeat(repeats)
        far = [((seen - real[classes, rows]).square().mean((1, 2)) / unit[classes]).mean()
               for seen, real, unit in zip(self.loom(made), self.woven, self.apart, strict=True)]
        return torch.stack(far).mean()


def procedural_weave(size: int, stored: Path) -> Weave:
    """The weave of the families at this size; made in five minutes, and kept in a file that the next sitting reads."""
    if not stored.is_file():
        weave = Weave.of(taught_loom(size), size)
        torch.save({"loom": weave.loom.state_dict(), **{k: v for k, v in vars(weave).items() if k != "loom"}}, stored)
        return weave
    kept, loom = torch.load(stored, weights_only=True), Loom()
    loom.load_state_dict(kept.pop("loom"))
    return Weave(loom=loom.eval().requires_grad_(False), **kept)
