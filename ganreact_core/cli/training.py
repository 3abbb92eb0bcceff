"""The verb that trains a network on an artist's own pictures."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from ..arguments import number_of, whole_of
from ..errors import Cancelled, UsageError
from .film_arguments import add_device_argument
from .terminal import Bar, stopped, warn


def add_training(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """The verb and its arguments; `verb(name, run)` makes a parser."""
    parser = verb("train", train)
    parser.add_argument("folder", metavar="FOLDER", help="pictures, or folders of pictures, each of which is a class")
    parser.add_argument("--out", required=True, metavar="MODEL.safetensors", help="written at the end of every sitting")
    parser.add_argument("--minutes", type=number_of, default=60.0, metavar="M", help="of this sitting; run it again to go on")
    parser.add_argument("--resolution", type=whole_of, default=128, metavar="N", help="32, 64, 128 (default) or 256 pixels")
    parser.add_argument("--texture", action="store_true",
                        help="any piece of a picture is one too (cloth, water, rust): fills frames of any size")
    parser.add_argument("--seed", type=whole_of, default=1, metavar="N", help="another number, another training")
    add_device_argument(parser)


def train(args: argparse.Namespace) -> None:
    """Train a small network on your own pictures, or go on training it.

    ganreact train pictures/ --out mine.safetensors --minutes 90
    ganreact train cloths/ --out cloth.safetensors --texture
    """
    from ..synthesis.load import device_of
    from ..training.own import OwnNetwork, train_own
    from ..training.state import State

    out = Path(args.out)
    if out.suffix != ".safetensors":
        raise UsageError(f"'{args.out}' should end in .safetensors, which is what is written")
    if not args.minutes > 0:
        raise UsageError(f"{args.minutes:g} minutes are no time to train; give 1 or more")
    wanted = OwnNetwork(args.resolution, args.texture, args.seed)
    with Bar("Training") as bar:
        begun: list[float] = []

        def tell(state: State, rate: float) -> None:
            begun.append(state.seconds) if not begun else None
            bar((state.seconds - begun[0]) / (60.0 * args.minutes), f"{state.pictures} seen, {rate:.0f}/s")

        state = train_own(Path(args.folder), out, wanted, 60.0 * args.minutes, device=device_of(args.device), tell=tell,
                          say=lambda text: warn([text]), cancelled=stopped.is_set)
    minutes = f"{state.seconds / 60:.{int(state.seconds < 600)}f}"
    print(f"{out}: {state.pictures} pictures seen in {minutes} minutes; run the same command to go on")
    if stopped.is_set():
        raise Cancelled(f"training was stopped; '{out.name}' is what it had learned, and the same command goes on from there")
