"""Pictures to learn from, kept in memory as bytes and drawn with random flips and, where they are periodic, rolls."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from .imagery import CLASSES, pictures

_CHUNK = 64


class Pool:
    """Pictures by class.

    stacks     one uint8 [n, 3, size, size] for each class; n may differ
    classes    their names
    periodic   a picture may be rolled by any amount and stays a picture: each roll is a new one
    """

    def __init__(self, stacks: Sequence[Tensor], classes: tuple[str, ...], *, periodic: bool = False):
        assert len(stacks) == len(classes) and all(len(s) for s in stacks)
        self.classes, self.periodic = classes, periodic
        self.size = stacks[0].shape[-1]
        self._stacks = list(stacks)
        counts = torch.tensor([float(len(s)) for s in stacks])
        self._shares = counts / counts.sum()

    def __len__(self) -> int:
        return sum(len(stack) for stack in self._stacks)

    def stack(self, class_: int) -> Tensor:
        """All pictures of a class as they are kept, uint8 [n, 3, size, size]."""
        return self._stacks[class_]

    def batch(self, g: Generator, n: int, resolution: int) -> tuple[Tensor, Tensor]:
        """n pictures [n, 3, resolution, resolution] in -1…1 and their classes [n], large classes more often."""
        classes = torch.multinomial(self._shares, n, replacement=True, generator=g)
        return self.of_classes(g, classes, resolution), classes

    def of_classes(self, g: Generator, classes: Tensor, resolution: int) -> Tensor:
        """One picture of each class in the list."""
        n = len(classes)
        picks = torch.rand(n, generator=g).tolist()
        flips = torch.randint(2, (n,), generator=g).tolist()
        rows = [self._stacks[k][int(pick * len(self._stacks[k]))] for k, pick in zip(classes.tolist(), picks, strict=True)]
        if self.periodic:
            shifts = torch.randint(self.size, (n, 2), generator=g).tolist()
            rows = [row.roll(shift, (1, 2)) for row, shift in zip(rows, shifts, strict=True)]
        rows = [row.flip(2) if f else row for row, f in zip(rows, flips, strict=True)]
        x = (torch.stack(rows).float() - 127.5) / 127.5
        return F.avg_pool2d(x, self.size // resolution) if resolution < self.size else x


def procedural_pool(each: int, size: int, seed: int) -> Pool:
    """`each` pictures of every family of `imagery`; the same seed gives the same pool."""
    return Pool([_drawn(name, each, size, seed + k) for k, name in enumerate(CLASSES)], CLASSES, periodic=True)


def _drawn(name: str, each: int, size: int, seed: int) -> Tensor:
    g = torch.Generator().manual_seed(seed)
    chunks = [pictures(name, g, min(_CHUNK, each - k), size) for k in range(0, each, _CHUNK)]
    return torch.cat([(c * 127.5 + 127.5).round().to(torch.uint8) for c in chunks])
