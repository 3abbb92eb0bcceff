"""The engine's jobs while a window is open: one engine, one timer, nothing modal.

What a job found is written into the file by one operator, which is one undo step. A job never outlives the file it
was started in.
"""

from __future__ import annotations

import atexit
import re
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import bpy

from ..ganreact_core.client import done_or_raise
from ..ganreact_core.errors import Bug
from ..ganreact_core.failures import explained
from ..ganreact_core.frame_ranges import as_ranges
from ..ganreact_core.keeper import EngineKeeper
from ..ganreact_core.messages import TERMINAL, Cancelled, Message, Picture, Progress
from . import hands
from .engine_python import engine_command, engine_environment, find_engine_python
from .errands import Errand, call_operator
from .preferences import engine_choice
from .redrawing import redraw

_PERIOD_S, _QUICK_S = 0.1, 0.01
_REFUSED = re.compile(r"^Operator bpy\.ops\.\S+?\.poll\(\) ")


@dataclass
class Job:
    """One job under way.

    finish    what writes its result into the file
    on_picture    takes (Picture, bytes)
    on_progress   takes Progress
    on_failure    called where it ended without success
    quiet     goes on in the background: no bar, no grey buttons
    """

    number: int
    title: str
    finish: Errand | None = None
    on_picture: Any = None
    on_progress: Any = None
    on_failure: Any = None
    quiet: bool = False
    fraction: float = 0.0
    text: str = ""
    cancelled: bool = False


@dataclass
class Session:
    """What lives between two clicks; nothing of it belongs to the file."""

    client: EngineKeeper | None = None
    jobs: dict[int, Job] = field(default_factory=dict)
    notice: str = ""
    held: list[tuple[Message, bytes]] = field(default_factory=list)

    def start(self, context: bpy.types.Context, kind: str, arguments: dict[str, Any], *,
              finish: tuple[str, dict[str, Any]] | None = None, **job: Any) -> Job:
        """Give the engine a job; raises EngineError where there is no engine.

        finish   the operator that writes its result, and that operator's arguments
        """
        self._ensure_engine(context)
        number = self.client.start(kind, arguments)
        self.jobs[number] = Job(number, finish=Errand(context, *finish) if finish else None, **job)
        if not self.jobs[number].quiet:
            self.notice = ""
        if not bpy.app.background and not bpy.app.timers.is_registered(pump):
            bpy.app.timers.register(pump, first_interval=_PERIOD_S)
        return self.jobs[number]

    def cancel(self) -> None:
        """Ask every job to stop; what is finished stays."""
        for job in [job for job in self.jobs.values() if not job.quiet]:
            job.cancelled, job.text = True, "Stopping"
            self.client.cancel(job.number)

    @property
    def running(self) -> Job | None:
        """The job under way: the first one, since the engine does one after the other."""
        return next(iter(self.jobs.values()), None)

    @property
    def busy(self) -> Job | None:
        """The first job that somebody is waiting for."""
        return next((job for job in self.jobs.values() if not job.quiet), None)

    def stop(self, *, wait: bool = True) -> None:
        """End the engine and forget its jobs: none of them will write anywhere.

        wait   until it is gone, which takes seconds where it is just importing its libraries; else a thread sees to that
        """
        self.jobs.clear()
        self.held.clear()
        client, self.client = self.client, None
        if client and wait:
            client.stop()
        elif client:
            threading.Thread(target=client.stop, daemon=True).start()

    def take(self) -> bool:
        """Hand on what has arrived, and what could not be written before; says whether anything arrived."""
        arrived = self.client.poll() if self.client else []
        held, self.held = self.held, []
        for message, raw in [*held, *arrived]:
            job = self.jobs.get(message.job)
            if job:
                self._take_one(job, message, raw)
        return bool(arrived)

    def _take_one(self, job: Job, message: Message, raw: bytes) -> None:
        if isinstance(message, TERMINAL):
            if job.finish and job.finish.writes and hands.are_full():
                job.text = "Done; shown when nothing is dragged or rendered"
                self.held.append((message, raw))
            else:
                del self.jobs[job.number]
                self._finish(job, message)
            return
        try:
            if isinstance(message, Progress) and not job.cancelled:
                job.fraction, job.text = message.fraction, message.text
                if job.on_progress:
                    job.on_progress(message)
            elif isinstance(message, Picture) and job.on_picture:
                job.on_picture(message, raw)
        except Exception as cause:  # a timer that raises is dropped by Blender, and every job would stand for ever
            self._cannot_show(job, cause)

    def _cannot_show(self, job: Job, cause: Exception) -> None:
        """What shows a job's pictures or frames has failed: frames are made all the same, pictures for nobody."""
        self.notice = _as_sentence(cause)
        job.on_progress = None
        if job.on_picture:
            job.on_picture, job.finish, job.cancelled = None, None, True
            self.client.cancel(job.number)

    def _finish(self, job: Job, message: Message) -> None:
        try:
            done = done_or_raise(message)
            if not job.quiet:
                self.notice = self.notice if job.cancelled else " ".join(done.result.get("warnings", []))
            if done.result.get("left_out"):
                which = ", ".join(as_ranges(done.result["left_out"]))
                self.notice = f"Frames {which} killed the engine twice and were left out; all others are done"
                return
            if job.finish:
                job.finish.run()
            if self.notice and not job.quiet and done.result.get("warnings"):
                call_operator("warn", {"text": self.notice})
        except Exception as cause:  # as above
            if job.on_failure:
                job.on_failure()
            if isinstance(message, Cancelled):
                self.notice = self.notice if job.cancelled and not job.quiet else ""
            elif not (job.quiet and job.on_failure):  # nobody waited for it, and somebody knows
                self.notice = _as_sentence(cause)

    def break_off(self, cause: Exception) -> None:
        """What speaks to the engine has failed: every job ends here, and the next one gets another engine."""
        failed = [job.on_failure for job in self.jobs.values() if job.on_failure]
        self.stop(wait=False)
        self.notice = _as_sentence(cause)
        for on_failure in failed:
            on_failure()

    def _ensure_engine(self, context: bpy.types.Context) -> None:
        if self.client and not self.client.is_alive and not self.jobs:
            self.stop()
        if self.client is None:
            python = find_engine_python(engine_choice(context).python)
            self.client = EngineKeeper(engine_command(python), engine_environment())


session = Session()
"""The one session of this Blender."""


def pump() -> float | None:
    """The timer: hands on what has arrived, redraws the panels, ends with the last job."""
    try:
        arrived = session.take()
    except Exception as cause:  # as where one message is taken
        arrived = True
        session.break_off(cause)
    if arrived:
        redraw()
    if not session.jobs:
        return None
    return _QUICK_S if any(job.quiet for job in session.jobs.values()) else _PERIOD_S


_with_the_file: list[Callable[[], None]] = []


_stopped: list[str] = []
"""Titles of the jobs that the last opening of a file has ended."""


@bpy.app.handlers.persistent
def _on_load(*_: object) -> None:
    _stopped[:] = [job.title for job in session.jobs.values() if not job.quiet]
    session.stop(wait=bpy.app.background)
    session.notice = ""
    for rest in _with_the_file:
        rest()


@bpy.app.handlers.persistent
def _on_no_load(*_: object) -> None:
    """The other file could not be opened: this one is still here, and what was under way for it is not."""
    if _stopped:
        session.notice = f"{', '.join(_stopped)}: stopped, since another file was to be opened; start it again"


def end_with_the_file(*rests: Callable[[], None]) -> None:
    """What else is put to rest when another file is opened.

    Blender drops every timer there, and who does not know it would wait for one that never comes.
    """
    _with_the_file[:] = rests


def register() -> None:
    """Listen for another file being opened: the engine ends then."""
    bpy.app.handlers.load_pre.append(_on_load)
    bpy.app.handlers.load_post_fail.append(_on_no_load)
    atexit.register(session.stop)


def unregister() -> None:
    """End the engine; leave no timer, handler or process."""
    if bpy.app.timers.is_registered(pump):
        bpy.app.timers.unregister(pump)
    bpy.app.handlers.load_pre.remove(_on_load)
    bpy.app.handlers.load_post_fail.remove(_on_no_load)
    atexit.unregister(session.stop)
    session.stop()


def _as_sentence(cause: Exception) -> str:
    """What an artist is told: an operator's own words where it refused, else what the core says of it."""
    text = str(cause).removeprefix("Error: ").strip()
    if type(cause) is RuntimeError and "Traceback" not in text:
        return _REFUSED.sub("", text)
    told = explained(RuntimeError(text.splitlines()[-1]) if "Traceback" in text else cause)
    if isinstance(told, Bug):
        traceback.print_exception(cause)
    return str(told)


