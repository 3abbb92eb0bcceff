"""What each route does to the picture: when, how proportionately, how much."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ganreact_core.look import addresses
from ganreact_core.reactivity import REACH, Answer, answer_in_pieces, answer_to_curve, correlation, displacement, shaken
from ganreact_core.routes import Route
from ganreact_core.table import Table

from .played import Played

_SLOW = 0.93
"""A curve that is nearly the same a frame later is shaken, so that a lag can be told to a frame."""

_SHAKE, _PICTURES = 0.25, 0.3
"""How far an envelope is shaken at most; and no further than such a part of the way to another picture or field."""

_EVERY = 3
_PIECES, _FRAMES = 2, 16
_SEEN = 1.3
"""A stretch that was drawn already is taken before one that shows so many times as much."""


@dataclass(frozen=True)
class Measured:
    """Routes of one kind: those that were measured, of how many.

    lag, correlation   of the picture's change against what moved the parameter; the worst of those measured
    change             of the picture while the route is heard against silent, 0…255, the strongest frames
    slow               whether the envelopes were shaken for lag and correlation
    """

    kind: str
    count: int
    lag: int
    correlation: float
    change: float
    slow: bool


def measured_routes(played: Played, each: int) -> Iterator[Measured]:
    """All kinds of routes of a patch; of equal ones those that move their parameter most."""
    kinds: dict[str, list[Route]] = {}
    for route in played.patch.routes:
        kinds.setdefault(f"`{kind_of(route.envelope)}` → `{kind_of(route.address)}`", []).append(route)
    for kind, routes in kinds.items():
        strongest = sorted(routes, key=lambda route: -_seen_cause(played, route).max())[:each]
        found = [_measured(played, route, routes) for route in strongest]
        answers = [answer for answer, _, _ in found]
        yield Measured(kind, len(routes), max((a.lag for a in answers), key=abs), min(a.strength for a in answers),
                       max(change for _, change, _ in found), any(slow for _, _, slow in found))


def kind_of(name: str) -> str:
    """ "palette.p3.fine" -> "palette.*.fine", "chroma_07" -> "chroma_*", "path.calm-b.mix" -> "path.calm-*.mix"."""
    parts = name.split(".")
    if len(parts) == 3:
        stem, dash, last = parts[1].rpartition("-")
        own = "*" if parts[0] == "palette" else f"{stem}-*" if dash and len(last) == 1 else parts[1]
        return f"{parts[0]}.{own}.{parts[2]}"
    pieces = name.split("-")
    if pieces[0] == "sections":
        return "sections-*"
    stem, _, number = name.rpartition("_")
    return f"{stem}_*" if number.isdigit() and stem else name


def _measured(played: Played, route: Route, alike: list[Route]) -> tuple[Answer, float, bool]:
    """The answer to a route, the change it makes, and whether it, with those like it, was shaken for that."""
    pieces = _pieces(_seen_cause(played, route), played.seen())
    silent = _silent(played, route)
    cause = _cause(played, route, silent)
    slow = any(correlation(cause[rows], cause[rows], 1) > _SLOW or np.ptp(cause[rows]) < 1e-3 for rows in pieces)
    if not slow:
        effects = [played.change(silent, rows) for rows in pieces]
        answer = answer_in_pieces([(effect, cause[rows]) for effect, rows in zip(effects, pieces, strict=True)])
        return answer, _strong(np.concatenate(effects)), False
    by = _SHAKE if not route.address.endswith((".position", ".phase")) else min(_SHAKE, _PICTURES / abs(route.amount))
    moved = played.with_other({one.id: shaken(played.envelopes[one.envelope], by=by) for one in alike})
    causes = np.mean([_cause(played, one, moved) for one in alike], axis=0)
    return (answer_to_curve(played.change(moved, pieces[0]), causes[pieces[0]]),
            _strong(np.concatenate([played.change(silent, rows[::_EVERY]) for rows in pieces])), True)


def _silent(played: Played, route: Route) -> Table:
    return played.with_other({route.id: np.zeros(played.frames.n_frames, np.float32)})


def _strong(effect: np.ndarray) -> float:
    return float(np.percentile(effect, 90))


def _cause(played: Played, route: Route, other: Table) -> np.ndarray:
    parameter = addresses(played.patch.look)[route.address]
    return displacement(played.table.columns[route.address], other.columns[route.address], parameter)


def _seen_cause(played: Played, route: Route) -> np.ndarray:
    """How far a route moves its parameter [n_frames], where the picture can show it."""
    family, _, rest = route.address.partition(".")
    ident, _, part = rest.partition(".")
    gate = {("path", "position"): f"path.{ident}.mix", ("noise", "phase"): f"noise.{ident}.strength"}.get((family, part))
    cause = _cause(played, route, _silent(played, route))
    return cause * played.table.columns[gate] if gate else cause


def _pieces(cause: np.ndarray, seen: set[int]) -> list[np.ndarray]:
    """The stretches in which a cause moves most, or is most, apart from each other, the best first."""
    starts = np.arange(REACH, len(cause) - _FRAMES - REACH, _FRAMES)
    worth = np.array([cause[s:s + _FRAMES].std() + 0.1 * cause[s:s + _FRAMES].mean() for s in starts])
    worth *= np.where([s in seen for s in starts.tolist()], _SEEN, 1.0)
    best = starts[np.argsort(-worth, kind="stable")[:_PIECES]]
    return [np.arange(s, s + _FRAMES) for s in best.tolist()]
