"""What is asked of the engine where a picture is only looked at: a look, rows of values, the network they are for."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import bpy

from ..ganreact_core.caches import cache_folder
from ..ganreact_core.carried import carried_digests
from ..ganreact_core.files import write_whole
from ..ganreact_core.look import Canvas, Look
from ..ganreact_core.models import EMBEDDED
from ..ganreact_core.patches import Patch
from ..ganreact_core.processes import process_name
from ..ganreact_core.routes import Route
from ..ganreact_core.serial import to_plain
from ..ganreact_core.table import evaluate
from . import baking, carrying, controls, frames

_MOST_IN_A_MESSAGE = 400_000
_LARGE = 300 * 300
Row = dict[str, float]


@dataclass(frozen=True)
class View:
    """A look with the network it is seen through.

    model    "embedded", or an absolute path
    folder   with what the look needs of files, laid out as in a bundle; "" where it needs none
    """

    look: Look
    model: str
    sha256: str
    folder: str = ""

    @property
    def is_large(self) -> bool:
        """Whether its picture takes so long on a processor that a rough one should come first."""
        width, height = self.look.size
        return width * height * self.look.canvas.detail ** 2 > _LARGE

    def arguments(self, rows: list[Row], numbers: list[int] | None = None, device: str = "auto") -> dict[str, Any]:
        """The job's arguments for these rows; `numbers` are their frames."""
        asked: dict[str, Any] = {"look": _text(self.look), "sha256": self.sha256, "rows": rows, "device": device}
        if self.model != EMBEDDED:
            asked["model"] = self.model
        if self.folder:
            asked["folder"] = self.folder
        return {**asked, "frames": numbers} if numbers else asked

    def key(self, row: Row, number: int = 0) -> str:
        """Equal where the picture would be equal, and where the frame's number matters to its masks."""
        digest = hashlib.blake2b(_text(self.look).encode(), digest_size=16)
        digest.update(f"{self.sha256}{self.folder}{number if self.folder else 0}".encode())
        if self.folder:
            digest.update(carried_digests(Path(self.folder), self.look)(number))
        digest.update(json.dumps(row, sort_keys=True).encode())
        return digest.hexdigest()


def view_of(scene: bpy.types.Scene, look_control: controls.Control) -> View:
    """A look as it is rendered."""
    look, model = controls.patch_of(look_control).look, frames.model_of(look_control)
    folder = ""
    if carrying.needs_carrying(look):
        found = cache_folder("glances") / f"{process_name()}-{scene.session_uid}-{look_control.session_uid}"
        span = baking.frames_of(scene, look_control)
        carrying.carry(found, look, span, span[0], library=controls.library_of(look_control))
        folder = str(found)
    return View(look, model, frames.sha256_of(model), folder)


def portrait_of(look: Look, model: str, sha256: str) -> View:
    """A look reduced to its entries, at the network's own size: what a thumbnail shows."""
    entries = tuple(replace(entry, label="", accent=False, default=0.0) for entry in look.entries)
    return View(Look(model=look.model, size=(64, 64), canvas=Canvas(detail=1.0), entries=entries), model, sha256)


def row_now(scene: bpy.types.Scene, look_control: controls.Control, window_scene: bpy.types.Scene | None) -> Row:
    """The final values of the scene's present frame, music included: of what the sliders show, keyed or not.

    Of a scene that no window shows, sliders show nothing of this frame: there the curves are read.
    """
    if window_scene != scene:
        now = scene.frame_current
        return baking.table_of(scene, look_control, range(now, now + 1)).table.row(now)
    patch = controls.patch_of(look_control)
    envelopes = baking.envelopes_now(scene, patch, controls.audio_of(look_control))
    routes = soloed(scene, patch.routes)
    return evaluate(patch.look, routes, keyed_now(look_control, patch), envelopes, n_frames=1, fps=24.0).row(1)


def keyed_now(look_control: controls.Control, patch: Patch) -> Row:
    """What the sliders say: address -> value."""
    return {address: look_control[address] for address in controls.parameters_of(patch) if address in look_control}


def soloed(scene: bpy.types.Scene, routes: tuple[Route, ...]) -> tuple[Route, ...]:
    """All routes, or the one that is heard alone: in the live picture only, never in a render."""
    solo = getattr(getattr(scene, "ganreact", None), "solo", "")
    alone = tuple(route for route in routes if route.id == solo)
    return alone or routes


def rows_over(scene: bpy.types.Scene, look_control: controls.Control, numbers: list[int]) -> list[Row]:
    """The final values of some frames."""
    table = baking.table_of(scene, look_control, range(min(numbers), max(numbers) + 1)).table
    return [table.row(number) for number in numbers]


def patch_row(patch: Patch) -> Row:
    """The values a patch begins with; keyed ones in the middle of their keys."""
    row = dict(patch.values)
    for address, keys in patch.keys.items():
        row[address] = sum(key.value for key in keys) / len(keys)
    return row


@lru_cache(maxsize=8)
def _text(look: Look) -> str:
    text = json.dumps(to_plain(look))
    if len(text) < _MOST_IN_A_MESSAGE:
        return text
    path = cache_folder("glances") / f"{hashlib.blake2b(text.encode(), digest_size=12).hexdigest()}.json"
    if not path.is_file():
        write_whole(path, text.encode())
    return f"@{path}"
