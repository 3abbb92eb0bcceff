"""Bundle -> frames: rows of the table in fixed, padded batches; each file whole or not there; resumable at any time."""

from __future__ import annotations

import contextlib
import os
import platform
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from ..bundle import KEY_NAME, Bundle, append_journal
from ..errors import Cancelled, MemoryShortage
from ..files import remove_left_overs
from ..look import Look
from ..table import Table
from .bending import bend_layers
from .canvas import OWN_FIELD, plan_field
from .families import own_inputs
from .generators.base import Generator
from .images import fit, to_bytes, write_png
from .latents import Values, blend, resolve_palette
from .noise import NoiseSource
from .rewriting import Rewriter

_WRITERS = 2
_WAITING_FRAMES = 16
_MOST_PARALLEL = 8


@dataclass(frozen=True)
class RenderReport:
    """What a render did: frames made now, and frames that were already right."""

    rendered: int
    kept: int


class FrameMaker:
    """A function from table rows to pictures, for one network and one look. Keeps nothing of the frames it made.

    batch     rows are always computed this many at a time, the last batch padded, so that a frame's bytes do not
              depend on what is rendered with it
    parallel  batches computed at a time: on a CPU one for each core, each on a single thread, which is faster than
              many threads for one frame, far more so on a busy machine, and makes bytes independent of the core count
    """

    def __init__(self, generator: Generator, look: Look, *, batch: int | None = None):
        self.generator, self.look = generator, look
        _exact_arithmetic()
        on_cpu = generator.device == "cpu"
        self.batch = batch or (1 if on_cpu else 8)
        self.parallel = min(_cores(), _MOST_PARALLEL) if on_cpu else 1
        self._palette = resolve_palette(generator, look)
        constant = getattr(generator, "input_map", None)  # a family without one keeps its own size
        self._field = OWN_FIELD if constant is None else plan_field(look, generator.resolution)
        self._noise = NoiseSource(generator, look, self._field)
        self._rewriter = Rewriter(generator, look)
        self._input = self._field.extend(constant) if constant is not None and self._field.extended else None

    @torch.inference_mode()
    def pictures(self, table: Table, frames: Sequence[int]) -> np.ndarray:
        """Up to `batch` frames by number -> uint8 [n, h, w, 3], in the network's working size."""
        assert 0 < len(frames) <= self.batch
        rows = np.array([*frames, *[frames[-1]] * (self.batch - len(frames))]) - table.first_frame
        values = {address: column[rows] for address, column in table.columns.items()}
        w = blend(self._palette, self.look, values).to(self.generator.device)
        after = bend_layers(self.look, values, len(self.generator.layers))
        raw = self.generator.synthesize(w, self._noise.maps(values), after=after, **self._special(values))
        return to_bytes(raw)[:len(frames)]

    def _special(self, values: Values) -> dict[str, Any]:
        """What not every family of networks knows, or every look asks for."""
        special: dict[str, Any] = {"rewrites": self._rewriter.weights(values), "input_map": self._input}
        return own_inputs(self.generator, values) | {n: v for n, v in special.items() if v is not None and len(v)}

    def numerics_class(self) -> dict[str, object]:
        """Within one class the bytes of a frame are equal; across classes they may differ by 1/255."""
        device = self.generator.device
        name = torch.cuda.get_device_name(device) if device.startswith("cuda") else platform.machine()
        return {"device": device, "name": name, "torch": torch.__version__, "precision": "float32", "batch": self.batch}


def render_bundle(bundle: Bundle, generator: Generator, frames: range, *, deep: bool = False,
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
        maker = FrameMaker(generator, bundle.look)
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


def _exact_arithmetic() -> None:
    """On NVIDIA cards: no shortened floats, and the same kernels every time, so that bytes are equal within a class."""
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = True, False


def _cores() -> int:
    """Cores that this process may use, which on a farm can be fewer than there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _write(bundle: Bundle, frame: int, picture: np.ndarray, key: str) -> None:
    write_png(bundle.frame_path(frame), fit(picture, bundle.look.size), {KEY_NAME: key})


def _finished(bundle: Bundle, frame: int, written: Future) -> int:
    written.result()
    append_journal(bundle, event="frame", frame=frame)
    return frame
