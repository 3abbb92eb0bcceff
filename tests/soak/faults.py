"""Every system call that writes fails once, in each way: the render ends whole or with a clean error, and the next one completes."""

from __future__ import annotations

import errno
import functools
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from .nursery import Nursery, bad_but_done, contents, end_of, require, strays

_FRAMES = 20
_CALLS = ("open", "write", "fsync", "replace", "close", "unlink")
_KINDS = ("ENOSPC", "EIO", "EROFS", "EINTR", "short")
_CLEAN = (0, 4)


class Faults:
    """Stands between the core and the operating system in one process: the call with a number fails, or all from it on."""

    def __init__(self, kind: str, at: int, *, lasting: bool):
        self._kind, self._at, self._lasting, self.count = kind, at, lasting, 0

    def install(self) -> None:
        """Replace the calls in module os; nothing that the core writes goes another way."""
        for name in _CALLS:
            setattr(os, name, self._failing(name, getattr(os, name)))

    def _failing(self, name: str, real: Callable) -> Callable:
        def call(*args: object, **kwargs: object) -> object:
            if name == "open" and not args[1] & (os.O_CREAT | os.O_WRONLY | os.O_RDWR):
                return real(*args, **kwargs)
            self.count += 1
            hit = self.count >= self._at if self._lasting else self.count == self._at
            if not hit:
                return real(*args, **kwargs)
            if self._kind == "short":
                return real(args[0], bytes(args[1])[:max(1, len(args[1]) // 2)]) if name == "write" else real(*args, **kwargs)
            if name == "close":
                real(*args, **kwargs)  # as the system does: the error is told, the descriptor is gone
            raise OSError(getattr(errno, self._kind), os.strerror(getattr(errno, self._kind)))

        return call


def faults(nursery: Nursery, count: int) -> dict[str, object]:
    """A sweep over every call, each kind and both durations, until `count` faults were injected."""
    quiet = nursery.bundle("calm", _FRAMES)
    calls = _calls_of(nursery, quiet.folder)
    wanted, ends = contents(quiet), dict.fromkeys(_CLEAN, 0)
    plan = [(kind, at, lasting) for lasting in (False, True) for at in range(1, calls + 1) for kind in _KINDS]
    order = nursery.chance.permutation(len(plan)) if count < len(plan) else range(count)
    for number in range(count):
        kind, at, lasting = plan[order[number] % len(plan)]
        bundle = nursery.bundle("faulty", _FRAMES)
        shim = Faults(kind, at, lasting=lasting)
        status = end_of(nursery.fork(functools.partial(_render_faulty, nursery, bundle.folder, shim)))
        what = f"{kind} at call {at}{' and all later' if lasting else ''}"
        require(status in ends, f"{what} ended with {status}")
        ends[status] += 1
        require(not bad_but_done(bundle), f"after {what} a broken frame counts as done")
        require(status or contents(bundle) == wanted, f"after {what} the render said it was complete, and is not")
        require(end_of(nursery.render(bundle)) == 0 and contents(bundle) == wanted, f"after {what} the next run does not complete")
        require(not strays(bundle), f"after {what} and the next run files are left: {strays(bundle)[:3]}")
        shutil.rmtree(bundle.folder)
    return {"faults injected": count, "calls of one render": calls, "complete all the same": ends[0], "clean disk errors": ends[4],
            "next runs that completed": count, "broken frames that counted as done": 0}


def _calls_of(nursery: Nursery, folder: Path) -> int:
    """How many calls a render makes that can fail: counted in a child, told through a file."""
    told = folder.parent / "calls"

    def work() -> None:
        shim = Faults("EIO", 1 << 60, lasting=False)
        _render_faulty(nursery, folder, shim)
        told.write_text(str(shim.count))

    require(end_of(nursery.fork(work)) == 0, "the calm run failed")
    return int(told.read_text())


def _render_faulty(nursery: Nursery, folder: Path, shim: Faults) -> None:
    shim.install()
    nursery.render_here(folder)
