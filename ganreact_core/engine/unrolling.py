"""A film as pictures, one for each frame of another rate: what masks are made of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

from ..errors import Cancelled, UsageError
from ..files import write_whole
from ..png import grey_png
from .desk import Desk, required_text
from .films import opened_film

_LARGEST_SIDE = 1024
_A_LITTLE = 1e-4


def unroll(arguments: dict[str, Any], desk: Desk) -> dict[str, Any]:
    """{film, out: folder, fps, frames?: at most so many} -> {pictures: how many}; writes out/000001.png …, grey.

    The folder is not there, or holds what this job made before, which is replaced.
    """
    out, fps, most = Path(required_text(arguments, "out")), arguments.get("fps"), arguments.get("frames") or 1_000_000
    if not isinstance(fps, (int, float)) or not 1 <= fps <= 240:
        raise UsageError(f"{fps} frames a second cannot be made; use 1 to 240")
    made = 0
    for picture in unrolled(Path(required_text(arguments, "film")), fps):
        if desk.cancelled():
            raise Cancelled(f"the film was not unrolled to its end; {made} pictures of it are there")
        if made >= most:
            break
        made += 1
        write_whole(out / f"{made:06d}.png", grey_png(picture))
        desk.progress(min(made / most, 0.99), f"Picture {made}", None)
    for left in out.glob("??????.png"):
        if left.stem.isdigit() and int(left.stem) > made:
            left.unlink()
    return {"pictures": made}


def unrolled(path: Path, fps: float) -> Iterator[np.ndarray]:
    """A film's pictures at fps frames a second: frame k is what is seen at k / fps; grey, uint8 [h, w], at most 1024 a side.

    Raises InputFileError where it is no film that can be read.
    """
    count, shown, ends = 0, None, 0.0
    for begins, ends_at, picture in _decoded(path):
        while shown is not None and count / fps < begins - _A_LITTLE:
            yield shown
            count += 1
        shown, ends = picture, ends_at
    while shown is not None and count / fps < ends - _A_LITTLE:
        yield shown
        count += 1


def _decoded(path: Path) -> Iterator[tuple[float, float, np.ndarray]]:
    """(begins at, ends at, picture) in seconds from the first picture on."""
    with opened_film(path) as (film, video, fps):
        lasts, first_s = 1.0 / fps, None
        for n, picture in enumerate(film.decode(video)):
            at_s = picture.time if picture.time is not None else n * lasts
            first_s = at_s if first_s is None else first_s
            yield at_s - first_s, at_s - first_s + lasts, _grey(picture)


def _grey(picture: av.VideoFrame) -> np.ndarray:
    image = Image.fromarray(picture.to_ndarray(format="rgb24")).convert("L")
    image.thumbnail((_LARGEST_SIDE, _LARGEST_SIDE))
    return np.asarray(image)
