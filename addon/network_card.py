"""What a look's network is: asked of the engine once for each file, kept by its sha256, shown by the panel.

Drawing asks and never waits: a card that is not there yet is made when the engine has nothing else to do.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import bpy

from ..ganreact_core import __version__
from ..ganreact_core.caches import cache_folder
from ..ganreact_core.class_names import short_name
from ..ganreact_core.errors import GANReactError
from ..ganreact_core.look import Entry, Look
from ..ganreact_core.models import EMBEDDED
from . import controls, frames, hands, previewing, thumbnails
from .preferences import engine_trouble
from .session import session

COLUMNS, ROWS = 4, 3
"""Of the pictures that are shown to choose from."""

_REST_S, _CARD_BYTES = 0.3, 4 << 20
_wanted: dict[Path, str] = {}
_failed: set[Path] = set()


def of_look(look_control: controls.Control) -> dict[str, Any]:
    """The card of a look's network; empty until it is known. {"error": sentence} where there is none to be had."""
    model = frames.model_of(look_control)
    sha256 = thumbnails.sha256_soon(model)
    if not sha256:
        return {}
    path = cache_folder("cards") / f"{sha256}-{__version__}.json"
    if not path.is_file():
        _want(path, model)
        return {"error": "the engine could not look at this network; choose it again"} if path in _failed else {}
    return _read(path, path.stat().st_mtime_ns)


def may_be(look_control: controls.Control, kind: str) -> bool:
    """Whether a look's network is of this kind, or is not known yet and could be."""
    if controls.patch_of(look_control).look.model == EMBEDDED:
        return kind == "stylegan2"
    return of_look(look_control).get("kind", kind) == kind


def layer_words(look_control: controls.Control, layer: int) -> str:
    """What a layer is: "Layer 3 is b8.conv1: 8 × 8, 128 maps"; empty where the network is not known yet."""
    layers = of_look(look_control).get("layers", [])
    if not layers:
        return ""
    if not 0 <= layer < len(layers):
        return f"This network ends with layer {len(layers) - 1}; it acts there"
    name, height, width, maps = layers[layer]
    return f"Layer {layer} is {name}: {width} × {height}, {maps} maps"


def class_names_of(look_control: controls.Control | None) -> tuple[str, ...]:
    """The names of the network's classes; () where it has none, or is not known yet."""
    try:
        return tuple(of_look(look_control).get("class_names", ())) if look_control else ()
    except GANReactError:
        return ()


def sheet_of(look_control: controls.Control, first: int, number: int | None) -> list[tuple[Entry, int]]:
    """Pictures to choose from, seeds first, first + 1, … of one class: (entry, icon or 0)."""
    model = frames.model_of(look_control)
    entries = tuple(Entry(f"s{seed}", "", seed, number) for seed in range(first, first + COLUMNS * ROWS))
    look = Look(model=controls.patch_of(look_control).look.model, entries=entries)
    return [(entry, thumbnails.of_entry(look, model, entry)) for entry in entries]


def lines_of(card: dict[str, Any]) -> list[tuple[str, str]]:
    """(what, how) of a card, for the panel."""
    height, width = card["resolution"]
    names = card["class_names"]
    classes = f"{len(names)}: {', '.join(short_name(n, names) for n in range(min(3, len(names))))} …" if names else "none"
    origin = ", ".join(str(card[key]) for key in ("format", "family", "source_format") if key in card)
    return [("Kind", str(card["name"])), ("Size", f"{width} × {height}"), ("Classes", classes),
            ("Layers", f"{len(card['layers'])} to bend, {card['num_ws']} of w"),
            ("Weights", f"{card['parameters'] / 1e6:.1f} million"), ("From", origin),
            ("Licence", str(card.get("licence", "not stated in the file")))]


def rest() -> None:
    """Forget what is wanted."""
    if bpy.app.timers.is_registered(_work):
        bpy.app.timers.unregister(_work)
    _wanted.clear()
    _failed.clear()


@lru_cache(maxsize=8)
def _read(path: Path, mtime_ns: int) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes()[:_CARD_BYTES])
        lines_of(found) if "error" not in found else found["error"]
    except (OSError, ValueError, KeyError, TypeError):
        path.unlink(missing_ok=True)  # damaged: it is made again
        return {}
    return found


def _want(path: Path, model: str) -> None:
    if path not in _failed and not bpy.app.background and not engine_trouble(bpy.context):
        _wanted[path] = model
        if not bpy.app.timers.is_registered(_work):
            bpy.app.timers.register(_work, first_interval=_REST_S)


def _work() -> float | None:
    """The timer: asks while the engine is idle, ends when nothing is wanted."""
    if not _wanted:
        return None
    if session.running is not None or previewing.waits() or hands.renders():
        return _REST_S
    path, model = next(iter(_wanted.items()))
    _wanted.pop(path)
    try:
        session.start(bpy.context, "info", {"model": model, "out": str(path)}, title="Network", quiet=True,
                      on_failure=lambda: _failed.add(path))
    except GANReactError:
        _failed.add(path)
    return _REST_S
