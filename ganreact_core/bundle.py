"""The render bundle: a folder that can be rendered anywhere without Blender, and the truth about which frames are done.

    look.json        the static look, the output size, the model's sha256, the table's digest, who made it
    table.npz        every parameter at every frame
    model.safetensors    the network, where it was put in; else it is found by its sha256
    frames/000001.png …  (.exr, .jpg) named by frame number; each carries the key of what it shows, and its numerics class
    journal.jsonl    what was rendered when; it informs, and is made again from the frames where it was lost
    leases/          who is at work on which frames, while somebody is

A bundle is a snapshot: what is edited later does not leak into it. A frame is done when its file is there, ends
properly and carries the key that look and table ask for now.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PureWindowsPath

from . import __version__, journal
from .carried import carried_digests, remove_carried
from .errors import BundleError, DiskError, InputFileError, LookError
from .files import TEMPORARY, disk_error, remove_left_overs, shown, write_whole
from .frame_files import ENDINGS, embedded_text, glance, is_sound
from .frame_keys import PICTURE_VERSION, frame_keys, table_digest, text_digest
from .look import Look, addresses
from .serial import from_plain, parse_json, to_plain
from .strangers import require_near
from .table import Table, completed, load_table, save_table

FORMAT, VERSION = "ganreact.bundle", 1
CARRIED_MODEL = "model.safetensors"
KEY_NAME, NUMERICS_NAME = "ganreact-frame-key", "ganreact-numerics"
_OURS = {"table.npz", "frames", "leases", "journal.jsonl"}
_FEW = 64


@dataclass(frozen=True)
class Sound:
    """The sound a bundle was made for: its file's name, never a path, what is in it, and where the first frame lies."""

    name: str
    sha256: str
    start_s: float = 0.0


@dataclass(frozen=True)
class Bundle:
    """An opened bundle.

    model_sha256   names the network that the look was made with
    snapshot       names this state of look and table: another process may have made the bundle again since
    """

    folder: Path
    look: Look
    table: Table
    model_sha256: str
    snapshot: str = ""
    sound: Sound | None = None

    @property
    def frames_folder(self) -> Path:
        """Where the frames are."""
        return self.folder / "frames"

    def frame_path(self, frame: int) -> Path:
        """The file of a frame, by its number (a negative scene frame too)."""
        return self.frames_folder / f"{'-' if frame < 0 else ''}{abs(frame):06d}{ENDINGS[self.look.format]}"

    def frame_numbers(self) -> range:
        """Every frame of the table."""
        return range(self.table.first_frame, self.table.last_frame + 1)

    @property
    def journal_path(self) -> Path:
        """Where the journal is."""
        return self.folder / "journal.jsonl"

    def frame_keys(self, frames: Iterable[int]) -> dict[int, str]:
        """Frame -> key: a hash of everything that makes its picture, and of nothing else."""
        return frame_keys(self.look, self.table, self.model_sha256, frames, carried_digests(self.folder, self.look))

    def is_done(self, frame: int, key: str, *, deep: bool = False) -> bool:
        """Whether the file of this frame is whole and shows what it should; `deep` reads every byte of it."""
        path = self.frame_path(frame)
        seen = glance(path)
        return (seen is not None and seen.whole and seen.texts.get(KEY_NAME) == key) and not (deep and not is_sound(path))

    def wanted(self, frames: Iterable[int], *, deep: bool = False) -> dict[int, str]:
        """The frames that are missing, broken or stale, with the keys they should carry."""
        keys = self.frame_keys(frames)
        there = self._names_there() if len(keys) > _FEW else None
        return {frame: key for frame, key in keys.items()
                if (there is not None and self.frame_path(frame).name not in there) or not self.is_done(frame, key, deep=deep)}

    def is_current(self) -> bool:
        """Whether the folder still holds this state of look and table."""
        try:
            return not self.snapshot or text_digest((self.folder / "look.json").read_bytes()) == self.snapshot
        except OSError:
            return False

    def require_no_foreign(self, frames: Sequence[int]) -> None:
        """Raises BundleError where a whole picture that GANReact did not make lies at a frame's name."""
        there = self._names_there() if len(frames) > _FEW else None
        for frame in frames:
            path = self.frame_path(frame)
            seen = glance(path) if there is None or path.name in there else None
            if seen and seen.whole and KEY_NAME not in seen.texts:
                raise BundleError(f"'{path.name}' in '{self.folder.name}' was not made by GANReact and would be overwritten; "
                                  "choose another folder")

    def _names_there(self) -> set[str]:
        """One look at the folder spares opening tens of thousands of files that are not there."""
        with contextlib.suppress(OSError), os.scandir(self.frames_folder) as entries:
            return {entry.name for entry in entries}
        return set()


def create_bundle(folder: str | Path, look: Look, table: Table, model_sha256: str, *, sound: Sound | None = None) -> Bundle:
    """Write look and table into a folder; frames that are there stay, and count while their keys are right.

    Where the folder holds this very state already, nothing is written, and a render of it that is under way goes on.
    """
    folder = Path(folder)
    require_free_or_ours(folder)
    document = {"format": FORMAT, "version": VERSION, "made_by": {"ganreact": __version__, "picture": PICTURE_VERSION},
                "model_sha256": model_sha256, "table": table_digest(table), "sound": to_plain(sound),
                "look": to_plain(_portable(look))}
    text = json.dumps(document, ensure_ascii=False, indent=1).encode()
    bundle = Bundle(folder, look, table, model_sha256, text_digest(text), sound)
    try:
        bundle.frames_folder.mkdir(parents=True, exist_ok=True)
    except OSError as cause:
        raise disk_error(bundle.frames_folder, cause) from cause
    remove_left_overs(folder)
    if not (bundle.is_current() and _holds(folder, table)):
        save_table(folder / "table.npz", table)
        write_whole(folder / "look.json", text)
    return bundle


def open_bundle(folder: str | Path) -> Bundle:
    """Read a bundle made anywhere, by anybody; raises BundleError or LookError where it is not whole."""
    folder = Path(folder)
    try:
        text = (folder / "look.json").read_bytes()
        plain = parse_json(text, "look.json")
    except OSError as cause:
        raise BundleError(f"'{folder}' is not a render bundle: it has no look.json; give the folder itself") from cause
    if not isinstance(plain, dict) or plain.get("format") != FORMAT or not isinstance(plain.get("model_sha256"), str):
        raise BundleError(f"'{folder}' is not a render bundle; make one with 'ganreact bundle create'")
    if plain.get("version") != VERSION:
        raise BundleError(f"'{folder}' was made by another version of GANReact; make it again with this one")
    look = from_plain(Look, plain.get("look"), "look")
    require_near(look.files(), f"'{shown(folder)}'", folder)
    sound = from_plain(Sound, plain["sound"], "sound") if plain.get("sound") else None
    table = load_table(folder / "table.npz")
    if plain.get("table", table_digest(table)) != table_digest(table):
        raise BundleError(f"the table of '{folder}' is not the one its look was written with; make the bundle again")
    table = completed(table, look)
    lacking = sorted(set(addresses(look)) - set(table.columns))
    if lacking or not table.n_frames:
        raise LookError(f"the table of '{folder}' lacks '{(lacking or ['frames'])[0]}'; make the bundle again")
    return Bundle(folder, look, table, plain["model_sha256"], text_digest(text), sound)


def numerics_in_use(bundle: Bundle, frames: Iterable[int]) -> dict[str, int]:
    """Numerics class -> how many of these frames were made in it; bytes are equal within one, nearly equal across."""
    count: dict[str, int] = {}
    for frame in frames:
        seen = glance(bundle.frame_path(frame))
        if seen and KEY_NAME in seen.texts:
            name = seen.texts.get(NUMERICS_NAME, "unknown")
            count[name] = count.get(name, 0) + 1
    return count


def mend_journal(bundle: Bundle) -> bool:
    """Write the journal again from the frames themselves, where it was lost; tells whether it did."""
    if bundle.journal_path.exists():
        return False
    found = []
    for frame in bundle.frame_numbers():
        path = bundle.frame_path(frame)
        seen = glance(path)
        if seen and seen.whole and KEY_NAME in seen.texts:
            found.append({"time": round(path.stat().st_mtime, 3), "event": "frame", "frame": frame,
                          "key": seen.texts[KEY_NAME], "bytes": seen.n_bytes})
    if found:
        with contextlib.suppress(DiskError):  # it only informs
            journal.rebuild(bundle.journal_path, sorted(found, key=lambda entry: (entry["time"], entry["frame"])))
    return bool(found)


def remove_bundle(bundle: Bundle) -> None:
    """Delete what GANReact wrote; whatever else is in the folder stays, and the folder with it."""
    for ending in ENDINGS.values():
        for path in bundle.frames_folder.glob(f"*{ending}"):
            if embedded_text(path, KEY_NAME):
                path.unlink(missing_ok=True)
    for folder in (bundle.frames_folder, bundle.folder):
        remove_left_overs(folder)
    for name in ("look.json", "table.npz", "journal.jsonl"):
        (bundle.folder / name).unlink(missing_ok=True)
    remove_carried(bundle.folder)
    for folder in (bundle.frames_folder, bundle.folder):
        with contextlib.suppress(OSError):  # not empty
            folder.rmdir()


def require_free_or_ours(folder: Path) -> None:
    """Raises BundleError for a folder of somebody else's files; one that is new, empty, a bundle, or what is left of a
    bundle whose making was broken off, is fine."""
    try:
        if not folder.is_dir() or all(path.name in _OURS or path.name.endswith(TEMPORARY) for path in folder.iterdir()):
            return
        ours = parse_json((folder / "look.json").read_bytes(), "look.json")
    except (OSError, LookError):
        ours = None
    if not isinstance(ours, dict) or ours.get("format") != FORMAT:
        raise BundleError(f"'{folder.name or folder}' holds other files; choose a new or empty folder")


def _holds(folder: Path, table: Table) -> bool:
    try:
        return table_digest(load_table(folder / "table.npz")) == table_digest(table)
    except InputFileError:
        return False


def _portable(look: Look) -> Look:
    """A bundle never carries a path of a machine, of this one or of that from which the look came."""
    return replace(look, model=_name_alone(look.model),
                   masks=tuple(replace(mask, file=_name_alone(mask.file)) for mask in look.masks),
                   rewrites=tuple(replace(rewrite, file=_name_alone(rewrite.file)) for rewrite in look.rewrites))


def _name_alone(path: str) -> str:
    """The last part of a path, whichever system wrote it, as text that any file can hold."""
    return shown(PureWindowsPath(path).name)
