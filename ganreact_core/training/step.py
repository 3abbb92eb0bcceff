"""One step of training: both networks from one forward and one backward pass each.

Non-saturating logistic loss. With d the score of a made picture, the critic descends softplus(d), whose slope is σ(d); the
generator descends softplus(−d), whose slope is −σ(−d). The two differ by the factor −exp(−d) per picture, so the critic's
backward pass serves the generator too (Shen et al. 2021, "Training Generative Adversarial Networks in One Stage").
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from .discriminator import Discriminator

_STEEPEST = 1e4  # bound of exp(−d): float32 still tells σ(d)·exp(−d) there


@dataclass(frozen=True)
class Batch:
    """Pictures [b, 3, r, r] and their classes [b]; made ones too."""

    pictures: Tensor
    classes: Tensor


@dataclass(frozen=True)
class Beside:
    """What a step does beside the plain game of two networks.

    widened   augmentation, done to real and made pictures alike
    also      another loss of the made pictures, which the generator descends with the critic's
    critic    weight of the critic in what the generator descends
    """

    widened: Callable[[Tensor], Tensor] = lambda x: x
    also: Callable[[Tensor], Tensor] | None = None
    critic: float = 1.0


def backward(critic: Discriminator, fakes: Batch, reals: Batch, fade: float, beside: Beside = Beside()) -> dict[str, float]:
    """Leaves the gradients of both networks behind; returns their losses, mean scores and the mean sign of real ones."""
    seen = fakes.pictures.detach().requires_grad_()
    with torch.autocast(seen.device.type, torch.bfloat16):
        scores = critic(beside.widened(torch.cat([reals.pictures, seen])), torch.cat([reals.classes, fakes.classes]), fade)
    real, fake = scores.split([len(reals.pictures), len(seen)])
    loss = F.softplus(-real).mean() + F.softplus(fake).mean()
    loss.backward()
    assert seen.grad is not None
    factor = -torch.exp(-fake.detach()).clamp(max=_STEEPEST)
    pull, more = seen.grad * (beside.critic * factor)[:, None, None, None], {}
    if beside.also is not None:
        other = beside.also(seen)
        pull = pull + torch.autograd.grad(other, seen)[0]
        more = {"also": float(other.detach())}
    fakes.pictures.backward(pull)
    return {"loss_d": float(loss.detach()), "loss_g": float(F.softplus(-fake.detach()).mean()),
            "real": float(real.detach().mean()), "fake": float(fake.detach().mean()),
            "sign": float(real.detach().sign().mean()), **more}


def penalise(critic: Discriminator, reals: Batch, fade: float, weight: float) -> float:
    """R1: adds the gradient of weight/2 · |∇ score|² at real pictures; returns the mean squared norm."""
    x = reals.pictures.detach().requires_grad_()
    slope, = torch.autograd.grad(critic(x, reals.classes, fade).sum(), x, create_graph=True)
    norm = slope.square().sum((1, 2, 3)).mean()
    (norm * weight / 2).backward()
    return float(norm.detach())
