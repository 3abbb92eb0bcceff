"""All that training needs to go on: networks, average, optimisers, random numbers, count; one file, replaced whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor
from torch.optim import Adam

from ..synthesis.generators.stylegan2 import StyleGAN2Config
from .discriminator import Discriminator
from .imagery import CLASSES
from .networks import Shape, fresh_tensors, trained


@dataclass(frozen=True)
class Plan:
    """What is trained, and how.

    latent      lengths of z and w
    stages      (resolution, pictures up to which it lasts); the last lasts until the end
    fade        pictures over which a new resolution is faded in
    r1          (weight, steps between two penalties)
    ema         pictures after which the average has half forgotten; less at the beginning
    pool        pictures of each class
    large       share of steps on large fields
    rate        learning rates of generator and critic
    head_start  steps in which only the critic learns: after a warm start it has to catch up
    lessons     weight of the lessons beside the critic
    """

    channels: tuple[tuple[int, int], ...] = ((4, 128), (8, 128), (16, 128), (32, 64), (64, 32))
    critic_channels: tuple[tuple[int, int], ...] = ((4, 128), (8, 128), (16, 128), (32, 64), (64, 16))
    latent: tuple[int, int] = (32, 128)
    stages: tuple[tuple[int, int], ...] = ((16, 30_000), (32, 120_000), (64, 1 << 40))
    fade: int = 12_000
    batch: int = 16
    rate: tuple[float, float] = (0.0025, 0.0025)
    head_start: int = 0
    lessons: float = 0.0
    r1: tuple[float, int] = (0.3, 16)
    ema: int = 3_000
    pool: int = 1024
    large: float = 0.5
    seed: int = 1

    @property
    def shape(self) -> Shape:
        """The generator that is trained."""
        channels = dict(self.channels)
        config = StyleGAN2Config(*self.latent, max(channels), len(CLASSES), mapping_layers=3, lr_multiplier=0.5)
        return Shape(config, channels)

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
    """Networks on their way."""

    plan: Plan
    tensors: dict[str, Tensor]
    average: dict[str, Tensor]
    critic: Discriminator
    optimisers: tuple[Adam, Adam]
    random: torch.Generator
    pictures: int = 0
    steps: int = 0
    seconds: float = 0.0
    last: dict[str, float] = field(default_factory=dict)

    @classmethod
    def begin(cls, plan: Plan) -> State:
        """Fresh networks; the same plan gives the same ones."""
        random = torch.Generator().manual_seed(plan.seed)
        tensors = fresh_tensors(plan.shape, random)
        average = {name: t.clone() for name, t in tensors.items()}
        for t in trained(tensors):
            t.requires_grad_()
        torch.manual_seed(plan.seed)
        critic = Discriminator(dict(plan.critic_channels), len(CLASSES))
        lazy = plan.r1[1] / (plan.r1[1] + 1.0)
        optimisers = (Adam(trained(tensors), lr=plan.rate[0], betas=(0.0, 0.99), eps=1e-8),
                      Adam(critic.parameters(), lr=plan.rate[1] * lazy, betas=(0.0, 0.99 ** lazy), eps=1e-8))
        return cls(plan, tensors, average, critic, optimisers, random)

    def save(self, path: Path) -> None:
        """Writes beside, then replaces: a broken-off save leaves the last one."""
        kept = {"tensors": {n: t.detach() for n, t in self.tensors.items()}, "average": self.average,
                "critic": self.critic.state_dict(), "optimisers": [o.state_dict() for o in self.optimisers],
                "random": self.random.get_state(), "count": [self.pictures, self.steps], "seconds": self.seconds}
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save(kept, path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)

    @classmethod
    def load(cls, plan: Plan, path: Path) -> State:
        """Goes on where `save` was called; the plan must have the same shapes."""
        kept = torch.load(path, weights_only=True)
        state = cls.begin(plan)
        with torch.no_grad():
            for name, t in state.tensors.items():
                t.copy_(kept["tensors"][name])
        state.average = kept["average"]
        state.critic.load_state_dict(kept["critic"])
        for optimiser, stored in zip(state.optimisers, kept["optimisers"], strict=True):
            rate = optimiser.param_groups[0]["lr"]
            optimiser.load_state_dict(stored)
            optimiser.param_groups[0]["lr"] = rate  # the plan's, which may have changed
        state.random.set_state(kept["random"])
        state.pictures, state.steps = kept["count"]
        state.seconds = kept["seconds"]
        return state

    def follow(self) -> None:
        """Moves the average towards the networks; quicker at the beginning."""
        half = min(self.plan.ema, 0.1 * self.pictures + self.plan.batch)
        keep = 0.5 ** (self.plan.batch / half)
        with torch.no_grad():
            for name, t in self.average.items():
                t.lerp_(self.tensors[name].detach(), 1.0 - keep)
