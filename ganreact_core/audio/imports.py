"""Feature sets that were not heard: notes of a MIDI file, columns of a table."""

from __future__ import annotations

import csv
import os
from bisect import bisect_right
from pathlib import Path

import mido
import numpy as np

from ..errors import InputFileError
from ..features import FeatureSet
from ..files import shown
from ..naming import slug
from .containers import require_small

HOP_RATE_HZ = 100.0
_MOST_SECONDS = 4 * 3600.0
_MOST_COLUMNS = 256
_TIME_NAMES = ("time", "t", "seconds", "second", "s", "time_s", "timestamp")


def load_midi(path: str | os.PathLike) -> FeatureSet:
    """The notes of a Standard MIDI File, all channels but the drums' together.

    Features: notes [n_hops, 128] the velocity of each sounding pitch, chroma [n_hops, 12] and velocity [n_hops] the
    loudest of them, 0…1; pitch [n_hops] the highest sounding MIDI number, 0 for none; kick, snare and hat from channel
    ten. Events: notes as spans (start, end, pitch), beats and downbeats of the tempo map and the metres.
    """
    midi = _open_midi(path)
    length_s, notes, drums = _notes(midi)
    n_hops = int(np.ceil(length_s * HOP_RATE_HZ)) + 1
    rolls = np.zeros((n_hops, 128), np.float32)
    for start, end, pitch, velocity in notes:
        span = slice(round(start * HOP_RATE_HZ), max(round(end * HOP_RATE_HZ), round(start * HOP_RATE_HZ) + 1))
        rolls[span, pitch] = np.maximum(rolls[span, pitch], velocity / 127)
    chroma = np.stack([rolls[:, k::12].max(axis=1) for k in range(12)], axis=1)
    highest = np.where(rolls.any(axis=1), 127 - (rolls[:, ::-1] > 0).argmax(axis=1), 0).astype(np.float32)
    features = {"notes": rolls, "chroma": chroma, "velocity": rolls.max(axis=1), "pitch": highest}
    features.update({name: _struck(times, n_hops) for name, times in drums.items()})
    beats, downbeats, tempo_bpm = _tempo_map(midi, length_s)
    events = {"notes": np.array([n[:3] for n in notes], float).reshape(-1, 3), "beats": beats, "downbeats": downbeats}
    events.update({name: np.array([t for t, _ in times]) for name, times in drums.items()})
    strengths = {name: np.array([v for _, v in times], float) for name, times in drums.items()}
    strengths["notes"] = np.array([n[3] / 127 for n in notes], float)
    return FeatureSet(HOP_RATE_HZ, length_s, features, events, tempo_bpm, "midi", strengths)


_DRUMS = {35: "kick", 36: "kick", 37: "snare", 38: "snare", 39: "snare", 40: "snare", 42: "hat", 44: "hat", 46: "hat"}


def _open_midi(path: str | os.PathLike) -> mido.MidiFile:
    require_small(path)
    try:
        midi = mido.MidiFile(path, clip=True)
        if midi.ticks_per_beat > 0 and midi.type in (0, 1):
            return midi
    except (OSError, EOFError, ValueError, KeyError, IndexError, TypeError) as cause:
        raise InputFileError(f"'{shown(path)}' is no MIDI file; export it again as a Standard MIDI File") from cause
    raise InputFileError(f"'{shown(path)}' counts time in a way that is not read; export it as a type 0 or 1 MIDI file")


def _notes(midi: mido.MidiFile):
    """Length in seconds; notes (start, end, pitch, velocity); drums name -> (time, velocity)."""
    now = 0.0
    notes: list[tuple[float, float, int, int]] = []
    sounding: dict[tuple[int, int], tuple[float, int]] = {}
    drums: dict[str, list[tuple[float, float]]] = {"kick": [], "snare": [], "hat": []}
    for message in midi:
        now += message.time
        if now > _MOST_SECONDS:
            raise InputFileError(f"'{shown(midi.filename)}' is longer than {_MOST_SECONDS / 3600:g} hours; cut it")
        if message.type not in ("note_on", "note_off"):
            continue
        begins = message.type == "note_on" and message.velocity > 0
        if message.channel == 9:
            if begins and message.note in _DRUMS:
                drums[_DRUMS[message.note]].append((now, message.velocity / 127))
            continue
        key = message.channel, message.note
        if key in sounding:
            start, velocity = sounding.pop(key)
            notes.append((start, now, message.note, velocity))
        if begins:
            sounding[key] = now, message.velocity
    notes += [(start, now, note, velocity) for (_, note), (start, velocity) in sounding.items()]
    return now, sorted(notes), drums


def _struck(times: list[tuple[float, float]], n_hops: int) -> np.ndarray:
    """Strokes as an onset strength: the velocity at their hops."""
    out = np.zeros(n_hops, np.float32)
    for t, velocity in times:
        hop = min(round(t * HOP_RATE_HZ), n_hops - 1)
        out[hop] = max(out[hop], velocity)
    return out


def _tempo_map(midi: mido.MidiFile, length_s: float) -> tuple[np.ndarray, np.ndarray, float]:
    """Beats and downbeats in seconds as the file's tempi and metres place them, and the first tempo."""
    ticks, seconds, tempi, metres, tick = [0], [0.0], [500_000], [(0, 4, 4)], 0
    for message in mido.merge_tracks(midi.tracks):
        tick += message.time
        if message.type == "set_tempo" and message.tempo > 0:
            seconds.append(seconds[-1] + mido.tick2second(tick - ticks[-1], midi.ticks_per_beat, tempi[-1]))
            ticks.append(tick)
            tempi.append(message.tempo)
        elif message.type == "time_signature" and message.numerator > 0:
            metres.append((tick, message.numerator, message.denominator))
    beats: list[float] = []
    downbeats: list[float] = []
    at, in_bar = 0.0, 0
    while len(beats) < 20 * _MOST_SECONDS:
        k = max(0, bisect_right(ticks, at) - 1)
        t = seconds[k] + (at - ticks[k]) / midi.ticks_per_beat * tempi[k] / 1e6
        if t > length_s:
            break
        m = bisect_right([metre[0] for metre in metres], at) - 1
        in_bar = 0 if at == metres[m][0] else in_bar
        beats.append(t)
        if in_bar % metres[m][1] == 0:
            downbeats.append(t)
        in_bar, at = in_bar + 1, at + midi.ticks_per_beat * 4 / metres[m][2]
        upcoming = metres[m + 1][0] if m + 1 < len(metres) else np.inf
        at = min(at, upcoming)
    first = next((tempo for start, tempo in zip(ticks[1:], tempi[1:], strict=True) if start == 0), tempi[0])
    return np.array(beats), np.array(downbeats), 6e7 / first


def load_csv(path: str | os.PathLike, *, rate_hz: float | None = None) -> FeatureSet:
    """The columns of a CSV or TSV file as features, drawn on one grid of hops.

    rate_hz   rows per second of a table without a column of times; with one (named time, t, s, seconds …, or, without
              a heading, the first where it rises all the way from below 1) it must be None
    Raises InputFileError where there is no table of numbers.
    """
    require_small(path)
    names, table = _table(path)
    timed = not rate_hz
    if timed and names[0].lower() not in _TIME_NAMES and not _looks_like_time(table[:, 0]):
        raise InputFileError(f"'{shown(path)}' has no column of times; name the first one 'time', or give its rate")
    steady_hz = rate_hz or _steady_rate(table[:, 0])
    hop_rate_hz = float(steady_hz or HOP_RATE_HZ)
    seconds = table[:, 0] if timed else np.arange(len(table)) / hop_rate_hz
    names, values = (names[1:], table[:, 1:]) if timed else (names, table)
    if not values.shape[1]:
        raise InputFileError(f"'{shown(path)}' has times and nothing else; add a column of values")
    if (np.diff(seconds) <= 0).any() or seconds[0] < 0 or seconds[-1] > _MOST_SECONDS:
        raise InputFileError(f"'{shown(path)}' has times that do not rise from 0 to 4 hours; sort its rows")
    grid = np.arange(int(np.floor(seconds[-1] * hop_rate_hz + 1e-6)) + 1) / hop_rate_hz
    features: dict[str, np.ndarray] = {}
    for name, column in zip(names, values.T, strict=True):
        features[slug(name, list(features), fallback="column")] = np.interp(grid, seconds, column).astype(np.float32)
    lasts_s = 1 / hop_rate_hz if steady_hz else 0.0  # where rows have a length, the last one has it too
    return FeatureSet(hop_rate_hz, float(seconds[-1]) + lasts_s, features, kind="table")


def _steady_rate(seconds: np.ndarray) -> float:
    """Rows per second of a table that is regular from 0 on, so that its rows are kept as they are; else 0."""
    steps = np.diff(seconds)
    step = float(seconds[-1] - seconds[0]) / len(steps)
    regular = step > 1e-4 and bool((np.abs(steps - step) < 0.01 * step).all())
    return 1 / step if regular and abs(seconds[0] / step - round(seconds[0] / step)) < 0.01 else 0.0


def _table(path: str | os.PathLike) -> tuple[list[str], np.ndarray]:
    """Headings, made up where there are none, and the numbers [n_rows, n_columns], all finite."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
        lines = [line for line in text.splitlines() if line.strip()]
        delimiter = max("\t;,", key=lines[0].count)
        rows = list(csv.reader(lines, delimiter=delimiter))
        names = [] if _number(rows[0][0]) else [name.strip() for name in rows.pop(0)]
        table = np.array([[float(cell) for cell in row] for row in rows], dtype=float)
    except (UnicodeDecodeError, ValueError, IndexError, csv.Error) as cause:
        raise InputFileError(f"'{shown(path)}' is no table of numbers; export it as CSV with a heading") from cause
    if table.ndim != 2 or len(table) < 2 or table.shape[1] > _MOST_COLUMNS or not np.isfinite(table).all():
        raise InputFileError(f"'{shown(path)}' needs two rows or more of finite numbers in at most {_MOST_COLUMNS} columns")
    if names and len(names) != table.shape[1]:
        raise InputFileError(f"'{shown(path)}' has {len(names)} headings over {table.shape[1]} columns; name each column")
    return names or [f"column {k + 1}" for k in range(table.shape[1])], table


def _number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _looks_like_time(column: np.ndarray) -> bool:
    return bool((np.diff(column) > 0).all() and 0 <= column[0] < 1)
