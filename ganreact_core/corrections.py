"""What an artist corrects in what was heard: events, tempo, sections. Kept in seconds, and applied again after re-analysis."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from .errors import LookError
from .features import FeatureSet

SAME_S = 0.002
"""Two moments that are one: a key's place in a curve is a float32, good to a third of a millisecond."""
_NEAR_S = 0.05
_SECTION_NEAR_S = 3.0


@dataclass(frozen=True)
class EventEdits:
    """Differences between the events of one name as they were heard and as the artist wants them.

    added       (seconds, strength 0…1) that nobody heard, or that were moved or made stronger
    removed     seconds of events that were heard and are none
    beside      seconds of events that were heard close to an added one, and stay: a flam takes nothing away
    """

    added: tuple[tuple[float, float], ...] = ()
    removed: tuple[float, ...] = ()
    beside: tuple[float, ...] = ()


@dataclass(frozen=True)
class Tempo:
    """Beats as the artist tapped them, instead of those heard.

    bpm       beats per minute
    first_s   a moment of the sound at which a bar begins
    metre     beats in a bar
    """

    bpm: float
    first_s: float = 0.0
    metre: int = 4

    def __post_init__(self) -> None:
        if not (10 <= self.bpm <= 999 and 1 <= self.metre <= 32):
            raise LookError(f"a tempo of {self.bpm:g} with {self.metre} beats in a bar cannot be; use 10 to 999 and 1 to 32")


@dataclass(frozen=True)
class Corrections:
    """All that was corrected by hand.

    events      name of events -> differences
    tempo       beats by hand, or None for those heard
    sections    (start as heard, start as wanted) in seconds
    spans       (start in seconds, number of its label) of sections set by hand, instead of those heard
    """

    events: dict[str, EventEdits] = field(default_factory=dict)
    tempo: Tempo | None = None
    sections: tuple[tuple[float, float], ...] = ()
    spans: tuple[tuple[float, int], ...] = ()

    def moved(self, to: Callable[[float], float]) -> Corrections:
        """The same in another recording of the piece, where each moment is elsewhere."""
        events = {name: EventEdits(tuple((to(t), strength) for t, strength in edits.added), tuple(map(to, edits.removed)),
                                   tuple(map(to, edits.beside))) for name, edits in self.events.items()}
        return Corrections(events, replace(self.tempo, first_s=to(self.tempo.first_s)) if self.tempo else None,
                           tuple((to(heard_s), to(wanted_s)) for heard_s, wanted_s in self.sections),
                           tuple((to(start_s), label) for start_s, label in self.spans))


def edits_between(heard: np.ndarray, wanted: np.ndarray) -> EventEdits:
    """Differences between two lists of (seconds, strength): float [n, 2] and [m, 2]."""
    heard, wanted = heard.reshape(-1, 2), wanted.reshape(-1, 2)
    gone = [t for t, strength in heard if not _holds(wanted, t, strength)]
    new = [(float(t), float(strength)) for t, strength in wanted if not _holds(heard, t, strength)]
    near = [t for t, _ in heard if t not in gone and any(abs(t - moment) <= 2 * _NEAR_S for moment, _ in new)]
    return EventEdits(tuple(new), tuple(float(t) for t in gone), tuple(float(t) for t in near))


def _holds(events: np.ndarray, time_s: float, strength: float) -> bool:
    same = (np.abs(events[:, 0] - time_s) < SAME_S) & (np.abs(events[:, 1] - strength) < 1e-3)
    return bool(same.any())


def corrected(found: FeatureSet, by: Corrections) -> FeatureSet:
    """What was heard, with an artist's corrections: also where another analysis hears the same events a little elsewhere.

    A removed event takes away the nearest one heard within 50 ms; an added one stands in for one heard within 50 ms that was
    not there when it was added.
    """
    events, strengths = dict(found.events), dict(found.strengths)
    if by.tempo:
        events["beats"], events["downbeats"] = beats_of(by.tempo, found.duration_s)
    if by.spans:
        events["sections"] = _set_by_hand(by.spans, found.duration_s)
    if by.sections and "sections" in events:
        events["sections"] = _sections(events["sections"], by.sections)
    changed = replace(found, events=events, tempo_bpm=by.tempo.bpm if by.tempo else found.tempo_bpm)
    for name, edits in by.events.items():
        if name in events and (edits.added or edits.removed) and np.ndim(events[name]) == 1:
            kept = _edited(np.column_stack([changed.moments(name), changed.strengths_of(name)]), edits)
            events[name], strengths[name] = kept[:, 0], kept[:, 1]
    return replace(changed, strengths=strengths)


def spans_of(rows: Sequence[tuple[float, str]]) -> tuple[tuple[float, int], ...]:
    """Starts of sections and their names, as a table has them -> starts and label numbers; equal names are equal music.

    Names that are letters keep them: A is 0, C is 2; others are counted in the order in which they come.
    """
    ordered = sorted(rows)
    letters = all(len(name) == 1 and name.isascii() and name.isalpha() for _, name in ordered)
    known = list(dict.fromkeys(name.casefold() for _, name in ordered))
    return tuple((float(start), ord(name.upper()) - ord("A") if letters else known.index(name.casefold()))
                 for start, name in ordered)


def _set_by_hand(spans: tuple[tuple[float, int], ...], duration_s: float) -> np.ndarray:
    """Spans that cover the sound: the first one begins it, each ends where the next begins."""
    starts = [0.0, *(start for start, _ in spans[1:])]
    ends = [*starts[1:], max(duration_s, starts[-1])]
    rows = [(start, end, label) for start, end, (_, label) in zip(starts, ends, spans, strict=True) if start < duration_s]
    return np.array(rows, float).reshape(-1, 3)


def _edited(heard: np.ndarray, edits: EventEdits) -> np.ndarray:
    stays, goes = np.zeros(len(heard), bool), np.zeros(len(heard), bool)
    for moments, found in ((edits.beside, stays), ((*edits.removed, *(t for t, _ in edits.added)), goes)):
        for moment in moments:
            apart = np.where(stays | goes, np.inf, np.abs(heard[:, 0] - moment))
            if apart.min(initial=np.inf) <= _NEAR_S:
                found[apart.argmin()] = True
    together = np.concatenate([heard[~goes], np.array(edits.added, float).reshape(-1, 2)])
    return together[np.argsort(together[:, 0], kind="stable")]


def beats_of(tempo: Tempo, duration_s: float) -> tuple[np.ndarray, np.ndarray]:
    """Beats and downbeats of a steady tempo over a whole sound: float64 [n], [m] seconds."""
    period = 60.0 / tempo.bpm
    first = -int(np.floor(tempo.first_s / period + 1e-6))
    count = np.arange(first, int(np.floor((duration_s - tempo.first_s) / period + 1e-6)) + 1)
    beats = np.maximum(tempo.first_s + count * period, 0.0)
    return beats, beats[count % tempo.metre == 0]


def _sections(spans: np.ndarray, moved: tuple[tuple[float, float], ...]) -> np.ndarray:
    """Spans (start, end, label) whose starts are where the artist dragged them; order and cover are kept."""
    spans = np.array(spans, float).reshape(-1, 3)
    starts = spans[:, 0].copy()
    for heard_s, wanted_s in moved:
        apart = np.abs(starts - heard_s)
        if apart.min(initial=np.inf) <= _SECTION_NEAR_S:
            spans[apart.argmin(), 0] = wanted_s
    spans = spans[np.argsort(spans[:, 0], kind="stable")]
    spans[:-1, 1] = spans[1:, 0]
    return spans


def tapped(times_s: Mapping | list[float] | np.ndarray) -> Tempo:
    """The tempo of taps at these moments, four or more: the steady beat that comes nearest; the first tap begins a bar.

    Raises LookError where there are too few, or nothing steady in them.
    """
    times = np.sort(np.asarray(times_s, float))
    steps = np.diff(times)
    steps = steps[steps > 0.05]
    if len(steps) < 3:
        raise LookError("too few taps; tap the beat four times or more")
    usual = float(np.median(steps))
    count = np.round((times - times[0]) / usual)
    period, first = np.polyfit(count, times, 1)
    if np.abs(times - (first + count * period)).max() > 0.2 * period:
        raise LookError("these taps keep no steady beat; start again and tap with the music")
    return Tempo(float(60.0 / period), float(first))
