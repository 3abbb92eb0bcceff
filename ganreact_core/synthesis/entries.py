"""Palette entries -> w+ of one network: from a seed, a saved z or w, a class or a mixture of classes, or between two others."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ..errors import LookError
from ..look import Entry
from ..look_parts import class_shares
from ..saved_latents import unpack_latent
from .generators.base import Generator

EPSILON = 1e-3
"""Below this sum of weights the blend slides to the mean picture, so that silence is a picture too."""


def resolve_entries(generator: Generator, entries: tuple[Entry, ...]) -> dict[str, Tensor]:
    """id -> [num_ws, w_dim] on the CPU, untruncated; a mix after its parents."""
    named = {entry.id: entry for entry in entries}
    found: dict[str, Tensor] = {}

    def resolve(ident: str) -> Tensor:
        entry = named[ident]
        if ident not in found:
            found[ident] = _between(generator, entry, *map(resolve, entry.parents)) if entry.parents else entry_latent(
                generator, entry)
        return found[ident]

    return {ident: resolve(ident) for ident in named}


def entry_latent(generator: Generator, entry: Entry) -> Tensor:
    """w+ [num_ws, w_dim] of an entry that has a latent of its own."""
    if entry.has_z:
        return mapped(generator, *entry_inputs(generator, entry))
    w = torch.from_numpy(np.array(unpack_latent(entry.latent)[1]))
    if w.shape[-1] != generator.w_dim:
        raise LookError(_misfit(entry, "w", w.shape[-1], generator.w_dim))
    layers = np.minimum(np.arange(generator.num_ws), len(w) - 1) if w.ndim == 2 else None
    return w.expand(generator.num_ws, -1).clone() if layers is None else w[layers]


def entry_inputs(generator: Generator, entry: Entry) -> tuple[Tensor, Tensor | None]:
    """z [z_dim] and the class [c_dim] where there are any.

    z is the saved one, or RandomState(seed).randn(1, z_dim), the field's convention; the class is the entry's own, its
    mixture, or drawn after z.
    """
    draw = np.random.RandomState(entry.seed)
    z = torch.from_numpy(draw.randn(1, generator.z_dim).astype(np.float32))[0]
    if entry.latent and entry.has_z:
        z = torch.from_numpy(np.array(unpack_latent(entry.latent)[1]))
        if len(z) != generator.z_dim:
            raise LookError(_misfit(entry, "z", len(z), generator.z_dim))
    return z, _class_vector(generator, entry, draw) if generator.c_dim else None


def mapped(generator: Generator, z: Tensor, c: Tensor | None) -> Tensor:
    """One z [z_dim] -> [num_ws, w_dim] on the CPU."""
    device = generator.device
    return generator.map(z[None].to(device), None if c is None else c[None].to(device))[0].cpu()


def prior_of(generator: Generator) -> int:
    """How many of w's first numbers are a z of unit variance: BigGAN's; 0 elsewhere."""
    return generator.z_dim if generator.kind == "biggan" else 0


def weighted_mean(weighted: list[tuple[Tensor, Tensor]], mean: Tensor, normalise: bool, prior: int = 0) -> Tensor:
    """Σ p·e, normalised by Σ p with the mean filling in below ε; a prior's part by √Σp². Weights [b, layers or 1, 1]."""
    total = sum((p for p, _ in weighted), torch.zeros(1, 1, 1))
    summed = sum((p * e for p, e in weighted), torch.zeros(1, 1, 1))
    if not normalise:
        return summed
    blended = (summed + (EPSILON - total).clamp(min=0) * mean) / total.clamp(min=EPSILON)
    if not prior:
        return blended
    length = sum((p.square() for p, _ in weighted), torch.zeros(1, 1, 1)).sqrt()
    return torch.cat([summed[..., :prior] / length.clamp(min=EPSILON), blended[..., prior:]], dim=-1)


def _between(generator: Generator, entry: Entry, first: Tensor, second: Tensor) -> Tensor:
    shares = [(torch.full((1, 1, 1), share), e) for share, e in ((1 - entry.between, first), (entry.between, second))]
    return weighted_mean(shares, torch.zeros(generator.w_dim), True, prior_of(generator))[0]


def _class_vector(generator: Generator, entry: Entry, draw: np.random.RandomState) -> Tensor:
    chosen = draw.randint(generator.c_dim) if entry.class_ is None else entry.class_
    shares = class_shares(entry.classes) if entry.classes else {chosen: 1.0}
    strange = next((number for number in shares if not 0 <= number < generator.c_dim), None)
    if strange is not None:
        raise LookError(f"the entry '{entry.id}' asks for class {strange}; this network has 0 to {generator.c_dim - 1}")
    vector = torch.zeros(generator.c_dim)
    for number, share in shares.items():
        vector[number] = share
    return vector


def _misfit(entry: Entry, kind: str, has: int, wants: int) -> str:
    return (f"the entry '{entry.id}' is a saved {kind} of {has} numbers where this network's {kind} has {wants}; "
            "it was saved with another network")
