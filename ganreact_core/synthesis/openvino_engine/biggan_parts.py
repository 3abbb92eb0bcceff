"""BigGAN as a row of parts, the smallest things that pieces are made of: which there are, and where bends and layers end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..generators.biggan import BigGAN


class Part(NamedTuple):
    """What is done to the activations, in this order in each block.

    kind    "attend" | "enter" (the block's input is kept for its shortcut) | "norm" (normalisation, ReLU, doubling) | "conv" |
            "leave" (the shortcut is added) | "draw" (the picture)
    block   index of the block; of the output: how many there are
    k       number of the convolution that is meant, from 1
    """

    kind: str
    block: int
    k: int = 0


def parts_of(net: BigGAN) -> Iterator[Part]:
    """The whole network after its input."""
    blocks = len(net.config.upsample)
    for block in range(blocks):
        if block in net.config.attention:
            yield Part("attend", block)
        yield Part("enter", block)
        for k in range(1, len(net.convolutions_of(block)) + 1):
            yield from (Part("norm", block, k), Part("conv", block, k))
        yield Part("leave", block)
    yield from (Part("norm", blocks, 1), Part("draw", blocks))


def name_of(net: BigGAN, part: Part) -> str:
    return net.convolutions_of(part.block)[part.k - 1]


def doubles(net: BigGAN, part: Part) -> bool:
    """Whether the size doubles after this normalisation."""
    inside = part.block < len(net.config.upsample)
    return inside and net.config.upsample[part.block] and part.k == net.first_after_upsampling()


def layer_after(net: BigGAN, part: Part) -> int:
    """The layer that is complete after this part, or −1."""
    layers = net.layers_of(part.block)
    if part.kind == "leave":
        return layers[-1]
    return layers[part.k - 1] if part.kind == "conv" and part.k < len(layers) else -1
