"""The verbs that look into a network and leave a file: directions, clusters, project, rewrite."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..arguments import MODEL, add_verb, count_of, ending_of, whole_of
from .film_arguments import add_device_argument
from .terminal import Bar, stopped

Adder = Callable[..., argparse.ArgumentParser]


def directions(args: argparse.Namespace) -> None:
    """Find the directions in which a network varies most.

    ganreact directions network.pkl --out directions.npz --sheet directions.png
    ganreact directions network.pkl --out directions.npz --sheet colours.png --only 3 --first 8
    """
    found = _run("directions", args, "Looking for directions", closed_form=args.closed_form, layer=args.layer,
                 only=args.only, first=args.first, last=args.last)
    share = sum(found["var_ratio"][:10])
    print(f"{args.out}: {found['found']} directions, the first ten hold {share:.0%} of the variance")


def clusters(args: argparse.Namespace) -> None:
    """Find groups of feature maps that do alike things.

    ganreact clusters network.pkl --out clusters.npz --sheet clusters.png
    """
    found = _run("clusters", args, "Looking for clusters")
    print(f"{args.out}: {sum(map(len, found['groups'].values()))} clusters in {len(found['groups'])} layers")


def project(args: argparse.Namespace) -> None:
    """Find the latent that draws a picture best.

    ganreact project PICTURE.png --model network.pkl --out picture.npy --sheet compared.png
    """
    found = _ask("project", {**_told(args), "picture": args.picture, "steps": args.steps, "perceptual": args.perceptual},
                 "Projecting")
    print(f"{args.out}: differs by {found['difference']:.3f}, where the most alike of random pictures did by "
          f"{found['began_at']:.3f}")


def mix(args: argparse.Namespace) -> None:
    """Take layers' weights from another network of the same shape.

    ganreact rewrite mix network.pkl other.pkl --first 5 --out mixed.npz
    """
    asked = {"how": "mix", "other": args.other, "first": args.first, "last": args.last}
    found = _ask("rewrite", {**_told(args), **asked}, "Mixing")
    print(f"{args.out}: {', '.join(found['layers'])}")


def copy(args: argparse.Namespace) -> None:
    """Copy what is in one picture into all that look like another.

    ganreact rewrite copy embedded --copied 3 --copied-mask a.png --pasted 8 --pasted-mask b.png --layer 6 --out rule.npz
    """
    copied, pasted = args.copied | {"mask": args.copied_mask}, args.pasted | {"mask": args.pasted_mask}
    asked = {"how": "copy", "copied": copied, "pasted": pasted,
             "layer": args.layer, "rank": args.rank, "steps": args.steps}
    found = _ask("rewrite", {**_told(args), **asked}, "Copying")
    print(f"{args.out}: {', '.join(found['layers'])}")


def add_searches(verb: Adder) -> None:
    """The verbs' arguments; `verb(name, run)` makes a parser."""
    one = verb("directions", directions)
    _network_arguments(one, "D.npz", 300_000)
    how = one.add_mutually_exclusive_group()
    how.add_argument("--closed-form", action="store_true", help="from the weights alone, at once (SeFa)")
    how.add_argument("--layer", type=whole_of, metavar="N",
                     help="of what a layer says, not of w (BigGAN: always; 0 is the first)")
    one.add_argument("--class", type=whole_of, dest="class_", metavar="N", help="with --layer: of one class only")
    one.add_argument("--only", type=whole_of, metavar="N", help="on the sheet: a strip of this direction alone")
    one.add_argument("--first", type=whole_of, default=0, metavar="A", help="on the sheet: they act from this layer on")
    one.add_argument("--last", type=int, default=-1, metavar="B", help="on the sheet: up to this layer; -1 is the last")
    one = verb("clusters", clusters)
    _network_arguments(one, "C.npz", 100)
    one = verb("project", project)
    one.add_argument("picture", metavar="PICTURE", help="what to look for: a picture of any size")
    one.add_argument("--model", default="embedded", metavar="FILE", help="whose latent it shall be; else the embedded's")
    one.add_argument("--steps", type=count_of, default=400, metavar="N", help="how long to search; 400 where left out")
    one.add_argument("--perceptual", action="append", metavar="VGG16.pth",
                     help="torchvision's VGG16: pictures are compared as eyes do; again for LPIPS's own file")
    _output_arguments(one, "W.npy")


def add_rewrites(below: argparse._SubParsersAction) -> None:
    """rewrite mix | copy."""
    one = add_verb(below, "mix", mix)
    one.add_argument("model", metavar="MODEL", help=MODEL)
    one.add_argument("other", metavar="OTHER", help="whose weights are taken: a checkpoint of the same shape")
    one.add_argument("--first", type=whole_of, default=1, metavar="N",
                     help="the first layer that is taken, counted as for bends")
    one.add_argument("--last", type=whole_of, default=-1, metavar="N", help="the last one; the network's last where left out")
    _output_arguments(one, "R.npz")
    one = add_verb(below, "copy", copy)
    one.add_argument("model", metavar="MODEL", help=MODEL)
    for name, what in (("copied", "that has it"), ("pasted", "that shall get it")):
        one.add_argument(f"--{name}", type=_picture_of, required=True, metavar="SEED[:CLASS]|W.npy|BUNDLE:FRAME",
                         help=f"the picture {what}")
        one.add_argument(f"--{name}-mask", required=True, metavar="MASK.png", help="white where it counts")
    one.add_argument("--layer", type=whole_of, required=True, metavar="N", help="whose weights change, counted as for bends")
    one.add_argument("--rank", type=count_of, default=1, metavar="N", help="rules that are copied; 1 changes least elsewhere")
    one.add_argument("--steps", type=count_of, default=400, metavar="N", help="how long to search; 400 where left out")
    _output_arguments(one, "R.npz")


def _picture_of(text: str) -> dict[str, Any]:
    folder, _, frame = text.rpartition(":")
    if folder and frame.isdigit() and (Path(folder) / "look.json").is_file():
        return {"bundle": folder, "frame": int(frame)}
    seed, colon, number = text.partition(":")
    if seed.isdigit() and (number.isdigit() or not colon):
        return {"seed": int(seed), "class": int(number) if colon else None}
    return {"latent": text}


def _output_arguments(parser: argparse.ArgumentParser, out: str) -> None:
    parser.add_argument("--out", type=ending_of(Path(out).suffix), required=True, metavar=out, help="what is found, for a look")
    parser.add_argument("--sheet", type=ending_of(".png"), metavar="SHEET.png", help="a picture of what came of it")
    add_device_argument(parser)


def _network_arguments(parser: argparse.ArgumentParser, out: str, samples: int) -> None:
    parser.add_argument("model", metavar="MODEL", help=MODEL)
    parser.add_argument("--samples", type=count_of, metavar="N", help=f"pictures to look at; {samples} where left out")
    _output_arguments(parser, out)


def _run(job: str, args: argparse.Namespace, text: str, **more: Any) -> dict[str, Any]:
    return _ask(job, {**_told(args), "samples": args.samples, "class": getattr(args, "class_", None), **more}, text)


def _told(args: argparse.Namespace) -> dict[str, Any]:
    return {"model": args.model, "out": args.out, "device": args.device, "sheet": args.sheet}


def _ask(job: str, asked: dict[str, Any], text: str) -> dict[str, Any]:
    from ..engine.desk import Desk
    from ..engine.remaking import REMAKING
    from ..engine.searches import SEARCHES

    with Bar(text) as bar:
        return (SEARCHES | REMAKING)[job](asked, Desk(progress=bar, cancelled=stopped.is_set))
