"""Frames -> pictures: fixed, padded batches, several under way at a time, fewer where memory does not suffice."""

from __future__ import annotations

import contextlib
import re
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import torch

from ..bundle import Bundle
from ..errors import MemoryShortage
from ..look import Look
from ..table import Table
from .frame_maker import FrameMaker
from .generators.base import Generator
from .transfers import release

_SAYS_SHORTAGE = re.compile(r"can't allocate memory|failed to allocate|out of memory|bad.?alloc", re.IGNORECASE)
_SAYS_BYTES = re.compile(r"(?:allocate|allocating)\D{0,12}([\d.]+) ?(bytes|[KMGT]iB)", re.IGNORECASE)
_UNITS = {"bytes": 1, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40}


_MAY_BE_SHORTAGE = (torch.OutOfMemoryError, MemoryError, RuntimeError)


def make_maker(generator: Generator, bundle: Bundle, precision: str, replaying: Callable[[str], None] | None) -> FrameMaker:
    """What makes the pictures of a bundle (see there); raises MemoryShortage where not even that fits."""
    try:
        return FrameMaker(generator, bundle.look, folder=bundle.folder, precision=precision, replaying=replaying)
    except _MAY_BE_SHORTAGE as cause:
        if _is_memory_shortage(cause):
            raise _shortage(bundle.look, generator.device, cause) from cause
        raise


class Computing:
    """Makes pictures of the frames that `take` hands out, until it hands out none.

    take(n)    -> up to n frames
    begun      is told of each batch before it is computed: if the process dies, one of these is why
    lessened   is told when less is done at a time from now on
    """

    def __init__(self, maker: FrameMaker, table: Table, take: Callable[[int], list[int]], *,
                 begun: Callable[[list[int]], None], lessened: Callable[[], None]):
        self._maker, self._table, self._take = maker, table, take
        self._begun, self._lessened = begun, lessened

    def pictures(self, *, alone: bool = False) -> Iterator[tuple[int, np.ndarray]]:
        """Frames with their pictures, in the order they were handed out; `alone`: never two at a time."""
        under_way: deque[tuple[list[int], Future]] = deque()
        returned: list[int] = []
        with _single_threaded(self._maker.parallel) as computers:
            while True:
                while len(under_way) < self._ahead(alone) and (batch := self._next(returned, alone)):
                    self._begun(batch)
                    under_way.append((batch, computers.submit(self._maker.pictures, self._table, batch)))
                if not under_way:
                    return
                batch, pictures = under_way.popleft()
                try:
                    yield from zip(batch, pictures.result(), strict=True)
                except _MAY_BE_SHORTAGE as cause:
                    if not _is_memory_shortage(cause):
                        raise
                    returned[:0] = [*batch, *(frame for later, _ in under_way for frame in later)]
                    under_way.clear()
                    self._ask_less(cause)

    def _ahead(self, alone: bool) -> int:
        return 1 if alone else self._maker.parallel + (self._maker.parallel > 1)

    def _next(self, returned: list[int], alone: bool) -> list[int]:
        """Frames that memory did not suffice for come first."""
        count = 1 if alone else self._maker.batch
        batch = returned[:count] or self._take(count)
        del returned[:count]
        return batch

    def _ask_less(self, cause: Exception) -> None:
        """As little as there is, down to one frame; below that MemoryShortage."""
        maker = self._maker
        if not maker.lessen():
            raise _shortage(maker.look, maker.generator.device, cause) from cause
        release(maker.generator.device)
        self._lessened()


def _shortage(look: Look, device: str, cause: Exception) -> MemoryShortage:
    width, height = look.size
    return MemoryShortage(f"not even one frame of {width}×{height} fits into the memory of {device}{_lacking(cause)}; "
                          "choose a smaller size or another device")


def _is_memory_shortage(error: Exception) -> bool:
    """torch says it on a CPU with a plain RuntimeError."""
    return isinstance(error, (torch.OutOfMemoryError, MemoryError)) or bool(_SAYS_SHORTAGE.search(str(error)))


def _lacking(cause: Exception) -> str:
    """How much was asked for, where the error says it."""
    found = _SAYS_BYTES.search(str(cause))
    if not found:
        return ""
    n_bytes = float(found[1]) * _UNITS[found[2].lower()]
    return f", which needs about {max(0.1, n_bytes / 1e9):.1f} GB more than there is"


@contextlib.contextmanager
def _single_threaded(count: int) -> Iterator[ThreadPoolExecutor]:
    """So many threads to compute on; torch uses no further ones for the time being."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with ThreadPoolExecutor(count, initializer=torch.set_num_threads, initargs=(1,)) as computers:
            yield computers
    finally:
        torch.set_num_threads(before)
