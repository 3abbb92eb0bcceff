"""Directions found in what a layer says: the way of GANSpace for networks whose latents show none themselves, as BigGAN's z.

Incremental PCA over a layer's activations; then latents are regressed on the coordinates, so that a step along a direction
moves the layer along a component as well as a latent can (Härkönen et al. 2020, section 2.2).
"""

from __future__ import annotations

import numpy as np
import torch
from sklearn.decomposition import IncrementalPCA
from torch import Tensor

from ..errors import UsageError
from .directions import COMPONENTS, Directions, strongest
from .generators.base import Generator
from .sampling import Advance, activations, batches, random_inputs, silent

_BATCH = 32


@torch.inference_mode()
def activation_directions(generator: Generator, *, layer: int = 0, samples: int = 10_000, components: int = COMPONENTS,
                          seed: int = 1, class_: int | None = None, advance: Advance = silent) -> Directions:
    """Directions in w that move a layer along its principal components, the strongest first, each of unit length.

    class_   of a network with classes: the one to look at; None draws them
    A step of sigma is one standard deviation of w along the direction. The samples are drawn twice, from the same seed.
    """
    if not 0 <= layer < len(generator.layers):
        raise UsageError(f"there is no layer {layer}; this network has 0 to {len(generator.layers) - 1}")
    if samples < 3 * components:
        raise UsageError(f"{samples} samples are too few for {components} directions; take {30 * components} or more")
    analysis = IncrementalPCA(n_components=components)
    held: list[np.ndarray] = []
    for _, x in _drawn(generator, layer, (samples, seed, class_), lambda f, text: advance(0.5 * f, text)):
        held.append(x)
        if sum(map(len, held)) >= 3 * components:
            analysis.partial_fit(np.concatenate(held))
            held.clear()
    latents, coordinates = _regressed(generator, layer, (samples, seed, class_), analysis, advance)
    steps = np.linalg.lstsq(coordinates, latents - latents.mean(0), rcond=None)[0]
    vectors = steps / np.maximum(np.linalg.norm(steps, axis=1, keepdims=True), 1e-12)
    sigmas = np.std((latents - latents.mean(0)) @ vectors.T, axis=0)
    found = strongest(torch.from_numpy(analysis.explained_variance_.copy()), torch.from_numpy(vectors), components)
    return Directions(found.vectors, sigmas.astype(np.float32), analysis.explained_variance_ratio_.astype(np.float32))


def _regressed(generator: Generator, layer: int, drawn: tuple[int, int, int | None], analysis: IncrementalPCA,
               advance: Advance) -> tuple[np.ndarray, np.ndarray]:
    """The same samples once more: their latents [n, w_dim], and coordinates [n, components] in standard deviations."""
    spread = np.sqrt(np.maximum(analysis.explained_variance_, 1e-12))
    pairs = [(w, analysis.transform(x) / spread)
             for w, x in _drawn(generator, layer, drawn, lambda f, text: advance(0.5 + 0.5 * f, text))]
    latents = np.concatenate([w for w, _ in pairs])
    if generator.kind == "biggan":
        latents[:, generator.z_dim:] = 0.0  # the class stays what it is
    return latents, np.concatenate([c for _, c in pairs])


def _drawn(generator: Generator, layer: int, drawn: tuple[int, int, int | None], advance: Advance):  # type: ignore[no-untyped-def]
    """Batches of (w [n, w_dim], activations [n, numbers]), float64."""
    samples, seed, class_ = drawn
    draw = torch.Generator().manual_seed(seed)
    for n in batches(samples, _BATCH, advance, f"Listening to layer {layer}"):
        z, c = random_inputs(generator, draw, n)
        w = generator.map(z, c if class_ is None or c is None else _only(c, class_))
        yield w[:, 0].double().cpu().numpy(), activations(generator, w, [layer])[layer].flatten(1).double().cpu().numpy()


def _only(c: Tensor, class_: int) -> Tensor:
    if not 0 <= class_ < c.shape[1]:
        raise UsageError(f"there is no class {class_}; this network has 0 to {c.shape[1] - 1}")
    one = torch.zeros_like(c)
    one[:, class_] = 1.0
    return one
