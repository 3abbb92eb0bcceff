"""From a path to a generator that can be used: checked, on its device, its weights in the layout that is fast."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from ..class_names import names_in
from ..errors import UsageError
from .checkpoints import Checkpoint, read_checkpoint
from .checkpoints.check import check_config, check_finite, check_tensors
from .checkpoints.kept import read_kept
from .checkpoints.records import one_error
from .generators.base import Generator
from .generators.biggan import BigGAN, BigGANConfig
from .generators.biggan_shapes import biggan_shapes
from .generators.gansynth import GANSynth, GANSynthConfig, gansynth_shapes
from .generators.latent_input import LatentInputConfig, LatentInputStyleGAN2, latent_input_shapes
from .generators.stylegan2 import StyleGAN2, StyleGAN2Config, expected_shapes
from .generators.stylegan3 import StyleGAN3, StyleGAN3Config, stylegan3_shapes


class _Family(NamedTuple):
    """What makes a generator of one architecture."""

    config: Callable[..., Any]
    generator: Callable[[Any, dict[str, Tensor]], Generator]
    shapes: Callable[[Any, dict[str, tuple[int, ...]]], dict[str, tuple[int, ...]]]


_FAMILIES = {
    "stylegan2": _Family(StyleGAN2Config, StyleGAN2, expected_shapes),
    "stylegan2_latent_input": _Family(LatentInputConfig, LatentInputStyleGAN2, latent_input_shapes),
    "biggan": _Family(BigGANConfig, BigGAN, biggan_shapes),
    "gansynth": _Family(GANSynthConfig, GANSynth, gansynth_shapes),
    "stylegan3": _Family(StyleGAN3Config, StyleGAN3, stylegan3_shapes),
}
__all__ = ["device_of", "load_generator", "load_kept", "make_generator", "read_checkpoint"]


def load_generator(path: str | Path, device: str = "cpu") -> Generator:
    """The generator of a checkpoint: a file, a folder (card beside weights), or "embedded".

    device  "cpu" | "cuda" | "mps" | "auto"
    Raises CheckpointError where the file holds no usable network, UsageError where the device is not there.
    """
    chosen = device_of(device)
    return make_generator(read_checkpoint(path), chosen)


def load_kept(path: str | Path, device: str = "cpu") -> Generator:
    """What `load_generator` returns; of a large file by way of its copy in the user's cache, which is made where missing."""
    return load_with_names(path, device)[0]


def load_with_names(path: str | Path, device: str = "cpu") -> tuple[Generator, tuple[str, ...]]:
    """What `load_kept` returns, and the names of its classes, which the same file tells."""
    chosen, checkpoint = device_of(device), read_kept(path)
    return make_generator(checkpoint, chosen), names_in(checkpoint.config, checkpoint.origin)


def make_generator(checkpoint: Checkpoint, device: str = "cpu") -> Generator:
    """The generator of a checkpoint that has been read. Gradients do not flow into its weights."""
    build = builder_of(checkpoint)
    check_finite(checkpoint.tensors)
    return build({name: _placed(tensor, device) for name, tensor in checkpoint.tensors.items()})


def builder_of(checkpoint: Checkpoint) -> Callable[[dict[str, Tensor]], Generator]:
    """Makes the generator from tensors of the checkpoint's names and shapes, which fit its configuration."""
    values = check_config(checkpoint.architecture, checkpoint.config)
    family = _FAMILIES[checkpoint.architecture]
    config = family.config(**values)
    shapes = {name: tensor.shape for name, tensor in checkpoint.tensors.items()}
    with one_error():
        check_tensors(checkpoint.tensors, family.shapes(config, shapes))
    return lambda tensors: family.generator(config, tensors)


def device_of(wish: str) -> str:
    """The device to compute on; "auto" takes the fastest there is."""
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if wish == "auto":
        return next(name for name in ("cuda", "mps", "cpu") if there[name])
    if wish not in there:
        raise UsageError(f"there is no device '{wish}'; choose auto, cpu, cuda or mps")
    if not there[wish]:
        raise UsageError(f"this machine, or this installation of torch, has no '{wish}' device; choose auto or cpu")
    return wish


def _placed(array: np.ndarray, device: str) -> Tensor:
    """A tensor with memory of its own on the device; convolution weights with channels last, as fast kernels want them."""
    source = torch.from_numpy(np.require(array, requirements=["ALIGNED", "WRITEABLE"]))
    layout = torch.channels_last if array.ndim == 4 else torch.contiguous_format
    return torch.empty(source.shape, dtype=source.dtype, device=device, memory_format=layout).copy_(source)
