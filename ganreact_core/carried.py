"""What a bundle carries beside look and table, found by id alone: no path in a look leads out of the bundle.

    masks/<id>.png            the picture of a mask, grey
    masks/<id>/000001.png …   its pictures by frame number; before the first and after the last, these stay
    rewrites/<id>.npz         changes of weights
"""

from __future__ import annotations

import bisect
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

from .look import Look
from .look_regions import Mask

MASKS, REWRITES = "masks", "rewrites"


def mask_picture_path(folder: Path, mask: Mask, frame: int = 1) -> Path:
    """Where the picture of a mask belongs; an image has one for all frames."""
    if mask.kind == "image":
        return folder / MASKS / f"{mask.id}.png"
    return folder / MASKS / mask.id / (f"{frame:06d}.png" if frame >= 0 else f"-{-frame:06d}.png")


def mask_pictures(folder: Path, mask: Mask) -> dict[int, Path]:
    """First frame of each picture of a mask -> the picture; empty for shapes, and where there are none."""
    if mask.kind == "image":
        path = mask_picture_path(folder, mask)
        return {0: path} if path.is_file() else {}
    if mask.kind != "sequence":
        return {}
    found = (folder / MASKS / mask.id).glob("*.png")
    return {int(path.stem): path for path in sorted(found) if _is_number(path.stem)}


def shown_at(pictures: Mapping[int, Path], frame: int) -> Path | None:
    """The last picture that began before or at a frame; before all, the first."""
    if not pictures:
        return None
    numbers = sorted(pictures)
    return pictures[numbers[max(bisect.bisect_right(numbers, frame) - 1, 0)]]


def rewrite_file(folder: Path, ident: str) -> Path:
    """Where the file of a rewrite belongs."""
    return folder / REWRITES / f"{ident}.npz"


def carried_digests(folder: Path, look: Look) -> Callable[[int], bytes]:
    """Frame -> what frame keys must know of carried files: nothing where a look needs none."""
    known: dict[Path | None, bytes] = {None: b"none"}
    files = {r.id: rewrite_file(folder, r.id) for r in look.rewrites if r.kind == "file"}
    masks = {mask.id: mask_pictures(folder, mask) for mask in look.masks if mask.is_picture}

    def digest(path: Path | None) -> bytes:
        if path not in known:
            known[path] = hashlib.blake2b(path.read_bytes(), digest_size=20).digest() if path else b""
        return known[path]

    there = {ident: path if path.is_file() else None for ident, path in files.items()}
    changes = b"".join(f"|{ident}|".encode() + digest(there[ident]) for ident in sorted(there))

    def at(frame: int) -> bytes:
        return changes + b"".join(f"|{ident}|".encode() + digest(shown_at(masks[ident], frame)) for ident in sorted(masks))

    return at


def _is_number(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit() and len(digits) < 10
