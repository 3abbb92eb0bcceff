"""Pictures that are only looked at: a live frame, the palette's thumbnails, a contact sheet. No files, no bundle."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..bundle import Bundle
from ..errors import Cancelled, UsageError
from ..files import read_small
from ..look import Look, addresses
from ..serial import from_plain, parse_json
from ..table import Table
from .desk import Desk, required_text

_KEPT = 4  # a live look, its rough one, the palette's, one to compare with


def bundle_of(arguments: dict[str, Any]) -> Bundle:
    """What is looked at, as a bundle that is nowhere: the look, the network it was made with, the folder of its masks."""
    text = required_text(arguments, "look")
    told = read_small(Path(text[1:]), "look") if text.startswith("@") else text  # it was too long for a message
    look = from_plain(Look, parse_json(told, "the look"), "look").for_the_eye()
    return Bundle(Path(arguments.get("folder") or "."), look, table_of_row(look, {}), required_text(arguments, "sha256"))


def show(bundle: Bundle, generator: Any, arguments: dict[str, Any], desk: Desk) -> None:
    """Make a picture of each row, a rough one where that is asked for. A look that was shown before is not prepared again."""
    rows, frames = arguments.get("rows"), arguments.get("frames")
    if not isinstance(rows, list) or not rows or (frames is not None and len(frames) != len(rows)):
        raise UsageError("there is nothing to look at: the job needs rows; this is a bug, please report it")
    maker = _maker(bundle, generator, arguments, desk)
    for n, row in enumerate(rows):
        if desk.cancelled():
            raise Cancelled("nobody looks at this any more")
        frame = int(frames[n]) if frames else 1
        desk.picture(maker.pictures(table_of_row(bundle.look, row, frame), [frame])[0])
        if len(rows) > 1:
            desk.progress((n + 1) / len(rows), f"Picture {n + 1} of {len(rows)}", None)


def table_of_row(look: Look, row: Mapping[str, float], frame: int = 1) -> Table:
    """A table of one frame; what the row leaves out stands at its default."""
    columns = {address: np.array([row.get(address, parameter.default)], np.float32)
               for address, parameter in addresses(look).items()}
    return Table(frame, 24.0, columns)


def _maker(bundle: Bundle, generator: Any, arguments: dict[str, Any], desk: Desk) -> Any:
    from ..synthesis.frame_maker import FrameMaker

    folder = bundle.folder if arguments.get("folder") else None
    rough = bool(arguments.get("rough")) and str(generator.device) == "cpu"  # a card is quick enough
    key = (bundle.look, bundle.model_sha256, str(generator.device), folder, _stamp(folder), rough)
    if key not in desk.makers:
        while len(desk.makers) >= _KEPT:
            desk.makers.pop(next(iter(desk.makers)))
        desk.makers[key] = FrameMaker(generator, bundle.look, batch=1, folder=folder, parallel=1, rough=rough)
    desk.makers[key] = desk.makers.pop(key)  # the latest is last
    return desk.makers[key]


def _stamp(folder: Path | None) -> tuple[float, ...]:
    """When the pictures that the look needs were last written."""
    return tuple(sorted(p.stat().st_mtime for p in folder.glob("masks/**/*.png"))) if folder else ()
