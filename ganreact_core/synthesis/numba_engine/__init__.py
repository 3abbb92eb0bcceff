"""Passes over activations that neither torch nor OpenVINO has in one piece, compiled by Numba on first use."""

from __future__ import annotations

import torch

from ..generators.base import Generator
from ..generators.stylegan3 import StyleGAN3

__all__ = ["can_compute", "computed", "has_bfloat16", "kind_of_numbers"]


def can_compute(generator: Generator) -> bool:
    """Whether this family gains from these passes."""
    return generator.device == "cpu" and isinstance(generator, StyleGAN3)


def has_bfloat16() -> bool:
    """Whether this processor computes in bfloat16. Only a private function of torch tells, which not every version has."""
    return getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)()


def kind_of_numbers(precision: str) -> torch.dtype:
    """bfloat16 where "fast" is asked for and the processor computes in it, else float32."""
    short = precision == "fast" and has_bfloat16()
    return torch.bfloat16 if short else torch.float32


def computed(generator: Generator, precision: str = "exact") -> Generator:
    """The same network, computed by these passes."""
    from .stylegan3 import StyleGAN3Rows  # Numba takes a second to be imported: only where it is needed

    assert isinstance(generator, StyleGAN3)
    if generator.shelf is None:
        generator.shelf = {}
    kind = kind_of_numbers(precision)
    if kind not in generator.shelf:
        generator.shelf[kind] = StyleGAN3Rows(generator, kind)
    return generator.variant(compute=generator.shelf[kind])
