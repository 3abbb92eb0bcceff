"""The command line, `ganreact VERB …`: what it knows, and how what goes wrong is told."""

from __future__ import annotations

import sys
from functools import partial

from .. import __version__
from ..arguments import Parser, add_verb, add_verbs_below, verbs_of
from ..failures import print_any_name, tell
from . import model, training, verbs
from .bundles import add_bundle_verbs
from .places import require_places
from .playing import add_playing
from .searches import add_rewrites, add_searches
from .sound import add_sound_verbs
from .terminal import stop_on_signals

_WELCOME = "Music moves a GAN's pictures. Begin with:\n\n  ganreact render SONG.mp3 --out film.mp4 --duration 30"


def main(argv: list[str] | None = None) -> int:
    """Run one verb; errors are one sentence on stderr, and the exit status tells their kind."""
    words = sys.argv[1:] if argv is None else argv
    print_any_name()
    try:
        args = make_parser().parse_args(words)
        if args.verb is not verbs.serve:
            stop_on_signals()
        require_places(args)
        args.verb(args)
        sys.stdout.flush()
    except (Exception, KeyboardInterrupt) as error:
        return tell(error, debug="--debug" in words)
    return 0


def make_parser() -> Parser:
    """Every verb with its arguments, in the order in which one works."""
    parser = Parser(prog="ganreact", description=_WELCOME)
    parser.add_argument("--version", action="version", version=__version__, help="say which version this is")
    parser.add_argument("--debug", action="store_true", help="show where an error came from")
    top = verbs_of(parser)
    films = partial(add_verb, top, group="from music to a film")
    verbs.add_film_verbs(films)
    add_playing(films)
    add_bundle_verbs(add_verbs_below(top, "bundle", "Render anywhere, in pieces, without Blender.", films.keywords["group"]))
    group = "networks that draw"
    model.add_model_verbs(add_verbs_below(top, "model", "Look into checkpoints.", group))
    networks = partial(add_verb, top, group=group)
    add_searches(networks)
    add_rewrites(add_verbs_below(top, "rewrite", "Make other weights, for a rewrite of the kind 'file'.", group))
    training.add_training(networks)
    add_sound_verbs(partial(add_verb, top, group="networks that sound"))
    add_verb(top, "serve", verbs.serve, group="for programs")
    return parser
