"""Small pictures of palette entries, patches and networks: made by the engine when it has nothing else to do, then kept.

Drawing asks for an icon and never waits: what is not there yet is made and shown at a later drawing.
"""

from __future__ import annotations

import hashlib
import json
import stat
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import bpy
import bpy.utils.previews
import numpy as np

from ..ganreact_core.caches import cache_folder
from ..ganreact_core.errors import GANReactError
from ..ganreact_core.files import write_whole
from ..ganreact_core.look import Entry, Look
from ..ganreact_core.models import EMBEDDED, model_file
from ..ganreact_core.patches import load_patch
from ..ganreact_core.png import encode
from ..ganreact_core.serial import to_plain
from . import frames, hands, previewing
from .glancing import Row, View, patch_row, portrait_of
from .preferences import engine_choice, engine_trouble
from .session import session

_SIDE, _SOON_S, _REST_S = 96, 0.05, 0.25
_READ_AT_ONCE = 64 << 20


@dataclass(frozen=True)
class Wanted:
    """A picture that is not there yet."""

    key: str
    view: View
    row: Row


_previews: list = []
_wanted: dict[str, Wanted] = {}
_failed: set[str] = set()
_reading: dict[tuple[str, int, int], str] = {}


def of_entry(look: Look, model: str, entry: Entry) -> int:
    """Icon of a palette entry as this network draws it; 0 until there is one."""
    sha256 = sha256_soon(model)
    if not sha256:
        return 0
    key = _entry_key(look, sha256, entry)
    return _icon(key) or _want(key, lambda: (portrait_of(look, model, sha256), {f"palette.{entry.id}": 1.0, "truncation": 0.9}))


def of_model(look: Look, model: str) -> int:
    """Icon of a network: its mean picture, or its first where it has no mean."""
    sha256 = sha256_soon(model)
    if not sha256:
        return 0
    one = Look(model=look.model, entries=(Entry("a", "", 1),))
    return _icon(_key("model", sha256)) or _want(_key("model", sha256), lambda: (
        portrait_of(one, model, sha256), {"palette.a": 1.0, "truncation": 0.3}))


def of_patch(name: str) -> int:
    """Icon of a shipped patch, drawn with its own network where that is the embedded one."""
    try:
        patch = load_patch(name)
        sha256 = frames.sha256_of(EMBEDDED)
    except GANReactError:
        return 0
    if patch.look.model != EMBEDDED:
        return 0
    key = _key("patch", sha256, to_plain(patch.look), patch_row(patch))
    return _icon(key) or _want(key, lambda: (View(patch.look, EMBEDDED, sha256), patch_row(patch)))


def file_of(look: Look, model: str, entry: Entry) -> Path:
    """Where the picture of an entry is as a file, or will be: it is made where it is missing."""
    path = _path(_entry_key(look, frames.sha256_of(model), entry))
    if not path.is_file():
        of_entry(look, model, entry)
    return path


def work() -> float | None:
    """The timer: asks for what is wanted while the engine is idle; ends when nothing is."""
    if not _wanted:
        return None
    if session.running is not None:
        return _SOON_S
    if previewing.waits() or hands.renders():
        return _REST_S
    one = min(_wanted.values(), key=lambda wanted: wanted.view.look.size)  # what costs little comes first

    def arrived(picture, raw: bytes) -> None:
        _keep(one.key, np.frombuffer(raw, np.uint8).reshape(picture.height, picture.width, 3))
        _wanted.pop(one.key, None)

    try:  # one at a time: the live picture has its turn after each
        asked = one.view.arguments([one.row], device=engine_choice(bpy.context).device)
        session.start(bpy.context, "glance", asked, title="Thumbnails", quiet=True, on_picture=arrived,
                      on_failure=lambda: _give_up(one))
    except GANReactError:
        _give_up(one)
    return _SOON_S


def rest() -> None:
    """Forget what is wanted, and every icon."""
    if bpy.app.timers.is_registered(work):
        bpy.app.timers.unregister(work)
    _wanted.clear()
    _failed.clear()
    while _previews:
        bpy.utils.previews.remove(_previews.pop())


def sha256_soon(model: str) -> str:
    """sha256 of a network; "" until a large one was read, which a thread does: drawing never waits."""
    if model == EMBEDDED:
        return _sha256_of_embedded()
    try:
        found = model_file(model).stat()
        if stat.S_ISREG(found.st_mode) and found.st_size < _READ_AT_ONCE:
            return frames.sha256_of(model)
    except (GANReactError, OSError):
        return ""
    content = (model, found.st_mtime_ns, found.st_size)  # a network that is trained on is written over
    if content not in _reading:
        _reading[content] = ""
        threading.Thread(target=lambda: _reading.update({content: _try(model)}), daemon=True).start()
    return _reading[content]


@lru_cache(maxsize=1)  # it comes along, and every row of a list asks at every drawing
def _sha256_of_embedded() -> str:
    return _try(EMBEDDED)


def _try(model: str) -> str:
    try:
        return frames.sha256_of(model)
    except (GANReactError, OSError):
        return ""


def _entry_key(look: Look, sha256: str, entry: Entry) -> str:
    return _ancestry_key(sha256, tuple(_ancestry(look, entry)) if entry.parents else (entry,))


@lru_cache(maxsize=1024)  # every row of a list asks at every drawing
def _ancestry_key(sha256: str, ancestry: tuple[Entry, ...]) -> str:
    bare = {"id": "", "label": "", "accent": False, "default": 0.0}
    return _key("entry", sha256, *(to_plain(one) | bare | {"parents": len(one.parents)} for one in ancestry))


def _ancestry(look: Look, entry: Entry) -> list[Entry]:
    """An entry and those it lies between."""
    named, found = {e.id: e for e in look.entries}, [entry]
    for one in found:
        found += [named[p] for p in one.parents if p in named and named[p] not in found]
    return found


def _want(key: str, make) -> int:
    if key not in _wanted and key not in _failed and not bpy.app.background and not engine_trouble(bpy.context):
        _wanted[key] = Wanted(key, *make())
        if not bpy.app.timers.is_registered(work):
            bpy.app.timers.register(work, first_interval=_REST_S)
    return 0


def _give_up(one: Wanted) -> None:
    _wanted.pop(one.key, None)
    _failed.add(one.key)


def _icon(key: str) -> int:
    if not _previews:
        _previews.append(bpy.utils.previews.new())
    if key not in _previews[0]:
        path = _path(key)
        if not path.is_file():
            return 0
        _previews[0].load(key, str(path), "IMAGE")
    return _previews[0][key].icon_id


def _keep(key: str, picture: np.ndarray) -> None:
    """Make it small and square, and write it."""
    height, width = picture.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = picture[top:top + side, left:left + side]
    places = np.minimum((np.arange(_SIDE) + 0.5) * side / _SIDE, side - 1).astype(int) if side > _SIDE else np.arange(side)
    write_whole(_path(key), encode(square[places][:, places]))


def _path(key: str) -> Path:
    return cache_folder("thumbnails") / f"{key}.png"


def _key(*parts: object) -> str:
    return hashlib.blake2b(json.dumps(parts, sort_keys=True).encode(), digest_size=16).hexdigest()
