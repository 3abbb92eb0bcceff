"""The tensors that a BigGAN of a given configuration needs."""

from __future__ import annotations

from collections.abc import Mapping

from ...errors import CheckpointError
from .biggan import BigGANConfig

Shapes = dict[str, tuple[int, ...]]
_SIDE = 4


def biggan_shapes(config: BigGANConfig, found: Mapping[str, tuple[int, ...]]) -> Shapes:
    """The name and shape of every tensor; channel counts and the rows of the statistics as found."""
    if _SIDE << sum(config.upsample) != config.resolution:
        raise CheckpointError(f"the blocks of this BigGAN lead to {_SIDE << sum(config.upsample)} pixels and not to the "
                              f"{config.resolution} that it announces; choose another checkpoint")
    if config.latent == "chunks" and config.z_dim % (len(config.upsample) + 1):
        raise CheckpointError(f"this BigGAN's z of {config.z_dim} numbers cannot be shared out among its blocks; "
                              "choose another checkpoint")
    rows = (*found.get("output.bn.mean", ()), 0)[0]
    channels = (*found.get("blocks.0.conv1.weight", ())[1:], 0)[0]
    first, later = _latents(config)
    shapes: Shapes = {"embedding.weight": (config.embedding_dim, config.c_dim),
                      "linear.weight": (channels * _SIDE * _SIDE, first), "linear.bias": (channels * _SIDE * _SIDE,)}
    for index in range(len(config.upsample)):
        if index in config.attention:
            shapes |= _attention(f"attention.{index}", channels, found)
        out = (*found.get(f"blocks.{index}.conv{4 if config.block == 'deep' else 2}.weight", ()), 0)[0]
        shapes |= _block(config, index, (channels, out), (rows, later), found)
        channels = out
    shapes |= {f"output.bn.{name}": (rows, channels) for name in ("mean", "var")}
    shapes |= {f"output.bn.{name}": (channels,) for name in ("gain", "bias")}
    return shapes | _conv("output.conv", channels, 3, 3)


def _latents(config: BigGANConfig) -> tuple[int, int]:
    """How many numbers the first activations see, and how many a block sees."""
    whole = config.z_dim + config.embedding_dim
    if config.latent == "chunks":
        chunk = config.z_dim // (len(config.upsample) + 1)
        return chunk, chunk + config.embedding_dim
    return (whole, whole) if config.latent == "whole" else (config.z_dim, config.embedding_dim)


def _block(config: BigGANConfig, index: int, channels: tuple[int, int], table: tuple[int, int],
           found: Mapping[str, tuple[int, ...]]) -> Shapes:
    name, (c_in, c_out), (rows, latent) = f"blocks.{index}", channels, table
    middle = (*found.get(f"{name}.conv1.weight", ()), 0)[0]
    widths: tuple[int, ...]
    kernels: tuple[int, ...]
    if config.block == "deep":
        widths, kernels = (c_in, middle, middle, middle, c_out), (1, 3, 3, 1)
        if c_out > c_in:
            raise CheckpointError(f"block {index} of this BigGAN has more channels after than before, which is not supported; "
                                  "choose another checkpoint")
        shapes: Shapes = {}
    else:
        widths, kernels = (c_in, middle, c_out), (3, 3)
        shapes = _conv(f"{name}.shortcut", c_in, c_out, 1)
        if not config.upsample[index] and c_in == c_out:
            shapes = {}
    for k, kernel in enumerate(kernels):
        norm, width = f"{name}.bn{k + 1}", widths[k]
        shapes |= _conv(f"{name}.conv{k + 1}", width, widths[k + 1], kernel)
        shapes |= {f"{norm}.mean": (rows, width), f"{norm}.var": (rows, width),
                   f"{norm}.gain.weight": (width, latent), f"{norm}.bias.weight": (width, latent)}
    return shapes


def _attention(name: str, channels: int, found: Mapping[str, tuple[int, ...]]) -> Shapes:
    keys, values = ((*found.get(f"{name}.{part}.weight", ()), 0)[0] for part in ("theta", "g"))
    return {f"{name}.theta.weight": (keys, channels, 1, 1), f"{name}.phi.weight": (keys, channels, 1, 1),
            f"{name}.g.weight": (values, channels, 1, 1), f"{name}.o.weight": (channels, values, 1, 1), f"{name}.gamma": ()}


def _conv(name: str, c_in: int, c_out: int, kernel: int) -> Shapes:
    return {f"{name}.weight": (c_out, c_in, kernel, kernel), f"{name}.bias": (c_out,)}
