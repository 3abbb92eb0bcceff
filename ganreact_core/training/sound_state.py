"""All that training a sound network needs to go on: networks, average, optimisers, counts; one file, replaced whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor
from torch.optim import Adam

from ..synthesis.generators.gansynth import GANSynth, GANSynthConfig
from .kept import follow, going_on, take_over, write_state
from .sound_lessons import PITCHES, Z_DIM
from .sound_networks import CELL, Critic, Window, first_gain, fresh_tensors


@dataclass(frozen=True)
class SoundPlan:
    """What is trained, and how; counts are of sounds seen.

    first       feature maps of the first layer, each with numbers of its own for every place
    widths      feature maps of each block after it, coarse to fine
    start       (frames, bands) of the first block
    pitches     MIDI numbers that are told apart
    lessons     sounds that are learned with the latent that made them, before the critic joins in; 0 where there are none
    rate        learning rates of lessons, generator and critic
    kept        weight of lessons beside the critic
    window      (frames, bands) of what a step looks at, in cells
    r1          (weight, steps between two penalties)
    average     sounds after which the average has half forgotten
    """

    first: int = 12
    widths: tuple[int, ...] = (32, 16, 10)
    start: tuple[int, int] = (32, 256)
    pitches: tuple[int, ...] = PITCHES
    z_dim: int = Z_DIM
    lessons: int = 1 << 40
    batch: int = 4
    rate: tuple[float, float, float] = (0.012, 0.002, 0.002)
    kept: float = 1.0
    r1: tuple[float, int] = (1.0, 8)
    average: int = 800
    window: tuple[int, int] = (32, 64)
    seed: int = 1

    @property
    def config(self) -> GANSynthConfig:
        """The generator that is trained."""
        return GANSynthConfig(self.z_dim, self.pitches, self.start, num_resolutions=len(self.widths))

    @property
    def cells(self) -> tuple[int, int]:
        """Size of the picture in cells of windows."""
        rows, columns = self.config.resolution
        return rows // CELL, columns // CELL

    def draw_window(self, g: torch.Generator) -> Window:
        """Somewhere in the picture; low bands, where most sounds are, and the beginning are drawn more often."""
        height, width = (min(a, b) for a, b in zip(self.window, self.cells, strict=True))
        reach = torch.rand(2, generator=g).square() * torch.tensor([self.cells[0] - height + 1, self.cells[1] - width + 1])
        return Window(int(reach[0]), int(reach[1]), height, width)


@dataclass
class SoundState:
    """Networks on their way."""

    plan: SoundPlan
    tensors: dict[str, Tensor]
    average: dict[str, Tensor]
    critic: Critic
    optimisers: tuple[Adam, Adam]
    random: torch.Generator
    sounds: int = 0
    steps: int = 0
    last: dict[str, float] = field(default_factory=dict)

    @classmethod
    def begin(cls, plan: SoundPlan) -> SoundState:
        """Fresh networks; the same plan gives the same ones."""
        random = torch.Generator().manual_seed(plan.seed)
        tensors = fresh_tensors(plan.config, plan.widths, plan.first, random)
        average = {name: t.clone() for name, t in tensors.items()}
        for t in tensors.values():
            t.requires_grad_()
        critic = Critic(len(plan.pitches), random, min(4, plan.batch))
        rest = [t for name, t in tensors.items() if name != "block1.conv0.weight"]
        groups = [{"params": [tensors["block1.conv0.weight"]], "gain": first_gain(plan.config)}, {"params": rest, "gain": 1.0}]
        optimisers = (Adam(groups, lr=plan.rate[0], betas=(0.9, 0.99), eps=1e-8),
                      Adam(critic.parameters(), lr=plan.rate[2], betas=(0.0, 0.99), eps=1e-8))
        return cls(plan, tensors, average, critic, optimisers, random)

    @property
    def network(self) -> GANSynth:
        """The generator being trained."""
        return GANSynth(self.plan.config, self.tensors)

    @property
    def averaged(self) -> GANSynth:
        """Its average over the last steps."""
        return GANSynth(self.plan.config, self.average)

    def save(self, path: Path) -> None:
        """One file, replaced whole."""
        kept = {"tensors": {n: t.detach() for n, t in self.tensors.items()}, "average": self.average,
                "critic": self.critic.state_dict(), "optimisers": [o.state_dict() for o in self.optimisers],
                "random": self.random.get_state(), "count": [self.sounds, self.steps]}
        write_state(path, kept)

    @classmethod
    def load(cls, plan: SoundPlan, path: Path) -> SoundState:
        """Goes on where `save` was called; raises InputFileError where the state is of another plan, or damaged."""
        state = cls.begin(plan)
        with going_on(path, "these sounds") as kept:
            take_over(state.tensors, kept["tensors"])
            take_over(state.average, kept["average"])
            state.critic.load_state_dict(kept["critic"])
            for optimiser, stored in zip(state.optimisers, kept["optimisers"], strict=True):
                optimiser.load_state_dict(stored)
            state.random.set_state(kept["random"])
            state.sounds, state.steps = kept["count"]
        return state

    def follow(self) -> None:
        """Moves the average towards the networks; quicker at the beginning."""
        half = min(self.plan.average, 0.1 * self.sounds + self.plan.batch)
        follow(self.average, self.tensors, self.plan.batch, half)
