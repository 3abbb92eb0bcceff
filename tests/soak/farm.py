"""Four processes on one folder, killed and stopped at random, their clocks an hour apart: every frame once, and right."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass

from .nursery import BUG, Nursery, bad_but_done, contents, done_frames, end_of, made_twice, require, strays

_PROCESSES, _PATIENCE_S, _STEP_S = 4, 3.0, 0.4
_CLOCKS_S = (0.0, 3600.0, -3600.0, 1800.0)


@dataclass
class _Worker:
    pid: int
    wakes_at: float = 0.0


def farm(nursery: Nursery, count: int) -> dict[str, object]:
    """Render `count` frames; every four tenths of a second somebody is killed, or stopped for longer than the others' patience."""
    quiet = nursery.bundle("alone", count)
    require(end_of(nursery.render(quiet), 1800) == 0, "the quiet run failed")
    bundle = nursery.bundle("shared", count)
    workers = [_Worker(_start(nursery, bundle.folder, clock)) for clock in _CLOCKS_S]
    killed = stopped = 0
    while len(done_frames(bundle)) < count:
        time.sleep(_STEP_S)
        now, place = time.monotonic(), int(nursery.chance.integers(_PROCESSES))
        _wake(workers, now)
        worker, dice = workers[place], nursery.chance.random()
        if os.waitpid(worker.pid, os.WNOHANG)[0]:
            workers[place] = _Worker(_start(nursery, bundle.folder, _CLOCKS_S[place]))
        elif dice < 0.5:
            os.kill(worker.pid, signal.SIGKILL)
            os.waitpid(worker.pid, 0)
            killed += 1
            workers[place] = _Worker(_start(nursery, bundle.folder, _CLOCKS_S[place]))
        elif dice < 0.7 and not worker.wakes_at:
            os.kill(worker.pid, signal.SIGSTOP)
            worker.wakes_at = now + 2 * _PATIENCE_S
            stopped += 1
    _wake(workers, float("inf"))
    statuses = [_status(worker.pid) for worker in workers]
    require(set(statuses) == {0}, f"the last four ended with {statuses}")
    require(not bad_but_done(bundle) and contents(bundle) == contents(quiet), "the frames differ from those of one quiet process")
    require(not strays(bundle), f"files are left: {strays(bundle)[:3]}")
    twice = made_twice(bundle)
    require(twice <= 0.05 * count, f"{twice} of {count} frames were made twice")
    return {"processes": _PROCESSES, "frames": count, "killed": killed, "stopped for longer than the patience": stopped,
            "clocks apart, hours": 2, "frames equal to a quiet run": count, "made twice": twice, "double work, %": round(100 * twice / count, 2)}


def _start(nursery: Nursery, folder: object, clock_s: float) -> int:
    """A process that believes it to be another time."""
    real = time.time

    def work() -> None:
        time.time = lambda: real() + clock_s
        nursery.render_here(folder, patience_s=_PATIENCE_S)

    return nursery.fork(work)


def _wake(workers: list[_Worker], now: float) -> None:
    for worker in workers:
        if worker.wakes_at and worker.wakes_at < now:
            os.kill(worker.pid, signal.SIGCONT)
            worker.wakes_at = 0.0


def _status(pid: int) -> int:
    try:
        return end_of(pid)
    except ChildProcessError:  # it had ended, and was found so
        return 0 if pid else BUG
