"""A small network that tells the families of `imagery` apart; its last features are the space that models are judged in.

It is trained here, on fresh pictures, from a fixed seed: nothing is downloaded, and everyone gets the same judge.
"""

from __future__ import annotations

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .imagery import CLASSES, pictures

SIZE = 64
"""Pictures are judged at this size; larger ones are averaged down to it."""

_EACH, _STEPS, _BATCH, _RATE = 384, 500, 64, 4e-3


class Classifier(nn.Module):
    """Pictures [n, 3, 64, 64] in -1…1 -> class scores [n, classes]; `features` are [n, 96]."""

    def __init__(self, widths: tuple[int, ...] = (3, 24, 48, 96, 96)):
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in pairwise(widths))
        self.norms = nn.ModuleList(nn.BatchNorm2d(b) for b in widths[1:])
        self.head = nn.Linear(widths[-1], len(CLASSES))

    def features(self, x: Tensor) -> Tensor:
        """[n, 96]: mean activations of the last convolution."""
        x = judged(x)
        for conv, norm in zip(self.convs, self.norms, strict=True):
            x = F.max_pool2d(F.relu(norm(conv(x))), 2)
        return x.mean((2, 3))

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.features(x))


def judged(x: Tensor) -> Tensor:
    """Pictures of any size, clamped and averaged down to 64 pixels."""
    x = x.clamp(-1, 1)
    return F.avg_pool2d(x, x.shape[-1] // SIZE) if x.shape[-1] > SIZE else x


def fresh(name: str, seed: int, n: int, size: int = 128) -> Tensor:
    """n pictures of a family, drawn at `size` and judged: [n, 3, 64, 64]."""
    return judged(pictures(name, torch.Generator().manual_seed(seed), n, size))


def trained_classifier(steps: int = _STEPS, each: int = _EACH) -> Classifier:
    """The judge, trained anew: about a minute on one core."""
    torch.manual_seed(40)
    model, g = Classifier(), torch.Generator().manual_seed(41)
    pool = torch.stack([fresh(name, 1000 + k, each) for k, name in enumerate(CLASSES)])
    optimiser = torch.optim.AdamW(model.parameters(), lr=_RATE, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, _RATE, total_steps=steps)
    for _ in range(steps):
        classes = torch.randint(len(CLASSES), (_BATCH,), generator=g)
        x = pool[classes, torch.randint(each, (_BATCH,), generator=g)]
        shift = torch.randint(SIZE, (2,), generator=g).tolist()
        with torch.autocast("cpu", torch.bfloat16):
            said = model(x.roll(shift, (2, 3)))
        loss = F.cross_entropy(said.float(), classes, label_smoothing=0.05)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return model.eval()
