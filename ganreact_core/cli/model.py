"""The verbs about checkpoints: what is it, make it ours, show what it draws."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

from ..class_names import class_number, find_classes, names_in
from ..errors import UsageError
from .terminal import Bar


def info(args: argparse.Namespace) -> None:
    """Say what a checkpoint is, without building the network."""
    from ..synthesis.checkpoints import read_checkpoint

    checkpoint = read_checkpoint(args.model)
    size = sum(t.size for t in checkpoint.tensors.values())
    rows = {"kind": checkpoint.architecture, **checkpoint.config, "parameters": f"{size / 1e6:.2f} million",
            "tensors": len(checkpoint.tensors), **checkpoint.origin}
    for name, value in rows.items():
        print(f"{name:18s} {', '.join(map(str, value)) if isinstance(value, list | tuple) else value}")


def convert(args: argparse.Namespace) -> None:
    """Write any checkpoint as safetensors with a card."""
    from ..synthesis.checkpoints import read_checkpoint, save_safetensors

    if not args.out.endswith(".safetensors"):
        raise UsageError(f"'{args.out}' should end in .safetensors, which is what is written")
    checkpoint = read_checkpoint(args.model)
    source = checkpoint.origin.get("sha256")
    save_safetensors(Path(args.out), dataclasses.replace(checkpoint, origin={**checkpoint.origin, "source_sha256": source}),
                     half=args.half)
    print(args.out)


def sheet(args: argparse.Namespace) -> None:
    """Draw a contact sheet: seeds in columns, and a class a row where there are classes."""
    from ..files import write_whole
    from ..synthesis.checkpoints.kept import read_kept
    from ..synthesis.load import device_of, make_generator
    from ..synthesis.sheet import SheetPlan, draw_sheet, png_bytes

    if not (0 < args.columns <= 64 and 0 < args.rows <= 64):
        raise UsageError(f"a sheet of {args.columns}×{args.rows} cannot be drawn; use 1 to 64 columns and rows")
    device = device_of(args.device)
    checkpoint = read_kept(args.model)
    generator = make_generator(checkpoint, device)
    names = names_in(checkpoint.config, checkpoint.origin)
    classes = tuple(class_number(wish, names) for wish in args.classes)
    plan = SheetPlan(args.first, args.columns, args.rows, classes, args.psi)
    with Bar("Drawing") as bar:
        write_whole(Path(args.out), png_bytes(draw_sheet(generator, plan, names, bar)))
    print(args.out)


def classes(args: argparse.Namespace) -> None:
    """List the classes of a network by number and name, or those that words may mean."""
    from ..synthesis.checkpoints import read_checkpoint

    checkpoint = read_checkpoint(args.model)
    names = names_in(checkpoint.config, checkpoint.origin)
    if not names:
        raise UsageError("this network has no classes; its pictures are chosen by seed")
    for number in find_classes(" ".join(args.words), names) if args.words else range(len(names)):
        print(f"{number:4d}  {names[number]}")
