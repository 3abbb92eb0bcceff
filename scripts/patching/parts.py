"""What the shipped patches have in common: palettes by seed, and a text without what is at its default."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterable
from pathlib import Path as File
from typing import Any

ROOT = File(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from ganreact_core.look import Canvas, Entry, Look, NoiseLayer  # noqa: E402 - the project is not installed everywhere
from ganreact_core.patches import FORMAT, VERSION, Patch, patch_from_text  # noqa: E402
from ganreact_core.serial import to_plain  # noqa: E402

DETAIL = 0.5


def palette(seeds: Iterable[int], *, default: float = 1.0) -> tuple[Entry, ...]:
    """Entries "p1", "p2", … of these seeds."""
    return tuple(Entry(f"p{n}", f"Picture {n}", seed, default=default) for n, seed in enumerate(seeds, 1))


def water(seed: int, *, flow: float = 0.4, eddies: float = 0.14, loop: int = 8) -> tuple[NoiseLayer, ...]:
    """Large slow forms on the first convolutions and small quick ones on the next two, in picture heights.

    Networks whose layout comes from their noise, as the embedded one's, were trained with both: clouds of one size on all
    layers make soft blobs of every picture.
    """
    return (NoiseLayer("flow", "Flow", seed=seed, last=2, loop=loop, field="perlin", scale=flow),
            NoiseLayer("eddies", "Eddies", seed=seed + 1, first=3, last=4, loop=loop, field="perlin", scale=eddies))


def look(name: str, *, seamless: bool = False, **parts: Any) -> Look:
    """A look of 512×512 that a CPU can render."""
    return Look(id=name, label=name.capitalize(), canvas=Canvas(detail=DETAIL, seamless=seamless), **parts)


def text(patch: Patch) -> str:
    """The patch as JSON, fields at their default left out."""
    return json.dumps({"format": FORMAT, "version": VERSION, **_sparse(patch)}, ensure_ascii=False, indent=1) + "\n"


def _sparse(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sparse(v) for key, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_sparse(v) for v in value]
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return to_plain(value)
    return {f.name.rstrip("_"): _sparse(getattr(value, f.name)) for f in dataclasses.fields(value)
            if getattr(value, f.name) != _default(f)}


def _default(f: dataclasses.Field) -> Any:
    return f.default_factory() if f.default_factory is not dataclasses.MISSING else f.default


def check(written: str) -> None:
    """What was written is read again as it was meant: every field that was left out is at its default."""
    again = patch_from_text(written)
    if text(again) != written:
        raise SystemExit("a patch does not come back as it was written")
