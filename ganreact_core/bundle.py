"""The render bundle: a folder that can be rendered anywhere without Blender, and the truth about which frames are done.

    look.json        the static look, the output size and the model's sha256
    table.npz        every parameter at every frame
    model.safetensors    the network, where it was put in; else it is found by its sha256
    frames/000001.png …  named by frame number; each carries the key of what it shows
    journal.jsonl    what was rendered when, and in which numerics class

A frame is done when its file is there, ends properly and carries the key that look and table ask for now.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from .errors import BundleError, LookError
from .files import write_whole
from .look import Look, addresses
from .png import embedded_text, ends_whole
from .serial import from_plain, parse_json, to_plain
from .table import Table, load_table, save_table

FORMAT, VERSION = "ganreact.bundle", 1
PICTURE_VERSION = 1
"""Raised whenever the same table would give another picture: it is part of every frame key."""

KEY_NAME = "ganreact-frame-key"


@dataclass(frozen=True)
class Bundle:
    """An opened bundle. `model_sha256` names the network that the look was made with."""

    folder: Path
    look: Look
    table: Table
    model_sha256: str

    @property
    def frames_folder(self) -> Path:
        """Where the frames are."""
        return self.folder / "frames"

    def frame_path(self, frame: int) -> Path:
        """The file of a frame, by its number (a negative scene frame too)."""
        return self.frames_folder / (f"{frame:06d}.png" if frame >= 0 else f"-{-frame:06d}.png")

    def frame_numbers(self) -> range:
        """Every frame of the table."""
        return range(self.table.first_frame, self.table.last_frame + 1)

    def frame_keys(self, frames: Iterable[int]) -> dict[int, str]:
        """Frame -> key: a hash of everything that makes its picture, and of nothing else."""
        static = _picture_look(self.look)
        base = hashlib.blake2b(f"{PICTURE_VERSION}|{self.model_sha256}|".encode(), digest_size=20)
        base.update(json.dumps(static, sort_keys=True).encode())
        names = sorted(addresses(self.look))
        columns = [self.table.columns[name] for name in names]
        keys = {}
        for frame in frames:
            row = frame - self.table.first_frame
            digest = base.copy()
            digest.update(b"".join(column[row].tobytes() for column in columns))
            keys[frame] = digest.hexdigest()
        return keys

    def is_done(self, frame: int, key: str) -> bool:
        """Whether the file of this frame is whole and shows what it should."""
        path = self.frame_path(frame)
        return ends_whole(path) and embedded_text(path, KEY_NAME) == key

    def wanted(self, frames: Iterable[int]) -> dict[int, str]:
        """The frames that are missing, broken or stale, with the keys they should carry."""
        return {frame: key for frame, key in self.frame_keys(frames).items() if not self.is_done(frame, key)}


def create_bundle(folder: str | Path, look: Look, table: Table, model_sha256: str) -> Bundle:
    """Write look and table into a folder; frames that are there stay, and count while their keys are right."""
    bundle = Bundle(Path(folder), look, table, model_sha256)
    try:
        bundle.frames_folder.mkdir(parents=True, exist_ok=True)
    except OSError as cause:
        raise BundleError(f"'{folder}' cannot be a bundle ({cause.strerror}); choose another folder") from cause
    document = {"format": FORMAT, "version": VERSION, "model_sha256": model_sha256,
                "look": to_plain(replace(look, model=_portable(look.model)))}
    save_table(bundle.folder / "table.npz", table)
    write_whole(bundle.folder / "look.json", json.dumps(document, ensure_ascii=False, indent=1).encode())
    return bundle


def open_bundle(folder: str | Path) -> Bundle:
    """Read a bundle made anywhere, by anybody; raises BundleError or LookError where it is not whole."""
    folder = Path(folder)
    try:
        plain = parse_json((folder / "look.json").read_bytes(), "look.json")
    except OSError as cause:
        raise BundleError(f"'{folder}' is not a render bundle: it has no look.json; give the folder itself") from cause
    if not isinstance(plain, dict) or plain.get("format") != FORMAT or not isinstance(plain.get("model_sha256"), str):
        raise BundleError(f"'{folder}' is not a render bundle; make one with 'ganreact bundle create'")
    if plain.get("version") != VERSION:
        raise BundleError(f"'{folder}' was made by another version of GANReact; make it again with this one")
    look = from_plain(Look, plain.get("look"), "look")
    table = load_table(folder / "table.npz")
    lacking = sorted(set(addresses(look)) - set(table.columns))
    if lacking or not table.n_frames:
        raise LookError(f"the table of '{folder}' lacks '{(lacking or ['frames'])[0]}'; make the bundle again")
    return Bundle(folder, look, table, plain["model_sha256"])


def remove_bundle(bundle: Bundle) -> None:
    """Delete what GANReact wrote; whatever else is in the folder stays, and the folder with it."""
    for frame in bundle.frame_numbers():
        if embedded_text(bundle.frame_path(frame), KEY_NAME):
            bundle.frame_path(frame).unlink()
    for name in ("look.json", "table.npz", "journal.jsonl"):
        (bundle.folder / name).unlink(missing_ok=True)
    for folder in (bundle.frames_folder, bundle.folder):
        with contextlib.suppress(OSError):  # not empty
            folder.rmdir()


def append_journal(bundle: Bundle, **entry: object) -> None:
    """Add one line to the journal, with the time. The journal informs; the frames themselves are the truth."""
    with open(bundle.folder / "journal.jsonl", "a", encoding="utf-8") as file:
        file.write(json.dumps({"time": round(time.time(), 3), **entry}) + "\n")


def parse_frame_range(text: str, frames: range) -> range:
    """"A-B", "A" or "" -> the frames asked for; raises LookError outside the bundle's own."""
    if not text:
        return frames
    first, _, last = text.partition("-") if not text.startswith("-") else (text, "", "")
    try:
        asked = range(int(first), int(last or first) + 1)
    except ValueError as cause:
        raise LookError(f"'{text}' is no range of frames; write it as 1-100") from cause
    if not asked or asked[0] < frames[0] or asked[-1] > frames[-1]:
        raise LookError(f"there are no frames {text} here; the bundle holds {frames[0]}-{frames[-1]}")
    return asked


def as_ranges(frames: Iterable[int]) -> Iterator[str]:
    """1, 2, 3, 7 -> "1-3", "7": how missing frames are reported."""
    run: list[int] = []
    for frame in [*sorted(frames), None]:
        if run and frame != run[-1] + 1:
            yield f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0])
            run = []
        if frame is not None:
            run.append(frame)


def _picture_look(look: Look) -> dict:
    """The part of a look that makes the picture: no labels, no defaults that the table has already taken in."""
    plain = to_plain(look)
    for name in ("id", "label", "model"):
        plain.pop(name)
    for items in ("entries", "sets", "paths", "directions", "noise_layers", "bends", "rewrites"):
        for item in plain[items]:
            item.pop("label")
            item.pop("default", None)
    return plain


def _portable(model: str) -> str:
    """A bundle never carries a path of the machine it was made on."""
    return model if model == "embedded" else Path(model).name
