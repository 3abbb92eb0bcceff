"""Keeps an engine at work: one that dies is started again and goes on with its jobs, without the frame that kills it.

A render that is begun again finds its finished frames. Those that were being made when the engine died are made first,
one at a time; one that kills the engine again is left out, and the rest goes on.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import journal, messages
from .client import EngineClient, Received
from .errors import EngineError
from .leases import sweep
from .messages import TERMINAL, Begun, Cancelled, Failed, Progress

_HARD_CANCEL_S = 4.0
_SILENT_S = 30.0
_COMING_UP_S = 240.0  # a first import of torch from a slow disk, under a virus scanner
_BACK_OFF_S = 0.5
_DEATHS_IN_A_ROW = {"render": 4}
_LEFT_OUT_IN_A_ROW = 8


@dataclass
class _Job:
    """A job that has not ended.

    under_way       frames begun and not finished
    alone, without  see `synthesis.render.Conduct`
    deaths          in a row, without a frame finished
    """

    kind: str
    arguments: dict[str, Any]
    cancel_by: float | None = None
    under_way: set[int] = field(default_factory=set)
    alone: set[int] = field(default_factory=set)
    without: set[int] = field(default_factory=set)
    deaths: int = 0
    left_out_in_a_row: int = 0

    def all_arguments(self) -> dict[str, Any]:
        """With what was learned from deaths."""
        learned = {"alone": sorted(self.alone), "without": sorted(self.without)}
        return {**self.arguments, **{name: frames for name, frames in learned.items() if frames}}

    def learn_from_death(self) -> list[int]:
        """Who is suspect now; returns the frame that is left out from here on, if it is clear which."""
        self.deaths += 1
        guilty = sorted(self.under_way) if len(self.under_way) == 1 and self.under_way <= self.alone else []
        self.alone |= self.under_way
        if guilty:
            self.without.update(guilty)
            self.alone -= self.without
            self.deaths = 0
            self.left_out_in_a_row += 1
        self.under_way.clear()
        return guilty

    def finished(self, frame: int) -> None:
        """A frame is on disk."""
        self.under_way.discard(frame)
        self.alone.discard(frame)
        self.deaths = self.left_out_in_a_row = 0

    @property
    def hopeless(self) -> bool:
        """Whether another try makes no sense."""
        return self.deaths >= _DEATHS_IN_A_ROW.get(self.kind, 2) or self.left_out_in_a_row >= _LEFT_OUT_IN_A_ROW


class EngineKeeper:
    """An engine that lives until it is stopped. Every method is called from one and the same thread."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], *, clock: Callable[[], float] = time.monotonic):
        self._command, self._environment, self._clock = command, environment, clock
        self._jobs: dict[int, _Job] = {}
        self._numbers = itertools.count(1)
        self._start_at: float | None = None
        self.client = EngineClient(command, environment)

    @property
    def is_alive(self) -> bool:
        """Whether jobs can be given to it: also while it is about to be started again."""
        return self._start_at is not None or self.client.is_alive

    @property
    def pid(self) -> int:
        """Process id of the engine that is at work now."""
        return self.client.pid

    def start(self, kind: str, arguments: Mapping[str, Any]) -> int:
        """Give it a job; returns the job's number. How it went comes by `poll`.

        Raises EngineError, and there is no job, where its arguments cannot be sent.
        """
        job = next(self._numbers)
        messages.encode(messages.Start(job, kind, dict(arguments)))  # also where it is sent later
        if self._start_at is None and not self.client.is_alive and not self._jobs:
            self._start_at = self._clock()  # it died while it had nothing to do
        self._jobs[job] = _Job(kind, dict(arguments))
        if self._start_at is None:
            self.client.start(kind, arguments, job)
        return job

    def cancel(self, job: int) -> None:
        """Ask for a job to stop: between two batches, or at once where that takes more than four seconds or nothing runs."""
        if job in self._jobs and self._jobs[job].cancel_by is None:
            self._jobs[job].cancel_by = self._clock() + _HARD_CANCEL_S
            self.client.cancel(job)

    def poll(self) -> list[Received]:
        """What has arrived since, without waiting: exactly one terminal message for each job, in the end."""
        arrived: list[Received] = []
        for message, raw in self.client.poll():
            died = isinstance(message, Failed) and bool(self.client.broken) and message.text == self.client.broken
            if not died and not isinstance(message, Begun):
                arrived.append((message, raw))
            if not died:
                self._note(message)
        if self._start_at is None and self.client.broken and self._jobs:
            arrived += self._died()
        arrived += self._cancel_hard()
        self._end_silence()
        return arrived + self._start_again()

    def stop(self) -> None:
        """End the engine; jobs that are open never end."""
        self._jobs.clear()
        self._start_at = None
        self.client.stop()

    def _note(self, message: messages.Message) -> None:
        job = self._jobs.get(getattr(message, "job", 0))
        if job and isinstance(message, Begun):
            job.under_way.update(message.frames)
        elif job and isinstance(message, Progress) and message.frame is not None:
            job.finished(message.frame)
        elif isinstance(message, TERMINAL):
            self._jobs.pop(message.job, None)

    def _died(self) -> list[Received]:
        """The first job was at work: it is the one to blame. Plans the next start; ends what is hopeless."""
        number, job = next(iter(self._jobs.items()))
        suspects = sorted(job.under_way)
        guilty = job.learn_from_death()
        _tell_journal(job, died=suspects, left_out=guilty)
        arrived = self._end_cancelled()
        if number in self._jobs and (job.hopeless or self._is_unfit(job)):
            arrived.append(self._end(number, _failed(number, self.client.broken)))
        self._start_at = self._clock() + _BACK_OFF_S * 2 ** max(0, job.deaths - 1) if self._jobs else None
        return arrived

    def _end_cancelled(self) -> list[Received]:
        """Nothing runs: jobs that shall stop have stopped."""
        return [self._end(number, Cancelled(number)) for number, job in list(self._jobs.items()) if job.cancel_by is not None]

    def _is_unfit(self, job: _Job) -> bool:
        """Whether it is of another version, or twice did not even come up."""
        hello = self.client.hello
        return job.deaths > 1 if hello is None else hello.protocol != messages.PROTOCOL

    def _cancel_hard(self) -> list[Received]:
        late = [n for n, job in self._jobs.items() if job.cancel_by is not None and self._clock() > job.cancel_by]
        if not late:
            return []
        self.client.kill()
        ended = []
        for number in late:
            _tidy(self._jobs[number])
            ended.append(self._end(number, Cancelled(number)))
        self._start_at = self._clock() if self._jobs else None
        return ended

    def _end_silence(self) -> None:
        """An engine that is stuck, or was stopped, is as good as dead; a job's length says nothing, the silence does."""
        waiting = self._jobs and self._start_at is None and not self.client.broken
        patience_s = _COMING_UP_S if self.client.hello is None else _SILENT_S
        if waiting and time.monotonic() - self.client.heard_at > patience_s:
            self.client.kill()

    def _start_again(self) -> list[Received]:
        if self._start_at is None:
            return []
        arrived = self._end_cancelled()
        if not self._jobs:
            self._start_at = None
        if self._start_at is None or self._clock() < self._start_at:
            return arrived
        self._start_at = None
        self.client.stop()
        try:
            self.client = EngineClient(self._command, self._environment)
        except EngineError as cause:
            return arrived + [self._end(number, _failed(number, str(cause))) for number in list(self._jobs)]
        for number, job in self._jobs.items():
            self.client.start(job.kind, job.all_arguments(), number)
        return arrived

    def _end(self, number: int, message: messages.Message) -> Received:
        self._jobs.pop(number, None)
        return message, b""


def _failed(number: int, text: str) -> Failed:
    return Failed(number, EngineError.code, text, EngineError.exit_status)


def _tell_journal(job: _Job, *, died: list[int], left_out: list[int]) -> None:
    bundle = job.arguments.get("bundle")
    if isinstance(bundle, str) and job.kind == "render":
        path = Path(bundle) / "journal.jsonl"
        journal.append(path, event="died", frames=died)
        if left_out:
            journal.append(path, event="left out", frames=left_out)


def _tidy(job: _Job) -> None:
    """Remove what a killed engine left."""
    bundle = job.arguments.get("bundle")
    if isinstance(bundle, str):
        sweep(Path(bundle))
