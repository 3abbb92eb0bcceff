"""One step of training a sound network: lessons (this latent is this sound), the critic's opinion, or both."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .sound_networks import seen_by_critic, under, window_picture
from .sound_pool import Batch, ClipPool, LessonPool
from .sound_regress import lesson_loss
from .sound_state import SoundState

_STEEPEST = 1e4


def train_step(state: SoundState, pool: LessonPool | ClipPool) -> None:
    """One batch; `state.last` holds what happened."""
    plan = state.plan
    batch = pool.batch(plan.batch)
    latents = batch.latents if state.sounds < plan.lessons else None
    taught = latents is not None
    for optimiser in state.optimisers:
        optimiser.zero_grad(set_to_none=True)
    state.last = _contest(state, batch) if latents is None else _lesson(state, batch, latents)
    for group in state.optimisers[0].param_groups:
        group["lr"] = group["gain"] * _rate(state, taught)
    for optimiser in state.optimisers[:1] if taught else state.optimisers:
        optimiser.step()
    state.sounds += plan.batch
    state.steps += 1
    state.follow()


def _rate(state: SoundState, taught: bool) -> float:
    """Lessons: rises over the first steps, falls over the last third before the critic comes."""
    plan = state.plan
    if not taught:
        return plan.rate[1]
    left = (plan.lessons - state.sounds) / plan.lessons
    return plan.rate[0] * min(1.0, (state.steps + 1) / 50, max(0.1, 3.0 * left))


def _lesson(state: SoundState, batch: Batch, latents: Tensor) -> dict[str, float]:
    window = state.plan.draw_window(state.random)
    with torch.autocast("cpu", torch.bfloat16):
        made = window_picture(state.network, state.network.map(latents, batch.pitches), window).float()
    errors = lesson_loss(made, batch, window)
    torch.stack(list(errors.values())).sum().backward()
    return {name: float(error.detach()) for name, error in errors.items()}


def _contest(state: SoundState, batch: Batch) -> dict[str, float]:
    """Non-saturating logistic loss for both networks from one backward pass (Shen et al. 2021), with R1 now and then."""
    plan, network = state.plan, state.network
    window = plan.draw_window(state.random)
    z = torch.randn(plan.batch, plan.z_dim, generator=state.random) if batch.latents is None else batch.latents
    with torch.autocast("cpu", torch.bfloat16):
        made = window_picture(network, network.map(z, batch.pitches), window).float()
    scale, cells = plan.config.phase[0], plan.cells
    real = seen_by_critic(under(batch.pictures, window), window, cells, scale)
    shown = made.detach().requires_grad_()
    with torch.autocast("cpu", torch.bfloat16):
        scores = state.critic(torch.cat([real, seen_by_critic(shown, window, cells, scale)]), batch.pitches.repeat(2, 1))
    of_real, of_made = scores.split(len(z))
    (F.softplus(-of_real).mean() + F.softplus(of_made).mean()).backward()
    assert shown.grad is not None
    slope = shown.grad * -torch.exp(-of_made.detach()).clamp(max=_STEEPEST)[:, None, None, None]
    said = {"real": float(of_real.mean().detach()), "made": float(of_made.mean().detach())}
    if batch.latents is not None and plan.kept:
        lessons = torch.stack(list(lesson_loss(made, batch, window).values())).sum()
        said["lesson"] = float(lessons.detach())
        slope = slope + plan.kept * torch.autograd.grad(lessons, made, retain_graph=True)[0]
    made.backward(slope)
    weight, interval = plan.r1
    if state.steps % interval == 0:
        said["r1"] = _penalise(state, real, batch.pitches, weight * interval)
    return said


def _penalise(state: SoundState, real: Tensor, pitches: Tensor, weight: float) -> float:
    """R1: the gradient of weight/2 · |∇ score|² at real pictures, averaged over places."""
    x = real.detach().requires_grad_()
    slope, = torch.autograd.grad(state.critic(x, pitches).sum(), x, create_graph=True)
    norm = slope.square().sum((1, 2, 3)).mean()
    (norm * weight / 2).backward()
    return float(norm.detach())
