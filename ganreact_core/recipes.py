"""How an envelope is made, as data: its source, and the chain of steps that shapes it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from . import clocks
from .catalogue import CHOICES
from .chains import COMBINATIONS, OPERATIONS, limits_of, settings_of
from .errors import LookError
from .naming import check_slug

SOURCES = CHOICES["EnvelopeRecipe.source"]
"""Kinds of sources; each has a function in `sources`."""


@dataclass(frozen=True)
class Shaping:
    """One step of a chain: an operation of `OPERATIONS` with its settings, or of `COMBINATIONS` with another envelope.

    operation    what is done to the curve
    settings     the operation's numbers; those left out take their defaults
    envelope     the other envelope that the curve is combined with
    """

    operation: str
    settings: dict[str, float] = field(default_factory=dict)
    envelope: str = ""


@dataclass(frozen=True)
class EnvelopeRecipe:
    """How one envelope is made.

    id         its name in routes and drivers
    label      its name for people
    source     a feature by its curve, events that each start a decay, a clock that runs on the beats, sections that are
               1 inside, or the passage from event to event
    name       the feature ("kick", or a column of a wide one: "chroma_00"), the events, the clock's wave, or the
               sections: a label as B, every third label as B/3, a number as #2, loud or quiet
    decay_s    seconds in which an event's envelope falls to 1/e, or of the crossfade between sections
    beats      length of a clock's wave, in beats or bars; events in a whole passage
    phase      where in its wave a clock is where it starts, 0…1; what a passage begins with
    every      what a clock counts: beats or bars
    start      beats or bars after the first one at which a clock starts
    material   what is listened to: nothing for the sound itself, else a MIDI file, a table or another sound by its id
    chain      shaping steps, applied in order; times in seconds
    """

    id: str
    label: str
    source: str
    name: str
    decay_s: float = 0.15
    beats: float = 1.0
    phase: float = 0.0
    every: str = "beats"
    start: float = 0.0
    material: str = ""
    chain: tuple[Shaping, ...] = ()

    def __post_init__(self) -> None:
        check_slug(self.id)
        if self.source not in SOURCES:
            raise LookError(f"envelope '{self.id}' has the source '{self.source}'; use {', '.join(SOURCES)}")
        if self.source == "clock" and (self.name not in clocks.WAVES or not 1e-2 <= self.beats <= 1e4):
            raise LookError(f"envelope '{self.id}' is a clock of '{self.name}' over {self.beats:g} beats; "
                            f"use one of {', '.join(clocks.WAVES)} and 0.01 beats or more")
        if self.every not in clocks.UNITS:
            raise LookError(f"envelope '{self.id}' counts '{self.every}'; a clock counts {' or '.join(clocks.UNITS)}")
        if self.material:
            check_slug(self.material)
        for step in self.chain:
            _check_step(self.id, step)


@dataclass(frozen=True)
class FrameRange:
    """Which frames of which sound: frame 1 of the range is start_s seconds into the sound."""

    fps: float
    n_frames: int
    start_s: float = 0.0

    @classmethod
    def of_duration(cls, fps: float, duration_s: float, start_s: float = 0.0) -> FrameRange:
        """n_frames = round(duration · fps), at least one."""
        return cls(fps, max(1, round(duration_s * fps)), start_s)

    def frame_of(self, time_s: np.ndarray) -> np.ndarray:
        """The 0-based frame in which each moment shows; sub-microsecond rounding never moves one a frame back."""
        return np.floor((np.asarray(time_s, float) - self.start_s + 1e-6) * self.fps).astype(int)

    def over_the_whole(self, duration_s: float) -> tuple[FrameRange, int]:
        """Frames of the same phase from the sound's start to its end, and which of them is this range's first."""
        first = math.floor(self.start_s * self.fps + 1e-6) + 1
        start_s = self.start_s - first / self.fps
        return FrameRange(self.fps, max(math.ceil((duration_s - start_s) * self.fps - 1e-6), 1), start_s), first

    def later_by(self, seconds: float) -> FrameRange:
        """The same frames, in the time of a sound that began so many seconds later."""
        return FrameRange(self.fps, self.n_frames, self.start_s - seconds)


def _check_step(ident: str, step: Shaping) -> None:
    """The operation is known, and so is each of its settings, within what any of them can sensibly be."""
    if step.operation not in OPERATIONS and step.operation not in COMBINATIONS:
        raise LookError(f"envelope '{ident}' asks for '{step.operation}'; known: {', '.join([*OPERATIONS, *COMBINATIONS])}")
    known = settings_of(step.operation)
    for name, value in step.settings.items():
        low, high = limits_of(name)
        if name not in known or not low <= value <= high:
            settings = ", ".join(known) or "none"
            raise LookError(f"envelope '{ident}' sets {name} = {value:g} for '{step.operation}'; its settings are {settings}")
