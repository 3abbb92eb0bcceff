"""A picture -> the w+ that draws it best, found by going downhill (Abdal et al. 2019, "Image2StyleGAN").

It begins at the most alike of many random latents, moves one w for all layers, then a w for every layer; steps shrink
towards the end. Latents are kept where the network is at home by a weight on their distance from the mean, in standard
deviations.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from ..errors import UsageError
from ..files import require_there
from .generators.base import Generator
from .images import to_bytes
from .perception import Perceptual, pixel_difference
from .pictures import opened_picture
from .sampling import Advance, batches, random_latents, silent

_CANDIDATES, _SPREAD_SAMPLES, _BATCH = 96, 512, 8
_RATE = 0.08  # of a standard deviation of w a step, at first
_HOME, _PERCEIVED = 0.003, 2.0  # weights of the distance from the mean and of the perceptual difference
_SHARED = 0.35  # of the steps move one w for all layers


@dataclass(frozen=True)
class Projection:
    """What was found.

    w           float32 [num_ws, w_dim]
    picture     uint8 [h, w, 3], what it draws
    difference  of pixels at several scales; and that of the random latent it began at
    """

    w: np.ndarray
    picture: np.ndarray
    difference: float
    began_at: float


def read_picture(path: str | Path, size: tuple[int, int]) -> Tensor:
    """A picture file as [1, 3, height, width] in −1…1, cropped to the proportions of (height, width)."""
    require_there(path, "picture")
    with opened_picture(Path(path), f"'{Path(path).name}' is no picture that can be read; choose another") as picture:
        fitted = ImageOps.fit(ImageOps.exif_transpose(picture).convert("RGB"), size[::-1], Image.Resampling.LANCZOS)
    return torch.from_numpy(np.asarray(fitted, np.float32) / 127.5 - 1).permute(2, 0, 1)[None]


def project(generator: Generator, target: Tensor, *, steps: int = 400, seed: int = 0, perceptual: Perceptual | None = None,
            advance: Advance = silent) -> Projection:
    """The latent of a picture [1, 3, height, width] in the network's own size; the same for the same seed."""
    if not 1 <= steps <= 100_000:
        raise UsageError(f"a projection of {steps} steps cannot be made; use 1 to 100000")
    if not hasattr(generator, "rewritten"):
        raise UsageError("this kind of network draws no pictures that could be projected; choose StyleGAN or BigGAN")
    net = generator.rewritten({})  # nothing it keeps was made where gradients are off
    target = target.to(generator.device)
    mean, spread = _home(net, seed)
    start, began_at = _most_alike(net, target, seed, lambda f, text: advance(0.1 * f, text))
    search = _Search(net, target, mean, spread, perceptual)
    w = search.descend(start, steps, lambda f, text: advance(0.1 + 0.9 * f, text))
    with torch.no_grad():
        picture = net.synthesize(w[None])
        return Projection(w.cpu().numpy(), to_bytes(picture)[0], float(pixel_difference(picture, target)), began_at)


@dataclass
class _Search:
    """Going downhill from a latent; what was best is kept."""

    net: Generator
    target: Tensor
    mean: Tensor
    spread: Tensor
    perceptual: Perceptual | None

    def descend(self, start: Tensor, steps: int, advance: Advance) -> Tensor:
        """w+ [num_ws, w_dim] from a start of the same shape."""
        seen = self.perceptual.features(self.target) if self.perceptual else []
        shared = ((start - self.mean) / self.spread).mean(0, keepdim=True).clone().requires_grad_()
        own = torch.zeros_like(start).requires_grad_()
        optimiser = torch.optim.Adam([shared, own], lr=_RATE, betas=(0.9, 0.99))
        best, least = start, math.inf
        for step in range(steps):
            optimiser.param_groups[0]["lr"] = _RATE * min(1.0, (step + 1) / 20, 1 + math.cos(math.pi * step / steps))
            free = step >= _SHARED * steps
            place = shared + own if free else shared.expand_as(own)
            loss = self._loss(self.mean + self.spread * place, place, seen)
            if float(loss.detach()) < least:
                least, best = float(loss.detach()), (self.mean + self.spread * place).detach().clone()
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            advance((step + 1) / steps, f"Step {step + 1} of {steps}")
        return best

    def _loss(self, w: Tensor, place: Tensor, seen: list[Tensor]) -> Tensor:
        picture = self.net.synthesize(w[None])
        loss = pixel_difference(picture, self.target) + _HOME * place.square().mean()
        return loss if self.perceptual is None else loss + _PERCEIVED * self.perceptual.difference(picture, seen)


@torch.no_grad()
def _home(net: Generator, seed: int) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation [w_dim] of w."""
    w = random_latents(net, torch.Generator().manual_seed(seed), _SPREAD_SAMPLES)[:, 0]
    return (w.mean(0) if net.w_avg is None else net.w_avg), w.std(0).clamp(min=1e-6)


@torch.no_grad()
def _most_alike(net: Generator, target: Tensor, seed: int, advance: Advance) -> tuple[Tensor, float]:
    """Of random latents the one whose picture differs least, and by how much."""
    draw = torch.Generator().manual_seed(seed + 1)
    best, least = torch.empty(0), math.inf
    for n in batches(_CANDIDATES, _BATCH, advance, "Comparing pictures"):
        for w in random_latents(net, draw, n, 0.7):
            difference = float(pixel_difference(net.synthesize(w[None]), target))
            if difference < least:
                best, least = w, difference
    return best, least
