"""What a picture is woven of, wherever things lie in it: correlations of features over the picture.

Gatys et al. 2015 found that they tell textures apart, Ulyanov et al. 2016 that a generator learns textures from them in
minutes. The features are those of a network taught here to tell the families apart, and of fixed random filters at three
scales (Ustyuzhaninov et al. 2016), which see what such a network overlooks. Models are scored with other eyes: `classifier`.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from .imagery import CLASSES, pictures

TAUGHT = 128
"""Pixels at which a loom is taught at most; finer detail is left to the random filters."""

SHIPPED = Path(__file__).resolve().parents[1] / "models" / "loom.safetensors"
"""`taught_loom(128)`, in 16-bit numbers; python -m ganreact_core.training.loom writes it anew."""

_SCALES = (1, 2, 4)  # divisors of the picture that the random filters see
_FILTERS = 32
_EACH, _STEPS, _BATCH, _RATE = 256, 600, 48, 3e-3


class Loom(nn.Module):
    """Pictures [n, 3, h, w] in -1…1 -> correlations by layer, [n, c + 1, c] each."""

    random: Tensor

    def __init__(self, widths: tuple[int, ...] = (3, 24, 32, 48, 64, 64)):
        super().__init__()
        random = torch.randn(_FILTERS, 3, 7, 7, generator=torch.Generator().manual_seed(17))
        random = random - random.mean((1, 2, 3), keepdim=True)
        self.register_buffer("random", random / random.flatten(1).norm(dim=1)[:, None, None, None])
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in pairwise(widths))
        self.norms = nn.ModuleList(nn.BatchNorm2d(b) for b in widths[1:])
        self.head = nn.Linear(widths[-1], len(CLASSES))

    def forward(self, x: Tensor) -> list[Tensor]:
        scaled = [F.avg_pool2d(x, k) if k > 1 else x for k in _SCALES]
        seen = [F.relu(F.conv2d(y, self.random)) for y in scaled]
        return [correlations(y) for y in (x, *seen, *self.layers(x))]

    def layers(self, x: Tensor) -> list[Tensor]:
        """Activations of the taught layers, the largest first; pictures of over 128 pixels are averaged down to that."""
        found: list[Tensor] = []
        x = F.avg_pool2d(x, x.shape[-1] // TAUGHT) if x.shape[-1] > TAUGHT else x
        for conv, norm in zip(self.convs, self.norms, strict=True):
            x = F.relu(norm(conv(F.avg_pool2d(x, 2) if found else x)))
            found.append(x)
        return found

    def classes(self, x: Tensor) -> Tensor:
        """Class scores [n, classes]: what it is taught by."""
        return self.head(self.layers(x)[-1].mean((2, 3)))


def correlations(y: Tensor) -> Tensor:
    """Features [n, c, h, w] -> their mean products with one another, and in the last row their means: [n, c + 1, c]."""
    flat = y.float().flatten(2)
    return torch.cat([flat @ flat.transpose(1, 2) / flat.shape[2], flat.mean(2)[:, None]], dim=1)


def taught_loom(size: int, steps: int = _STEPS, each: int = _EACH, seed: int = 50) -> Loom:
    """A loom that tells the families apart at this size, frozen: some four minutes on one core."""
    size = min(size, TAUGHT)
    torch.manual_seed(seed)
    loom, g = Loom(), torch.Generator().manual_seed(seed + 1)
    pool = torch.stack([pictures(name, torch.Generator().manual_seed(100 * seed + k), each, size)
                        for k, name in enumerate(CLASSES)])
    optimiser = torch.optim.AdamW(loom.parameters(), lr=_RATE, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, _RATE, total_steps=steps)
    for _ in range(steps):
        classes = torch.randint(len(CLASSES), (_BATCH,), generator=g)
        x = pool[classes, torch.randint(each, (_BATCH,), generator=g)]
        with torch.autocast("cpu", torch.bfloat16):
            said = loom.classes(x.roll(torch.randint(size, (2,), generator=g).tolist(), (2, 3)))
        optimiser.zero_grad()
        F.cross_entropy(said.float(), classes, label_smoothing=0.1).backward()
        optimiser.step()
        schedule.step()
    return loom.eval().requires_grad_(False)


def shipped_loom() -> Loom:
    """The loom that comes along, frozen."""
    loom = Loom()
    loom.load_state_dict({name: t.float() if t.is_floating_point() else t for name, t in load_file(SHIPPED).items()})
    return loom.eval().requires_grad_(False)


def save(loom: Loom, path: Path) -> None:
    """Its numbers in 16 bits."""
    save_file({name: t.half() if t.is_floating_point() else t for name, t in loom.state_dict().items()}, path)


if __name__ == "__main__":
    save(taught_loom(TAUGHT), SHIPPED)
