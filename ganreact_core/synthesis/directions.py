"""Directions in w worth walking along: where the network varies most (GANSpace), or what its layers amplify most (SeFa)."""

from __future__ import annotations

import numpy as np
import torch

from ..direction_files import Directions, load_directions, save_directions
from ..errors import UsageError
from .generators.base import Generator
from .sampling import Advance, batches, random_inputs, silent

__all__ = ["COMPONENTS", "Directions", "closed_form_directions", "load_directions", "principal_directions", "save_directions",
           "strongest"]

COMPONENTS = 80
_BATCH = 2000


@torch.inference_mode()
def principal_directions(generator: Generator, *, samples: int = 300_000, components: int = COMPONENTS, seed: int = 1,
                         advance: Advance = silent) -> Directions:
    """PCA of w over random z, and random classes where there are any (Härkönen et al. 2020, "GANSpace").

    Sums are kept in 64 bits over batches, so memory does not grow with the samples and the result is that of one PCA.
    """
    if samples < 2 * generator.w_dim:
        raise UsageError(f"{samples} samples are too few for {generator.w_dim} dimensions; take {20 * generator.w_dim} or more")
    draw = torch.Generator().manual_seed(seed)
    total = torch.zeros(generator.w_dim, dtype=torch.float64)
    products = torch.zeros(generator.w_dim, generator.w_dim, dtype=torch.float64)
    for n in batches(samples, _BATCH, advance, "Drawing latents"):
        w = generator.map(*random_inputs(generator, draw, n))[:, 0].double().cpu()
        total += w.sum(0)
        products += w.T @ w
    mean = total / samples
    variance, vectors = torch.linalg.eigh(products / samples - torch.outer(mean, mean))
    return strongest(variance.flip(0), vectors.flip(1).T, components)


def closed_form_directions(generator: Generator, *, components: int = COMPONENTS) -> Directions:
    """Eigenvectors of all style layers' weights (Shen and Zhou 2021, "SeFa"): no samples, at once. StyleGAN2 only.

    sigmas are those of w_avg's network in general, one for all: 1.
    """
    tensors = getattr(generator, "tensors", {})
    weights = [t for name, t in sorted(tensors.items()) if name.startswith("synthesis.") and name.endswith("affine.weight")]
    if not weights:
        raise UsageError("this network has no style layers that show directions; use the sampled ones")
    stacked = torch.cat([w.double().cpu() for w in weights])
    strength, vectors = torch.linalg.eigh(stacked.T @ stacked)
    found = strongest(strength.flip(0), vectors.flip(1).T, components)
    return Directions(found.vectors, np.ones_like(found.sigmas), found.var_ratio)


def strongest(variance: torch.Tensor, vectors: torch.Tensor, components: int) -> Directions:
    """The first components, each pointing where its largest number is positive, so that a sign never flips."""
    n = min(components, len(variance))
    kept = vectors[:n]
    largest = kept.gather(1, kept.abs().argmax(1, keepdim=True))
    variance = variance.clamp(min=0)
    return Directions((kept * largest.sign()).float().numpy(), variance[:n].sqrt().float().numpy(),
                      (variance[:n] / variance.sum()).float().numpy())
