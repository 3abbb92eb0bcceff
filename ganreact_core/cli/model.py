"""The verbs about checkpoints: what is it, make it ours, show what it draws."""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..class_names import class_number, find_classes, names_in
from ..errors import UsageError
from .terminal import Bar, warn


def info(args: argparse.Namespace) -> None:
    """Say what a checkpoint is: its kind, size, layers, classes, where it came from, and what is odd about it."""
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
    """Write any checkpoint as safetensors with a card."""
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


def cache(args: argparse.Namespace) -> None:
    """Say what copies of large checkpoints the cache holds, or remove them."""
    from ..synthesis.checkpoints.kept import cap_bytes, forget_copies, kept_copies

    if args.clear:
        print(f"{forget_copies()} copies removed")
        return
    copies = kept_copies()
    for copy, size in copies:
        print(f"{size / 1e6:8.0f} MB  {copy}")
    print(f"{sum(size for _, size in copies) / 1e9:.2f} GB of at most {cap_bytes() / 1e9:.2f} GB (GANREACT_CACHE_GB)")
