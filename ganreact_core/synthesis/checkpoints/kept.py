"""Copies of large checkpoints in the user's cache, so that a large pickle is read once.

A copy is our own safetensors, named by the source's sha256. A note for each source's path holds its stamp (size,
time, what lies beside it) and what the copy's own sha256 is. Nothing here is trusted: a source with another stamp, a copy
whose bytes are others, or a note that says anything odd means that the source is read, and the copy made, again. Several
processes may do all of this at once: files appear whole, and whoever finds one gone reads the source.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
from pathlib import Path
from typing import Any

from ...caches import cache_folder
from ...errors import CheckpointError, DiskError
from ...files import remove_left_overs, write_whole
from ...models import EMBEDDED
from .kinds import is_safetensors
from .opening import read_file, sha256
from .places import file_at
from .read import read_checkpoint
from .records import Checkpoint, one_error
from .safetensors_file import from_safetensors, parse_json, save_safetensors

READER_VERSION = 1
"""Grows when a reader makes other tensors or another configuration of the same file."""
_KEPT_FROM_BYTES = 16 << 20  # smaller files are read as fast as their copies
_CAP_BYTES = 10 << 30
_NOTE_BYTES = 1 << 20


def read_kept(path: str | Path) -> Checkpoint:
    """What `read_checkpoint` returns, by way of the copy in the cache where there is one; else one is made for next time."""
    source = _worth_keeping(path)
    if source is None:
        return read_checkpoint(path)
    stamp = _stamp(source)
    with contextlib.suppress(CheckpointError, DiskError, OSError):
        return _from_copy(source, stamp)
    found = read_checkpoint(source)
    if stamp == _stamp(source):
        with contextlib.suppress(CheckpointError, DiskError, OSError):  # a full disk or a read-only home only costs time
            _keep(source, stamp, found)
    return found


def kept_copies() -> list[tuple[Path, int]]:
    """The copies in the cache with their sizes in bytes, the one used longest ago first."""
    found = []
    for copy in _folder().glob("*.safetensors"):
        with contextlib.suppress(OSError):  # removed by another process
            stat = copy.stat()
            found.append((stat.st_mtime, copy, stat.st_size))
    return [(copy, size) for _, copy, size in sorted(found)]


def forget_copies(down_to_bytes: int = 0) -> int:
    """Remove copies, those used longest ago first, until the rest is no larger; returns how many went."""
    copies = kept_copies()
    left, gone = sum(size for _, size in copies), 0
    for copy, size in copies:
        if left <= down_to_bytes:
            break
        with contextlib.suppress(OSError):  # another process reads it, on Windows
            copy.unlink(missing_ok=True)
            left, gone = left - size, gone + 1
    return gone


def cap_bytes() -> int:
    """How large all copies may be together: 10 GiB, or GANREACT_CACHE_GB."""
    try:
        return int(float(os.environ["GANREACT_CACHE_GB"]) * (1 << 30))
    except (KeyError, ValueError, OverflowError):
        return _CAP_BYTES


def _folder() -> Path:
    return cache_folder("networks")


def _worth_keeping(path: str | Path) -> Path | None:
    """The file to keep a copy of: large, and in a format that is not ours."""
    if str(path) == EMBEDDED or Path(path).is_dir():
        return None
    with contextlib.suppress(CheckpointError, OSError, ValueError):
        source = file_at(path)
        if source.is_file() and source.stat().st_size >= _KEPT_FROM_BYTES:
            with open(source, "rb") as file:
                return None if is_safetensors(file.read(16)) else source.resolve()
    return None


def _stamp(source: Path) -> list[list[int]]:
    """Of the source and a configuration beside it: no two contents have the same, for all practical purposes."""
    stamps = []
    for file in (source, source.with_name("config.json")):
        with contextlib.suppress(OSError):
            found = file.stat()
            stamps.append([found.st_ino, found.st_size, found.st_mtime_ns])
    return stamps


def _note(source: Path) -> Path:
    return _folder() / f"{hashlib.blake2b(os.fsencode(source), digest_size=16).hexdigest()}.json"


def _from_copy(source: Path, stamp: list[list[int]]) -> Checkpoint:
    """The checkpoint of a copy that is what its note says; CheckpointError where anything is not."""
    text = read_file(_note(source))
    note = parse_json(bytes(text[:_NOTE_BYTES]), "the note of a copy")
    origin, digest = note.get("origin"), note.get("copy_sha256")
    if note.get("reader") != READER_VERSION or note.get("stamp") != stamp or type(origin) is not dict:
        raise CheckpointError("the copy is of another file")
    copy = _folder() / _name_of(str(origin.get("sha256")))
    data = read_file(copy)
    with one_error():
        if sha256(data) != digest:
            raise CheckpointError("the copy is damaged")
        found = from_safetensors(data, None, digest)
    with contextlib.suppress(OSError):
        os.utime(copy)
    return dataclasses.replace(found, origin=origin)


def _keep(source: Path, stamp: list[list[int]], found: Checkpoint) -> None:
    copy = _folder() / _name_of(str(found.origin["sha256"]))
    if sum(tensor.nbytes for tensor in found.tensors.values()) > cap_bytes():
        return
    remove_left_overs(_folder())
    save_safetensors(copy, found)
    note: dict[str, Any] = {"source": str(source), "stamp": stamp, "reader": READER_VERSION, "origin": found.origin,
                            "copy_sha256": sha256(read_file(copy))}
    write_whole(_note(source), json.dumps(note).encode())
    forget_copies(cap_bytes())


def _name_of(digest: str) -> str:
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise CheckpointError("the note of a copy names no file")
    return f"{digest}-{READER_VERSION}.safetensors"
