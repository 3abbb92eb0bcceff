"""The verbs that make films: each gathers its arguments, calls, and says what came of it."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..bundle import Bundle, as_ranges, open_bundle, parse_frame_range, remove_bundle
from ..errors import Cancelled, Partial
from ..models import EMBEDDED
from ..patches import load_patch, shipped_patches
from .terminal import Bar, stopped, warn


def analyze(args: argparse.Namespace) -> None:
    """Features of a track, as .npz, .json, .png."""
    from ..engine.jobs import Desk
    from ..engine.jobs import analyze as run

    asked = {"audio": args.audio, "features": args.out, "json": args.json, "plot": args.plot}
    with Bar("Listening") as bar:
        heard = run(asked, Desk(progress=bar, cancelled=stopped.is_set))
    warn(heard["warnings"])
    print(f"{args.out}: {heard['duration_s']:.1f} s, {heard['tempo_bpm']:.0f} BPM, {len(heard['events'])} kinds of events")


def render(args: argparse.Namespace) -> None:
    """A track as a film, or as a folder of frames."""
    from ..engine.film import write_film

    out = Path(args.out)
    is_film = out.suffix.lower() in (".mp4", ".m4v", ".mov")
    folder = out.with_name(f"{out.stem}.frames") if is_film else out
    bundle = _compose(args, folder)
    _render_frames(bundle, bundle.frame_numbers(), args.device, None if args.model == EMBEDDED else args.model)
    if not is_film:
        print(f"{bundle.table.n_frames} frames in {bundle.frames_folder}")
        return
    with Bar("Encoding") as bar:
        write_film(out, bundle, bundle.frame_numbers(), args.audio, start_s=args.start,
                   progress=lambda done, total: bar(done / total))
    if not args.keep_frames:
        remove_bundle(bundle)
    print(out)


def bundle_create(args: argparse.Namespace) -> None:
    """Everything a machine needs to render, in a folder."""
    from ..engine.compose import carry_model

    bundle = _compose(args, Path(args.out))
    carry_model(bundle, args.model)
    print(f"{args.out}: frames {bundle.table.first_frame}-{bundle.table.last_frame}")


def bundle_run(args: argparse.Namespace) -> None:
    """Render what a bundle lacks."""
    bundle = open_bundle(args.bundle)
    _render_frames(bundle, parse_frame_range(args.frames, bundle.frame_numbers()), args.device, args.model)


def bundle_check(args: argparse.Namespace) -> None:
    """Say which frames are done; ends with 7 where any is not."""
    bundle = open_bundle(args.bundle)
    wanted = bundle.wanted(bundle.frame_numbers())
    print(f"{bundle.table.n_frames - len(wanted)} of {bundle.table.n_frames} frames are done")
    if wanted:
        raise Partial(f"frames {', '.join(as_ranges(wanted))} are missing, broken or stale; run the bundle to make them")


def patches(args: argparse.Namespace) -> None:
    """The patches that come along."""
    for name, help_ in shipped_patches().items():
        print(f"{name:12s} {help_}")


def serve(args: argparse.Namespace) -> None:
    """Be the engine, on stdin and stdout."""
    from ..engine.serve import serve as run

    run()


def _compose(args: argparse.Namespace, folder: Path) -> Bundle:
    from ..engine.compose import Order, compose

    order = Order(args.audio, load_patch(args.patch), args.model, args.size, args.fps, args.start, args.duration, args.seed)
    with Bar("Listening") as bar:
        def advance(fraction: float, text: str) -> None:
            if stopped.is_set():
                raise Cancelled("stopped; nothing was written")
            bar(fraction, text)

        bundle = compose(order, folder, advance)
        bar(1.0)
    return bundle


def _render_frames(bundle: Bundle, frames: range, device: str, model: str | None) -> None:
    from ..engine.jobs import Desk
    from ..engine.jobs import render as run

    asked = {"bundle": str(bundle.folder), "frames": f"{frames[0]}-{frames[-1]}", "device": device, "model": model}
    with Bar("Rendering") as bar:
        report = run(asked, Desk(progress=bar, cancelled=stopped.is_set))
    wanted = bundle.wanted(frames)
    if wanted:
        raise Partial(f"frames {', '.join(as_ranges(wanted))} could not be verified; render again")
    print(f"{report['rendered']} frames rendered, {report['kept']} were already right")
