"""The generator in training: fresh tensors for the project's own StyleGAN2, and pictures from it for the critic."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Generator, Tensor

from ..synthesis.generators.stylegan2 import StyleGAN2, StyleGAN2Config, expected_shapes

FIXED = (".noise_const", ".w_avg")  # kept in the file, not trained
_GRAIN, _LAYOUT = 0.05, 0.5  # strengths of noise
_COARSEST_GRAIN = 32  # pixels: from this size on strengths stay, or grain soon stands where detail should be drawn
_LAYOUT_SIZES = (8, 16)  # pixels; the noise of these layers says where things are
CROPS = 4  # pictures cut from one large one


@dataclass(frozen=True)
class Shape:
    """How large a generator is: the StyleGAN2 configuration, and feature maps per block size.

    layout   whether the noise of the 8×8 and 16×16 layers begins strong, to say where things are
    """

    config: StyleGAN2Config
    channels: dict[int, int]
    layout: bool = True

    def at(self, resolution: int) -> StyleGAN2Config:
        """The same network, cut off at a smaller resolution."""
        return replace(self.config, resolution=resolution)


def fresh_tensors(shape: Shape, g: Generator) -> dict[str, Tensor]:
    """Unit gaussian weights (the code scales them in use); to-RGB of the larger sizes is zero: a new size starts unseen."""
    config = shape.config
    known: dict[str, tuple[int, ...]] = {f"synthesis.b{s}.conv1.weight": (c, c, 3, 3) for s, c in shape.channels.items()}
    known |= {"mapping.embed.weight": (config.w_dim, config.c_dim), "mapping.fc0.weight": (config.w_dim, 0)}
    return {name: _fresh(name, size, shape, g) for name, size in expected_shapes(config, known).items()}


def _fresh(name: str, size: tuple[int, ...], shape: Shape, g: Generator) -> Tensor:
    if name.endswith("affine.bias"):
        return torch.ones(size)
    if name.endswith("noise_strength"):
        return torch.tensor(_LAYOUT if shape.layout and _size_of(name) in _LAYOUT_SIZES else _GRAIN)
    if name.endswith((".bias", "w_avg")) or (name.endswith("torgb.weight") and _size_of(name) > 16):
        return torch.zeros(size)
    scale = 1.0 / shape.config.lr_multiplier if name.startswith("mapping.fc") else 1.0
    return torch.randn(size, generator=g) * scale


def trained(tensors: dict[str, Tensor]) -> list[Tensor]:
    """The tensors an optimiser moves, in the order of the dictionary."""
    return [t for name, t in tensors.items() if not (name.endswith(FIXED) or _is_grain(name))]


def _is_grain(name: str) -> bool:
    return name.endswith("noise_strength") and _size_of(name) >= _COARSEST_GRAIN


def _size_of(name: str) -> int:
    """Pixels of the block a tensor belongs to: "synthesis.b64.conv0.weight" -> 64."""
    return int(name.split(".")[1][1:])


def noise_maps(network: StyleGAN2, g: Generator, n: int, cells: int) -> list[Tensor]:
    """Fresh noise for every convolution on a field of cells × cells."""
    sizes = [layer.size[0] * cells // 4 for layer in network.layers[1:]]
    return [torch.randn(n, 1, s, s, generator=g).to(network.device) for s in sizes]


def mapped(network: StyleGAN2, g: Generator, classes: Tensor) -> Tensor:
    """w+ [n, num_ws, w_dim] of random z, of these classes where the network knows any."""
    return of_classes(network, torch.randn(len(classes), network.z_dim, generator=g), classes)


def of_classes(network: StyleGAN2, z: Tensor, classes: Tensor) -> Tensor:
    """w+ [n, num_ws, w_dim] of z [n, z_dim] and classes [n], which a network without classes is not told."""
    if not network.c_dim:
        return network.map(z.to(network.device))
    return network.map(z.to(network.device), torch.nn.functional.one_hot(classes, network.c_dim).float().to(network.device))


def mixed_latents(network: StyleGAN2, g: Generator, classes: Tensor) -> Tensor:
    """w+ [n, num_ws, w_dim] of random z; in half of the calls the later layers follow another z of the same class."""
    w = mapped(network, g, classes)
    if torch.rand((), generator=g) < 0.5:
        cut = int(torch.randint(1, network.num_ws, (), generator=g))
        w = torch.cat([w[:, :cut], mapped(network, g, classes)[:, cut:]], dim=1)
    return w


def mirrored(network: StyleGAN2) -> Tensor:
    """The learned 4×4 constant continued to 8×8 by mirroring, as the renderer continues it."""
    const = network.input_map
    const = torch.cat([const, const.flip(3)], dim=3)
    return torch.cat([const, const.flip(2)], dim=2)


def own_field(network: StyleGAN2, g: Generator, w: Tensor) -> Tensor:
    """Pictures on the network's own 4×4 field, one for each w [n, num_ws, w_dim]."""
    return network.synthesize(w, noise_maps(network, g, len(w), 4))


def large_field(network: StyleGAN2, g: Generator, w: Tensor) -> Tensor:
    """Four pictures for each w, cut from one of twice the size: what frames larger than the network look like inside.

    The mirrored constant is rolled. Pictures of one w lie len(w) apart, so that the critic, which compares neighbours,
    never compares two of one latent; `CROPS` is their number.
    """
    shift = torch.randint(8, (2,), generator=g).tolist()
    x = network.synthesize(w, noise_maps(network, g, len(w), 8), input_map=mirrored(network).roll(shift, (2, 3)))
    size = network.resolution[0]
    corners = torch.randint(size + 1, (CROPS, 2), generator=g).tolist()
    return torch.cat([x[:, :, top:top + size, left:left + size] for top, left in corners])
