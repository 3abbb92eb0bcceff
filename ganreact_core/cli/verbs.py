"""The verbs that make films: each gathers its arguments, calls, and says what came of it."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..arguments import FILMS, KEPT, ending_of
from ..bundle import Bundle, remove_bundle
from ..client import engine_command, wait
from ..errors import Cancelled, DiskError, Partial, UsageError
from ..frame_ranges import as_ranges, told_of_frames
from ..keeper import EngineKeeper
from ..leases import Leases, is_used
from ..models import EMBEDDED
from ..processes import process_name
from ..room import Patience
from ..surprise import find_patch
from .film_arguments import add_film_arguments, add_flash_argument, add_render_arguments
from .sound_arguments import add_listening_arguments, corrections_from, listening_from, materials_from
from .terminal import Bar, stopped, warn

if TYPE_CHECKING:
    from ..engine.compose import Order

_OTHER_MEDIA = (".avi", ".wmv", ".flv", ".mpg", ".mpeg", ".gif", ".apng", ".webp", ".png", ".jpg", ".jpeg", ".tif", ".tiff",
                ".exr", ".wav", ".mp3", ".flac", ".ogg", ".m4a", ".npz", ".json", ".blend")


def add_film_verbs(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """render and analyze; `verb(name, run)` makes a parser."""
    one = verb("render", render)
    add_film_arguments(one)
    add_render_arguments(one)
    frames = one.add_mutually_exclusive_group()
    frames.add_argument("--keep-frames", action="store_true", help="keep the frames beside the film")
    frames.add_argument("--straight", action="store_true",
                        help="encode frames as they are made: no files between, so less disk, and nothing to go on from")
    add_flash_argument(one)
    one = verb("analyze", analyze)
    one.add_argument("audio", metavar="SONG", help="a sound, a film, a MIDI file or a table")
    one.add_argument("--out", required=True, metavar="F.npz", help="the feature set")
    one.add_argument("--json", type=ending_of(".json"), metavar="F.json", help="events and sections, to read")
    one.add_argument("--plot", metavar="F.png", help="a picture of what was heard")
    add_listening_arguments(one)


def analyze(args: argparse.Namespace) -> None:
    """Hear a track: its features as .npz, events and sections as .json, a picture as .png.

    ganreact analyze SONG.mp3 --out song.npz --json song.json --plot song.png
    ganreact analyze SONG.mp3 --out song.npz --stem kick=KICK.wav --stem bass=BASS.wav
    """
    from ..engine.jobs import Desk
    from ..engine.jobs import analyze as run

    if not args.out.lower().endswith(".npz"):
        raise UsageError(f"--out: '{Path(args.out).name}' should end in .npz, which is what is written; "
                         "a picture goes to --plot, text to --json")
    _require_distinct(args.audio, args.out, args.json, args.plot)
    asked = {**listening_from(args).as_arguments(), "features": args.out, "json": args.json, "plot": args.plot}
    with Bar("Listening") as bar:
        heard = run(asked, Desk(progress=bar, cancelled=stopped.is_set))
    warn(heard["warnings"])
    tempo = f"{heard['tempo_bpm']:.0f} BPM" if heard["tempo_bpm"] else "no beat"
    counted = ", ".join(f"{name} {count}" for name, count in heard["events"].items())
    print(f"{args.out}: {heard['duration_s']:.1f} s, {tempo}{'; ' * bool(counted)}{counted}")


def render(args: argparse.Namespace) -> None:
    """Draw a track as a film, or as a folder of frames.

    ganreact render SONG.mp3 --out film.mp4 --duration 30
    ganreact render SONG.mp3 --out film.mp4 --patch tauceti --size 1920x1080 --fps 30
    ganreact render SONG.mp3 --out frames --model network.pkl --seed 7
    ganreact render SONG.mp3 --out film.mov --straight
    ganreact render SONG.mp3 --out texture --loop 4bars --tile --size 1024x1024 --format exr
    """
    from ..engine.film_formats import format_of

    out = Path(args.out)
    _require_distinct(args.audio, args.out)
    if out.suffix.lower() in _OTHER_MEDIA:
        raise UsageError(f"'{out.suffix}' files are not made; name the film {', '.join(FILMS)}, or give a folder for frames")
    is_film = out.suffix.lower() in FILMS
    if args.straight and not is_film:
        raise UsageError(f"'{out.name}' is no film for frames to go straight into; name it film.mp4, or leave --straight out")
    order = order_of(args)
    if is_film:
        format_of(out, order.size or order.patch.look.size)
    bundle = compose_bundle(order, out.with_name(f"{out.stem}.frames") if is_film else out, args.wait_for_disk)
    if args.straight:
        _straight(bundle, out, args)
        return
    if is_film:
        _film(bundle, out, args)
        return
    warn(render_frames(bundle, bundle.frame_numbers(), args, bundle.look.model))
    print(f"{bundle.table.n_frames} frames in {bundle.frames_folder}")


def _film(bundle: Bundle, out: Path, args: argparse.Namespace) -> None:
    """Frames, and the film of them. They go at the end, unless another process makes a film of the same ones."""
    from ..engine.film import write_film

    leases = bundle.folder / "leases"
    with Leases(leases) as using:
        with contextlib.suppress(DiskError):  # a disk that is full is told, or waited for, where frames are written
            using.take(f"film-{process_name()}")
        render_frames(bundle, bundle.frame_numbers(), args, bundle.look.model)
        with Bar("Encoding") as bar:
            told = write_film(out, bundle, bundle.frame_numbers(), args.audio, start_s=_start_s(bundle),
                              progress=lambda done, total: go_on(bar, done / total), limit_flashes=args.limit_flashes)
    warn(told)
    if not (args.keep_frames or is_used(leases)):
        remove_bundle(bundle)
    print(out)


def _straight(bundle: Bundle, out: Path, args: argparse.Namespace) -> None:
    """The film alone; the folder of its look goes, unless there are frames in it."""
    from ..engine.straight import write_straight
    from ..synthesis import load_kept

    had_frames = any(bundle.frames_folder.iterdir())
    try:
        with Bar("Rendering") as bar:
            generator = load_kept(bundle.look.model, args.device)
            told = write_straight(out, bundle, generator, args.audio, start_s=_start_s(bundle), precision=args.precision,
                                  limit_flashes=args.limit_flashes,
                                  progress=lambda done, total: go_on(bar, done / total, f"Frame {done} of {total}"))
    finally:
        if not (had_frames or is_used(bundle.folder / "leases")):
            remove_bundle(bundle)
    warn(told)
    print(out)


def _start_s(bundle: Bundle) -> float:
    """Where its first frame is in the sound; a loop of bars begins later than it was asked to."""
    return bundle.sound.start_s if bundle.sound else 0.0


def serve(args: argparse.Namespace) -> None:
    """Be the engine, on stdin and stdout."""
    from ..engine.serve import serve as run

    run()


def order_of(args: argparse.Namespace) -> Order:
    """What the arguments ask for."""
    from ..engine.compose import Order

    patch = find_patch(args.patch, args.seed)
    return Order(listening_from(args), patch, args.model or patch.look.model, args.size, args.fps, args.start, args.duration,
                 args.seed, materials_from(args), corrections_from(args), kept=KEPT.get(args.format), loop=args.loop,
                 tile=args.tile)


def compose_bundle(order: Order, folder: Path, wait_s: float = 0.0) -> Bundle:
    """Listen, and write the bundle, waiting for room on the disk at most so long; tells what was odd."""
    from ..engine.compose import compose

    with Bar("Listening") as bar:
        patience = Patience(wait_s, stopped.is_set, lambda waiting: bar(0.0, "The disk is full, waiting" if waiting else ""))
        bundle, warnings = patience(lambda: compose(order, folder, lambda fraction, text: go_on(bar, fraction, text)))
        bar(1.0)
    warn(warnings)
    return bundle


def go_on(bar: Bar, fraction: float, text: str = "") -> None:
    """Move the bar, or raise Cancelled where somebody wants to stop."""
    if stopped.is_set():
        raise Cancelled("stopped; what is finished stays")
    bar(fraction, text)


def _require_distinct(source: str, *outputs: str | None) -> None:
    """Raises UsageError where an output would be written over the sound, or over another output."""
    paths = [Path(p).resolve() for p in (source, *outputs) if p]
    twice = next((p for n, p in enumerate(paths) if p in paths[:n]), None)
    if twice:
        raise UsageError(f"'{twice.name}' is named twice and would be written over; give every output a name of its own")


def render_frames(bundle: Bundle, frames: range, args: argparse.Namespace, model: str | None) -> tuple[str, ...]:
    """In an engine of its own: should it die, it is started again, and the frame that kills it is left out.

    Returns sentences on frames made now that flash dangerously.
    """
    asked = {"bundle": str(bundle.folder), "frames": f"{frames[0]}-{frames[-1]}", "device": args.device, "deep": True,
             "precision": args.precision, "model": None if model == EMBEDDED else model,
             "wait_for_disk_s": args.wait_for_disk}
    keeper = EngineKeeper(engine_command(sys.executable, "-P"), os.environ)
    try:
        with Bar("Rendering") as bar:
            done = wait(keeper, keeper.start("render", asked), lambda said: bar(said.fraction, said.text),
                        cancelled=stopped.is_set)
    except Cancelled as stop:
        raise Cancelled("stopped; finished frames are kept, and the same command goes on from there") from stop
    finally:
        keeper.stop()
    if done.result["left_out"]:
        raise Partial(f"frames {', '.join(as_ranges(done.result['left_out']))} killed the engine twice and were left out; "
                      "all others are done")
    wanted = bundle.wanted(frames)
    if wanted:
        raise Partial(f"frames {', '.join(as_ranges(wanted))} could not be verified; render again")
    print(told_of_frames(done.result["rendered"], done.result["kept"]))
    return tuple(done.result["warnings"])
