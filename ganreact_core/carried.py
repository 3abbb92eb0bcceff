"""What a bundle carries beside look and table, found by id alone: no path in a look leads out of the bundle.

    masks/<id>.png            the picture of a mask, grey
    masks/<id>/000001.png …   its pictures by frame number; before the first and after the last, these stay, or all
                              begin again
    rewrites/<id>.npz         changes of weights
"""

from __future__ import annotations

import bisect
import contextlib
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from .look import Look
from .look_regions import Mask
from .naming import is_slug

MASKS, REWRITES = "masks", "rewrites"


def mask_picture_path(folder: Path, mask: Mask, frame: int = 1) -> Path:
    """Where the picture of a mask belongs; an image has one for all frames."""
    if mask.kind == "image":
        return folder / MASKS / f"{mask.id}.png"
    return folder / MASKS / mask.id / (f"{frame:06d}.png" if frame >= 0 else f"-{-frame:06d}.png")


@dataclass(frozen=True)
class Pictures:
    """The pictures of a mask in a bundle, each from its frame on.

    again   after the last one they begin again
    """

    frames: tuple[int, ...]
    paths: tuple[Path, ...]
    again: bool = False

    def at(self, frame: int) -> Path | None:
        """The last picture that began before or at a frame; before all, the first; None where there are none."""
        if not self.frames:
            return None
        if self.again and frame > self.frames[-1]:
            frame = self.frames[0] + (frame - self.frames[0]) % (self.frames[-1] + 1 - self.frames[0])
        return self.paths[max(bisect.bisect_right(self.frames, frame) - 1, 0)]


def mask_pictures(folder: Path, mask: Mask) -> Pictures:
    """The pictures of a mask that are there; none for shapes."""
    if mask.kind == "image":
        path = mask_picture_path(folder, mask)
        return Pictures((0,), (path,)) if path.is_file() else Pictures((), ())
    found = (folder / MASKS / mask.id).glob("*.png") if mask.kind == "sequence" else ()
    numbered = sorted((int(path.stem), path) for path in found if _is_number(path.stem) and path.is_file())
    return Pictures(tuple(number for number, _ in numbered), tuple(path for _, path in numbered), mask.again)


def lay_out(folder: Path, mask: Mask, first: int, put: Iterable[Callable[[Path], object]], last: int) -> None:
    """Put the pictures of a sequence where they belong, one a frame; those of an earlier making leave.

    first   number of the first frame there is; the sequence begins so many after it as the mask says
    put     each writes one picture to a path; those that begin after the frame `last` are not asked for
    """
    there: set[Path] = set()
    for number, write in zip(range(first + mask.start, max(last, first + mask.start) + 1), put, strict=False):
        path = mask_picture_path(folder, mask, number)
        write(path)
        there.add(path)
    for path in set(mask_pictures(folder, mask).paths) - there:
        path.unlink(missing_ok=True)


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
        return changes + b"".join(f"|{ident}|".encode() + digest(masks[ident].at(frame)) for ident in sorted(masks))

    return at


def remove_carried(folder: Path) -> None:
    """Delete what was put into a bundle by id, whichever look it was for; whatever else is there stays, with its folder."""
    for part, pattern in ((MASKS, "*.png"), (REWRITES, "*.npz")):
        for path in (folder / part).glob(pattern):
            if is_slug(path.stem):
                path.unlink(missing_ok=True)
    for inside in (folder / MASKS).glob("*/"):
        if is_slug(inside.name) and not inside.is_symlink():
            for path in inside.glob("*.png"):
                if _is_number(path.stem):
                    path.unlink(missing_ok=True)
            _remove_empty(inside)
    _remove_empty(folder / MASKS)
    _remove_empty(folder / REWRITES)


def _remove_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):  # not empty, or not there
        folder.rmdir()


def _is_number(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit() and len(digits) < 10
