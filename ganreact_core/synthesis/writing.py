"""Pictures -> files, while the next pictures are being computed; waits for room where the disk is full."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from .. import journal
from ..bundle import KEY_NAME, NUMERICS_NAME, Bundle
from ..processes import cores
from ..room import Patience
from .images import fit, write_picture

_FEWEST_WRITERS, _MOST_WRITERS = 2, 8
_WAITING_FRAMES = 16


class Writing:
    """Files of one bundle. Use it as a context: leaving it waits for what was begun.

    frame_bytes   mean size of the files written so far
    """

    def __init__(self, bundle: Bundle, keys: dict[int, str], patience: Patience):
        self._bundle, self._keys, self._patience = bundle, keys, patience
        self._writers = ThreadPoolExecutor(min(max(_FEWEST_WRITERS, cores() // 2), _MOST_WRITERS))
        self._waiting: deque[tuple[int, Future[int]]] = deque()
        self._files, self._bytes = 0, 0

    def __enter__(self) -> Writing:
        return self

    def __exit__(self, *_: object) -> None:
        self._writers.shutdown(wait=True, cancel_futures=True)

    @property
    def frame_bytes(self) -> float:
        """Mean size of a file; 0 before the first."""
        return self._bytes / max(1, self._files)

    def add(self, frame: int, picture: np.ndarray, numerics: dict[str, object]) -> None:
        """Begin to write a frame."""
        self._waiting.append((frame, self._writers.submit(self._write, frame, picture, numerics)))

    def finished(self, *, all_of_them: bool = False) -> Iterator[int]:
        """Frames whose files are whole by now; waits where many are under way, or for every one."""
        while self._waiting and (all_of_them or self._waiting[0][1].done() or len(self._waiting) > _WAITING_FRAMES):
            frame, written = self._waiting.popleft()
            self._bytes += written.result()
            self._files += 1
            yield frame

    def _write(self, frame: int, picture: np.ndarray, numerics: dict[str, object]) -> int:
        path, key = self._bundle.frame_path(frame), self._keys[frame]
        texts = {KEY_NAME: key, NUMERICS_NAME: json.dumps(numerics, sort_keys=True)}
        fitted = fit(picture, self._bundle.look.size, wrap=self._bundle.look.canvas.seamless)
        self._patience(lambda: write_picture(path, fitted, texts))
        n_bytes = path.stat().st_size
        journal.append(self._bundle.journal_path, event="frame", frame=frame, key=key, bytes=n_bytes)
        return n_bytes
