"""The verbs about checkpoints: what is it, make it ours, show what it draws."""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..arguments import MODEL, add_verb, count_of, ending_of, number_of, whole_of
from ..class_names import find_classes, names_in
from ..errors import UsageError
from .film_arguments import add_device_argument
from .terminal import Bar, stopped, warn


def add_model_verbs(below: argparse._SubParsersAction) -> None:
    """model info | sheet | classes | convert | cache."""
    one = add_verb(below, "info", info)
    one.add_argument("model", metavar="MODEL", help=MODEL)
    one.add_argument("--json", action="store_true", help="all of it, for programs")
    one = add_verb(below, "sheet", sheet)
    one.add_argument("model", metavar="MODEL", help=MODEL)
    one.add_argument("--out", type=ending_of(".png"), required=True, metavar="SHEET.png", help="the picture")
    one.add_argument("--first", type=whole_of, default=1, metavar="SEED", help="the first seed of each row")
    one.add_argument("--columns", type=count_of, default=8, metavar="N", help="how many seeds; 8 where left out")
    one.add_argument("--rows", type=count_of, default=12, metavar="N", help="12 where left out; with classes, one a row")
    one.add_argument("--class", dest="classes", action="append", default=[], metavar="NAME|N",
                     help="a row of this class; may be given several times")
    one.add_argument("--psi", type=number_of, default=0.8, metavar="X", help="truncation, 0.8 where left out")
    add_device_argument(one)
    one = add_verb(below, "classes", classes)
    one.add_argument("model", metavar="MODEL", help=MODEL)
    one.add_argument("words", nargs="*", metavar="WORD", help="only classes that these may mean")
    _convert_arguments(add_verb(below, "convert", convert))
    one = add_verb(below, "cache", cache)
    one.add_argument("--clear", action="store_true", help="remove all copies; they are made again when needed")


def _convert_arguments(one: argparse.ArgumentParser) -> None:
    one.add_argument("model", metavar="MODEL", help=MODEL)
    one.add_argument("--out", required=True, metavar="F.safetensors", help="a file that any program can open safely")
    one.add_argument("--half", action="store_true", help="16-bit numbers: half the size")
    one.add_argument("--licence", default="", metavar="TEXT", help="what may be done with the network, for its card")
    one.add_argument("--seeds", type=_seeds, default=[], metavar="1,2,3", help="seeds of good pictures, for its card")
    one.add_argument("--class-names", type=_names, default=[], metavar="A,B,C", help="its classes, for its card")


def _seeds(text: str) -> list[int]:
    seeds = [int(part) for part in text.split(",") if part.strip().isdecimal()]
    if len(seeds) != len(text.split(",")):
        raise argparse.ArgumentTypeError(f"'{text}' is no list of seeds; write it as 1,2,3")
    return seeds


def _names(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")]


def info(args: argparse.Namespace) -> None:
    """Say what a checkpoint is: its kind, size, layers, classes, where it came from, and what is odd about it.

    ganreact model info network.pkl
    ganreact model info embedded
    """
    from ..synthesis.description import describe

    found = describe(args.model)
    if args.json:
        print(json.dumps(found, ensure_ascii=False))
        return
    for name, value in _rows(found):
        print(f"{name:14s} {value}")
    warn(found["warnings"])


def _rows(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What is told about a network, as pairs of words."""
    from ..synthesis.description import told_about_code

    height, width = found["resolution"]
    yield "kind", f"{found['kind']}, {found['name']}"
    yield "resolution", f"{width}×{height}"
    names = ", ".join(name.partition(",")[0] for name in found["class_names"][:4])
    yield "classes", f"{found['n_classes']} ({names}{', …' if found['n_classes'] > 4 else ''})" if names else "none"
    yield "latents", f"z {found['z_dim']}, w {found['w_dim']}, {found['num_ws']} layers of w"
    yield "weights", f"{found['parameters'] / 1e6:.2f} million in {found['tensors']} tensors"
    yield "from", ", ".join(found[key] for key in ("format", "family", "source_format") if key in found)
    for key in ("sha256", "source_sha256"):
        if key in found:
            yield key, found[key]
    yield "licence", str(found.get("licence", "not stated in the file; that of its makers holds"))
    if "sample_seeds" in found:
        yield "sample seeds", " ".join(map(str, found["sample_seeds"]))
    yield "network code", told_about_code(found)
    for number, (name, rows, columns, channels) in enumerate(found["layers"]):
        yield f"layer {number}", f"{name}, {channels} × {rows}×{columns}"


def convert(args: argparse.Namespace) -> None:
    """Write any checkpoint as safetensors, with a card that says what it is.

    ganreact model convert network.pkl --out network.safetensors --half --licence CC-BY-4.0
    """
    from ..synthesis.checkpoints import read_checkpoint, save_safetensors
    from ..synthesis.load import builder_of

    if not args.out.endswith(".safetensors"):
        raise UsageError(f"'{args.out}' should end in .safetensors, which is what is written")
    checkpoint = read_checkpoint(args.model)
    builder_of(checkpoint)  # a network that could not be loaded again is refused here
    told = {"licence": args.licence, "sample_seeds": args.seeds, "classes": args.class_names}
    origin = {**checkpoint.origin, **{key: value for key, value in told.items() if value}}
    save_safetensors(Path(args.out), dataclasses.replace(checkpoint, origin=origin), half=args.half)
    print(args.out)


def sheet(args: argparse.Namespace) -> None:
    """Draw a contact sheet: seeds in columns, and a class a row where there are classes.

    ganreact model sheet network.pkl --out sheet.png --columns 10
    ganreact model sheet biggan/ --out sheet.png --class goldfish --class 207
    """
    from ..engine.desk import Desk
    from ..engine.networks import sheet as run

    asked = {name: getattr(args, name) for name in ("model", "out", "first", "columns", "rows", "classes", "psi", "device")}
    with Bar("Drawing") as bar:
        run(asked, Desk(progress=bar, cancelled=stopped.is_set))
    print(args.out)


def classes(args: argparse.Namespace) -> None:
    """List the classes of a network by number and name, or those that words may mean.

    ganreact model classes biggan/ dog
    """
    from ..synthesis.checkpoints import read_checkpoint

    checkpoint = read_checkpoint(args.model)
    names = names_in(checkpoint.config, checkpoint.origin)
    if not names:
        raise UsageError("this network has no classes; its pictures are chosen by seed")
    meant = find_classes(" ".join(args.words), names) if args.words else range(len(names))
    if not meant:
        raise UsageError(f"no class of this network is called '{' '.join(args.words)}'; leave the words out to see them all")
    for number in meant:
        print(f"{number:4d}  {names[number]}")


def cache(args: argparse.Namespace) -> None:
    """Say what copies of large checkpoints the cache holds, or remove them.

    ganreact model cache --clear
    """
    from ..synthesis.checkpoints.kept import cap_bytes, forget_copies, kept_copies

    if args.clear:
        print(f"{forget_copies()} copies removed")
        return
    copies = kept_copies()
    for copy, size in copies:
        print(f"{size / 1e6:8.0f} MB  {copy}")
    held = sum(size for _, size in copies)
    print(f"{held / (1 << 30):.2f} GiB of at most {cap_bytes() / (1 << 30):g} GiB (GANREACT_CACHE_GB)")
