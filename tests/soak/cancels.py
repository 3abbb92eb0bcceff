"""Cancelling at random times, also an engine that does not listen any more."""

from __future__ import annotations

import os
import signal
import time

from ganreact_core.messages import Cancelled, Done, Message, Progress

from .engines import engine, until_end
from .nursery import Nursery, bad_but_done, require, strays

_FRAMES = 400
_ASK_S = 0.01


def cancels(nursery: Nursery, count: int) -> dict[str, object]:
    """`count` soft ones in one warm engine, and a twentieth as many of an engine that was stopped, which must be killed."""
    slowest, hardest, done = 0.0, 0.0, 0
    with engine() as kept:
        for number in range(count):
            bundle = nursery.bundle(f"c{number % 8}", _FRAMES, **{"truncation": nursery.chance.uniform(0.1, 1)})
            job = kept.start("render", {"bundle": str(bundle.folder), "device": "cpu"})
            _first_frame(kept, job)
            time.sleep(nursery.chance.uniform(0, 0.3))
            began = time.monotonic()
            kept.cancel(job)
            ended, _ = until_end(kept, job, period_s=_ASK_S)
            slowest, done = max(slowest, time.monotonic() - began), done + isinstance(ended, Done)
            require(isinstance(ended, (Cancelled, Done)), f"a cancelled render ended as {ended}")
            require(not strays(bundle) and not bad_but_done(bundle), f"after a cancel files are left: {strays(bundle)[:3]}")
        for _ in range(max(1, count // 20)):
            hardest = max(hardest, _hard(nursery, kept))
    require(slowest < 2 and hardest < 5, f"cancelling took {slowest:.1f} s, of a stopped engine {hardest:.1f} s")
    return {"cancels": count, "slowest, s": round(slowest, 2), "done before they were heard": done,
            "of stopped engines": max(1, count // 20), "slowest of those, s": round(hardest, 2), "files or processes left": 0}


def _hard(nursery: Nursery, kept) -> float:
    bundle = nursery.bundle("hard", _FRAMES, **{"truncation": nursery.chance.uniform(0.1, 1)})
    job = kept.start("render", {"bundle": str(bundle.folder), "device": "cpu"})
    _first_frame(kept, job)
    pid = kept.pid
    os.kill(pid, signal.SIGSTOP)
    began = time.monotonic()
    kept.cancel(job)
    ended, _ = until_end(kept, job, period_s=_ASK_S)
    took = time.monotonic() - began
    require(isinstance(ended, Cancelled) and not strays(bundle) and not bad_but_done(bundle), "a hard cancel left something")
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return took
    raise AssertionError("the stopped engine lives on")


def _first_frame(kept, job: int) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if any(_tells_frame(message) for message, _ in kept.poll()):
            return
        time.sleep(_ASK_S)
    raise AssertionError("the render does not begin")


def _tells_frame(message: Message) -> bool:
    return isinstance(message, Progress) and message.frame is not None
