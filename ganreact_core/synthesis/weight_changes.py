"""Changes of a network's weights as a file: whole tensors to go to, or low-rank steps, by layer. Only numbers are read.

    "<layer>.u" [r, out, k, k] and "<layer>.v" [r, in]    a step: ΔW = Σ u ⊗ v
    "<layer>.<tensor>", as "b8.conv0.weight"              what the layer's tensor is at strength 1
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..arrays import load_arrays, save_arrays
from ..errors import InputFileError
from .generators.base import Generator

TENSORS = ("weight", "bias", "affine.weight", "affine.bias")
"""What of a layer can be changed: kernels, biases, and how w becomes its style."""


@dataclass(frozen=True)
class WeightChanges:
    """What a file holds.

    steps    layer's name -> (u [r, out, k, k], v [r, in])
    targets  "<layer>.<tensor>" -> the tensor at strength 1
    """

    steps: dict[str, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)
    targets: dict[str, np.ndarray] = field(default_factory=dict)

    def layers(self) -> list[str]:
        """Names of the layers it changes."""
        return sorted({_split(name)[0] for name in self.targets} | set(self.steps))

    def deltas(self, generator: Generator) -> dict[str, Tensor]:
        """Full name of a tensor of the network -> its change at strength 1; raises InputFileError where they do not fit."""
        own = tensors_of(generator)
        found: dict[str, Tensor] = {}
        for layer, (u, v) in self.steps.items():
            found[full_name(generator, layer, "weight")] = torch.from_numpy(np.einsum("roxy,ri->oixy", u, v).astype(np.float32))
        for name, target in self.targets.items():
            layer, tensor = _split(name)
            full = full_name(generator, layer, tensor)
            found[full] = torch.from_numpy(target.astype(np.float32)) - own[full].cpu() if _fits(own.get(full), target.shape) \
                else torch.empty(0)
        for full, delta in found.items():
            if not _fits(own.get(full), tuple(delta.shape)):
                raise InputFileError(f"these weights change '{full}', which this network does not have or has in another size; "
                                     "make them from this very network")
        return {full: delta.to(own[full].device) for full, delta in found.items()}


def save_changes(path: str | Path, changes: WeightChanges) -> None:
    """Write .npz."""
    steps = {f"{layer}.{part}": array for layer, uv in changes.steps.items() for part, array in zip("uv", uv, strict=True)}
    save_arrays(path, {**changes.targets, **steps})


def load_changes(path: str | Path) -> WeightChanges:
    """Read .npz; raises InputFileError where it holds no changes of weights."""
    arrays = load_arrays(path, "a file of weights")
    steps = {name[:-2]: (array, arrays[f"{name[:-2]}.v"]) for name, array in arrays.items()
             if name.endswith(".u") and f"{name[:-2]}.v" in arrays}
    targets = {name: array for name, array in arrays.items() if name.endswith(tuple(f".{t}" for t in TENSORS))}
    whole = all(u.ndim == 4 and v.ndim == 2 and len(u) == len(v) for u, v in steps.values())
    numbers = [a for pair in steps.values() for a in pair] + list(targets.values())
    if not (whole and numbers) or any(a.dtype.kind != "f" or not np.isfinite(a).all() for a in numbers):
        raise InputFileError(f"'{Path(path).name}' holds no changes of weights; make them with 'ganreact rewrite'")
    return WeightChanges(steps, targets)


def tensors_of(generator: Generator) -> Mapping[str, Tensor]:
    """The tensors of a network by full name."""
    return getattr(generator, "tensors", {})


def full_name(generator: Generator, layer: str, tensor: str) -> str:
    """Of a layer's tensor, as the network calls it."""
    return f"{layer}.{tensor}" if generator.kind == "biggan" else f"synthesis.{layer}.{tensor}"


def other_layers(own: Generator, other: Generator, first: int, last: int) -> WeightChanges:
    """Everything that two networks of one shape have at the layers first to last (−1 the last there is), taken from `other`.

    Raises InputFileError where a layer is of another size there.
    """
    names = [layer.name for layer in own.layers]
    chosen = names[max(first, 1):(last if last >= 0 else len(names) + last) + 1]
    theirs, ours = tensors_of(other), tensors_of(own)
    found: dict[str, np.ndarray] = {}
    for layer in chosen:
        for tensor in TENSORS:
            full = full_name(own, layer, tensor)
            if full in ours and not _fits(theirs.get(full), tuple(ours[full].shape)):
                raise InputFileError(f"the layer '{layer}' of the other network is missing or of another size; networks can be "
                                     "mixed where both have the same layers, as when one was trained on from the other")
            if full in ours:
                found[f"{layer}.{tensor}"] = theirs[full].cpu().numpy()
    if not found:
        raise InputFileError(f"there are no layers {first} to {last} in this network; it has 1 to {len(names) - 1}")
    return WeightChanges(targets=found)


def _split(name: str) -> tuple[str, str]:
    tensor = next(t for t in sorted(TENSORS, key=len, reverse=True) if name.endswith(f".{t}"))
    return name[:-len(tensor) - 1], tensor


def _fits(own: Tensor | None, shape: tuple[int, ...]) -> bool:
    return own is not None and tuple(own.shape) == tuple(shape)
