"""The engine process from the client's side: start, send, poll, stop.

Each job ends in exactly one terminal message, also when the engine dies, talks nonsense or is of another version.
"""

from __future__ import annotations

import contextlib
import itertools
import queue
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

from . import errors, messages
from .errors import EngineError, GANReactError
from .messages import TERMINAL, Alive, Cancel, Done, Failed, Hello, Message, Progress, Quit, Start
from .processes import NO_WINDOW

_TAIL_LINES = 40
_RUN = ("import sys, runpy; sys.path.insert(0, sys.argv.pop(1)); "
        "from ganreact_core.processes import end_with_parent; end_with_parent(True); "
        "runpy.run_module('ganreact_core', run_name='__main__', alter_sys=True)")
_QUIT_S, _KILLED_S, _POLL_S = 1.0, 3.0, 0.02
_UNREAD_LIMIT = 20_000

Received = tuple[Message, bytes]


class EngineClient:
    """One engine process and the jobs given to it. Every method is called from one and the same thread.

    hello      what the engine said first, once it has
    broken     why it can be used no more, as a sentence; "" while it can
    heard_at   when it was last heard of, by time.monotonic
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]):
        try:
            self._process = subprocess.Popen(command, env=dict(environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                             stderr=subprocess.PIPE, creationflags=NO_WINDOW)
        except OSError as cause:
            raise EngineError(f"the engine does not start ({cause.strerror}); choose another Python for it") from cause
        # all three are pipes: said here once, for the type checker
        self._in, self._out, self._err = (cast(BinaryIO, pipe) for pipe in
                                          (self._process.stdin, self._process.stdout, self._process.stderr))
        self.hello: Hello | None = None
        self._incoming: queue.Queue[Received | None] = queue.Queue(_UNREAD_LIMIT)
        self._outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self._open: set[int] = set()
        self._numbers = itertools.count(1)
        self._ended = False
        self.broken = ""
        self.heard_at = time.monotonic()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._listen, self._keep_tail)]
        for thread in (*self._threads, threading.Thread(target=self._write, daemon=True)):
            thread.start()

    @property
    def pid(self) -> int:
        """Process id of the engine."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether jobs can be given to it."""
        return not self.broken and self._process.poll() is None

    def start(self, kind: str, arguments: Mapping[str, Any], job: int | None = None) -> int:
        """Give it a job; returns the job's number. How it went comes by `poll`, also where the engine is dead.

        Raises EngineError, and there is no job, where its arguments cannot be sent.
        """
        job = next(self._numbers) if job is None else job
        self._send(Start(job, kind, dict(arguments)))
        self._open.add(job)
        return job

    def cancel(self, job: int) -> None:
        """Ask for a job to stop; it ends as Cancelled, or as Done where it was done already."""
        if job in self._open:
            self._send(Cancel(job))

    def poll(self) -> list[Received]:
        """What has arrived since, without waiting: messages of open jobs, in order, each with its raw bytes."""
        arrived: list[Received] = []
        with contextlib.suppress(queue.Empty):
            while True:
                received = self._incoming.get_nowait()
                if received is None:
                    self._ended = True
                else:
                    arrived += self._accept(*received)
        return arrived + self._broke_off() if self._ended and self._open else arrived

    def kill(self) -> None:
        """End the process at once. Open jobs end at the next poll."""
        self._process.kill()
        self._wait(_KILLED_S)

    def stop(self) -> None:
        """End the process: asked first, after 1 s killed; at once where it is still importing its libraries, reads nothing and
        has nothing to put away. Open jobs end at the next poll."""
        self._send(Quit())
        self._outgoing.put(None)
        if self.hello is None or not self._wait(_QUIT_S):
            self._process.kill()
            self._wait(_KILLED_S)
        for thread, pipe in zip(self._threads, (self._out, self._err), strict=True):
            thread.join(1.0)
            if not thread.is_alive():  # a child of the engine keeps the pipe: closing it would wait for that
                pipe.close()

    def _wait(self, seconds: float) -> bool:
        """Whether the process ends within that time. One that hangs in a driver does not, even when it is killed."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _send(self, message: Message) -> None:
        self._outgoing.put(messages.encode(message))

    def _accept(self, message: Message, raw: bytes) -> list[Received]:
        if isinstance(message, Hello):
            self.hello = message
            if message.protocol != messages.PROTOCOL:
                self.broken = (f"the engine speaks version {message.protocol} and Blender version {messages.PROTOCOL}; "
                                "install GANReact again")
                self._process.kill()
            return []
        job = getattr(message, "job", None)
        if job not in self._open:
            return []
        if isinstance(message, TERMINAL):
            self._open.discard(job)
        return [(message, raw)]

    def _broke_off(self) -> list[Received]:
        """The engine's voice is gone: every open job fails, with the last thing it said as the cause."""
        self._wait(1.0)
        self._threads[1].join(1.0)
        last = next((line for line in reversed(self._tail) if line.strip()), f"exit status {self._process.poll()}")
        text = self.broken or f"the engine broke off ({last.strip()[:200]}); start the job again"
        failed: list[Received] = [(Failed(job, EngineError.code, text, EngineError.exit_status), b"")
                                  for job in sorted(self._open)]
        self._open.clear()
        self.broken = text
        return failed

    def _write(self) -> None:
        """On a thread of its own: an engine that compiles reads nothing for seconds, and its pipe holds little."""
        with contextlib.suppress(OSError, ValueError):  # a dead engine is noticed by the listener
            while (packet := self._outgoing.get()) is not None:
                self._in.write(packet)
                self._in.flush()
        with contextlib.suppress(OSError, ValueError):
            self._in.close()

    def _listen(self) -> None:
        try:
            while (received := messages.read(self._out, messages.TO_CLIENT)) is not None:
                self.heard_at = time.monotonic()
                if not isinstance(received[0], Alive):
                    self._incoming.put(received)
        except EngineError as cause:
            self._tail.append(str(cause))
            self._process.kill()
        except (OSError, ValueError) as cause:  # the pipe was closed under it while stopping
            self._tail.append(str(cause))
        self._incoming.put(None)
        self._outgoing.put(None)  # nobody reads any more

    def _keep_tail(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            for line in self._err:
                self._tail.append(line.decode("utf-8", "replace"))


def engine_command(python: str, *flags: str) -> list[str]:
    """The command that serves this very core with a Python, which is given some flags of its own."""
    return [python, *flags, "-c", _RUN, str(Path(__file__).resolve().parent.parent), "serve"]


class Engine(Protocol):
    """What jobs can be given to: a client, or a keeper of clients."""

    def cancel(self, job: int) -> None:
        """Ask for a job to stop."""

    def poll(self) -> list[Received]:
        """What has arrived."""


def wait(engine: Engine, job: int, on_progress: Callable[[Progress], None] = lambda progress: None, *,
         cancelled: Callable[[], bool] = lambda: False) -> Done:
    """Wait for the end of a job, where there is no window to keep alive; raises the error it ended with."""
    asked = False
    while True:
        if cancelled() and not asked:
            asked = True
            engine.cancel(job)
        for message, _ in engine.poll():
            if getattr(message, "job", None) != job:
                continue
            if isinstance(message, Progress):
                on_progress(message)
            elif isinstance(message, TERMINAL):
                return done_or_raise(message)
        time.sleep(_POLL_S)


def done_or_raise(message: Done | Failed | messages.Cancelled) -> Done:
    """The message itself where a job was done; else raises the error of the core's family that it stands for."""
    if isinstance(message, Done):
        return message
    if isinstance(message, messages.Cancelled):
        raise errors.Cancelled("the job was stopped")
    kinds = {kind.code: kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, GANReactError)}
    error = kinds.get(message.code, GANReactError)(message.text)
    error.exit_status = message.exit_status
    raise error
