"""Verbs about playing: the patches, whether a work is in step with its music, GANterpretations."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from ..arguments import ending_of, number_of, seconds_of, whole_of
from ..errors import UsageError
from ..files import write_whole
from ..ganterpretations import ZS, read_table
from ..models import EMBEDDED
from ..patches import Patch, load_patch, patch_to_page, shipped_patches
from ..surprise import find_patch
from ..switching import switched
from .terminal import Bar, stopped, warn


def add_playing(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """The verbs and their arguments."""
    one = verb("sync", sync)
    one.add_argument("work", metavar="FILM|BUNDLE", help="a film with its sound, or a bundle whose frames are done")
    one.add_argument("--audio", default="", metavar="SONG", help="of a bundle: the track it was made from")
    one.add_argument("--start", type=number_of, default=0.0, metavar="S", help="of a bundle: where in the track it starts")
    one = verb("patches", patches)
    one.add_argument("name", nargs="?", default="", metavar="NAME", help="only this one, to be written as a patch of your own")
    one.add_argument("--out", metavar="SHEET.png|MINE.json", help="a picture of them all; of NAME its text")
    one.add_argument("--audio", metavar="SONG", help="what they play to on the picture; else a made-up piece")
    one.add_argument("--model", default=EMBEDDED, metavar="FILE", help="what draws the picture; else the embedded network")
    one = verb("switch", switch)
    one.add_argument("patches", nargs="+", metavar="PATCH", help="by name, or files; the first is shown where no other is")
    one.add_argument("--out", type=ending_of(".json"), required=True, metavar="BOTH.json", help="the patch of them all")
    one.add_argument("--sections", nargs="*", default=[], metavar="NAME",
                     help="where each but the first is shown: B, #2, loud, quiet; where left out A, B, C … in turn")
    one.add_argument("--crossfade", type=seconds_of, default=2.0, metavar="S",
                     help="seconds of crossing over, half before a boundary and half after it; 2 where left out")
    one = verb("ganterpret", ganterpret)
    one.add_argument("audio", metavar="SONG", help="the track that the patch is made for")
    one.add_argument("--out", type=ending_of(".json"), required=True, metavar="PATCH.json", help="the patch")
    one.add_argument("--model", default=EMBEDDED, metavar="FILE", help="whose categories; else the embedded network's")
    one.add_argument("--categories", default="", metavar="NAME,NAME…|TABLE.csv",
                     help="classes or words, one at each inflection point, missing ones by the seed; or a table of times")
    one.add_argument("--z", default=ZS[0], choices=ZS, help="what z does between two categories")
    one.add_argument("--classic", action="store_true", help="timing and inflection points of the paper's code")
    one.add_argument("--onto", default="", metavar="PATCH", help="a patch whose bends, noise and routes go on beside it")
    one.add_argument("--seed", type=whole_of, default=0, metavar="N", help="another number, other pictures")


def patches(args: argparse.Namespace) -> None:
    """List the patches that come along, draw a picture of them, or write one as a text to change.

    ganreact patches
    ganreact patches --out patches.png --audio SONG.mp3
    ganreact patches surprise-17 --out mine.json
    """
    if args.name:
        _write_patch(args.name, args.out)
        return
    if not args.out:
        if args.audio or args.model != EMBEDDED:
            raise UsageError("a track and a network are for the picture of the patches; name it with --out SHEET.png")
        for name, help_ in shipped_patches().items():
            print(f"{name:16s} {help_}")
        return
    if not args.out.lower().endswith(".png"):
        raise UsageError(f"'{Path(args.out).name}' should end in .png for a picture of all patches; for the text of one "
                         "give its name first")
    from ..engine.hearing import listen
    from ..engine.patch_sheet import sheet_of
    from ..listening import Listening
    from ..synthesis.sheet import png_bytes

    found = listen(Listening(args.audio)) if args.audio else None
    with Bar("Drawing") as bar:
        sheet = sheet_of({name: load_patch(name) for name in shipped_patches()}, args.model, found, progress=bar)
    write_whole(Path(args.out), png_bytes(sheet))
    print(args.out)


def _write_patch(name: str, out: str | None) -> None:
    text = patch_to_page(find_patch(name))
    if not (out or "").lower().endswith(".json"):
        raise UsageError(f"a patch is written as .json; say ganreact patches {name} --out mine.json")
    write_whole(Path(str(out)), text.encode())
    print(f"{out}; next: ganreact render SONG --patch {out} --out film.mp4")


def switch(args: argparse.Namespace) -> None:
    """Make one patch of several: each is shown in its own sections, and they cross over between.

    ganreact switch kelp temper --out both.json
    ganreact switch kelp temper tauceti --sections loud B --crossfade 4 --out three.json
    """
    made = switched([find_patch(name) for name in args.patches], args.sections, crossfade_s=args.crossfade)
    write_whole(Path(args.out), patch_to_page(made).encode())
    print(f"{args.out}: {made.label}")


def sync(args: argparse.Namespace) -> None:
    """Measure how a film, or a bundle's frames, answer to their music: lags, strengths, flashes.

    ganreact sync film.mp4
    ganreact sync bundle --audio SONG.mp3
    """
    from ..engine.in_step import bundle_in_step, film_in_step, report

    with Bar("Measuring") as bar:
        if Path(args.work).is_dir():
            found = bundle_in_step(args.work, args.audio, args.start, bar, stopped.is_set)
        elif args.audio:
            raise UsageError("a film is measured against its own sound; leave --audio away")
        else:
            found = film_in_step(args.work, bar, stopped.is_set)
    print("\n".join(report(found)))


def ganterpret(args: argparse.Namespace) -> None:
    """Make a patch that takes a network's categories through one track (Castro 2020).

    ganreact ganterpret SONG.mp3 --out song.json
    ganreact ganterpret SONG.mp3 --out song.json --model biggan/ --categories jellyfish,coral,volcano
    """
    from ..engine.interpreting import Wish, interpreted

    is_table = args.categories.lower().endswith((".csv", ".tsv", ".txt"))
    table = read_table(args.categories) if is_table else []
    names = [] if is_table else [name.strip() for name in args.categories.split(",") if name.strip()]
    if table and args.classic:
        raise UsageError("a table sets the points itself; leave --classic away")
    with Bar("Listening") as bar:
        onto = find_patch(args.onto) if args.onto else None
        patch = interpreted(Wish(args.audio, args.model, names, table, args.z, args.classic, args.seed, onto), bar)
    write_whole(Path(args.out), patch_to_page(patch).encode())
    stops = patch.look.paths[-1].entries
    if strangers := _of_no_class(patch, names):
        warn([f"no class of this network, so a picture of its own by its seed: {', '.join(strangers)}; "
              f"'ganreact model classes {args.model}' lists the classes"])
    if len(names) > len(stops):
        warn([f"{len(names) - len(stops)} names are left over: the track has {len(stops)} points"])
    print(f"{args.out}: {len(stops)} points, {len(patch.look.entries)} pictures; next: ganreact render {args.audio} "
          f"--patch {args.out} --out film.mp4")


def _of_no_class(patch: Patch, names: list[str]) -> list[str]:
    """Names that became pictures without a class, where others have one."""
    drawn = {entry.label: entry for entry in patch.look.entries}
    has_classes = any(entry.class_ is not None for entry in drawn.values())
    return [name for name in names if has_classes and name in drawn and drawn[name].class_ is None and not drawn[name].classes]
