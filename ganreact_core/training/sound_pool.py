"""What a sound network learns from: sounds that are made while it learns, or clips of recordings."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ..errors import UsageError
from ..synthesis.generators.gansynth import GANSynth
from .sound_lessons import PITCHES, Z_DIM, Lesson, lesson_of, parts_of
from .sound_phases import easy_phases


class Batch(NamedTuple):
    """What a step learns from.

    pictures   [b, 2, frames, bands], normalised
    pitches    [b, c_dim]
    latents    [b, z_dim] that made them, or None
    noise      [b, 1, frames, bands], 0…1: how much of what is heard there has no pitch; of made sounds alone
    """

    pictures: Tensor
    pitches: Tensor
    latents: Tensor | None = None
    noise: Tensor | None = None


class LessonPool:
    """A ring of made sounds: each batch replaces the oldest by new ones."""

    def __init__(self, network: GANSynth, size: int, fresh: int, seed: int):
        self._network, self._fresh = network, fresh
        self._rng = np.random.default_rng(seed)
        self._items: list[tuple[Tensor, int, Tensor]] = []
        self._size, self._next = size, 0

    def batch(self, n: int) -> Batch:
        """n of them, at random."""
        for _ in range(max(self._fresh, n - len(self._items))):
            self._add()
        chosen = [self._items[k] for k in self._rng.integers(len(self._items), size=n)]
        one_hot = torch.nn.functional.one_hot(torch.tensor([pitch for _, pitch, _ in chosen]), len(PITCHES)).float()
        pictures = torch.stack([x.float() for x, _, _ in chosen])
        return Batch(pictures[:, :2], one_hot, torch.stack([z for _, _, z in chosen]), pictures[:, 2:])

    def _add(self) -> None:
        z, pitch = self._rng.normal(size=Z_DIM).astype(np.float32), int(self._rng.integers(len(PITCHES)))
        made = (lesson_picture(self._network, lesson_of(z, PITCHES[pitch])).half(), pitch, torch.from_numpy(z))
        if len(self._items) < self._size:
            self._items.append(made)
        else:
            self._items[self._next] = made
            self._next = (self._next + 1) % self._size


class ClipPool:
    """Clips of recordings, as pictures."""

    def __init__(self, network: GANSynth, clips: np.ndarray, pitches: np.ndarray, seed: int):
        """clips [n, n_samples]; pitches [n]: indices into the network's pitches"""
        if len(clips) < 2:
            raise UsageError(f"{len(clips)} clips are too few to learn from; give longer or more recordings")
        self._pictures = torch.stack([picture_of(network, clip).half() for clip in clips])
        self._pitches = torch.eye(network.c_dim)[torch.from_numpy(pitches).long()]
        self._rng = np.random.default_rng(seed)

    def batch(self, n: int) -> Batch:
        """n of them, at random."""
        chosen = torch.from_numpy(self._rng.integers(len(self._pictures), size=n))
        return Batch(self._pictures[chosen].float(), self._pitches[chosen])


@torch.no_grad()
def picture_of(network: GANSynth, clip: np.ndarray) -> Tensor:
    """float32 [n_samples] -> [2, frames, bands], as the network draws them."""
    return network.normalised(network.representation.from_audio(torch.from_numpy(clip)[None]))[0]


def lesson_picture(network: GANSynth, lesson: Lesson) -> Tensor:
    """[3, frames, bands]: magnitude, phases that are easy to draw, and how much of each place is noise."""
    made = parts_of(lesson)
    steps, noise = easy_phases(made, network.representation)
    scale, shift = network.config.phase
    magnitude = picture_of(network, made.tonal + made.noise)[0]
    return torch.stack([magnitude, torch.from_numpy(steps) * scale + shift, torch.from_numpy(noise)])
