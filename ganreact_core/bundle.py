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
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from .carried import carried_digests
from .errors import BundleError, LookError, UsageError
from .files import disk_error, write_whole
from .look import Look, addresses
from .png import embedded_text, ends_whole, is_sound
from .serial import from_plain, parse_json, to_plain
from .table import Table, load_table, save_table

FORMAT, VERSION = "ganreact.bundle", 1
PICTURE_VERSION = 1
"""Raised whenever the same table would give another picture: it is part of every frame key."""

CARRIED_MODEL = "model.safetensors"
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
        carried = carried_digests(self.folder, self.look)
        keys = {}
        for frame in frames:
            row = frame - self.table.first_frame
            digest = base.copy()
            digest.update(b"".join(column[row].tobytes() for column in columns) + carried(frame))
            keys[frame] = digest.hexdigest()
        return keys

    def is_done(self, frame: int, key: str, *, deep: bool = False) -> bool:
        """Whether the file of this frame is whole and shows what it should; `deep` reads every byte of it."""
        path = self.frame_path(frame)
        whole = is_sound(path) if deep else ends_whole(path)
        return whole and embedded_text(path, KEY_NAME) == key

    def wanted(self, frames: Iterable[int], *, deep: bool = False) -> dict[int, str]:
        """The frames that are missing, broken or stale, with the keys they should carry."""
        return {frame: key for frame, key in self.frame_keys(frames).items() if not self.is_done(frame, key, deep=deep)}

    def require_no_foreign(self, frames: Iterable[int]) -> None:
        """Raises BundleError where a whole picture that GANReact did not make lies at a frame's name."""
        for frame in frames:
            path = self.frame_path(frame)
            if ends_whole(path) and embedded_text(path, KEY_NAME) is None:
                raise BundleError(f"'{path.name}' in '{self.folder.name}' was not made by GANReact and would be overwritten; "
                                  "choose another folder")


def create_bundle(folder: str | Path, look: Look, table: Table, model_sha256: str) -> Bundle:
    """Write look and table into a folder; frames that are there stay, and count while their keys are right."""
    bundle = Bundle(Path(folder), look, table, model_sha256)
    _require_free_or_ours(bundle.folder)
    try:
        bundle.frames_folder.mkdir(parents=True, exist_ok=True)
    except OSError as cause:
        raise disk_error(bundle.frames_folder, cause) from cause
    document = {"format": FORMAT, "version": VERSION, "model_sha256": model_sha256,
                "look": to_plain(_portable(look))}
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
    for path in bundle.frames_folder.glob("*.png"):
        if embedded_text(path, KEY_NAME):
            path.unlink()
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
    """"A-B", "A" or "" -> the frames asked for; raises UsageError outside the bundle's own."""
    if not text:
        return frames
    found = re.fullmatch(r"(-?\d{1,9})(?:-(-?\d{1,9}))?", text)
    if not found:
        raise UsageError(f"'{text}' is no range of frames; write it as 1-100")
    asked = range(int(found[1]), int(found[2] or found[1]) + 1)
    if not asked or asked[0] < frames[0] or asked[-1] > frames[-1]:
        raise UsageError(f"there are no frames {text} here; the bundle holds {frames[0]}-{frames[-1]}")
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


def _require_free_or_ours(folder: Path) -> None:
    """Raises BundleError for a folder of somebody else's files; one that is new, empty or a bundle is fine."""
    try:
        if not folder.is_dir() or not any(folder.iterdir()):
            return
        ours = parse_json((folder / "look.json").read_bytes(), "look.json")
    except (OSError, LookError):
        ours = None
    if not isinstance(ours, dict) or ours.get("format") != FORMAT:
        raise BundleError(f"'{folder.name}' holds other files; choose a new or empty folder")


def _picture_look(look: Look) -> dict:
    """The part of a look that makes the picture: no labels, no defaults that the table has already taken in."""
    plain = to_plain(look)
    for name in ("id", "label", "model"):
        plain.pop(name)
    for items in ("entries", "sets", "paths", "directions", "noise_layers", "bends", "rewrites", "masks", "clusters"):
        for item in plain[items]:
            for name in ("label", "default", "file"):
                item.pop(name, None)
    return plain


def _portable(look: Look) -> Look:
    """A bundle never carries a path of the machine it was made on."""
    model = look.model if look.model == "embedded" else Path(look.model).name
    return replace(look, model=model, masks=tuple(replace(mask, file=Path(mask.file).name) for mask in look.masks))
