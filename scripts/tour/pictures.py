#!/usr/bin/env python3
"""Puts what the journeys saw into docs/images, small.

    python3 scripts/tour/pictures.py OUT        the folder of scripts/tour/run.py: of the tour, of corners.py, or of both

Needs ImageMagick's convert.
"""

import subprocess
import sys
from pathlib import Path

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
PANEL = ("-crop", "300x750+980+26", "+repage")
"""The panels of our workspace in a window of 1280 × 800."""
BESIDE = {"tour-panels": ("corner-network", "corner-masks", "corner-rewrites", "corner-keys")}
ALONE = {"tour-workspace": ("corner-workspace", ()), "tour-keys": ("corner-hallu", ()),
         "tour-rough-film": ("corner-rough-film", ()), "sound-panel": ("corner-sound", PANEL),
         "tour-menu": ("corner-right-click", ("-crop", "330x520+950+26", "+repage"))}


def main(out: Path) -> None:
    """Convert what is there, and say so."""
    for picture in sorted(out.glob("tour-*.png")):
        if (IMAGES / f"{picture.stem}.jpg").is_file():  # others are only looked at
            write([str(picture)], picture.stem)
    for name, (corner, cut) in ALONE.items():
        if (out / f"{corner}.png").is_file():
            write([str(out / f"{corner}.png"), *cut], name)
    for name, corners in BESIDE.items():
        files = [str(out / f"{corner}.png") for corner in corners]
        if all(Path(file).is_file() for file in files):
            write(["(", *files, *PANEL, ")", "+append"], name)


def write(words: list[str], name: str) -> None:
    """One JPEG of quality 80."""
    subprocess.run(["convert", *words, "-strip", "-quality", "80", str(IMAGES / f"{name}.jpg")], check=True)
    print(f"docs/images/{name}.jpg")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
