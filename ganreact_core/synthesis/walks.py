"""A look's paths -> walks of one network, each from positions to w+."""

from __future__ import annotations

import torch
from torch import Tensor

from ..look import Entry, Look, Path
from .classic_walks import classic_spline_walk, with_pause
from .entries import entry_inputs, entry_latent, mapped
from .generators.base import Generator
from .paths import Walk, circle, linear_walk, slerp_walk, spline_walk, stray_walk, wander


def resolve_walk(generator: Generator, look: Look, path: Path, latents: dict[str, Tensor]) -> Walk:
    """Positions [b] -> w+ [b, num_ws, w_dim] on the CPU; great circles need entries with a z, others are joined straight."""
    entries = [entry for ident in path.entries for entry in look.entries if entry.id == ident]
    if path.by_chance:
        return _by_chance(generator, path, entries[0] if entries else Entry("seed", "", path.seed), latents)
    if path.kind == "slerp" and all(entry.has_z for entry in entries):
        z, c = zip(*(entry_inputs(generator, entry) for entry in entries), strict=True)
        round_ = slerp_walk(z, c, lambda z, c: mapped(generator, z, c))
        return with_pause(round_, path.length) if path.classic else round_
    spline = classic_spline_walk if path.classic else spline_walk
    walk = spline if path.kind == "spline" else linear_walk
    return walk(torch.stack([latents[entry.id] for entry in entries]))


def _by_chance(generator: Generator, path: Path, home: Entry, latents: dict[str, Tensor]) -> Walk:
    """Strays from its home picture by the path's reach; a home that is no z is left in w instead."""
    drawn = {"wander": wander, "circle": circle}[path.kind](path.seed, path.stops, generator.z_dim)
    if home.has_z:
        z, c = entry_inputs(generator, home)
        near = (1.0 - path.reach ** 2) ** 0.5
        return stray_walk(lambda position: mapped(generator, near * z + path.reach * drawn(position), c))
    _, c = entry_inputs(generator, Entry("seed", "", path.seed))
    here = latents[home.id] if home.id in latents else entry_latent(generator, home)
    return stray_walk(lambda position: torch.lerp(here, mapped(generator, drawn(position), c), path.reach))
