"""The worker process: messages in on stdin, messages out on stdout, one job after the other, gone when the pipe ends."""

from __future__ import annotations

import contextlib
import os
import queue
import sys
import threading
import traceback
from pathlib import Path
from typing import BinaryIO

import numpy as np

from .. import __version__, messages
from ..errors import Cancelled, EngineError, GANReactError
from ..files import disk_error
from ..messages import Done, Failed, Hello, Message, Picture, Progress, Start
from .jobs import JOBS, Desk


def serve() -> int:
    """Serve until Quit or the end of stdin. Stray prints of libraries go to stderr: stdout carries messages alone."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return Server(sys.stdin.buffer, out).run()


class Server:
    """Reads on the calling thread, so that Cancel and the end of the pipe are seen while a job runs on another."""

    def __init__(self, source: BinaryIO, sink: BinaryIO):
        self._source, self._sink = source, sink
        self._sending = threading.Lock()
        self._waiting: queue.Queue[Start] = queue.Queue()
        self._stopped: set[int] = set()
        self._desk = Desk()

    def run(self) -> int:
        """Answer until told to stop; a client that is gone, or talks nonsense, ends the process at once."""
        self.send(Hello(messages.PROTOCOL, __version__, _device()))
        threading.Thread(target=self._work, daemon=True).start()
        with contextlib.suppress(EngineError):
            while (received := messages.read(self._source)) is not None:
                message, _ = received
                if isinstance(message, messages.Quit):
                    break
                if isinstance(message, Start):
                    self._waiting.put(message)
                elif isinstance(message, messages.Cancel):
                    self._stopped.add(message.job)
        os._exit(0)  # nobody listens any more: a job that is still computing must not outlive its client

    def send(self, message: Message, raw: bytes = b"") -> None:
        """Write one message; a client that is gone ends the process."""
        with self._sending:
            try:
                packet = memoryview(messages.encode(message, raw))
                while packet:
                    packet = packet[self._sink.write(packet):]
            except OSError:
                os._exit(0)

    def _work(self) -> None:
        while True:
            self._run_job(self._waiting.get())

    def _run_job(self, start: Start) -> None:
        job = start.job
        self._desk.progress = lambda fraction, text, frame: self.send(Progress(job, float(fraction), text, frame))
        self._desk.picture = lambda picture: self._send_picture(job, picture)
        self._desk.cancelled = lambda: job in self._stopped
        try:
            if self._desk.cancelled():
                raise Cancelled("the job was stopped before it began")
            if start.kind not in JOBS:
                raise EngineError(f"the engine knows no job '{start.kind}'; update GANReact")
            self.send(Done(job, JOBS[start.kind](start.arguments, self._desk)))
        except Cancelled:
            self.send(messages.Cancelled(job))
        except GANReactError as error:
            self.send(Failed(job, error.code, str(error), error.exit_status))
        except OSError as error:
            refused = disk_error(Path(error.filename or "the file"), error)
            self.send(Failed(job, refused.code, str(refused), refused.exit_status))
        except Exception as error:  # a bug: its trace goes to the log on stderr, the user still gets an end and a sentence
            traceback.print_exc()
            self.send(Failed(job, "bug", f"the engine met a bug ({type(error).__name__}: {error}); please report it", 1))
        finally:
            self._stopped.discard(job)

    def _send_picture(self, job: int, picture: np.ndarray) -> None:
        height, width = picture.shape[:2]
        self.send(Picture(job, width, height, picture.nbytes), np.ascontiguousarray(picture).tobytes())


def _device() -> str:
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"
