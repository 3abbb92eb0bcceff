"""What the shipped patches have in common: palettes by seed, and a text without what is at its default."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path as File
from typing import Any

ROOT = File(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from ganreact_core.look import Canvas, Entry, Look, NoiseLayer  # noqa: E402 - the project is not installed everywhere
from ganreact_core.patches import Patch, patch_from_text, patch_to_page  # noqa: E402

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
    """The patch as it is shipped: JSON to be read, fields at their default left out."""
    return patch_to_page(patch)


def check(written: str) -> None:
    """What was written is read again as it was meant: every field that was left out is at its default."""
    again = patch_from_text(written)
    if text(again) != written:
        raise SystemExit("a patch does not come back as it was written")
