"""Sparse, editable keys written from what was heard: the palette in sequence, curves shuffled, routes collapsed.

Keys stand on whole frames of a range, counted from 0: Blender's operators and patches place them from there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from .catalogue import CHOICES, Parameter
from .errors import LookError
from .features import FeatureSet
from .look import Path
from .recipes import FrameRange

EVERY = CHOICES["SequencePlan.every"]
ORDERS = CHOICES["SequencePlan.order"]


@dataclass(frozen=True)
class FrameKey:
    """A key on a whole frame of the range; `interpolation` leads on to the next one."""

    frame: int
    value: float
    interpolation: str = "ease"


Keys = dict[str, tuple[FrameKey, ...]]
"""address -> keys in the order of their frames."""


@dataclass(frozen=True)
class SequencePlan:
    """How a palette is laid out in time.

    every       what a picture lasts: so many beats or bars, a section, from one inflection point to the next
    count       how many of them it lasts
    order       pictures in their own order, or by chance, none twice in a row
    seed        other seeds are other orders by chance
    crossfade   share of a picture's time that fades over from the one before: 0 cuts, 1 glides without rest
    """

    every: str = "bars"
    count: int = 4
    order: str = "list"
    seed: int = 0
    crossfade: float = 0.5

    def __post_init__(self) -> None:
        if self.every not in EVERY or self.order not in ORDERS or self.count < 1 or not 0 <= self.crossfade <= 1:
            raise LookError(f"a sequence over {self.count} {self.every} in the order '{self.order}' with the crossfade "
                            f"{self.crossfade:g} cannot be; use {', '.join(EVERY)}, {' or '.join(ORDERS)}, and 0 to 1")


def turning_frames(found: FeatureSet, how: SequencePlan, frames: FrameRange) -> list[int]:
    """Frames of the range at which a picture's turn begins; the first is 0. What sounds before the first bar belongs to it."""
    name = {"bars": "downbeats"}.get(how.every, how.every)
    if name not in found.events or not len(found.events[name]):
        raise LookError(f"no {how.every} were heard in this sound; choose another of {', '.join(EVERY)}")
    moments = np.sort(found.moments(name))
    if how.every == "inflections":
        moments = np.concatenate([[0.0], moments])
    turns = frames.frame_of(moments[how.count::how.count])
    return [0, *sorted({int(turn) for turn in turns if 0 < turn < frames.n_frames})]


def sequence_palette(entries: Sequence[str], turns: Sequence[int], n_frames: int, how: SequencePlan) -> Keys:
    """Weights that let one entry after another be the whole picture: palette.<id> -> keys."""
    if len(entries) < 2:
        raise LookError("a sequence needs two pictures or more; add some to the palette")
    order = _order(len(entries), len(turns), how)
    keys: dict[str, list[FrameKey]] = {f"palette.{entry}": [] for entry in entries}
    for n, index in enumerate(order):
        keys[f"palette.{entries[index]}"] += _one_turn(turns, n, n_frames, how)
    return {address: _tidied(turn, n_frames) for address, turn in keys.items()}


def sequence_path(path: Path, turns: Sequence[int], n_frames: int, how: SequencePlan) -> Keys:
    """A path's position that has come one entry further at each turn, and goes round: path.<id>.position -> keys."""
    keys: list[FrameKey] = []
    for n, turn in enumerate([*turns, n_frames]):
        rest = round(_span(turns, n, n_frames) * (1.0 - how.crossfade)) if turn < n_frames else 0
        on = "ease" if how.crossfade else "hold"
        if n and n % path.length == 0:
            keys += [FrameKey(max(turn - 1, 0), float(path.length), "hold"), FrameKey(turn, 0.0, on)]
        else:
            keys.append(FrameKey(turn, float(n % path.length), on))
        if rest and how.crossfade:
            keys.append(replace(keys[-1], frame=turn + rest))
    return {f"path.{path.id}.position": tuple(key for key in keys if key.frame <= n_frames)}


def shuffle_keys(keys: Mapping[str, tuple[FrameKey, ...]], seed: int) -> Keys:
    """The same curves, each on another of the addresses: no curve stays where it was."""
    addresses = list(keys)
    if len(addresses) < 2:
        raise LookError("there are no two keyed parameters to shuffle; key some, or sequence the palette first")
    order = np.random.default_rng(seed).permutation(len(addresses))
    moved = np.empty(len(order), int)
    moved[order] = np.roll(order, 1)  # one long cycle: nothing keeps its place
    return {address: keys[addresses[moved[n]]] for n, address in enumerate(addresses)}


def sparse_keys(curve: np.ndarray, parameter: Parameter, tolerance: float = 0.01) -> tuple[FrameKey, ...]:
    """As few straight keys as follow a curve [n_frames] within a share of its span (Ramer 1972, Douglas and Peucker 1973).

    A cyclic parameter's jumps are kept as jumps.
    """
    curve = np.asarray(curve, float)
    span = float(np.ptp(curve)) or 1.0
    jumps = np.zeros(0, int)
    if parameter.cyclic:
        jumps = np.flatnonzero(np.abs(np.diff(curve)) > 0.5 * (parameter.maximum - parameter.minimum))
    edges = [0, *(jumps + 1).tolist(), len(curve)]
    keys: list[FrameKey] = []
    for first, end in pairwise(edges):
        places = first + _kept(curve[first:end], tolerance * span)
        keys += [FrameKey(int(k), float(curve[k]), "linear") for k in places]
        keys[-1] = replace(keys[-1], interpolation="hold" if end < len(curve) else "linear")
    return tuple(keys)


def _kept(curve: np.ndarray, tolerance: float) -> np.ndarray:
    """Places of the points to keep, first and last among them."""
    keep = np.zeros(len(curve), bool)
    keep[[0, -1]] = True
    pieces = [(0, len(curve) - 1)]
    while pieces:
        a, b = pieces.pop()
        if b - a < 2:
            continue
        straight = np.linspace(curve[a], curve[b], b - a + 1)
        apart = np.abs(curve[a:b + 1] - straight)
        furthest = int(apart.argmax())
        if apart[furthest] > tolerance:
            keep[a + furthest] = True
            pieces += [(a, a + furthest), (a + furthest, b)]
    return np.flatnonzero(keep)


def _order(n_entries: int, n_turns: int, how: SequencePlan) -> list[int]:
    if how.order == "list":
        return [n % n_entries for n in range(n_turns)]
    draw, order = np.random.default_rng(how.seed), [0]
    order[0] = int(draw.integers(n_entries))
    while len(order) < n_turns:
        order.append(int((order[-1] + draw.integers(1, n_entries)) % n_entries))
    return order


def _span(turns: Sequence[int], n: int, n_frames: int) -> int:
    return (turns[n + 1] if n + 1 < len(turns) else n_frames) - turns[n]


def _one_turn(turns: Sequence[int], n: int, n_frames: int, how: SequencePlan) -> list[FrameKey]:
    """Up about its beginning, down about its end; the fade out is the next one's fade in."""
    up, down = _fade(turns, n, n_frames, how), _fade(turns, n + 1, n_frames, how)
    keys = []
    if n:
        keys += [FrameKey(up[0], 0.0), FrameKey(up[1], 1.0)] if up[1] > up[0] else [FrameKey(turns[n], 1.0, "hold")]
    else:
        keys.append(FrameKey(0, 1.0, "ease" if how.crossfade else "hold"))
    if n + 1 < len(turns):
        end = turns[n + 1]
        keys += [FrameKey(down[0], 1.0), FrameKey(down[1], 0.0)] if down[1] > down[0] else [FrameKey(end, 0.0, "hold")]
    return keys


def _fade(turns: Sequence[int], n: int, n_frames: int, how: SequencePlan) -> tuple[int, int]:
    """First and last frame of the fade about the beginning of turn n."""
    if not 0 < n < len(turns):
        return 0, 0
    half = 0.5 * how.crossfade * min(_span(turns, n - 1, n_frames), _span(turns, n, n_frames))
    return round(turns[n] - half), round(turns[n] + half)


def _tidied(keys: list[FrameKey], n_frames: int) -> tuple[FrameKey, ...]:
    """By frame; of two on one frame the higher counts; begins with nothing where its turn comes later."""
    found: dict[int, FrameKey] = {}
    for key in keys:
        if key.frame not in found or key.value >= found[key.frame].value:
            found[key.frame] = key
    first = min(found, default=n_frames)
    if first > 0 and (not found or found[first].value > 0):
        found[0] = FrameKey(0, 0.0, "hold")
    return tuple(found[frame] for frame in sorted(found))
