"""Words of a command line, alike in `ganreact` and in `blender --command ganreact`: what is wrong is one sentence.

Every `…_of` turns a word into a value and raises argparse.ArgumentTypeError with a sentence that shows the word.
"""

from __future__ import annotations

import argparse
import difflib
import math
import re
import shutil
import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

from .errors import UsageError
from .looping import LEAST_FRAMES, Loop

LEAST_SIDE, MOST_SIDE = 16, 8192
SLOWEST_FPS, FASTEST_FPS = 1, 240
FILMS = (".mp4", ".m4v", ".mov", ".mkv", ".webm")
"""Endings of films that can be written; what ends otherwise is a folder of frames."""

KEPT: dict[str, tuple[str, int]] = {"png": ("png", 8), "png16": ("png", 16), "exr": ("exr", 8), "jpeg": ("jpeg", 8)}
"""Word for how frames are kept -> a look's format and depth."""


class Parser(argparse.ArgumentParser):
    """A parser that raises UsageError, in one sentence, where argparse prints its usage and ends the program.

    Its help begins with what must be given; verbs below it are listed by group, in the order they were added.
    """

    group = "verbs"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"formatter_class": argparse.RawDescriptionHelpFormatter, **kwargs})

    def error(self, message: str) -> NoReturn:
        """Raise what argparse says, as this project says it."""
        raise UsageError(_sentence(message, self.prog))

    def parse_known_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def, override]  # its overloads are many
        """Complain where the word stands: else a verb's unknown words are told by the program, which does not know them."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {unknown[0]}{self._meant(unknown[0])}")
        return found, unknown

    def format_help(self) -> str:
        """What must be given, what can be, and the verbs below or the examples."""
        needed = [action for action in self._actions if action.required or not action.option_strings]
        words = [_written(action) for action in sorted(needed, key=lambda action: bool(action.option_strings))]
        self.usage = " ".join(["%(prog)s", *words, "[options]"])
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction):
                self.epilog = "\n".join(_listed(action.choices))
        return super().format_help()

    def _meant(self, word: str) -> str:
        options = [option for action in self._actions for option in action.option_strings]
        near = difflib.get_close_matches(word.partition("=")[0], options, 1)
        return f"; did you mean {near[0]}?" if near else ""


def add_verb(parsers: argparse._SubParsersAction, name: str, run: Callable[..., None], group: str = "verbs") -> Parser:
    """A parser for one verb; its help is the first line of the function's docstring, its examples what stands below."""
    first, _, examples = (run.__doc__ or "").partition("\n")
    lines = [f"  {line.strip()}" for line in examples.strip().splitlines()]
    parser = parsers.add_parser(name, description=first, epilog="\n".join(["examples:", *lines]) if lines else None)
    parser.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help="show where an error came from")
    parser.set_defaults(verb=run)
    parser.group = group
    return parser


def add_verbs_below(parsers: argparse._SubParsersAction, name: str, what: str, group: str) -> argparse._SubParsersAction:
    """A verb that is only followed by other verbs."""
    parser = parsers.add_parser(name, description=what)
    parser.group = group
    return verbs_of(parser)


def verbs_of(parser: argparse.ArgumentParser) -> argparse._SubParsersAction:
    """Where verbs are added to a parser."""
    return parser.add_subparsers(required=True, metavar="VERB", help=argparse.SUPPRESS)


def size_of(text: str) -> tuple[int, int]:
    """"1280x720", or "1280×720" -> (1280, 720)."""
    width, cross, height = text.lower().replace("×", "x").partition("x")
    if not (cross and width.isdecimal() and height.isdecimal()):
        raise argparse.ArgumentTypeError(f"'{text}' is no size; write it as 1280x720")
    if not all(LEAST_SIDE <= int(side[:9]) <= MOST_SIDE for side in (width, height)):
        raise argparse.ArgumentTypeError(f"'{text}' cannot be made; use {LEAST_SIDE} to {MOST_SIDE} pixels a side")
    return int(width), int(height)


def fps_of(text: str) -> float:
    """Frames a second."""
    fps = _number(text)
    if not SLOWEST_FPS <= fps <= FASTEST_FPS:
        raise argparse.ArgumentTypeError(f"'{text}' frames a second cannot be made; use {SLOWEST_FPS} to {FASTEST_FPS}")
    return fps


def seconds_of(text: str) -> float:
    """A moment of a sound, or a time to wait: "72.5", or "1:12.5"."""
    clock = re.fullmatch(r"(?:(\d{1,3}):)?(\d{1,3}):([0-5]?\d(?:\.\d+)?)", text)
    seconds = 3600 * int(clock[1] or 0) + 60 * int(clock[2]) + float(clock[3]) if clock else _number(text)
    if not 0 <= seconds < 1e6:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of seconds; write 12.5, or 1:30 for a minute and a half")
    return seconds


def duration_of(text: str) -> float:
    """Seconds, more than none."""
    if not seconds_of(text):
        raise argparse.ArgumentTypeError("a film of no length cannot be made; give the seconds it shall last")
    return seconds_of(text)


def loop_of(text: str) -> Loop:
    """How long a loop is: "96" frames, or "4bars"."""
    found = re.fullmatch(r"(\d{1,6})( ?bars?)?", text.strip().lower())
    if not found or not int(found[1]) or (not found[2] and int(found[1]) < LEAST_FRAMES):
        raise argparse.ArgumentTypeError(f"'{text}' is no length of a loop; write 96 for frames, or 4bars")
    return Loop(bars=int(found[1])) if found[2] else Loop(int(found[1]))


MODEL = "a checkpoint, its folder, or 'embedded'"
"""What is said of every argument that is a network."""


def ending_of(ending: str) -> Callable[[str], str]:
    """The name of a file to write, which has to tell what is written; a folder is told where places are looked at."""
    def named(text: str) -> str:
        if text and not text.lower().endswith(ending) and not Path(text).is_dir():
            only = "the only pictures that are written" if ending == ".png" else "which is what is written"
            raise argparse.ArgumentTypeError(f"'{Path(text).name}' should end in {ending}, {only}")
        return text
    return named


def number_of(text: str) -> float:
    """Any number."""
    number = _number(text)
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"'{text}' is no number")
    return number


def whole_of(text: str) -> int:
    """A whole number, of either sign."""
    if not re.fullmatch(r"[-+]?\d{1,18}", text):
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number")
    return int(text)


def count_of(text: str) -> int:
    """1, 2, 3 …"""
    if whole_of(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is none; use 1 or more")
    return int(text)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _written(action: argparse.Action) -> str:
    """An argument as one writes it."""
    word = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    word = f"{action.option_strings[-1]} {word}" if action.option_strings else word
    return {"?": f"[{word}]", "*": f"[{word} …]", "+": f"{word} …", argparse.PARSER: f"{word} …"}.get(str(action.nargs), word)


def _listed(verbs: Mapping[str, Any]) -> Iterator[str]:
    """Lines of help about verbs, group by group."""
    margin, wide = max(map(len, verbs)) + 4, max(shutil.get_terminal_size().columns - 2, 40)
    for number, group in enumerate(dict.fromkeys(parser.group for parser in verbs.values())):
        yield f"{'' if not number else chr(10)}{group}:"
        for name, parser in verbs.items():
            if parser.group == group:
                yield textwrap.fill(parser.description, wide, initial_indent=f"  {name}".ljust(margin),
                                    subsequent_indent=" " * margin)


def _sentence(message: str, prog: str) -> str:
    """argparse's complaint -> cause, and what to do."""
    see = f"see '{prog} --help'"
    for pattern, tell in _COMPLAINTS:
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return tell(found, prog, see)
    return f"{message}; {see}"


def _lacking(found: re.Match[str], prog: str, see: str) -> str:
    needed = found[1].replace("VERB", "a verb").split(", ")
    return f"'{prog}' needs {', '.join(needed[:-1])}{' and ' if needed[1:] else ''}{needed[-1]}; {see}"


def _no_choice(found: re.Match[str], prog: str, see: str) -> str:
    choices = found[3].replace("'", "")
    if found[1] != "VERB":
        return f"'{prog}' has no {found[1]} '{found[2]}'; choose from {choices}"
    near = difflib.get_close_matches(found[2], choices.split(", "), 1)
    return f"'{prog}' has no verb '{found[2]}'; " + (f"did you mean {near[0]}?" if near else f"choose from {choices}")


_COMPLAINTS: tuple[tuple[str, Callable[[re.Match[str], str, str], str]], ...] = (
    (r"the following arguments are required: (.*)", _lacking),
    (r"unrecognized arguments: ([^;]*)(; .*)?",
     lambda found, prog, see: f"'{prog}' does not know '{found[1]}'{found[2] or f'; {see}'}"),
    (r"argument (.+?): invalid choice: '?(.*?)'? \(choose from (.*)\)", _no_choice),
    (r"argument (.+?): expected .*argument.*", lambda found, prog, see: f"{found[1]} needs a value; {see}"),
    (r"argument (.+?): ignored explicit argument (.*)",
     lambda found, prog, see: f"{found[1]} takes no value, and {found[2]} was given; {see}"),
    (r"argument (.+?): not allowed with argument (.+)",
     lambda found, prog, see: f"{found[1]} and {found[2]} cannot go together; leave one of them out"),
    (r"argument (.+?): (.*)", lambda found, prog, see: f"{found[1]}: {found[2]}"),
)
"""What argparse says (Python 3.11 to 3.13) -> how it is told."""
