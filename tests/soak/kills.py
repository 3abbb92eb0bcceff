"""SIGKILL at random times: no frame is lost, none that is broken counts, and in the end the bytes are those of a quiet run."""

from __future__ import annotations

import os
import signal
import time

from ganreact_core.bundle import Bundle

from .nursery import Nursery, bad_but_done, contents, done_frames, end_of, made_twice, require, strays

_FRAMES = 120
_LONGEST_S = 0.25
_WHILE_MAKING = 0.85


def kills(nursery: Nursery, count: int) -> dict[str, object]:
    """Kill a render again and again; whenever it manages to finish, throw away a random half of its frames."""
    quiet = nursery.bundle("quiet", _FRAMES)
    require(end_of(nursery.render(quiet)) == 0, "the quiet run failed")
    wanted, bundle = contents(quiet), nursery.bundle("killed", _FRAMES)
    killed = rendered = 0
    before: dict[int, str] = {}
    while killed < count:
        told = _size(bundle)
        pid = nursery.render(bundle)
        if nursery.chance.random() < _WHILE_MAKING:
            _wait_for(bundle, told)
        time.sleep(nursery.chance.uniform(0, _LONGEST_S))
        os.kill(pid, signal.SIGKILL)
        killed += end_of(pid) == -signal.SIGKILL
        now = contents(bundle)
        require(not bad_but_done(bundle), f"after {killed} kills a broken frame counts as done")
        require(before.items() <= now.items(), f"after {killed} kills a finished frame was lost or changed")
        rendered += len(now) - len(before)
        if len(now) == _FRAMES:
            for frame in nursery.chance.permutation(_FRAMES)[:_FRAMES // 2] + 1:
                bundle.frame_path(int(frame)).unlink()
            now = contents(bundle)
        before = now
    require(end_of(nursery.render(bundle)) == 0 and len(done_frames(bundle)) == _FRAMES, "the last run did not finish")
    require(contents(bundle) == wanted, "the sequence differs from that of a quiet run")
    require(not strays(bundle), f"temporary files are left: {strays(bundle)[:3]}")
    return {"SIGKILLs": killed, "frames finished between them": rendered, "broken frames that counted as done": 0,
            "finished frames lost": 0, "bytes equal to a quiet run": True, "stray files": 0,
            "frames in the journal more than once, thrown away or not": made_twice(bundle)}


def _size(bundle: Bundle) -> int:
    """The journal grows when frames begin to be made."""
    return bundle.journal_path.stat().st_size if bundle.journal_path.exists() else 0


def _wait_for(bundle: Bundle, told: int) -> None:
    """Until the journal tells of a frame."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        if _size(bundle) > told and b'"event":"frame"' in bundle.journal_path.read_bytes()[told:]:
            return
        time.sleep(0.005)
