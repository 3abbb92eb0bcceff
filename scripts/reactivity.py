"""Measures how pictures answer to music: python scripts/reactivity.py AUDIO [--truth known.json] [--patch kelp …].

For every shipped patch, or those named: the change of the picture at the events of the music, and for every kind of route
the picture that its envelope makes, against the same picture with that envelope silent, or shaken where it is slow. Prints
the tables of docs/patches.md; --write docs/patches.md puts them there; --sheets FOLDER draws what was rendered.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT)]

from reacting.measuring import Measured, measured_routes  # noqa: E402 - the project beside this script is found first
from reacting.played import Played  # noqa: E402

from ganreact_core.engine.hearing import listen  # noqa: E402
from ganreact_core.envelopes import FrameRange, make_envelopes  # noqa: E402
from ganreact_core.features import FeatureSet, load_features  # noqa: E402
from ganreact_core.files import write_whole  # noqa: E402
from ganreact_core.listening import Listening  # noqa: E402
from ganreact_core.patches import load_patch, shipped_patches  # noqa: E402
from ganreact_core.reactivity import answer_to_events, changes  # noqa: E402
from ganreact_core.synthesis import load_generator  # noqa: E402
from ganreact_core.synthesis.frame_maker import FrameMaker  # noqa: E402
from ganreact_core.synthesis.images import contact_sheet, fit  # noqa: E402

_EVENTS = ("| patch | at kicks: lag, change | at snares |", "|---|---|---|")
_ROUTES = ("| patch | route | routes | lag | correlation | change |", "|---|---|---|---|---|---|")


def main() -> None:
    """Tables on stdout, how far it is on stderr."""
    args = arguments()
    torch.set_num_threads(1)
    found = load_features(args.features) if args.features else listen(Listening(args.audio))
    kicks = np.asarray(json.loads(Path(args.truth).read_text())["kicks"] if args.truth else found.events["kick"])
    began = time.process_time()
    events, routes = [*_EVENTS], [*_ROUTES]
    for name in args.patch or sorted(shipped_patches()):
        played = play(name, found, args)
        last = min(round((args.start + args.seconds) * args.fps), played.frames.n_frames)
        rows = range(round(args.start * args.fps), last)
        pictures = [played.picture(row) for row in rows]
        change = changes(pictures)
        told = [at_events(change, played.frames.frame_of(times) - rows[0]) for times in (kicks, found.events["snare"])]
        events.append(f"| `{name}` | {' | '.join(told)} |")
        kinds = list(measured_routes(played, args.each)) if args.each else []
        routes += [line_of(f"`{name}`" if n == 0 else "", kind) for n, kind in enumerate(kinds)]
        if args.sheets:
            draw_sheet(Path(args.sheets) / f"{name}.png", pictures, played.patch.look.size, args.columns)
        print(f"{name}: {time.process_time() - began:.0f} s of processor time", file=sys.stderr, flush=True)
    tables = {"events": "\n".join(events), "routes": "\n".join(routes)}
    print("\n\n".join(tables.values()))
    if args.write:
        put(Path(args.write), tables)


def play(name: str, found: FeatureSet, args: argparse.Namespace) -> Played:
    """A patch on the whole track, with a network as small as it gets."""
    patch = load_patch(name)
    look = replace(patch.look, canvas=replace(patch.look.canvas, detail=args.detail))
    frames = FrameRange.of_duration(args.fps, found.duration_s)
    maker = FrameMaker(load_generator(args.model), look, batch=1)
    return Played(replace(patch, look=look), make_envelopes(patch.envelopes, found, frames), frames, maker)


def at_events(change: np.ndarray, frames: np.ndarray) -> str:
    """The picture's change at events, as the table tells it."""
    inside = frames[(frames >= 0) & (frames < len(change))]
    answer = answer_to_events(change, inside)
    return f"{answer.lag:+d}, {answer.strength:.1f} ×" if answer.count else "none"


def line_of(patch: str, kind: Measured) -> str:
    """A row of the routes' table."""
    lag = f"{kind.lag:+d}{' (shaken)' if kind.slow else ''}"
    return f"| {patch} | {kind.kind} | {kind.count} | {lag} | {kind.correlation:.2f} | {kind.change:.1f} |"


def put(page: Path, tables: dict[str, str]) -> None:
    """Tables into a page, each between its marks: <!-- events --> … <!-- /events -->."""
    text = page.read_text(encoding="utf-8")
    for name, table in tables.items():
        text = re.sub(f"(<!-- {name} -->\n).*?(\n<!-- /{name} -->)", lambda m, t=table: m[1] + t + m[2], text, flags=re.DOTALL)
    write_whole(page, text.encode())


def draw_sheet(path: Path, pictures: list[np.ndarray], size: tuple[int, int], columns: int) -> None:
    """Frames spread over the whole stretch, each at half its size."""
    from PIL import Image

    chosen = np.linspace(0, len(pictures) - 1, columns * columns).astype(int)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(contact_sheet([fit(pictures[k], (size[0] // 2, size[1] // 2)) for k in chosen], columns)).save(path)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("audio")
    parser.add_argument("--truth", help="JSON with the true times of kicks")
    parser.add_argument("--features", help="what was heard, where it is there already")
    parser.add_argument("--patch", nargs="*")
    parser.add_argument("--model", default="embedded")
    parser.add_argument("--start", type=float, default=80.0, help="of the stretch whose events are looked at")
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--fps", type=float, default=24.0)
    parser.add_argument("--detail", type=float, default=0.125, help="network pixels per pixel of the frame")
    parser.add_argument("--each", type=int, default=1, metavar="N", help="routes measured of each kind; 0 leaves routes out")
    parser.add_argument("--write", metavar="PAGE.md", help="put the tables there")
    parser.add_argument("--sheets", metavar="FOLDER")
    parser.add_argument("--columns", type=int, default=5)
    return parser.parse_args()


if __name__ == "__main__":
    main()
