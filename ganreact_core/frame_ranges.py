"""Ranges of frames as people and farms write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .errors import UsageError


def parse_frame_range(text: str, frames: range) -> range:
    """"A-B", "A+N" or "A" -> the frames asked for; "" means all.

    A+N is N frames from A on, or what there is of them: a farm's last chunk is as long as the others. Raises UsageError
    outside the bundle's own.
    """
    if not text:
        return frames
    found = re.fullmatch(r"(-?\d{1,9})(?:([-+])(-?\d{1,9}))?", text)
    if not found or (found[2] == "+" and int(found[3]) < 1):
        raise UsageError(f"'{text}' is no range of frames; write it as 1-100, or 1+100 for 100 frames from 1 on")
    first = int(found[1])
    if found[2] == "+":
        asked = range(first, min(first + int(found[3]) - 1, frames[-1]) + 1)
    else:
        asked = range(first, int(found[3] or first) + 1)
    if not asked or asked[0] < frames[0] or asked[-1] > frames[-1]:
        some = "only some of the" if asked and asked[0] <= frames[-1] and asked[-1] >= frames[0] else "no"
        raise UsageError(f"there are {some} frames {text} here; the bundle holds {frames[0]}-{frames[-1]}")
    return asked


def as_ranges(frames: Iterable[int]) -> Iterator[str]:
    """1, 2, 3, 7 -> "1-3", "7": how missing frames are reported."""
    run: list[int] = []
    for frame in [*sorted(frames), None]:
        if run and frame != run[-1] + 1:
            yield f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0])
            run = []
        if frame is not None:
            run.append(frame)


def told_of_frames(rendered: int, kept: int) -> str:
    """What a render came to.

    >>> told_of_frames(1, 0), told_of_frames(7, 113), told_of_frames(0, 48)
    ('1 frame rendered', '7 frames rendered, 113 kept from before', 'all 48 frames are kept from before')
    """
    if kept and not rendered:
        return f"all {kept} frames are kept from before" if kept > 1 else "the frame is kept from before"
    return f"{rendered} frame{'' if rendered == 1 else 's'} rendered" + (f", {kept} kept from before" if kept else "")
