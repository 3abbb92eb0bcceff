"""How a network is computed on this machine, and what that is called: the fastest way that there is for it."""

from __future__ import annotations

from collections.abc import Collection
from importlib.metadata import version
from typing import NamedTuple

import torch

from ..errors import LookError, UsageError
from ..look import Look
from . import numba_engine, openvino_engine
from .bending import layer_of
from .generators.base import Generator

PRECISIONS = ("exact", "fast")


class Engine(NamedTuple):
    """A network as it will be computed.

    name         what computes it, with its version: "torch 2.13.0", "openvino 2026.4.1"
    arithmetic   "float32" | "bfloat16" | "float16"
    Together with the device and the batch these name a numerics class.
    """

    network: Generator
    name: str
    arithmetic: str


def prepare(generator: Generator, look: Look, rewritten: Collection[str], *, precision: str, streams: int) -> Engine:
    """The fastest way to compute a network for a look.

    rewritten   names of the layers whose weights may change in some frame
    streams     how many frames will be under way at a time
    Raises UsageError for a precision that there is not.
    """
    if precision not in PRECISIONS:
        raise UsageError(f"there is no precision '{precision}'; choose {' or '.join(PRECISIONS)}")
    if look.canvas.seamless:
        generator = _seamless(generator)
    if numba_engine.can_compute(generator):
        kind = str(numba_engine.kind_of_numbers(precision)).removeprefix("torch.")
        return Engine(numba_engine.computed(generator, precision), f"numba {version('numba')}, torch {torch.__version__}", kind)
    if not openvino_engine.can_compile(generator):
        return Engine(generator, f"torch {torch.__version__}", "float32")
    cuts = {layer_of(bend, len(generator.layers)) for bend in look.bends}
    network = openvino_engine.compiled(generator, precision, streams=streams, cuts=cuts, rewritten=rewritten)
    return Engine(network, f"openvino {openvino_engine.version()}", openvino_engine.arithmetic(precision))


def _seamless(generator: Generator) -> Generator:
    """With opposite edges that meet; raises LookError for a family that cannot."""
    variant = getattr(generator, "variant", None)
    if variant is None:
        raise LookError(f"{generator.kind} networks cannot make frames that tile; switch seamless off")
    return variant(wrap=True)
