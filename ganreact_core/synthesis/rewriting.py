"""Rewrites: other weights at some layers, W + s·ΔW, with a strength for every frame. The loaded network is never touched.

To add one: a function here, (weights [o, i, k, k], seed) -> weights of the same shape, which are reached at strength 1,
and a row of the same name in `catalogue.REWRITES`. At strength 0 a layer is computed exactly as without.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from ..carried import rewrite_file
from ..errors import BundleError
from ..look import Look, Rewrite
from .generators.base import Generator, Rewrites
from .latents import Values
from .weight_changes import full_name, load_changes, tensors_of


def scatter(weight: Tensor, seed: int) -> Tensor:
    """Every weight times a normal factor: at strength s, W·(1 + s·(n − 1)), with mean −1 of the change (Brouwer 2020)."""
    return weight * torch.randn(weight.shape, generator=_draw(seed)).to(weight.device)


def shuffle(weight: Tensor, seed: int) -> Tensor:
    """The layer's feature maps change places."""
    return weight[torch.randperm(len(weight), generator=_draw(seed)).to(weight.device)]


def turn(weight: Tensor, seed: int) -> Tensor:
    """Every kernel a quarter turn on: strokes run the other way."""
    return torch.rot90(weight, 1, (2, 3))


FUNCTIONS: dict[str, Callable[[Tensor, int], Tensor]] = {f.__name__: f for f in (scatter, shuffle, turn)}
KINDS = (*FUNCTIONS, "scale", "file")
"""Those of the functions, and two that are more than a function of weights: outputs scaled, and changes read from a file."""


class _Change(NamedTuple):
    """A rewrite's doing at one tensor: own + strength·delta, or factors of outputs 1 + strength·delta."""

    ident: str
    tensor: str
    delta: Tensor


class Rewriter:
    """The changes of one look for one network, made once; strengths come with the frames.

    folder   of the bundle that carries the files; without one, a rewrite's own path is read
    """

    def __init__(self, generator: Generator, look: Look, folder: Path | None = None):
        self._own, self._device = tensors_of(generator), generator.device
        self._changes: list[_Change] = []
        for rewrite in look.rewrites if self._own else ():
            deltas = _of_file(generator, rewrite, folder) if rewrite.kind == "file" else _of_layer(generator, look, rewrite)
            self._changes += [_Change(rewrite.id, tensor, delta) for tensor, delta in deltas.items()]
        names = [layer.name for layer in generator.layers[1:]]
        self.layers = frozenset(name for name in names if any(c.tensor.startswith((f"{name}.", f"synthesis.{name}."))
                                                              for c in self._changes))
        """Names of the layers that may get other weights in some frame."""

    def rows(self, values: Values, *, alike: bool = False) -> Rewrites:
        """Values [b] -> for each row, names of tensors and what stands in for them; empty where no row asks for any.

        alike   every row has them all, always, with the network's own at strength 0: rewritten layers are computed row by
                row, and whether they are may not depend on neighbours in the batch
        """
        strengths = {change.ident: values[f"rewrite.{change.ident}"] for change in self._changes}
        if not alike and not any(strength.any() for strength in strengths.values()):
            return ()
        count = len(next(iter(strengths.values()), ()))
        return [self._row({ident: float(s[row]) for ident, s in strengths.items()}, whole=alike) for row in range(count)]

    def _row(self, strengths: dict[str, float], *, whole: bool) -> dict[str, Tensor]:
        changed: dict[str, Tensor] = {}
        for ident, tensor, delta in self._changes:
            own = changed.get(tensor, torch.ones_like(delta) if tensor.endswith(".gain") else self._own[tensor])
            if strengths[ident]:
                change = strengths[ident] * delta
                changed[tensor] = own * (1 + change) if tensor.endswith(".gain") else own + change
            elif whole:
                changed[tensor] = own
        return changed


def _of_layer(generator: Generator, look: Look, rewrite: Rewrite) -> dict[str, Tensor]:
    """Changes at a rewrite's own layer; a layer the network does not have is its last one."""
    layer = generator.layers[min(max(rewrite.layer, 1), len(generator.layers) - 1)].name
    name = full_name(generator, layer, "weight")
    weight = tensors_of(generator).get(name)
    if weight is None:  # a family whose layers are called otherwise
        return {}
    if rewrite.kind != "scale":
        return {name: FUNCTIONS[rewrite.kind](weight, rewrite.seed) - weight}
    member = torch.ones(len(weight)) if not rewrite.cluster else torch.zeros(len(weight))
    for cluster in look.clusters:
        if cluster.id == rewrite.cluster:
            member[[index for index in cluster.indices if index < len(member)]] = 1.0
    return {full_name(generator, layer, "gain"): member.to(generator.device)}


def _of_file(generator: Generator, rewrite: Rewrite, folder: Path | None) -> dict[str, Tensor]:
    path = rewrite_file(folder, rewrite.id) if folder else Path(rewrite.file)
    if not path.is_file():
        raise BundleError(f"the file of the rewrite '{rewrite.id}' is missing; choose it, and make the bundle again")
    return load_changes(path).deltas(generator)


def _draw(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)
