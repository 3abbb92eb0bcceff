"""Which frames to make next, where many processes work on one bundle: blocks of frames, each under a lease while at work."""

from __future__ import annotations

import itertools
from collections import deque

from .bundle import Bundle
from .errors import BundleError
from .leases import Leases

BLOCK_FRAMES = 16
"""Frames under one lease: enough that leases cost nothing, few enough that the last ones are shared well."""


class Shares:
    """Hands out wanted frames in order, and passes over what others do meanwhile.

    elsewhere   how many of the frames others have made since
    """

    def __init__(self, bundle: Bundle, wanted: dict[int, str], leases: Leases):
        self._bundle, self._wanted, self._leases = bundle, wanted, leases
        blocks = itertools.groupby(sorted(wanted), key=lambda frame: frame // BLOCK_FRAMES)
        self._waiting = deque((number, list(frames)) for number, frames in blocks)
        self._ready: deque[int] = deque()
        self._unfinished: dict[int, set[int]] = {}  # block -> its frames that we took and have not finished
        self.elsewhere = 0

    @property
    def left(self) -> int:
        """Frames that are neither finished nor found done."""
        return sum(len(frames) for _, frames in self._waiting) + sum(map(len, self._unfinished.values()))

    def take(self, count: int) -> list[int]:
        """Up to `count` frames to make now; none where all that is left is being made by others.

        Raises BundleError where the bundle has become another, DiskError where no lease can be written.
        """
        self._give_up_lost()
        while len(self._ready) < count and self._open_block():
            pass
        return [self._ready.popleft() for _ in range(min(count, len(self._ready)))]

    def finished(self, frame: int) -> None:
        """A frame that was taken is on disk."""
        self._leases.alive()
        block = frame // BLOCK_FRAMES
        frames = self._unfinished.get(block, set())
        frames.discard(frame)
        if not frames:
            self._unfinished.pop(block, None)
            self._leases.release(_name(block))

    def _open_block(self) -> bool:
        """Take the first block that has something to do and is nobody's; whether there was one."""
        for _ in range(len(self._waiting)):
            block, frames = self._waiting.popleft()
            left = self._not_done(frames)
            if left and not self._leases.take(_name(block)):
                self._waiting.append((block, left))
            elif left and (left := self._require_same_and_left(block, left)):
                self._ready.extend(left)
                self._unfinished[block] = set(left)
                return True
        return False

    def _require_same_and_left(self, block: int, frames: list[int]) -> list[int]:
        """Now that the lease is ours, look again."""
        if not self._bundle.is_current():
            raise BundleError(f"'{self._bundle.folder.name}' was made again with other values while it was rendered; "
                              "run it again to go on with those")
        left = self._not_done(frames)
        if not left:
            self._leases.release(_name(block))
        return left

    def _not_done(self, frames: list[int]) -> list[int]:
        left = [frame for frame in frames if not self._bundle.is_done(frame, self._wanted[frame])]
        self.elsewhere += len(frames) - len(left)
        return left

    def _give_up_lost(self) -> None:
        """Frames not begun yet, of blocks that others took over because we were not heard of for long."""
        lost = {frame // BLOCK_FRAMES for frame in self._ready}
        lost = {block for block in lost if not self._leases.holds(_name(block))}
        for block in lost:
            frames = [frame for frame in self._ready if frame // BLOCK_FRAMES == block]
            self._ready = deque(frame for frame in self._ready if frame // BLOCK_FRAMES != block)
            self._unfinished[block] -= set(frames)
            self._waiting.append((block, frames))
            self._leases.release(_name(block))


def _name(block: int) -> str:
    return f"block{block}"
