"""The colours of every family, chosen by hand, and how a scalar becomes a colour."""

from __future__ import annotations

import math

import torch
from torch import Generator, Tensor

_TURN = 2.0 * math.pi

PALETTES: dict[str, tuple[tuple[str, ...], ...]] = {
    "marble": (
        ("#04231d #0b5d4a #1fa37c #a8e6c4",
         "#1a0509 #6b1026 #c23a4e #f3b7a4",
         "#050b24 #12357e #3f7fd0 #bfe1f5"),
        ("#ffd98a",
         "#fff3dc",
         "#f5b04c"),
    ),
    "nebula": (
        ("#080216 #5a0f6b #f0358c #ffd9a0",
         "#0a0420 #7a1450 #ff5a3c #ffe9b0"),
        ("#020318 #142a8c #2f9df0 #d8fbff",
         "#020a1c #0d4f86 #18c5c0 #e6fff0"),
    ),
    "lava": (
        ("#0b0508 #4a0a0c #d4280a #ff9a1f #fff3b0",
         "#0d0410 #520a2e #e01c4a #ff8a3d #ffe9a8"),
    ),
    "ink": (
        ("#ffe0c8 #ff9aa0 #e8306a #7a0f6a #2a0848",
         "#d8fbff #7ad8f0 #1f8fe0 #1a3fb0 #120f5a"),
        ("#fff6d0 #ffd45a #ff8a2a #d03018 #6a0c2a",
         "#f0ffe0 #9af0b8 #1fc29a #0b6f9a #0a2860"),
    ),
    "cells": (
        ("#0f8f8a #35d0a5 #c6f06a #f7d44c",
         "#7a1fd0 #d63ad6 #ff6aa0 #ffb36a",
         "#e8443a #ff8a4a #ffd05a #6ad6c0"),
    ),
    "crystal": (
        ("#12053a #4a1ab0 #9a5cff #f0d6ff",
         "#021c33 #0765a8 #35c8f0 #e2ffff",
         "#2b0326 #a80f6e #ff5ab4 #ffe3f0"),
    ),
    "aurora": (
        ("#03041c #063c4a #12c47c #b8ff9a #f4ffe0",
         "#06031f #2a1470 #8f3af0 #ff7ad0 #fff0f5",
         "#020a1f #0a3f80 #16c8c8 #9affb0 #fbffe8"),
        ("#5a0f8c",
         "#8c0f50",
         "#102a9c"),
    ),
    "ripples": (
        ("#021a3a #065a8c #0fa9b8 #7af0d8 #ffffff",
         "#08103f #1a3fb0 #3f8cf5 #a8dcff #ffffff",
         "#032e2a #067a5c #1fc98c #c0ffc0 #ffffff"),
    ),
    "silk": (
        ("#2a0210 #8c0a2e #e8305a #ff9aa0 #fff0e6",
         "#1d0640 #5a18a8 #b04cf0 #f0a8ff #ffffff",
         "#3a1200 #b04a00 #ffa012 #ffd97a #fffbe6",
         "#00262b #00707a #12c4b8 #9af5e0 #ffffff"),
    ),
    "coral": (
        ("#062a1c #0f6b3a #6ac23a #e8f58c",
         "#2b0a2e #a01f5c #ff6a5a #ffdca8",
         "#04203f #0a6a9c #3ad0b0 #f5f0a0"),
    ),
    "dunes": (
        ("#1c0f3f #6a1f5c #d8562e #ffab4a #ffeebc",
         "#0a1a4a #2f4fa0 #e0708c #ffb890 #fff5d8",
         "#2a0a14 #8c2a18 #f07a1a #ffc84a #fffad0"),
    ),
    "neon": (
        ("#00f0ff #2a6aff #c030ff #ff2a8a",
         "#ff3a5a #ff8a1f #ffe03a #4aff9a",
         "#8aff3a #12e0b0 #1f8aff #7a3aff"),
        ("#06031c",
         "#03101c",
         "#120318"),
    ),
}
"""Family -> its palettes in order of use; each is a choice of colour stops, dark to light unless the family says otherwise."""


def ramp(t: Tensor, stops: Tensor) -> Tensor:
    """Colours along a palette: t [n, h, w] in 0…1, stops [n, k, 3] in 0…1 -> [n, 3, h, w]; mixed as light, not as ink."""
    count = stops.shape[1]
    place = t.clamp(0, 1) * (count - 1)
    share = (1.0 - (place[:, None] - torch.arange(count, device=t.device)[None, :, None, None]).abs()).clamp(min=0)
    return torch.einsum("nkhw,nkc->nchw", share, stops ** 2).clamp(min=0).sqrt()


def palettes(g: Generator, n: int, choices: tuple[str, ...], hue_spread: float = 0.05) -> Tensor:
    """One of the palettes ("#rrggbb #rrggbb …", all of one length) per picture, its hue turned a little -> [n, k, 3]."""
    stops = _table(choices)[torch.randint(len(choices), (n,), generator=g)]
    return _turned(stops, _TURN * hue_spread * torch.randn(n, generator=g))


def blended(z: Tensor, choices: tuple[str, ...], hue_spread: float = 0.05) -> Tensor:
    """A palette that moves with a latent: z [n, 1 + number of choices], the first turns the hue -> [n, k, 3]."""
    stops = torch.einsum("nc,cks->nks", torch.softmax(4.0 * z[:, 1:1 + len(choices)], dim=1), _table(choices).to(z.device))
    return _turned(stops, _TURN * hue_spread * z[:, 0])


def palette_part(z: Tensor, k: int) -> Tensor:
    """The coordinates of a latent [n, 32] that say the k-th palette of its family: [n, 6]."""
    return z[:, 20 + 6 * k:26 + 6 * k]


def _table(choices: tuple[str, ...]) -> Tensor:
    """[choices, k, 3]"""
    return torch.stack([torch.stack([_colour(word) for word in choice.split()]) for choice in choices])


def _turned(stops: Tensor, angle: Tensor) -> Tensor:
    """Hues turned about the grey axis by angle [n]."""
    grey = stops.mean(dim=2, keepdim=True)
    axis = torch.ones(3, device=stops.device) / math.sqrt(3.0)
    cross = torch.linalg.cross(axis.expand_as(stops), stops)
    return (grey + (stops - grey) * angle.cos()[:, None, None] + cross * angle.sin()[:, None, None]).clamp(0, 1)


def _colour(word: str) -> Tensor:
    return torch.tensor([int(word[k:k + 2], 16) for k in (1, 3, 5)]) / 255.0
