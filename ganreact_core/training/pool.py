"""A pool of pictures in memory, drawn from with random rolls and flips: the pictures are periodic, so a roll is new."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from .imagery import CLASSES, pictures

_CHUNK = 64


class Pool:
    """`each` pictures of every class at `size`, kept as bytes; the same seed gives the same pool."""

    def __init__(self, each: int, size: int, seed: int):
        self.size = size
        self._bytes = torch.stack([_draw(name, each, size, seed + k) for k, name in enumerate(CLASSES)])

    def batch(self, g: Generator, n: int, resolution: int) -> tuple[Tensor, Tensor]:
        """n pictures [n, 3, resolution, resolution] in -1…1 and their classes [n]."""
        classes = torch.randint(len(CLASSES), (n,), generator=g)
        return self.of_classes(g, classes, resolution), classes

    def of_classes(self, g: Generator, classes: Tensor, resolution: int) -> Tensor:
        """One picture of each class in the list."""
        n = len(classes)
        picks = torch.randint(self._bytes.shape[1], (n,), generator=g)
        shifts = torch.randint(self.size, (n, 2), generator=g).tolist()
        flips = torch.randint(2, (n,), generator=g).tolist()
        rows = [p.roll(s, (1, 2)) for p, s in zip(self._bytes[classes, picks], shifts, strict=True)]
        rows = [row.flip(2) if f else row for row, f in zip(rows, flips, strict=True)]
        x = (torch.stack(rows).float() - 127.5) / 127.5
        return F.avg_pool2d(x, self.size // resolution) if resolution < self.size else x


def _draw(name: str, each: int, size: int, seed: int) -> Tensor:
    g = torch.Generator().manual_seed(seed)
    chunks = [pictures(name, g, min(_CHUNK, each - k), size) for k in range(0, each, _CHUNK)]
    return torch.cat([(c * 127.5 + 127.5).round().to(torch.uint8) for c in chunks])
