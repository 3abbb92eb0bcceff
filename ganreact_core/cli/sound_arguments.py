"""Arguments about what is listened to: the track, its channel and stems, and notes and tables beside it."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING

from ..corrections import Corrections, spans_of
from ..errors import UsageError
from ..ganterpretations import read_table
from ..listening import Listening, Stem
from ..naming import slug

if TYPE_CHECKING:
    from ..engine.compose import Material


def add_listening_arguments(parser: argparse._ActionsContainer) -> None:
    """How the track is heard."""
    parser = parser.add_argument_group("how the track is heard")
    parser.add_argument("--stem", type=_named, action="append", default=[], metavar="PART=FILE",
                        help="a part that sounds alone (kick, snare, hat, bass, rest) instead of what the mix says")
    parser.add_argument("--channel", type=_count, metavar="N", help="one channel, counted from 0; else all are mixed down")
    parser.add_argument("--track", type=_count, default=0, metavar="N", help="which sound track of a film, counted from 0")
    parser.add_argument("--table-rate", type=_rate, default=0.0, metavar="HZ", help="rows per second of a table without times")


def add_material_arguments(parser: argparse._ActionsContainer) -> None:
    """What envelopes can listen to beside the track."""
    parser = parser.add_argument_group("what envelopes can listen to beside the track")
    for kind, what in (("midi", "a MIDI file"), ("table", "a CSV or TSV file"), ("sound", "another sound")):
        parser.add_argument(f"--{kind}", action="append", default=[], metavar="[NAME=]FILE",
                            help=f"{what} that envelopes name as their material; NAME is '{kind}' where left out")
    parser.add_argument("--offset", type=_named, action="append", default=[], metavar="NAME=S",
                        help="the second of the track at which that file begins; 0 where left out")


def add_correction_arguments(parser: argparse._ActionsContainer) -> None:
    """What the artist knows better than the analysis."""
    parser = parser.add_argument_group("what you know better than the analysis")
    parser.add_argument("--sections", default="", metavar="TABLE.csv",
                        help="where sections begin and what they are called, instead of those heard; equal names share a label")


def corrections_from(args: argparse.Namespace) -> Corrections:
    """Sections of a table."""
    return Corrections(spans=spans_of(read_table(args.sections))) if args.sections else Corrections()


def listening_from(args: argparse.Namespace) -> Listening:
    """The track, and how it is heard."""
    stems = {part: Stem(file) for part, file in args.stem}
    if len(stems) < len(args.stem):
        raise UsageError("a part is given twice; give each --stem once")
    return Listening(args.audio, args.channel, args.track, args.table_rate, stems)


def materials_from(args: argparse.Namespace) -> dict[str, Material]:
    """Notes, tables and other sounds beside the track, by the name that recipes know."""
    from ..engine.compose import Material

    offsets = {name: _seconds_of(name, text) for name, text in args.offset}
    found: dict[str, Material] = {}
    for kind in ("midi", "table", "sound"):
        for text in getattr(args, kind):
            name, equals, file = text.partition("=")
            if not equals or Path(text).is_file():
                name, file = kind, text
            if slug(name) != name or name in found:
                raise UsageError(f"'{name}' cannot name a file beside the track; give each another name of a-z, 0-9, _ and -")
            rate_hz = args.table_rate if kind == "table" else 0.0
            found[name] = Material(Listening(file, rate_hz=rate_hz), offsets.pop(name, 0.0))
    if offsets:
        raise UsageError(f"--offset speaks of '{next(iter(offsets))}', and no file has that name")
    return found


def _named(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise argparse.ArgumentTypeError(f"'{text}' is not of the form NAME=VALUE; write it as kick=KICK.wav or clip=2.5")
    return name, value


def _seconds_of(name: str, text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not abs(seconds) < 1e6:
        raise UsageError(f"--offset {name}={text} is no number of seconds")
    return seconds


def _count(text: str) -> int:
    if not text.isdigit() or int(text) > 1000:
        raise argparse.ArgumentTypeError(f"'{text}' is no number to count with; use 0, 1, 2 …")
    return int(text)


def _rate(text: str) -> float:
    try:
        rate_hz = float(text)
    except ValueError:
        rate_hz = 0.0
    if not 0 < rate_hz <= 1e5:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of rows per second")
    return rate_hz
