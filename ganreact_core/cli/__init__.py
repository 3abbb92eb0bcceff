"""The command line: `ganreact analyze|render|bundle|model|patches|sync|ganterpret|serve …`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from .. import __version__
from ..errors import Cancelled, GANReactError
from ..files import disk_error
from . import model, training, verbs
from .bundles import add_bundle_verbs
from .playing import add_playing
from .searches import add_rewrites, add_searches
from .sound import add_sound_verbs
from .sound_arguments import add_correction_arguments, add_listening_arguments, add_material_arguments
from .terminal import stop_on_signals


def main(argv: list[str] | None = None) -> int:
    """Run one verb; errors are one sentence on stderr, and the exit status tells their kind."""
    args = _parser().parse_args(argv)
    if args.verb is not verbs.serve:
        stop_on_signals()
    try:
        args.verb(args)
    except GANReactError as error:
        if args.debug:
            raise
        print(f"ganreact: {error}", file=sys.stderr)
        return error.exit_status
    except (BrokenPipeError, KeyboardInterrupt):
        return Cancelled.exit_status
    except OSError as error:
        if args.debug:
            raise
        refused = disk_error(Path(error.filename or "the file"), error)
        print(f"ganreact: {refused}", file=sys.stderr)
        return refused.exit_status
    except Exception as error:
        if args.debug:
            raise
        what = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        print(f"ganreact: this is a bug ({what}); run again with --debug and report it", file=sys.stderr)
        return GANReactError.exit_status
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ganreact", description="Music moves a GAN's pictures.")
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("--debug", action="store_true", help="show where an error came from")
    top = parser.add_subparsers(required=True, metavar="VERB")
    one = _verb(top, "analyze", verbs.analyze)
    one.add_argument("audio", help="a sound, a film, a MIDI file or a table")
    one.add_argument("--out", required=True, metavar="F.npz", help="the feature set")
    one.add_argument("--json", metavar="F.json", help="events and sections, to read")
    one.add_argument("--plot", metavar="F.png", help="a picture of what was heard")
    add_listening_arguments(one)
    one = _verb(top, "render", verbs.render)
    _film_arguments(one)
    _render_arguments(one)
    one.add_argument("--keep-frames", action="store_true", help="keep the frames beside the film")
    one.add_argument("--limit-flashes", action="store_true",
                     help="hold the film back where it flashes more than three times a second")
    add_bundle_verbs(top, _verb, film=_film_arguments, rendering=_render_arguments)
    _model_verbs(top)
    add_searches(partial(_verb, top), _device_argument)
    below = top.add_parser("rewrite", help="make other weights, for a rewrite of the kind 'file'")
    add_rewrites(partial(_verb, below.add_subparsers(required=True, metavar="VERB")), _device_argument)
    one = _verb(top, "train", training.train)
    training.arguments(one)
    _device_argument(one)
    add_sound_verbs(top, _verb, _device_argument)
    add_playing(partial(_verb, top))
    _verb(top, "serve", verbs.serve)
    return parser


def _render_arguments(parser: argparse.ArgumentParser) -> None:
    _device_argument(parser)
    _precision_argument(parser)
    _disk_argument(parser)


def _model_verbs(top: argparse._SubParsersAction) -> None:
    below = top.add_parser("model", help="look into checkpoints").add_subparsers(required=True, metavar="VERB")
    one = _verb(below, "info", model.info)
    one.add_argument("model", metavar="FILE")
    one.add_argument("--json", action="store_true", help="all of it, for programs")
    one = _verb(below, "convert", model.convert)
    one.add_argument("model", metavar="FILE")
    one.add_argument("--out", required=True, metavar="F.safetensors")
    one.add_argument("--half", action="store_true", help="16-bit numbers: half the size")
    one.add_argument("--licence", default="", metavar="TEXT", help="what may be done with the network, for its card")
    one.add_argument("--seeds", type=_seeds, default=[], metavar="1,2,3", help="seeds of good pictures, for its card")
    one.add_argument("--class-names", type=_names, default=[], metavar="A,B,C", help="its classes, for its card")
    _class_verb(below)
    one = _verb(below, "cache", model.cache)
    one.add_argument("--clear", action="store_true", help="remove all copies; they are made again when needed")
    one = _verb(below, "sheet", model.sheet)
    one.add_argument("model", metavar="FILE")
    one.add_argument("--out", required=True, metavar="SHEET.png")
    one.add_argument("--first", type=int, default=1, metavar="SEED", help="the first seed of each row")
    one.add_argument("--columns", type=int, default=8, metavar="N")
    one.add_argument("--rows", type=int, default=12, metavar="N", help="of a network with classes: one class a row")
    one.add_argument("--class", dest="classes", action="append", default=[], metavar="NAME|N",
                     help="a row of this class; may be given several times")
    one.add_argument("--psi", type=float, default=0.8, help="truncation")
    _device_argument(one)


def _class_verb(below: argparse._SubParsersAction) -> None:
    one = _verb(below, "classes", model.classes)
    one.add_argument("model", metavar="FILE")
    one.add_argument("words", nargs="*", metavar="WORD", help="only classes that these may mean")


def _verb(parsers: argparse._SubParsersAction, name: str, run: Callable[[argparse.Namespace], None]) -> argparse.ArgumentParser:
    parser = parsers.add_parser(name, help=run.__doc__, description=run.__doc__)
    parser.set_defaults(verb=run)
    return parser


def _device_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda", "mps"))


def _precision_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--precision", default="exact", choices=("exact", "fast"),
                        help="fast: 16-bit arithmetic where the machine gains from it, off by half a grey level on average")
def _disk_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--wait-for-disk", type=_seconds, default=0.0, metavar="S",
                        help="where the disk is full, wait so many seconds for room; else the render ends with 4")


def _film_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("audio")
    parser.add_argument("--out", required=True, help="FILM.mp4, .mov (ProRes), .mkv (lossless), .webm, or a folder for frames")
    parser.add_argument("--model", default="", metavar="FILE", help="a checkpoint, or 'embedded'; else the patch's own")
    parser.add_argument("--patch", default="pulse", metavar="NAME|FILE", help="how the music moves the pictures")
    parser.add_argument("--size", type=_size, metavar="WxH")
    parser.add_argument("--fps", type=float, default=24.0)
    parser.add_argument("--start", type=_seconds, default=0.0, metavar="S", help="seconds into the track")
    parser.add_argument("--duration", type=_positive, metavar="S", help="seconds; to the end where left out")
    parser.add_argument("--seed", type=int, default=0, help="another number, other pictures")
    add_listening_arguments(parser)
    add_material_arguments(parser)
    add_correction_arguments(parser)


def _seeds(text: str) -> list[int]:
    seeds = [int(part) for part in text.split(",") if part.strip().isdecimal()]
    if len(seeds) != len(text.split(",")):
        raise argparse.ArgumentTypeError(f"'{text}' is no list of seeds; write it as 1,2,3")
    return seeds


def _names(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")]


def _size(text: str) -> tuple[int, int]:
    width, cross, height = text.lower().partition("x")
    if not (cross and width.isdigit() and height.isdigit()):
        raise argparse.ArgumentTypeError(f"'{text}' is no size; write it as 1280x720")
    if not all(16 <= side <= 8192 for side in (int(width), int(height))):
        raise argparse.ArgumentTypeError(f"'{text}' cannot be made; use 16 to 8192 pixels a side")
    return int(width), int(height)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e6:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of seconds")
    return value


def _positive(text: str) -> float:
    if not _seconds(text):
        raise argparse.ArgumentTypeError("a film of no length cannot be made")
    return _seconds(text)
