"""The verbs about bundles: what is rendered in pieces, on any machine, and put together at the end."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..arguments import FILMS, add_verb, number_of
from ..bundle import mend_journal, numerics_in_use, open_bundle
from ..errors import Partial, UsageError
from ..files import file_sha256
from ..frame_ranges import as_ranges, parse_frame_range
from .film_arguments import add_film_arguments, add_flash_argument, add_render_arguments
from .terminal import Bar, warn
from .verbs import compose_bundle, go_on, order_of, render_frames


def add_bundle_verbs(below: argparse._SubParsersAction) -> None:
    """bundle create | run | check | film."""
    add_film_arguments(add_verb(below, "create", create), "the bundle: a new or empty folder, or this bundle's own")
    one = add_verb(below, "run", run)
    one.add_argument("bundle", metavar="BUNDLE", help="the folder that 'bundle create', or Blender, has made")
    one.add_argument("--frames", default="", metavar="A-B", help="only these, by number; A+N is N frames from A on")
    one.add_argument("--model", metavar="FILE", help="the network, where it is not in the bundle")
    add_render_arguments(one)
    one = add_verb(below, "check", check)
    one.add_argument("bundle", metavar="BUNDLE", help="the folder that 'bundle create', or Blender, has made")
    one.add_argument("--deep", action="store_true", help="read every byte of every frame")
    one = add_verb(below, "film", encode)
    one.add_argument("bundle", metavar="BUNDLE", help="the folder that 'bundle create', or Blender, has made")
    one.add_argument("--audio", required=True, metavar="SONG", help="the sound that the bundle was made for")
    one.add_argument("--out", required=True, metavar="FILM.mp4", help="or .mov (ProRes), .mkv (lossless), .webm")
    one.add_argument("--frames", default="", metavar="A-B", help="only these, by number")
    one.add_argument("--start", type=number_of, metavar="S", help="the second of the sound at its first frame; else its own")
    add_flash_argument(one)


def create(args: argparse.Namespace) -> None:
    """Put everything a machine needs to render into a folder.

    ganreact bundle create SONG.mp3 --out bundle --patch pulse --size 1920x1080
    """
    from ..engine.compose import carry_model

    bundle = compose_bundle(order_of(args), Path(args.out))
    carry_model(bundle, bundle.look.model)
    print(f"{args.out}: frames {bundle.table.first_frame}-{bundle.table.last_frame}")


def run(args: argparse.Namespace) -> None:
    """Render what a bundle lacks: all of it, or some frames.

    ganreact bundle run bundle
    ganreact bundle run bundle --frames 1+500
    """
    bundle = open_bundle(args.bundle)
    warn(render_frames(bundle, parse_frame_range(args.frames, bundle.frame_numbers()), args, args.model))


def check(args: argparse.Namespace) -> None:
    """Say which frames are done; ends with 7 where any is not.

    ganreact bundle check bundle --deep
    """
    bundle = open_bundle(args.bundle)
    wanted = bundle.wanted(bundle.frame_numbers(), deep=args.deep)
    mend_journal(bundle)
    frames = f"{bundle.table.first_frame}-{bundle.table.last_frame}"
    print(f"{bundle.table.n_frames - len(wanted)} of the {bundle.table.n_frames} frames {frames} are done")
    classes = numerics_in_use(bundle, bundle.frame_numbers())
    if len(classes) > 1:
        warn([f"the frames are of {len(classes)} numerics classes and may differ by 1/255 between them",
              *(f"{count} frames of {name}" for name, count in classes.items())])
    if wanted:
        raise Partial(f"frames {', '.join(as_ranges(wanted))} are missing, broken or stale; run the bundle to make them")


def encode(args: argparse.Namespace) -> None:
    """Make the film of a bundle whose frames are done, with its sound.

    ganreact bundle film bundle --audio SONG.mp3 --out film.mp4
    """
    from ..engine.film import write_film

    bundle, out = open_bundle(args.bundle), Path(args.out)
    if out.suffix.lower() not in FILMS:
        raise UsageError(f"'{out.name}' is no film; name it {', '.join(FILMS)}")
    frames = parse_frame_range(args.frames, bundle.frame_numbers())
    sound = bundle.sound
    if sound and sound.sha256 != file_sha256(Path(args.audio)):
        warn([f"'{Path(args.audio).name}' is not the very file that the bundle was made for, '{sound.name}'"])
    start_s = args.start if args.start is not None else sound.start_s if sound else 0.0
    start_s += (frames[0] - bundle.table.first_frame) / bundle.table.fps
    with Bar("Encoding") as bar:
        told = write_film(out, bundle, frames, args.audio, start_s=start_s, limit_flashes=args.limit_flashes,
                          progress=lambda done, total: go_on(bar, done / total))
    warn(told)
    print(out)
