"""The worker process: messages in on stdin, messages out on stdout, one job after the other, gone when the pipe ends."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import sys
import threading
import time
import traceback
from typing import BinaryIO, NoReturn

import numpy as np

from .. import __version__, messages
from ..caches import trim_caches
from ..errors import Bug, Cancelled, EngineError
from ..failures import explained, readable
from ..files import remove_unfinished
from ..messages import TO_ENGINE, Alive, Begun, Done, Failed, Hello, Message, Picture, Progress, Start
from ..processes import end_with_parent
from .desk import Desk
from .jobs import JOBS

_ALIVE_S = 5.0
_WAITING_LIMIT = 1000
_CARD_LOST = 70


def serve() -> int:
    """Serve until Quit or the end of stdin."""
    server = Server(*own_pipes())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the client decides what it means
    signal.signal(signal.SIGTERM, lambda number, frame: server.cancel_all())
    return server.run()


def own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The client's pipes (in, out), kept from everybody else: libraries find an empty stdin, and print to stderr.

    On Windows whoever so much as looks at a pipe waits until a read of it that is under way has ended (CPython issue 78961),
    and scipy looks at stdin when it is imported: a job that imports it would wait for the client's next message.
    """
    source, sink = os.fdopen(os.dup(sys.stdin.fileno()), "rb"), os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, sys.stdin.fileno())
    os.close(nothing)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return source, sink


class Server:
    """Reads on the calling thread, so that Cancel and the end of the pipe are seen while a job runs on another."""

    def __init__(self, source: BinaryIO, sink: BinaryIO):
        self._source, self._sink = source, sink
        self._sending = threading.Lock()
        self._waiting: queue.Queue[Start] = queue.Queue()
        self._open: set[int] = set()
        self._stopped: set[int] = set()
        self._desk = Desk()

    def run(self) -> int:
        """Answer until told to stop; a client that is gone, or talks nonsense, ends the process at once."""
        self.send(Hello(messages.PROTOCOL, __version__, _device()))
        end_with_parent(False)  # from here on the end of the pipe tells, and what is being written is put away
        for work in (self._work, self._say_alive, trim_caches):
            threading.Thread(target=work, daemon=True).start()
        with contextlib.suppress(EngineError, OSError):
            while (received := messages.read(self._source, TO_ENGINE)) is not None:
                message, _ = received
                if isinstance(message, messages.Quit):
                    break
                if isinstance(message, Start):
                    self._accept(message)
                elif isinstance(message, messages.Cancel) and message.job in self._open:
                    self._stopped.add(message.job)
        _end(0)  # nobody listens any more: a job that is still computing must not outlive its client

    def send(self, message: Message, raw: bytes = b"") -> None:
        """Write one message; a client that is gone ends the process."""
        with self._sending:
            try:
                packet = memoryview(messages.encode(message, raw))
                while packet:
                    packet = packet[self._sink.write(packet):]
            except OSError:
                _end(0)

    def cancel_all(self) -> None:
        """Every job that is open stops after its present batch."""
        self._stopped |= set(self._open)

    def _accept(self, start: Start) -> None:
        if start.job in self._open or len(self._open) >= _WAITING_LIMIT:
            raise EngineError("the client gives a job twice, or too many")
        self._open.add(start.job)
        self._waiting.put(start)

    def _work(self) -> None:
        while True:
            self._run_job(self._waiting.get())

    def _say_alive(self) -> None:
        while True:
            time.sleep(_ALIVE_S)
            self.send(Alive())

    def _run_job(self, start: Start) -> None:
        job = start.job
        self._desk.progress = lambda fraction, text, frame: self.send(Progress(job, float(fraction), text, frame))
        self._desk.begun = lambda frames: self.send(Begun(job, frames))
        self._desk.picture = lambda picture: self._send_picture(job, picture)
        self._desk.cancelled = lambda: job in self._stopped
        end = self._end_of(start)
        self._open.discard(job)
        self._stopped.discard(job)
        try:
            self.send(end)
        except EngineError as cause:  # a result that no message holds is not sent at all: its job ends none the less
            self.send(Failed(job, Bug.code, str(cause), Bug.exit_status))

    def _end_of(self, start: Start) -> Message:
        """Do a job; returns the message it ends with."""
        job = start.job
        try:
            if self._desk.cancelled():
                raise Cancelled("the job was stopped before it began")
            if start.kind not in JOBS:
                raise EngineError(f"the engine knows no job '{start.kind}'; update GANReact")
            return Done(job, JOBS[start.kind](start.arguments, self._desk))
        except Cancelled:
            return messages.Cancelled(job)
        except BaseException as error:  # this thread must not end, whatever a library raises
            told = explained(error)
            if isinstance(told, Bug):  # its trace goes to the log on stderr, the user still gets an end and a sentence
                traceback.print_exc()
                _end_where_card_is_lost(error)
            return Failed(job, told.code, readable(str(told)), told.exit_status)

    def _send_picture(self, job: int, picture: np.ndarray) -> None:
        height, width = picture.shape[:2]
        self.send(Picture(job, width, height, picture.nbytes), np.ascontiguousarray(picture).tobytes())


def _end_where_card_is_lost(error: BaseException) -> None:
    """From here on every call to the card would fail; a fresh process gets it back."""
    if "CUDA error" in str(error):
        print(f"the graphics card is lost to this process: {error}", file=sys.stderr, flush=True)
        _end(_CARD_LOST)


def _end(status: int) -> NoReturn:
    """End at once, whatever other threads do, and leave nothing half-written behind."""
    remove_unfinished()
    os._exit(status)


def _device() -> str:
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"
