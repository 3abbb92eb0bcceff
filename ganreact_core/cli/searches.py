"""The verbs that look into a network and leave a file: directions, clusters."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from .terminal import Bar, stopped

Adder = Callable[..., argparse.ArgumentParser]


def directions(args: argparse.Namespace) -> None:
    """Find the directions in which a network varies most."""
    found = _run("directions", args, "Looking for directions", closed_form=args.closed_form, layer=args.layer)
    share = sum(found["var_ratio"][:10])
    print(f"{args.out}: {found['found']} directions, the first ten hold {share:.0%} of the variance")


def clusters(args: argparse.Namespace) -> None:
    """Find groups of feature maps that do alike things."""
    found = _run("clusters", args, "Looking for clusters")
    print(f"{args.out}: {sum(map(len, found['groups'].values()))} clusters in {len(found['groups'])} layers")


def add_searches(verb: Adder, device_argument: Callable[[argparse.ArgumentParser], None]) -> None:
    """The verbs' arguments; `verb(name, run)` makes a parser."""
    one = verb("directions", directions)
    _network_arguments(one, "D.npz", 300_000, device_argument)
    one.add_argument("--closed-form", action="store_true", help="from the weights alone, at once (SeFa)")
    one.add_argument("--layer", type=int, metavar="N", help="of what a layer says, not of w (BigGAN: always; 0 is the first)")
    one.add_argument("--class", type=int, dest="class_", metavar="N", help="with --layer: of one class only")
    one = verb("clusters", clusters)
    _network_arguments(one, "C.npz", 100, device_argument)


def _network_arguments(parser: argparse.ArgumentParser, out: str, samples: int,
                       device_argument: Callable[[argparse.ArgumentParser], None]) -> None:
    parser.add_argument("model", metavar="MODEL")
    parser.add_argument("--out", required=True, metavar=out)
    parser.add_argument("--samples", type=int, metavar="N", help=f"pictures to look at; {samples} where left out")
    parser.add_argument("--sheet", metavar="SHEET.png", help="a picture of what was found")
    device_argument(parser)


def _run(job: str, args: argparse.Namespace, text: str, **more: Any) -> dict[str, Any]:
    from ..engine.desk import Desk
    from ..engine.searches import SEARCHES

    asked = {"model": args.model, "out": args.out, "device": args.device, "sheet": args.sheet, "samples": args.samples,
             "class": getattr(args, "class_", None), **more}
    with Bar(text) as bar:
        return SEARCHES[job](asked, Desk(progress=bar, cancelled=stopped.is_set))
