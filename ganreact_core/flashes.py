"""Flashes that can be dangerous: more than three a second over a quarter of the picture (WCAG 2.2, success criterion 2.3.1).

A flash is a pair of opposing changes of relative luminance by a tenth of the most or more, the darker end below 0.8. It is
counted in each cell of a coarse grid; what counts is how many cells flash too often within the same second.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

import numpy as np

from .depths import as_bytes

LEAST_CHANGE, DARKER_BELOW = 0.1, 0.8
MOST_FLASHES, AREA = 3, 0.25
_GRID, _ENOUGH = 24, 96
_SHARES = (1.0, 0.6, 0.35, 0.2, 0.1, 0.05, 0.0)


@dataclass(frozen=True)
class Flashing:
    """A stretch with too many flashes.

    start_s, end_s      of the stretch
    flashes_per_second  the most that a quarter of the picture sees in one second of it
    """

    start_s: float
    end_s: float
    flashes_per_second: float

    def sentence(self) -> str:
        """What an artist is told."""
        return (f"{self.flashes_per_second:.0f} flashes a second over a quarter of the picture or more, from "
                f"{self.start_s:.1f} to {self.end_s:.1f} s: more than {MOST_FLASHES} can trigger seizures")


class FlashWatch:
    """Sees picture after picture, and says how many flashes the last second had."""

    def __init__(self, fps: float):
        self._frames_in_second = max(1, round(fps))
        self._turned: deque[np.ndarray] = deque()
        self._count = np.zeros((_GRID, _GRID), np.int16)
        self._extreme: np.ndarray | None = None
        self._direction = np.zeros((_GRID, _GRID), np.int8)

    def see(self, picture: np.ndarray) -> float:
        """uint8 [h, w, 3] -> the flashes that a quarter of the picture has seen in the second up to it."""
        turned, self._extreme, self._direction = self._after(picture)
        self._turned.append(turned)
        self._count += turned
        if len(self._turned) > self._frames_in_second:
            self._count -= self._turned.popleft()
        return _flashes(self._count)

    def would_see(self, picture: np.ndarray) -> float:
        """The same, without having seen it."""
        leaving = self._turned[0] if len(self._turned) >= self._frames_in_second else 0
        return _flashes(self._count + self._after(picture)[0] - leaving)

    def _after(self, picture: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Cells that turn with this picture [24, 24] of 0 or 1, the new extremes, and the new directions.

        A change goes on as long as the luminance moves the same way; against the furthest value of that move the next
        opposing one is measured, so that a slow rise in many frames counts as one.
        """
        here = _luminance(picture)
        if self._extreme is None:
            return np.zeros((_GRID, _GRID), np.int16), here, self._direction
        move = here - self._extreme
        large = (np.abs(move) >= LEAST_CHANGE) & (np.minimum(here, self._extreme) < DARKER_BELOW)
        way = np.sign(move).astype(np.int8)
        turned = large & (way != self._direction)
        further = turned | ((way == self._direction) & (self._direction != 0))
        return turned.astype(np.int16), np.where(further, here, self._extreme), np.where(turned, way, self._direction)


class RenderWatch:
    """Watches frames while they are rendered, in runs of frames that follow each other."""

    def __init__(self, fps: float, first_frame: int):
        self._fps, self._first, self._last = fps, first_frame, first_frame - 2
        self._watch, self._run = FlashWatch(fps), list[float]()
        self._found: list[Flashing] = []

    def see(self, frame: int, picture: np.ndarray) -> None:
        """uint8, uint16 or float32 (0…1) [h, w, 3]; a frame that does not follow the last one begins another run."""
        if frame != self._last + 1:
            self._end_run()
            self._watch = FlashWatch(self._fps)
        step = max(1, min(picture.shape[:2]) // _ENOUGH)
        small = picture[::step, ::step]
        self._run.append(self._watch.see(as_bytes(small)))
        self._last = frame

    def told(self) -> tuple[str, ...]:
        """A sentence for each stretch that can be dangerous, in seconds from the first frame on."""
        self._end_run()
        return tuple(found.sentence() for found in sorted(self._found, key=lambda found: found.start_s))

    def _end_run(self) -> None:
        begins_s = (self._last + 1 - len(self._run) - self._first) / self._fps
        self._found += [replace(found, start_s=found.start_s + begins_s, end_s=found.end_s + begins_s)
                        for found in flashing(np.array(self._run), self._fps)]
        self._run = []


class FlashLimiter:
    """Holds pictures back where they would flash too often: each is mixed with the last one shown, as little as it takes."""

    def __init__(self, fps: float):
        self._watch = FlashWatch(fps)
        self._shown: np.ndarray | None = None
        self.held = 0

    def limited(self, picture: np.ndarray) -> np.ndarray:
        """uint8 [h, w, 3] -> the same, or something nearer to the one before."""
        for share in _SHARES:
            if self._shown is None or share == 1.0:
                mixed = picture
            else:
                mixed = np.round(self._shown + share * (picture.astype(np.float32) - self._shown)).astype(np.uint8)
            if self._watch.would_see(mixed) <= MOST_FLASHES:
                break
        self.held += mixed is not picture
        self._watch.see(mixed)
        self._shown = mixed
        return mixed


def flashing(flashes: np.ndarray, fps: float) -> list[Flashing]:
    """Stretches in which there are too many, from flashes in the second up to each frame [n_frames]."""
    found: list[Flashing] = []
    for frame in np.flatnonzero(np.asarray(flashes) > MOST_FLASHES):
        start_s, end_s, most = max(0.0, (frame + 1) / fps - 1.0), (frame + 1) / fps, float(flashes[frame])
        if found and start_s <= found[-1].end_s:
            before = found.pop()
            start_s, most = before.start_s, max(most, before.flashes_per_second)
        found.append(Flashing(start_s, end_s, most))
    return found


def _flashes(turns: np.ndarray) -> float:
    """Flashes, pairs of turns, that at least a quarter of the cells have."""
    place = int(np.ceil(AREA * turns.size)) - 1
    return float(np.sort(turns, axis=None)[::-1][place]) / 2.0


def _luminance(picture: np.ndarray) -> np.ndarray:
    """Relative luminance of the cells' means, 0…1 [24, 24]: sRGB made linear, weighted as the eye does (Rec. 709)."""
    height, width = picture.shape[:2]
    rows = np.linspace(0, height, min(_GRID, height) + 1).astype(int)[:-1]
    columns = np.linspace(0, width, min(_GRID, width) + 1).astype(int)[:-1]
    linear = _LINEAR[picture] @ _EYE
    sums = np.add.reduceat(np.add.reduceat(linear, rows, axis=0), columns, axis=1)
    sizes = np.diff([*rows, height])[:, None] * np.diff([*columns, width])[None, :]
    cells = sums / sizes
    return cells if cells.shape == (_GRID, _GRID) else np.resize(cells, (_GRID, _GRID))


_EYE = np.array([0.2126, 0.7152, 0.0722], np.float32)
_CODES = np.arange(256) / 255
_LINEAR = np.where(_CODES <= 0.04045, _CODES / 12.92, ((_CODES + 0.055) / 1.055) ** 2.4).astype(np.float32)
