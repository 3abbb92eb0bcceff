"""Measures how pictures answer to music: python scripts/reactivity.py AUDIO [--truth known.json] [--patch kelp …].

For every shipped patch, or those named: the change of the picture at the events of the music, and for every route the
picture that its envelope makes, against the same picture with that envelope silent. Prints the tables of docs/patches.md;
--sheets FOLDER draws what was rendered.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from ganreact_core.engine.hearing import listen  # noqa: E402 - the project is not installed everywhere
from ganreact_core.envelopes import FrameRange, make_envelopes  # noqa: E402
from ganreact_core.features import FeatureSet, load_features  # noqa: E402
from ganreact_core.listening import Listening  # noqa: E402
from ganreact_core.look import addresses  # noqa: E402
from ganreact_core.patches import Patch, keyed_values, load_patch, shipped_patches  # noqa: E402
from ganreact_core.reactivity import (  # noqa: E402
    Answer,
    answer_to_curve,
    answer_to_events,
    changes,
    correlation,
    displacement,
)
from ganreact_core.routes import Route  # noqa: E402
from ganreact_core.synthesis import load_generator  # noqa: E402
from ganreact_core.synthesis.frame_maker import FrameMaker  # noqa: E402
from ganreact_core.synthesis.images import contact_sheet, fit  # noqa: E402
from ganreact_core.table import Table, evaluate  # noqa: E402

_SLOW_FRAMES, _SLOW = 3, 0.9
"""A curve that is nearly the same three frames later has no lag that could be measured to a frame."""


@dataclass(frozen=True)
class Played:
    """A patch on a stretch of music, ready to be drawn."""

    patch: Patch
    envelopes: dict[str, np.ndarray]
    frames: FrameRange
    maker: FrameMaker

    def table(self, silent: Route | None = None) -> Table:
        """Every parameter at every frame; with a route's envelope silent for that route only."""
        routes, envelopes = self.patch.routes, self.envelopes
        if silent is not None:
            routes = tuple(replace(r, envelope="silence") if r is silent else r for r in routes)
            envelopes = {**envelopes, "silence": np.zeros(self.frames.n_frames, np.float32)}
        n = self.frames.n_frames
        return evaluate(self.patch.look, routes, keyed_values(self.patch, n), envelopes, n_frames=n, fps=self.frames.fps)

    def pictures(self, table: Table, rows: np.ndarray) -> list[np.ndarray]:
        """uint8 [h, w, 3] of these rows, from 0."""
        return [self.maker.pictures(table, [table.first_frame + int(row)])[0] for row in rows]


def main() -> None:
    """Tables on stdout."""
    args = arguments()
    torch.set_num_threads(1)
    found = load_features(args.features) if args.features else listen(Listening(args.audio))
    frames = FrameRange.of_duration(args.fps, args.seconds, args.start)
    kicks = json.loads(Path(args.truth).read_text())["kicks"] if args.truth else found.events["kick"]
    generator = load_generator(args.model)
    for name in args.patch or shipped_patches():
        patch = load_patch(name)
        canvas = replace(patch.look.canvas, detail=args.detail)
        look = replace(patch.look, canvas=canvas)
        played = Played(replace(patch, look=look), make_envelopes(patch.envelopes, found, frames), frames,
                        FrameMaker(generator, look, batch=1))
        pictures = played.pictures(played.table(), np.arange(frames.n_frames))
        print_events(name, changes(pictures), found, np.asarray(kicks), frames)
        if args.routes:
            print_routes(played, pictures, args.routes)
        if args.sheets:
            draw_sheet(Path(args.sheets) / f"{name}.png", pictures, look.size, args.columns)


def print_events(name: str, change: np.ndarray, found: FeatureSet, kicks: np.ndarray, frames: FrameRange) -> None:
    """One line: the picture's change at kicks and snares."""
    def told(times: np.ndarray) -> str:
        answer = answer_to_events(change, frames.frame_of(times))
        return f"lag {answer.lag:+d}, {answer.strength:4.1f} × median ({answer.count})"

    print(f"{name:16s} kicks {told(kicks)} · snares {told(found.events['snare'])} · median change {np.median(change[1:]):.2f}",
          flush=True)


def print_routes(played: Played, pictures: list[np.ndarray], every: int) -> None:
    """Lag and correlation of each route, on every so-many-th second; equal kinds of routes in one line."""
    rows = chosen_rows(played.frames, every)
    parameters, full = addresses(played.patch.look), played.table()
    kinds: dict[str, list[Answer]] = {}
    slow: set[str] = set()
    for route in played.patch.routes:
        without = played.table(silent=route)
        shown = played.pictures(without, rows)
        effect = np.array([np.abs(np.asarray(pictures[r], np.int16) - s).mean() for r, s in zip(rows, shown, strict=True)])
        cause = displacement(full.columns[route.address], without.columns[route.address], parameters[route.address])[rows]
        kind = f"{kind_of(route.envelope)} → {kind_of(route.address)}"
        if np.ptp(cause) > 1e-3:
            kinds.setdefault(kind, []).append(answer_to_curve(effect, cause))
            slow |= {kind} if correlation(cause, cause, _SLOW_FRAMES) > _SLOW else set()
    for kind, answers in kinds.items():
        lags, strengths = [a.lag for a in answers], [a.strength for a in answers]
        lag = "slow, no lag to see" if kind in slow else f"lag {np.median(lags):+.0f} ({min(lags):+d}…{max(lags):+d})"
        print(f"    {kind:44s} {len(answers):2d} routes · {lag} · correlation {np.median(strengths):.2f}"
              f" ({min(strengths):.2f}…{max(strengths):.2f})", flush=True)


def chosen_rows(frames: FrameRange, every: int) -> np.ndarray:
    """Whole seconds, one of so many: in one piece each, so that lags can be seen."""
    rows = np.arange(frames.n_frames)
    return rows[(rows / frames.fps).astype(int) % every == 0]


def kind_of(name: str) -> str:
    """"palette.p3.fine" -> "palette.*.fine", "chroma_07" -> "chroma_*"."""
    parts = name.split(".")
    if len(parts) == 3 and parts[0] == "palette":
        return f"palette.*.{parts[2]}"
    stem, _, number = name.rpartition("_")
    return f"{stem}_*" if number.isdigit() and stem else name


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
    parser.add_argument("--start", type=float, default=30.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--fps", type=float, default=24.0)
    parser.add_argument("--detail", type=float, default=0.125, help="network pixels per pixel of the frame")
    parser.add_argument("--routes", type=int, default=0, metavar="N", help="measure routes too, on one second of N")
    parser.add_argument("--sheets", metavar="FOLDER")
    parser.add_argument("--columns", type=int, default=5)
    return parser.parse_args()


if __name__ == "__main__":
    main()
