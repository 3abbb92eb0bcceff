"""GANterpretations (Castro 2020): categories at the inflection points of a piece, interpolated by how much has changed.

A plan says which category is reached when; `interpret` makes of it a look with a path through the categories' pictures
and sparse, editable keys of its position.
"""

from __future__ import annotations

import csv
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from . import look_parts
from .catalogue import path_position
from .class_names import find_classes
from .errors import InputFileError, LookError
from .features import FeatureSet
from .files import require_there
from .naming import slug
from .patches import Patch, with_keys
from .recipes import FrameRange
from .section_sources import passed_between
from .sequencing import Keys, sparse_keys

ZS = ("interpolated", "held")
"""What z does between two categories: goes along (the paper), or stays the same (the code beside it)."""

_PATH = "categories"
_MOST_ROWS, _MOST_BYTES = 1000, 1 << 20


@dataclass(frozen=True)
class Plan:
    """Which category is reached when, and how far the way to the next has come.

    categories   names, one at each mark
    position     [n_frames]: k + α, category k being left by the share α
    """

    categories: tuple[str, ...]
    position: np.ndarray


def plan(found: FeatureSet, names: Sequence[str], frames: FrameRange, *, seed: int = 0, pool: Sequence[str] = ()) -> Plan:
    """Categories at the start, at every inflection point and at the end; α is the share of the variation passed.

    Missing names are drawn from the pool (classes of the network), or are numbers of their own; too many are left away.
    """
    marks = np.unique(np.concatenate([[0.0], found.events.get("inflections", np.zeros(0)), [max(found.duration_s, 1e-3)]]))
    return _planned(found, marks, _filled(names, len(marks), seed, pool), frames)


def plan_from_table(found: FeatureSet, rows: Sequence[tuple[float, str]], frames: FrameRange) -> Plan:
    """Categories at moments of the artist's own choice: those of a song's words. The last one stays to the end."""
    rows = sorted(rows)
    times = [time for time, _ in rows]
    marks = np.array([*times, max(found.duration_s, times[-1] + 1e-3)])
    names = (*(name for _, name in rows), rows[-1][1])
    keep = np.concatenate([np.diff(marks) > 1e-6, [True]])
    return _planned(found, marks[keep], tuple(name for name, kept in zip(names, keep, strict=True) if kept), frames)


def plan_classic(points: Sequence[int], alphas: np.ndarray, sample_rate_hz: float, names: Sequence[str], frames: FrameRange, *,
                 seed: int = 0, pool: Sequence[str] = ()) -> Plan:
    """As the code beside the paper times it: the first frame takes a category away at once, so each comes one stretch
    early, and image k shows the α of image k − 1.

    points   columns of the classic spectrogram, from 0 to the last; alphas, of one column fewer
    """
    columns = np.round((frames.start_s + np.arange(frames.n_frames) / frames.fps) * sample_rate_hz / 128 - 1).astype(int)
    columns = np.clip(columns, 0, points[-1])
    passed = np.searchsorted(np.asarray(points), columns, side="right")
    alpha = np.concatenate([[0.0], alphas])[np.clip(columns, 0, len(alphas))]
    position = np.minimum(passed + alpha, len(points) - 1.0)
    return Plan(_filled(names, len(points), seed, pool), position)


def interpret(patch: Patch, planned: Plan, *, z: str = "interpolated", classes: Sequence[str] = (), seed: int = 0,
              tolerance: float = 0.02) -> Patch:
    """A patch whose picture goes through the plan's categories: entries, a path that covers the blend, its keyed position.

    A category is a picture of the palette by name, else a class of the network by name or number, else a picture of its
    own, whose seed its name decides: the same word is the same picture.

    z           "held" gives every class the same z, as the reference's code does
    classes     names of the network's classes, in order
    tolerance   how far the keys may be from the planned position
    """
    if z not in ZS:
        raise LookError(f"z cannot be '{z}'; use {' or '.join(ZS)}")
    names = tuple(dict.fromkeys(planned.categories))
    entries, ids = list(patch.look.entries), {}
    for name in names:
        entry = _entry(name, entries, classes, seed if z == "held" else None)
        ids[name] = entry.id
        entries += [] if any(e.id == entry.id for e in entries) else [entry]
    stops = tuple(ids[name] for name in planned.categories)
    walk = look_parts.Path(_PATH, "Categories", stops if len(stops) > 1 else stops * 2, "slerp")
    look = replace(patch.look, entries=tuple(entries), paths=(*(p for p in patch.look.paths if p.id != _PATH), walk))
    made = replace(patch, look=look, values={**patch.values, f"path.{_PATH}.mix": 1.0})
    return with_keys(made, position_keys(planned, tolerance), len(planned.position))


def position_keys(planned: Plan, tolerance: float = 0.02) -> Keys:
    """As few keys of the path's position as follow the plan within the tolerance, in entries."""
    span = max(float(np.ptp(planned.position)), 1e-9)
    straight = replace(path_position(len(planned.categories)), cyclic=False)
    return {f"path.{_PATH}.position": sparse_keys(planned.position, straight, tolerance / span)}


def read_table(path: str | Path) -> list[tuple[float, str]]:
    """Rows "time, name" of a CSV, TSV or semicolon file, times as seconds or m:ss; a heading is skipped. For sections too."""
    path = Path(path)
    require_there(path, "table")
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputFileError(f"'{path.name}' is too large for a table of categories; choose another")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as cause:
        raise InputFileError(f"'{path.name}' cannot be read as a table of times and names; save it as CSV") from cause
    return table_of(text, f"'{path.name}'")


def table_of(text: str, what: str = "the table") -> list[tuple[float, str]]:
    """The rows of such a text; raises InputFileError where it has none or a time cannot be read."""
    mark = next((m for m in ("\t", ";", ",") if m in text), ",")
    try:
        rows = [row for row in csv.reader(text.splitlines(), delimiter=mark) if any(cell.strip() for cell in row)]
    except csv.Error as cause:
        raise InputFileError(f"{what} is no table ({cause}); write a time and a name in a row, as 12.5, goldfish") from cause
    if rows and _seconds(rows[0][0]) is None:
        rows = rows[1:]
    found = []
    for row in rows[:_MOST_ROWS]:
        time = _seconds(row[0])
        if time is None or len(row) < 2 or not row[1].strip():
            raise InputFileError(f"{what} has the row '{mark.join(row)[:40]}'; write a time and a name, as 12.5, goldfish")
        found.append((time, row[1].strip()))
    if not found:
        raise InputFileError(f"{what} holds no rows of a time and a name; write them as 12.5, goldfish")
    return found


def _planned(found: FeatureSet, marks: np.ndarray, names: tuple[str, ...], frames: FrameRange) -> Plan:
    times = frames.start_s + np.arange(frames.n_frames) / frames.fps
    return Plan(names, passed_between(marks, times, found.features.get("variation"), found.hop_rate_hz))


def _filled(names: Sequence[str], count: int, seed: int, pool: Sequence[str]) -> tuple[str, ...]:
    draw = np.random.default_rng(seed)
    drawn = [pool[int(k)] if pool else str(int(k)) for k in draw.integers(len(pool) or 1000, size=count)]
    return (*names, *drawn[len(names):])[:count] if len(names) < count else tuple(names[:count])


def _entry(name: str, entries: Sequence[look_parts.Entry], classes: Sequence[str], seed: int | None) -> look_parts.Entry:
    folded = name.strip().casefold()
    known = next((e for e in entries if folded in (e.id, e.label.casefold()) and not e.accent), None)
    if known is not None:
        return known
    index = next(iter(find_classes(name, classes)), None)
    own = zlib.crc32(folded.encode()) if seed is None or index is None else seed
    return look_parts.Entry(slug(name, {e.id for e in entries}, fallback="category"), name, own, index)


def _seconds(text: str) -> float | None:
    """"12.5" or "1:02.5"."""
    try:
        parts = [float(part) for part in text.strip().split(":")]
    except ValueError:
        return None
    time = sum(part * 60 ** n for n, part in enumerate(reversed(parts)))
    return time if len(parts) <= 3 and 0 <= time < 1e6 else None
