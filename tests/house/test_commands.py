"""Every command that a page or a help shows is one that the command line takes."""

import re
import shlex
from pathlib import Path

import pytest

pytest.importorskip("tqdm")

from ganreact_core.arguments import Parser
from ganreact_core.cli import make_parser
from ganreact_core.errors import GANReactError

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_NAMED_ONLY = re.compile(r"[a-z-]+( [a-z-]+)?")
"""A verb that a sentence names, without its arguments."""


def commands_in(text):
    """What follows `ganreact` in code: whole lines of blocks, and spans in a sentence."""
    text = re.sub(r"\s*\\\n\s*", " ", text)
    blocks = re.findall(r"```.*?```", text, re.DOTALL)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    for line in [*(line for block in blocks for line in block.splitlines()), *spans]:
        found = re.match(r"(?:\S*/)?ganreact (\w.*)", line)
        if found:
            yield re.sub(r"\[(.*?)\]", r"\1", re.split(r" {2,}| # ", found[1])[0])


def parsers_of(parser, words=()):
    yield words, parser
    for action in parser._actions:
        if action.nargs == "A..." and action.choices:
            for name, below in action.choices.items():
                yield from parsers_of(below, (*words, name))


COMMANDS = sorted({(page.name, command) for page in PAGES for command in commands_in(page.read_text(encoding="utf-8"))})
PARSERS = list(parsers_of(make_parser()))


def test_there_are_commands_to_look_at():
    assert len(COMMANDS) > 35 and len(PARSERS) > 20


@pytest.mark.parametrize(("page", "command"), COMMANDS)
def test_a_command_of_a_page_is_understood(page, command):
    words = [word for word in shlex.split(command) if word not in ("…",)]
    words = [{"N": "1", "M": "1", "MIDI": "60", "FILE|embedded": "x"}.get(word, word) for word in words]
    if _NAMED_ONLY.fullmatch(" ".join(words)):
        assert tuple(words) in [verb for verb, _ in PARSERS] or make_parser().parse_args(words)
    elif "…" not in command:
        make_parser().parse_args(words)


@pytest.mark.parametrize(("words", "parser"), PARSERS, ids=lambda value: "-".join(value) if isinstance(value, tuple) else "")
def test_help_says_what_it_is_and_its_examples_work(words, parser):
    assert isinstance(parser, Parser) and parser.description
    assert not [action.dest for action in parser._actions if not action.help], "an argument that nothing is said about"
    text = parser.format_help()
    for example in re.findall(r"^  ganreact (.*)", text, re.MULTILINE):
        make_parser().parse_args(shlex.split(example))
    below = [action for action in parser._actions if action.nargs == "A..."]
    assert below or words == ("serve",) or "  ganreact " in text, "an example is missing"
    unexplained = [a.dest for a in parser._actions if a.option_strings and not a.help and a.dest not in ("out",)]
    assert not unexplained


@pytest.mark.parametrize(("command", "sentence"), [
    ("", "'ganreact' needs a verb; see 'ganreact --help'"),
    ("rendr a", "'ganreact' has no verb 'rendr'; did you mean render?"),
    ("bundle", "'ganreact bundle' needs a verb; see 'ganreact bundle --help'"),
    ("render", "'ganreact render' needs SONG and --out; see 'ganreact render --help'"),
    ("render a --out b --sise 9x9", "'ganreact render' does not know '--sise'; did you mean --size?"),
    ("render a b --out c", "'ganreact render' does not know 'b'; see 'ganreact render --help'"),
    ("render a --out", "--out needs a value; see 'ganreact render --help'"),
    ("render a --out b --duration 2 --loop 48", "--loop and --duration cannot go together; leave one of them out"),
    ("render a --out b --size 0x0", "--size: '0x0' cannot be made; use 16 to 8192 pixels a side"),
    ("render a --out b --fps 0", "--fps: '0' frames a second cannot be made; use 1 to 240"),
    ("render a --out b --fps nan", "--fps: 'nan' frames a second cannot be made; use 1 to 240"),
    ("render a --out b --start -1", "--start: '-1' is no number of seconds; write 12.5, or 1:30 for a minute and a half"),
    ("render a --out b --start 1e6", "--start: '1e6' is no number of seconds; write 12.5, or 1:30 for a minute and a half"),
    ("render a --out b --duration 0", "--duration: a film of no length cannot be made; give the seconds it shall last"),
    ("render a --out b --seed 1.5", "--seed: '1.5' is no whole number"),
    ("render a --out b --device gpu", "'ganreact render' has no --device 'gpu'; choose from auto, cpu, cuda, mps"),
    ("render a --out b --keep-frames=3", "--keep-frames takes no value, and '3' was given; see 'ganreact render --help'"),
    ("model sheet m --out s.png --columns 0", "--columns: '0' is none; use 1 or more"),
])
def test_what_is_wrong_is_one_sentence(command, sentence):
    with pytest.raises(GANReactError) as told:
        make_parser().parse_args(shlex.split(command))
    assert str(told.value) == sentence and told.value.exit_status == 2


def test_an_hour_of_sound_has_a_middle():
    args = make_parser().parse_args(["render", "a", "--out", "b", "--start", "1800.5", "--duration", "86400", "--seed", "-3"])
    assert (args.start, args.duration, args.seed, args.size, args.fps) == (1800.5, 86400.0, -3, None, 24.0)


def test_where_an_error_came_from_can_be_asked_before_and_after_the_verb():
    for command in ("--debug render a --out b", "render a --out b --debug"):
        assert make_parser().parse_args(command.split()).debug
    assert not make_parser().parse_args(["render", "a", "--out", "b"]).debug
