"""Real engines for the parts of the soak that need the whole chain: keeper, pipe, worker."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ganreact_core.client import engine_command
from ganreact_core.keeper import EngineKeeper
from ganreact_core.messages import TERMINAL, Message

PERIOD_S = 0.1
"""How often Blender's timer asks."""


@contextlib.contextmanager
def engine() -> Iterator[EngineKeeper]:
    """An engine as Blender has one; gone at the end."""
    kept = EngineKeeper(engine_command(sys.executable, "-P"), os.environ)
    try:
        yield kept
    finally:
        kept.stop()


def until_end(kept: EngineKeeper, job: int, heard: Callable[[Message], None] = lambda message: None, seconds: float = 7200.0,
              period_s: float = PERIOD_S) -> tuple[Message, float]:
    """The message a job ends with, and the longest that asking took, in seconds, without the time that other programs
    kept the processor from us."""
    until, slowest = time.monotonic() + seconds, 0.0
    while time.monotonic() < until:
        began, queued = time.perf_counter(), _queued_s()
        arrived = kept.poll()
        slowest = max(slowest, time.perf_counter() - began - (_queued_s() - queued))
        for message, _ in arrived:
            heard(message)
            if isinstance(message, TERMINAL) and message.job == job:
                return message, slowest
        time.sleep(period_s)
    raise AssertionError("the job does not end")


def _queued_s() -> float:
    """How long this thread has waited for a processor so far."""
    return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9


def memory_mib(pid: int) -> float:
    """Resident memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def descriptors(pid: int) -> int:
    """Open files of a process."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def listening(pid: int) -> list[str]:
    """Sockets of a process that anybody could connect to."""
    own = {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()}
    found = []
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if f"socket:[{fields[9]}]" in own and fields[3] in ("0A", "07"):  # listening, or unconnected UDP
                found.append(fields[1])
    return found
