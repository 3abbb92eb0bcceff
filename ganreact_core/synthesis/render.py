"""Bundle -> frames: each file whole or not there; resumable at any time; many processes can work on one bundle."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from dataclasses import dataclass, field

import numpy as np

from .. import journal
from ..bundle import Bundle, mend_journal
from ..errors import Cancelled, Partial
from ..frame_ranges import as_ranges
from ..leases import PATIENCE_S, Leases, sweep
from ..processes import machine, process_name
from ..room import Patience, require_room
from ..shares import Shares
from .computing import Computing, make_maker
from .frame_maker import FrameMaker
from .generators.base import Generator
from .writing import Writing

_ROUNDS = 3
_MEASURED_FRAMES = 3
_LOOK_AGAIN_S = 0.5


@dataclass(frozen=True)
class Conduct:
    """How a render behaves.

    deep            reads every byte of the frames that are there
    wait_for_disk_s how long to wait for room where the disk is full; inf: until there is some
    alone           frames that are made first, and one at a time, because a process died over them
    without         frames that are left out, because they have killed a process twice
    precision       "exact", or "fast" where the engine knows how
    patience_s      a neighbour that was not heard of for so long has its frames taken over
    """

    deep: bool = False
    wait_for_disk_s: float = 0.0
    alone: Collection[int] = ()
    without: Collection[int] = ()
    precision: str = "exact"
    patience_s: float = PATIENCE_S


@dataclass(frozen=True)
class Audience:
    """Who is told, and who may stop it.

    progress(done, total, frame)   after every finished file, and with None for what others did
    begun(frames)                  before these are computed
    notice(sentence)               something lasts: the disk is full, others are at work; "" when it is over
    cancelled()                    asked between batches
    seen(frame, picture)           each picture made here, in the network's working size, before it is written
    """

    progress: Callable[[int, int, int | None], None] = lambda done, total, frame: None
    begun: Callable[[list[int]], None] = lambda frames: None
    notice: Callable[[str], None] = lambda sentence: None
    cancelled: Callable[[], bool] = lambda: False
    seen: Callable[[int, np.ndarray], None] = lambda frame, picture: None


@dataclass(frozen=True)
class RenderReport:
    """What a render did: frames made now, frames that were right already or were made by others, frames left out, and
    sentences on what did not go as it should."""

    rendered: int
    kept: int
    left_out: tuple[int, ...] = ()
    remarks: tuple[str, ...] = ()


def render_bundle(bundle: Bundle, generator: Generator, frames: range, *, conduct: Conduct = Conduct(),
                  audience: Audience = Audience()) -> RenderReport:
    """Render what is missing, broken or stale of `frames`, and wait for what others are making of them.

    Raises Cancelled between batches when asked to, with every finished frame kept; Partial where frames would not stay.
    """
    bundle.require_no_foreign(frames)
    sweep(bundle.folder)
    mend_journal(bundle)
    wanted = _wanted(bundle, frames, conduct)
    asked = len(frames) - len(set(conduct.without) & set(frames))
    audience.progress(asked - len(wanted), asked, None)
    rendered, remarks = 0, list[str]()
    if wanted:
        replaying = None if conduct.alone or conduct.without else remarks.append  # of a card that has failed less is asked
        with closing(make_maker(generator, bundle, conduct.precision, replaying)) as maker:
            rendered = _made(wanted, _Course(bundle, maker, conduct, audience, asked))
    return RenderReport(rendered, asked - rendered, tuple(sorted(set(conduct.without) & set(frames))), tuple(remarks))


def _made(wanted: dict[int, str], course: _Course) -> int:
    """Make these until they are right; returns how many were made here. Raises Partial where they would not stay."""
    rendered = 0
    for _ in range(_ROUNDS):
        rendered += course.run(wanted)
        wanted = _wanted(course.bundle, wanted, course.conduct)
        if not wanted:
            return rendered
    raise Partial(f"frames {', '.join(as_ranges(wanted))} were written and are not right; check the disk and run again")


@dataclass
class _Course:
    """One render under way."""

    bundle: Bundle
    maker: FrameMaker
    conduct: Conduct
    audience: Audience
    asked: int
    rendered: int = field(default=0, init=False)

    def run(self, wanted: dict[int, str]) -> int:
        """Make these; returns how many were made here."""
        before = self.rendered
        self._note("start", frames=len(wanted), numerics=self.maker.numerics_class(), machine=machine(), process=process_name())
        with Leases(self.bundle.folder / "leases", patience_s=self.conduct.patience_s) as leases:
            alone = {frame: key for frame, key in wanted.items() if frame in set(self.conduct.alone)}
            for part in (alone, {frame: key for frame, key in wanted.items() if frame not in alone}):
                shares = Shares(self.bundle, part, leases)
                done = self.asked - len(wanted) if part is alone else self.asked - len(part)
                self._make(shares, part, done, alone=part is alone)
        return self.rendered - before

    def _make(self, shares: Shares, wanted: dict[int, str], done: int, *, alone: bool) -> None:
        """Make what is free, wait for what is not, until nothing is left."""
        patience = Patience(self.conduct.wait_for_disk_s, self.audience.cancelled, self._disk)
        made, told = 0, -1
        while shares.left:
            with Writing(self.bundle, wanted, patience) as writing:
                for frame in self._written(shares, writing, patience, alone):
                    shares.finished(frame)
                    made += 1
                    self.rendered += 1
                    self.audience.progress(done + made + shares.elsewhere, self.asked, frame)
                    if made == _MEASURED_FRAMES and not self.conduct.wait_for_disk_s:
                        require_room(self.bundle.frames_folder, shares.left, writing.frame_bytes)
            if self.audience.cancelled() and shares.left:
                raise Cancelled(f"the render was stopped after {self.rendered} of {self.asked} frames; render again to go on")
            if shares.left:
                if told != shares.elsewhere:
                    told = shares.elsewhere
                    self.audience.progress(done + made + told, self.asked, None)
                    self.audience.notice(f"Others are at work on the last {shares.left} frames")
                time.sleep(_LOOK_AGAIN_S)

    def _written(self, shares: Shares, writing: Writing, patience: Patience, alone: bool) -> Iterator[int]:
        """Compute and write; yields each frame once its file is whole."""
        def take(count: int) -> list[int]:
            return [] if self.audience.cancelled() else patience(lambda: shares.take(count))

        computing = Computing(self.maker, self.bundle.table, take, begun=self.audience.begun, lessened=self._lessened)
        for frame, picture in computing.pictures(alone=alone):
            writing.add(frame, picture, self.maker.numerics_class())
            self.audience.seen(frame, picture)
            yield from writing.finished(all_of_them=alone)
        yield from writing.finished(all_of_them=True)

    def _lessened(self) -> None:
        self._note("memory", numerics=self.maker.numerics_class())

    def _disk(self, waiting: bool) -> None:
        self._note("disk", waiting=waiting)
        self.audience.notice("The disk is full: make room, and the render goes on by itself" if waiting else "")

    def _note(self, event: str, **entry: object) -> None:
        journal.append(self.bundle.journal_path, event=event, **entry)


def _wanted(bundle: Bundle, frames: Collection[int], conduct: Conduct) -> dict[int, str]:
    """What is to be made. A file that only a deep look finds broken is removed, so that nobody takes it for done."""
    wanted = bundle.wanted(frames, deep=conduct.deep)
    for frame, key in wanted.items():
        if conduct.deep and bundle.is_done(frame, key):
            bundle.frame_path(frame).unlink(missing_ok=True)
    return {frame: key for frame, key in wanted.items() if frame not in conduct.without}
