"""What the verbs share: a progress bar, warnings, and whether somebody wants to stop."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
from collections.abc import Iterable

from tqdm import tqdm

_TICK_S = 1.0

stopped = threading.Event()
"""Set by Ctrl-C and by a farm's SIGTERM."""


class Bar:
    """A progress bar on a terminal, from fractions, whose clock goes on where a first picture is long in coming; elsewhere
    silent, or as GANREACT_PROGRESS says: "lines" on stderr, or "openjd" for a queue that reads the words of Open Job
    Description on stdout."""

    def __init__(self, what: str):
        self._what, self._told = what, -1
        self._way = os.environ.get("GANREACT_PROGRESS", "")
        self._bar = tqdm(total=1000, desc=what, bar_format="{desc}: {percentage:3.0f}% |{bar}| {elapsed}<{remaining}{postfix}",
                         disable=None, file=sys.stderr, ncols=shutil.get_terminal_size().columns)  # 80 where it says 0
        self._ended = threading.Event()
        if not self._bar.disable:
            threading.Thread(target=self._tick, name="clock", daemon=True).start()

    def __call__(self, fraction: float, text: str = "", frame: int | None = None) -> None:
        """Move to a fraction 0…1."""
        if self._way and int(100 * fraction) > self._told:
            self._told = int(100 * fraction)
            self._tell(fraction, text)
        self._bar.set_postfix_str(text, refresh=False)
        self._bar.update(max(0, round(1000 * fraction) - self._bar.n))

    def _tell(self, fraction: float, text: str) -> None:
        if self._way == "lines":
            print(f"{self._what.lower()}: {fraction:4.0%} {text}", file=sys.stderr, flush=True)
        elif self._way == "openjd":
            print(f"openjd_progress: {100 * fraction:.0f}\nopenjd_status: {self._what} {text}", flush=True)

    def _tick(self) -> None:
        while not self._ended.wait(_TICK_S):
            self._bar.refresh()

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._bar.close()


def warn(sentences: Iterable[str]) -> None:
    """Sentences for the user that are no errors; a bar that is under way goes on below them."""
    for sentence in sentences:
        tqdm.write(f"ganreact: {sentence}", file=sys.stderr)


def stop_on_signals() -> None:
    """Ctrl-C and a farm's SIGTERM end a render between two frames; a second one ends it at once."""
    def stop(number: int, _: object) -> None:
        stopped.set()
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
