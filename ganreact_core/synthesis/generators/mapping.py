"""The mapping network z → w, which StyleGAN2 and StyleGAN3 share (Karras et al. 2019, section 2)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from ...errors import UsageError

_SQRT2 = math.sqrt(2.0)


class MappingConfig(Protocol):
    """What a mapping network needs to know."""

    @property
    def w_dim(self) -> int: ...
    @property
    def z_dim(self) -> int: ...
    @property
    def c_dim(self) -> int: ...
    @property
    def mapping_layers(self) -> int: ...
    @property
    def lr_multiplier(self) -> float: ...


def map_to_w(config: MappingConfig, tensors: Mapping[str, Tensor], z: Tensor, c: Tensor | None) -> Tensor:
    """z [b, z_dim], c [b, c_dim] -> w [b, w_dim], untruncated."""
    x = _unit_second_moment(z)
    if config.c_dim:
        if c is None:
            raise UsageError(f"this network is conditional: give c, one row of {config.c_dim} class weights per sample")
        x = torch.cat([x, _unit_second_moment(_embedded(tensors, c))], dim=1)
    for k in range(config.mapping_layers):
        x = F.leaky_relu(dense(tensors, f"mapping.fc{k}", x, config.lr_multiplier), 0.2) * _SQRT2
    return x


def _embedded(tensors: Mapping[str, Tensor], c: Tensor) -> Tensor:
    """c [b, c_dim] -> [b, n]: a dense layer, or a table's rows (mixed as c says) through a projection (StyleGAN-XL)."""
    if "mapping.embed_proj.weight" not in tensors:
        return dense(tensors, "mapping.embed", c)
    rows = c.to(tensors["mapping.embed.weight"]) @ tensors["mapping.embed.weight"]
    return F.leaky_relu(dense(tensors, "mapping.embed_proj", rows), 0.2) * _SQRT2


def spread(w: Tensor, num_ws: int, w_avg: Tensor | None, psi: float, cutoff: int | None) -> Tensor:
    """w [b, w_dim] -> w+ [b, num_ws, w_dim], pulled towards w_avg [w_dim] or [b, 1, w_dim] on the first `cutoff` layers."""
    w = w[:, None].repeat(1, num_ws, 1)
    if psi != 1.0 and w_avg is not None:
        w[:, :cutoff] = w_avg.lerp(w[:, :cutoff], psi)
    return w


def dense(tensors: Mapping[str, Tensor], name: str, x: Tensor, lr_multiplier: float = 1.0) -> Tensor:
    """Equalised learning rate: weights are scaled by lr / √fan_in at run time, biases by lr."""
    weight = tensors[f"{name}.weight"]
    return F.linear(x, weight * (lr_multiplier / math.sqrt(weight.shape[1])), tensors[f"{name}.bias"] * lr_multiplier)


def mapping_shapes(config: MappingConfig, found: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """The name and shape of every tensor of the mapping network; hidden widths as found."""
    shapes: dict[str, tuple[int, ...]] = {"mapping.w_avg": (config.w_dim,)}
    width = config.z_dim
    if config.c_dim and getattr(config, "class_table", False):
        features = (*found.get("mapping.embed.weight", ())[1:], 0)[0]
        shapes |= {"mapping.w_avg": (config.c_dim, config.w_dim), "mapping.embed.weight": (config.c_dim, features),
                   "mapping.embed_proj.weight": (config.z_dim, features), "mapping.embed_proj.bias": (config.z_dim,)}
        width += config.z_dim
    elif config.c_dim:
        embedded = (*found.get("mapping.embed.weight", ()), config.w_dim)[0]
        shapes |= {"mapping.embed.weight": (embedded, config.c_dim), "mapping.embed.bias": (embedded,)}
        width += embedded
    hidden = (*found.get("mapping.fc0.weight", ()), config.w_dim)[0]
    for k in range(config.mapping_layers):
        out = config.w_dim if k == config.mapping_layers - 1 else hidden
        shapes |= {f"mapping.fc{k}.weight": (out, width), f"mapping.fc{k}.bias": (out,)}
        width = out
    return shapes


def _unit_second_moment(x: Tensor) -> Tensor:
    return x * torch.rsqrt(x.square().mean(dim=1, keepdim=True) + 1e-8)
