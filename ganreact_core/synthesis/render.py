"""Bundle -> frames: rows of the table in fixed, padded batches; each file whole or not there; resumable at any time."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch

from ..bundle import KEY_NAME, Bundle, append_journal
from ..errors import Cancelled, MemoryShortage
from ..files import remove_left_overs
from .frame_maker import FrameMaker
from .generators.base import Generator
from .images import fit, write_png

_WRITERS = 2
_WAITING_FRAMES = 16


@dataclass(frozen=True)
class RenderReport:
    """What a render did: frames made now, and frames that were already right."""

    rendered: int
    kept: int


def render_bundle(bundle: Bundle, generator: Generator, frames: range, *, deep: bool = False, precision: str = "exact",
                  progress: Callable[[int, int, int | None], None] = lambda done, total, frame: None,
                  cancelled: Callable[[], bool] = lambda: False) -> RenderReport:
    """Render what is missing, broken or stale of `frames`; `deep` reads every byte of those that are there.

    progress(done, total, frame) is called after every finished file; raises Cancelled between batches when asked to,
    with every finished frame kept.
    """
    bundle.require_no_foreign(frames)
    remove_left_overs(bundle.frames_folder)
    wanted = bundle.wanted(frames, deep=deep)
    kept = len(frames) - len(wanted)
    progress(kept, len(frames), None)
    if wanted:
        maker = FrameMaker(generator, bundle.look, folder=bundle.folder, precision=precision)
        append_journal(bundle, event="start", frames=len(wanted), numerics=maker.numerics_class())
        made = 0
        for made, frame in enumerate(_written(bundle, maker, wanted, cancelled), 1):
            progress(kept + made, len(frames), frame)
        if made < len(wanted):
            raise Cancelled(f"the render was stopped after {made} of {len(wanted)} frames; render again to go on from here")
    return RenderReport(len(wanted), kept)


def _written(bundle: Bundle, maker: FrameMaker, wanted: dict[int, str], cancelled: Callable[[], bool]) -> Iterator[int]:
    """Compute and write; yields each frame once its file is whole. Writing goes on while the next frame is computed."""
    waiting: deque[tuple[int, Future]] = deque()
    with ThreadPoolExecutor(_WRITERS) as writers:
        for frame, picture in _computed(bundle, maker, list(wanted), cancelled):
            waiting.append((frame, writers.submit(_write, bundle, frame, picture, wanted[frame])))
            while waiting and (waiting[0][1].done() or len(waiting) > _WAITING_FRAMES):
                yield _finished(bundle, *waiting.popleft())
        while waiting:
            yield _finished(bundle, *waiting.popleft())


def _computed(bundle: Bundle, maker: FrameMaker, left: list[int],
              cancelled: Callable[[], bool]) -> Iterator[tuple[int, np.ndarray]]:
    """Frames with their pictures, in order, several batches under way at a time."""
    under_way: deque[tuple[list[int], Future]] = deque()
    with _single_threaded(maker.parallel) as computers:
        while True:
            ahead = maker.parallel + (maker.parallel > 1)
            while left and len(under_way) < ahead and not cancelled():
                batch, left = left[:maker.batch], left[maker.batch:]
                under_way.append((batch, computers.submit(maker.pictures, bundle.table, batch)))
            if not under_way:
                return
            batch, pictures = under_way.popleft()
            try:
                yield from zip(batch, pictures.result(), strict=True)
            except (torch.OutOfMemoryError, MemoryError, RuntimeError) as cause:
                if not _is_memory_shortage(cause):
                    raise
                left = [*batch, *(frame for later, _ in under_way for frame in later), *left]
                under_way.clear()
                _ask_less(bundle, maker, cause)


def _ask_less(bundle: Bundle, maker: FrameMaker, cause: Exception) -> None:
    """Where memory does not suffice: fewer at a time, half the batch, down to one frame; below that MemoryShortage."""
    if maker.parallel > 1:
        maker.parallel = 1
        return
    if maker.batch == 1:
        width, height = bundle.look.size
        raise MemoryShortage(f"not even one frame of {width}×{height} fits into the memory of {maker.generator.device}; "
                             "choose a smaller size or another device") from cause
    maker.batch //= 2
    append_journal(bundle, event="memory", numerics=maker.numerics_class())


def _is_memory_shortage(error: Exception) -> bool:
    """torch says it on a CPU with a plain RuntimeError."""
    return isinstance(error, (torch.OutOfMemoryError, MemoryError)) or "can't allocate memory" in str(error)


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


def _write(bundle: Bundle, frame: int, picture: np.ndarray, key: str) -> None:
    write_png(bundle.frame_path(frame), fit(picture, bundle.look.size), {KEY_NAME: key})


def _finished(bundle: Bundle, frame: int, written: Future) -> int:
    written.result()
    append_journal(bundle, event="frame", frame=frame)
    return frame
