"""A table that comes round: after its last row the first one follows, at the same speed.

What is cyclic (phases, places on paths, turns) is led to a whole number of rounds. Everything else ends as it would go on, and
the first rows are mixed from that into what they are: as a loop of sound is cut, by crossfading.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .errors import UsageError
from .features import FeatureSet
from .look import Look, addresses
from .table import Table

LEAST_FRAMES = 2
"""In a loop."""

_LONGEST_FADE_S = 1.0
_FADE_SHARE = 0.25
_STILL = 1e-3
_LEAST_FIELDS = 4  # so many are mixed at a time
_LEAST_TURN = 0.2  # of a turn: so much becomes a whole one


@dataclass(frozen=True)
class Loop:
    """How long a loop is: frames, or bars of the music where there are any."""

    frames: int = 0
    bars: int = 0


@dataclass(frozen=True)
class Span:
    """Which frames become a loop.

    start_s    of the sound, where the first one is
    n_frames   of the loop
    n_fade     rows beyond its end that its beginning is mixed from
    n_after    so many of these are heard; where the sound ends, its last row stays
    """

    start_s: float
    n_frames: int
    n_fade: int
    n_after: int


def span_of(loop: Loop, found: FeatureSet, fps: float, start_s: float) -> Span:
    """Where a loop lies in the sound: bars from the first one on that begins at start_s or later.

    Raises UsageError where the sound has not so many.
    """
    n_frames = loop.frames
    if loop.bars:
        bars_s = found.events.get("downbeats", np.zeros(0))
        bars_s = bars_s[bars_s >= start_s - 0.5 / fps]
        if len(bars_s) <= loop.bars:
            raise UsageError(f"from {start_s:g} s on {max(0, len(bars_s) - 1)} whole bars are heard, not {loop.bars}; "
                             "loop fewer, or a number of frames")
        start_s, n_frames = float(bars_s[0]), round(float(bars_s[loop.bars] - bars_s[0]) * fps)
    left = round((found.duration_s - start_s) * fps)
    if not LEAST_FRAMES <= n_frames <= left:
        raise UsageError(f"a loop of {n_frames} frames cannot be made of the {left} that the sound has from {start_s:g} s on; "
                         "choose fewer, or an earlier start")
    fade = max(1, round(min(_LONGEST_FADE_S * fps, _FADE_SHARE * n_frames)))
    return Span(start_s, n_frames, fade, min(fade, left - n_frames))


def looped(look: Look, table: Table, span: Span) -> tuple[Look, Table]:
    """A table of n_frames + n_fade rows -> the n_frames that come round, and the look with noise that does too."""
    own = addresses(look)
    heard = np.minimum(np.arange(table.n_frames), span.n_frames + span.n_after - 1)
    straight = {address: column[heard].astype(float) for address, column in table.columns.items()}
    straight |= {address: np.unwrap(straight[address], period=parameter.maximum - parameter.minimum)
                 for address, parameter in own.items() if parameter.cyclic}
    layers = tuple(replace(layer, loop=_fields(straight[f"noise.{layer.id}.phase"], span) or layer.loop)
                   for layer in look.noise_layers)
    look = replace(look, noise_layers=layers)
    cyclic = {address: parameter for address, parameter in addresses(look).items() if parameter.cyclic}
    columns = {}
    for address, column in straight.items():
        parameter = cyclic.get(address)
        least = 0.0 if address.startswith("noise.") else _LEAST_TURN  # noise runs on, however slowly, and never back
        made = _round(column, parameter.maximum - parameter.minimum, span, least) if parameter else _faded(column, span)
        if parameter:
            made = (made - parameter.minimum) % (parameter.maximum - parameter.minimum) + parameter.minimum
        columns[address] = made.astype(np.float32)
    return look, replace(table, columns=columns)


def _travel(column: np.ndarray, span: Span) -> float:
    """How far it is from the first row to the one after the last."""
    last = span.n_frames - 1
    after = column[last + 1] - column[last] if span.n_after else column[last] - column[last - 1]
    return float(column[last] + after - column[0])


def _fields(phase: np.ndarray, span: Span) -> int:
    """Fields of noise in the loop: as many as it passes, and as many as are mixed at least; 0 where it stands still."""
    travel = abs(_travel(phase, span))
    return max(_LEAST_FIELDS, round(travel)) if travel > _STILL else 0


def _round(column: np.ndarray, turn: float, span: Span, least: float) -> np.ndarray:
    """Every step a little longer or shorter, so that a whole number of turns is made; what hardly turns goes back instead."""
    travel = _travel(column, span)
    turns = np.round(travel / turn) or (np.sign(travel) if abs(travel / turn) > max(least, _STILL) else 0.0)
    if not turns:
        return _faded(column, span)
    return column[:span.n_frames] + (turns * turn - travel) * np.arange(span.n_frames) / span.n_frames


def _faded(column: np.ndarray, span: Span) -> np.ndarray:
    """The first rows go from what follows the last one to what they are."""
    made, n_fade = column[:span.n_frames].copy(), span.n_fade
    share = np.arange(n_fade) / n_fade
    share = share * share * (3.0 - 2.0 * share)
    made[:n_fade] = share * made[:n_fade] + (1.0 - share) * column[span.n_frames:span.n_frames + n_fade]
    return made
