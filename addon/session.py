"""The engine's jobs while a window is open: one engine, one timer, nothing modal.

What a job found is written into the file by one operator, which is one undo step. A job never outlives the file it
was started in.
"""

from __future__ import annotations

import atexit
from dataclasses import dataclass, field
from typing import Any

import bpy

from ..ganreact_core.client import done_or_raise
from ..ganreact_core.errors import GANReactError
from ..ganreact_core.frame_ranges import as_ranges
from ..ganreact_core.keeper import EngineKeeper
from ..ganreact_core.messages import TERMINAL, Cancelled, Message, Picture, Progress
from .engine_python import engine_command, engine_environment, find_engine_python
from .preferences import engine_choice

_PERIOD_S, _QUICK_S = 0.1, 0.01
_SHOWN_IN = {"SEQUENCE_EDITOR", "VIEW_3D", "PREFERENCES", "IMAGE_EDITOR"}


@dataclass
class Job:
    """One job under way.

    finish    name of the operator that writes its result, and that operator's arguments
    on_picture    takes (Picture, bytes)
    on_progress   takes Progress
    on_failure    called where it ended without success
    quiet     goes on in the background: no bar, no grey buttons
    """

    number: int
    title: str
    finish: tuple[str, dict[str, Any]] | None = None
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

    def start(self, context: bpy.types.Context, kind: str, arguments: dict[str, Any], **job: Any) -> Job:
        """Give the engine a job; raises EngineError where there is no engine."""
        self._ensure_engine(context)
        number = self.client.start(kind, arguments)
        self.jobs[number] = Job(number, **job)
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

    def stop(self) -> None:
        """End the engine and forget its jobs: none of them will write anywhere."""
        self.jobs.clear()
        client, self.client = self.client, None
        if client:
            client.stop()

    def take(self) -> bool:
        """Hand on what has arrived; says whether anything did."""
        arrived = self.client.poll() if self.client else []
        for message, raw in arrived:
            job = self.jobs.get(message.job)
            if job:
                self._take_one(job, message, raw)
        return bool(arrived)

    def _take_one(self, job: Job, message: Message, raw: bytes) -> None:
        if isinstance(message, Progress) and not job.cancelled:
            job.fraction, job.text = message.fraction, message.text
            if job.on_progress:
                job.on_progress(message)
        elif isinstance(message, Picture) and job.on_picture:
            job.on_picture(message, raw)
        elif isinstance(message, TERMINAL):
            del self.jobs[job.number]
            self._finish(job, message)

    def _finish(self, job: Job, message: Message) -> None:
        try:
            done = done_or_raise(message)
            if not job.quiet:
                self.notice = " ".join(done.result.get("warnings", []))
            if done.result.get("left_out"):
                which = ", ".join(as_ranges(done.result["left_out"]))
                self.notice = f"Frames {which} killed the engine twice and were left out; all others are done"
                return
            if job.finish:
                call_operator(*job.finish)
            if self.notice and not job.quiet and done.result.get("warnings"):
                call_operator("warn", {"text": self.notice})
        except (GANReactError, RuntimeError) as cause:
            if job.on_failure:
                job.on_failure()
            if not (job.quiet and job.on_failure):  # nobody waited for it, and somebody knows
                self.notice = "" if isinstance(message, Cancelled) else str(cause).removeprefix("Error: ").strip()

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
    if session.take():
        _redraw()
    if not session.jobs:
        return None
    return _QUICK_S if any(job.quiet for job in session.jobs.values()) else _PERIOD_S


@bpy.app.handlers.persistent
def _on_load(*_: object) -> None:
    session.stop()
    session.notice = ""


def register() -> None:
    """Listen for another file being opened."""
    bpy.app.handlers.load_pre.append(_on_load)
    atexit.register(session.stop)


def unregister() -> None:
    """End the engine; leave no timer, handler or process."""
    if bpy.app.timers.is_registered(pump):
        bpy.app.timers.unregister(pump)
    bpy.app.handlers.load_pre.remove(_on_load)
    atexit.unregister(session.stop)
    session.stop()


def call_operator(name: str, arguments: dict[str, Any]) -> None:
    """Run an operator as one undo step; a timer knows no window, so one is given to it."""
    operator = getattr(bpy.ops.ganreact, name)
    windows = bpy.context.window_manager.windows
    if bpy.context.window is None and len(windows):
        with bpy.context.temp_override(window=windows[0]):
            operator("EXEC_DEFAULT", True, **arguments)
    else:
        operator("EXEC_DEFAULT", True, **arguments)


def _redraw() -> None:
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in _SHOWN_IN:
                area.tag_redraw()


