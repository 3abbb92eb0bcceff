"""All that training needs to go on: networks, average, optimisers, random numbers, count; one file, replaced whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.optim import Adam

from ..synthesis.checkpoints import read_checkpoint
from ..synthesis.generators.stylegan2 import StyleGAN2Config
from .discriminator import Discriminator
from .imagery import CLASSES
from .kept import follow, going_on, take_over, write_state
from .networks import Shape, fresh_tensors, trained

Widths = tuple[tuple[int, int], ...]
"""(size of a block in pixels, its feature maps), from 4 upwards."""


@dataclass(frozen=True)
class Plan:
    """What is trained, and how.

    classes     names; one class makes an unconditional network
    latent      lengths of z and w
    stages      (resolution, pictures up to which it lasts); the last lasts until the end
    fade        pictures over which a new resolution is faded in
    r1          (weight, steps between two penalties)
    ema         pictures after which the average has half forgotten; less at the beginning
    pool        procedural pictures of each class
    large       share of steps on large fields
    augment     how sure of real pictures the critic may be (mean sign of their scores) before they are augmented; 0 never
    rate        learning rates of generator and critic
    head_start  steps in which only the critic learns: after a warm start it has to catch up
    lessons     weight of the lessons beside the critic
    textures    weight of the textures beside the critic
    critic      weight of the critic in what the generator learns
    layout      noise says where things are, as in the embedded network; else the latent does
    """

    classes: tuple[str, ...] = CLASSES
    channels: Widths = ((4, 128), (8, 128), (16, 128), (32, 64), (64, 48), (128, 24))
    critic_channels: Widths = ((4, 128), (8, 128), (16, 128), (32, 64), (64, 32), (128, 16))
    latent: tuple[int, int] = (32, 128)
    stages: tuple[tuple[int, int], ...] = ((16, 30_000), (32, 120_000), (64, 240_000), (128, 1 << 40))
    fade: int = 12_000
    batch: int = 16
    rate: tuple[float, float] = (0.0015, 0.003)
    head_start: int = 0
    lessons: float = 0.0
    textures: float = 0.0
    critic: float = 1.0
    r1: tuple[float, int] = (0.5, 16)
    ema: int = 2_500
    pool: int = 512
    large: float = 0.5
    augment: float = 0.0
    layout: bool = True
    seed: int = 1

    @property
    def shape(self) -> Shape:
        """The generator that is trained."""
        channels = dict(self.channels)
        c_dim = len(self.classes) if len(self.classes) > 1 else 0
        config = StyleGAN2Config(*self.latent, max(channels), c_dim, mapping_layers=3, lr_multiplier=0.5)
        return Shape(config, channels, self.layout)

    def stage(self, pictures: int) -> tuple[int, float]:
        """(resolution, fade 0…1) after so many pictures."""
        start = 0
        for resolution, end in self.stages:
            if pictures < end:
                return resolution, min(1.0, (pictures - start) / self.fade) if start else 1.0
            start = end
        return self.stages[-1][0], 1.0


@dataclass
class State:
    """Networks on their way.

    augment   probability of each augmentation now, 0…1
    """

    plan: Plan
    tensors: dict[str, Tensor]
    average: dict[str, Tensor]
    critic: Discriminator
    optimisers: tuple[Adam, Adam]
    random: torch.Generator
    pictures: int = 0
    steps: int = 0
    seconds: float = 0.0
    augment: float = 0.0
    last: dict[str, float] = field(default_factory=dict)

    @classmethod
    def begin(cls, plan: Plan, device: str = "cpu") -> State:
        """Fresh networks; the same plan gives the same ones on every device."""
        random = torch.Generator().manual_seed(plan.seed)
        tensors = {name: t.to(device) for name, t in fresh_tensors(plan.shape, random).items()}
        average = {name: t.clone() for name, t in tensors.items()}
        for t in trained(tensors):
            t.requires_grad_()
        critic = Discriminator(dict(plan.critic_channels), len(plan.classes), random).to(device)
        lazy = plan.r1[1] / (plan.r1[1] + 1.0)
        optimisers = (Adam(trained(tensors), lr=plan.rate[0], betas=(0.0, 0.99), eps=1e-8),
                      Adam(critic.parameters(), lr=plan.rate[1] * lazy, betas=(0.0, 0.99 ** lazy), eps=1e-8))
        return cls(plan, tensors, average, critic, optimisers, random)

    def save(self, path: Path, *, small: bool = False) -> None:
        """Writes beside, then replaces: a broken-off save leaves the last one.

        small   16-bit numbers and no optimisers: a sixth of the size; training goes on from it, not to the same bits
        """
        kept: dict[str, Any] = {"tensors": _kept(self.tensors, small), "average": _kept(self.average, small),
                                "critic": _kept(self.critic.state_dict(), small), "random": self.random.get_state(),
                                "count": [self.pictures, self.steps], "seconds": self.seconds, "augment": self.augment}
        if not small:
            kept["optimisers"] = [o.state_dict() for o in self.optimisers]
        write_state(path, kept)

    @classmethod
    def load(cls, plan: Plan, path: Path, device: str = "cpu") -> State:
        """Goes on where `save` was called; raises InputFileError where the state is of another plan, or damaged."""
        state = cls.begin(plan, device)
        with going_on(path, "these pictures and this size", device) as kept:
            take_over(state.tensors, kept["tensors"])
            take_over(state.average, kept["average"])
            state.critic.load_state_dict(kept["critic"])
            for optimiser, stored in zip(state.optimisers, kept.get("optimisers", ()), strict=False):
                rate = optimiser.param_groups[0]["lr"]
                optimiser.load_state_dict(stored)
                optimiser.param_groups[0]["lr"] = rate  # the plan's, which may have changed
            state.random.set_state(kept["random"].cpu())
            state.pictures, state.steps = kept["count"]
            state.seconds, state.augment = kept["seconds"], kept["augment"]
        return state

    def take_over(self, model: str) -> int:
        """Begin with the tensors of another network that fit; -> how many did."""
        known, taken = read_checkpoint(model).tensors, 0
        with torch.no_grad():
            for name, tensor in self.tensors.items():
                if name in known and known[name].shape == tuple(tensor.shape):
                    tensor.copy_(torch.from_numpy(known[name].copy()))
                    taken += 1
        self.average = {name: t.detach().clone() for name, t in self.tensors.items()}
        return taken

    def follow(self) -> None:
        """Moves the average towards the networks; quicker at the beginning."""
        half = min(self.plan.ema, 0.1 * self.pictures + self.plan.batch)
        follow(self.average, self.tensors, self.plan.batch, half)


def _kept(tensors: Mapping[str, Tensor], small: bool) -> dict[str, Tensor]:
    return {name: t.detach().half() if small else t.detach() for name, t in tensors.items()}
