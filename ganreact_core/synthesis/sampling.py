"""Random latents of a network, and what its layers say to them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from ..errors import Cancelled
from .generators.base import AfterLayer, Generator

Advance = Callable[[float, str], None]
"""(fraction 0…1, what is done): how far a long search is; it may raise Cancelled."""


def silent(fraction: float, text: str) -> None:
    """Nobody listens."""


def random_inputs(generator: Generator, draw: torch.Generator, n: int) -> tuple[Tensor, Tensor | None]:
    """z [n, z_dim] of the prior and, where there are classes, one drawn for each, on the network's device."""
    z = torch.randn(n, generator.z_dim, generator=draw).to(generator.device)
    if not generator.c_dim:
        return z, None
    chosen = torch.randint(generator.c_dim, (n,), generator=draw)
    return z, torch.eye(generator.c_dim)[chosen].to(generator.device)


def random_latents(generator: Generator, draw: torch.Generator, n: int, psi: float = 1.0) -> Tensor:
    """w+ [n, num_ws, w_dim] of random z (and classes), pulled towards the mean by psi."""
    z, c = random_inputs(generator, draw, n)
    return generator.map(z if generator.w_avg is not None else psi * z, c, truncation_psi=psi)


class _Reached(Exception):
    """The layers asked for have spoken; what follows is of no use."""


def activations(generator: Generator, w: Tensor, layers: range | list[int], *, after: AfterLayer | None = None,
                **special: object) -> dict[int, Tensor]:
    """Layer's index -> activations [b, c, h, w] after it, for w+ [b, num_ws, w_dim]; layers behind are not computed.

    after   what bends them, as in `synthesize`
    """
    found: dict[int, Tensor] = {}

    def keep(index: int, x: Tensor) -> Tensor:
        x = after(index, x) if after else x
        if index in layers:
            found[index] = x.clone()  # the network may go on in place
        if index == max(layers):
            raise _Reached
        return x

    with contextlib.suppress(_Reached):
        generator.synthesize(w, after=keep, **special)  # type: ignore[arg-type]
    return found


def batches(total: int, size: int, advance: Advance, text: str) -> Iterator[int]:
    """Sizes of the batches that make up a total, with word of how far it is after each."""
    done = 0
    while done < total:
        n = min(size, total - done)
        yield n
        done += n
        advance(done / total, text)


def stoppable(advance: Callable[[float, str, int | None], None], cancelled: Callable[[], bool], what: str) -> Advance:
    """An `Advance` that raises Cancelled when somebody wants to stop."""
    def tell(fraction: float, text: str) -> None:
        if cancelled():
            raise Cancelled(f"{what} was stopped; nothing was written")
        advance(fraction, text, None)
    return tell
