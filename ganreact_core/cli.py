"""The command line: `ganreact analyze|render|bundle|patches|model|serve`. Each verb is one small function."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from tqdm import tqdm

from . import __version__
from .bundle import Bundle, as_ranges, open_bundle, parse_frame_range, remove_bundle
from .errors import Cancelled, GANReactError, Partial
from .models import EMBEDDED
from .patches import load_patch, shipped_patches

_stop = threading.Event()


class Bar:
    """A progress bar on a terminal, from fractions; silent where nobody watches."""

    def __init__(self, what: str):
        self._bar = tqdm(total=1000, desc=what, bar_format="{desc}: {percentage:3.0f}% |{bar}| {elapsed}<{remaining}{postfix}",
                         disable=None, file=sys.stderr)

    def __call__(self, fraction: float, text: str = "", frame: int | None = None) -> None:
        """Move to a fraction 0…1."""
        self._bar.set_postfix_str(text, refresh=False)
        self._bar.update(max(0, round(1000 * fraction) - self._bar.n))

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()


def analyze(args: argparse.Namespace) -> None:
    """Features of a track, as .npz, .json, .png."""
    from .engine.jobs import Desk
    from .engine.jobs import analyze as run

    asked = {"audio": args.audio, "features": args.out, "json": args.json, "plot": args.plot}
    with Bar("Listening") as bar:
        heard = run(asked, Desk(progress=bar, cancelled=_stop.is_set))
    _warn(heard["warnings"])
    print(f"{args.out}: {heard['duration_s']:.1f} s, {heard['tempo_bpm']:.0f} BPM, {len(heard['events'])} kinds of events")


def render(args: argparse.Namespace) -> None:
    """A track as a film, or as a folder of frames."""
    from .engine.film import write_film

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
    from .engine.compose import carry_model

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
    from .engine.serve import serve as run

    run()


def main(argv: list[str] | None = None) -> int:
    """Run one verb; errors are one sentence on stderr, and the exit status tells their kind."""
    args = _parser().parse_args(argv)
    if args.verb is not serve:
        _stop_on_signals()
    try:
        args.verb(args)
    except GANReactError as error:
        if args.debug:
            raise
        print(f"ganreact: {error}", file=sys.stderr)
        return error.exit_status
    except (BrokenPipeError, KeyboardInterrupt):
        return Cancelled.exit_status
    except Exception as error:
        if args.debug:
            raise
        what = f"{type(error).__name__}: {error}"
        print(f"ganreact: this is a bug ({what}); run again with --debug and report it", file=sys.stderr)
        return GANReactError.exit_status
    return 0


def _compose(args: argparse.Namespace, folder: Path) -> Bundle:
    from .engine.compose import Order, compose

    order = Order(args.audio, load_patch(args.patch), args.model, args.size, args.fps, args.start, args.duration, args.seed)
    with Bar("Listening") as bar:
        def advance(fraction: float, text: str) -> None:
            if _stop.is_set():
                raise Cancelled("stopped; nothing was written")
            bar(fraction, text)

        bundle = compose(order, folder, advance)
        bar(1.0)
    return bundle


def _render_frames(bundle: Bundle, frames: range, device: str, model: str | None) -> None:
    from .engine.jobs import Desk
    from .engine.jobs import render as run

    asked = {"bundle": str(bundle.folder), "frames": f"{frames[0]}-{frames[-1]}", "device": device, "model": model}
    with Bar("Rendering") as bar:
        report = run(asked, Desk(progress=bar, cancelled=_stop.is_set))
    wanted = bundle.wanted(frames)
    if wanted:
        raise Partial(f"frames {', '.join(as_ranges(wanted))} could not be verified; render again")
    print(f"{report['rendered']} frames rendered, {report['kept']} were already right")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ganreact", description="Music moves a GAN's pictures.")
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("--debug", action="store_true", help="show where an error came from")
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    one = _verb(verbs, "analyze", analyze)
    one.add_argument("audio")
    one.add_argument("--out", required=True, metavar="F.npz", help="the feature set")
    one.add_argument("--json", metavar="F.json", help="events and sections, to read")
    one.add_argument("--plot", metavar="F.png", help="a picture of what was heard")

    one = _verb(verbs, "render", render)
    _film_arguments(one)
    one.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda", "mps"))
    one.add_argument("--keep-frames", action="store_true", help="keep the frames beside the film")

    anywhere = verbs.add_parser("bundle", help="render anywhere, in pieces")
    bundles = anywhere.add_subparsers(required=True, metavar="create|run|check")
    _film_arguments(_verb(bundles, "create", bundle_create))
    one = _verb(bundles, "run", bundle_run)
    one.add_argument("bundle")
    one.add_argument("--frames", default="", metavar="A-B", help="only these, by number")
    one.add_argument("--model", metavar="FILE", help="the network, where it is not in the bundle")
    one.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda", "mps"))
    _verb(bundles, "check", bundle_check).add_argument("bundle")

    _verb(verbs, "patches", patches)
    _verb(verbs, "serve", serve)
    return parser


def _verb(verbs: argparse._SubParsersAction, name: str, run: Callable[[argparse.Namespace], None]) -> argparse.ArgumentParser:
    parser = verbs.add_parser(name, help=run.__doc__, description=run.__doc__)
    parser.set_defaults(verb=run)
    return parser


def _film_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("audio")
    parser.add_argument("--out", required=True, help="FILM.mp4, or a folder for frames")
    parser.add_argument("--model", default=EMBEDDED, metavar="FILE", help="a checkpoint, or 'embedded'")
    parser.add_argument("--patch", default="pulse", metavar="NAME|FILE", help="how the music moves the pictures")
    parser.add_argument("--size", type=_size, metavar="WxH")
    parser.add_argument("--fps", type=float, default=24.0)
    parser.add_argument("--start", type=float, default=0.0, metavar="S", help="seconds into the track")
    parser.add_argument("--duration", type=_positive, metavar="S", help="seconds; to the end where left out")
    parser.add_argument("--seed", type=int, default=0, help="another number, other pictures")


def _size(text: str) -> tuple[int, int]:
    width, cross, height = text.lower().partition("x")
    if not (cross and width.isdigit() and height.isdigit()):
        raise argparse.ArgumentTypeError(f"'{text}' is no size; write it as 1280x720")
    return int(width), int(height)


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError(f"'{text}' is no length in seconds")
    return value


def _warn(sentences: list[str]) -> None:
    for sentence in sentences:
        print(f"ganreact: {sentence}", file=sys.stderr)


def _stop_on_signals() -> None:
    """Ctrl-C and a farm's SIGTERM end a render between two frames; a second one ends it at once."""
    def stop(number: int, _: object) -> None:
        _stop.set()
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
