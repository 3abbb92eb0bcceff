"""The networks compiled for this CPU by OpenVINO, where it is installed: the same pictures in less time."""

from __future__ import annotations

from collections.abc import Collection

from ..generators.base import Generator
from ..generators.biggan import BigGAN
from ..generators.stylegan2 import StyleGAN2
from .biggan import BigGANPieces
from .runtime import PRECISIONS, Shelf, arithmetic, library, version
from .stylegan2 import StyleGAN2Pieces

__all__ = ["PRECISIONS", "arithmetic", "can_compile", "compiled", "version"]


def can_compile(generator: Generator) -> bool:
    """Whether OpenVINO is here and knows this family of networks."""
    return generator.device == "cpu" and isinstance(generator, StyleGAN2 | BigGAN) and library() is not None


def compiled(generator: Generator, precision: str = "exact", *, streams: int = 1, cuts: Collection[int] | None = None,
             rewritten: Collection[str] = ()) -> Generator:
    """The same network, computed in compiled pieces; they are compiled when first used.

    precision   "exact" (float32), or "fast": 16 bits where the CPU can, off by less than half a grey level on average
    streams     how many threads will call `synthesize` at a time
    cuts        layers after which `after` acts, all others are kept from it; None: it may act anywhere
    rewritten   names of layers that may get other weights
    """
    assert isinstance(generator, StyleGAN2 | BigGAN) and library() is not None
    if generator.shelf is None:
        generator.shelf = Shelf(sum(t.numel() for t in generator.tensors.values()))
    if isinstance(generator, BigGAN):
        return generator.variant(compute=BigGANPieces(precision, streams, cuts, rewritten, generator.shelf))
    return generator.variant(compute=StyleGAN2Pieces(generator, precision, streams, cuts, rewritten, generator.shelf))
