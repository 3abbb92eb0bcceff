"""Frames -> a film as they are made, with no files between: a fraction of the disk, and nothing to go on from."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..bundle import Bundle
from ..depths import as_bytes, as_words
from .film import write_film
from .film_formats import format_of

if TYPE_CHECKING:
    from ..synthesis.generators.base import Generator as Network


def write_straight(path: Path, bundle: Bundle, generator: Network, audio: str, *, start_s: float, precision: str = "exact",
                   limit_flashes: bool = False,
                   progress: Callable[[int, int], None] = lambda done, total: None) -> tuple[str, ...]:
    """Draw every frame of a bundle into a film with its sound; the same film as `write_film` makes of its files.

    The film is whole or not there: `progress` may raise to stop, and then all of it is to be made again.
    """
    fine = format_of(path, bundle.look.size).keeps_more(bundle.look)
    remarks: list[str] = []
    drawn = _drawn(bundle, network=generator, precision=precision, kind=as_words if fine else as_bytes, told=remarks.append)
    with closing(drawn) as pictures:
        flashes = write_film(path, bundle, bundle.frame_numbers(), audio, start_s=start_s, progress=progress,
                             limit_flashes=limit_flashes, pictures=pictures)
    return *remarks, *flashes


def _drawn(bundle: Bundle, *, network: Network, precision: str, kind: Callable[[np.ndarray], np.ndarray],
           told: Callable[[str], None]) -> Generator[np.ndarray, None, None]:
    """uint8 or uint16 [h, w, 3] in the look's size, in order; the next ones are being computed while one is encoded."""
    from ..synthesis.computing import Computing, make_maker
    from ..synthesis.images import fit

    left, look = list(bundle.frame_numbers()), bundle.look

    def take(count: int) -> list[int]:
        taken = left[:count]
        del left[:count]
        return taken

    with closing(make_maker(network, bundle, precision, told)) as maker:
        computing = Computing(maker, bundle.table, take, begun=lambda frames: None, lessened=lambda: None)
        for _, picture in computing.pictures():
            yield kind(fit(picture, look.size, wrap=look.canvas.seamless))
