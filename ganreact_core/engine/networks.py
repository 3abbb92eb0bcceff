"""The jobs that show what a network is: its card, and a contact sheet. Each is a function (arguments, desk) -> result."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..class_names import class_number
from ..errors import Cancelled, CheckpointError
from ..files import write_whole
from .desk import Desk, required_text
from .searches import network


def info(arguments: dict[str, Any], desk: Desk) -> dict[str, Any]:
    """{model, out} -> {}; writes out (.json): what `describe` says, or {"error": why it does not load}.

    That a file does not load is an answer here and no failure: somebody wants to show it.
    """
    from ..synthesis.description import describe, told_about_code

    desk.progress(0.0, "Reading the network", None)
    try:
        found = describe(required_text(arguments, "model"))
        found["code"] = told_about_code(found)
    except CheckpointError as cause:
        found = {"error": str(cause)}
    write_whole(Path(required_text(arguments, "out")), json.dumps(found, ensure_ascii=False).encode())
    return {}


def sheet(arguments: dict[str, Any], desk: Desk) -> dict[str, Any]:
    """{model, out, first?, columns?, rows?, classes?: names or numbers, class_names?, psi?, side?, device?} -> {}; writes out
    (.png). Classes are called what `class_names` says, else what the network says itself."""
    from ..synthesis.sheet import SheetPlan, draw_sheet, png_bytes

    generator = network(arguments, desk)
    names = tuple(arguments.get("class_names") or ()) or desk.class_names
    wishes = tuple(class_number(str(wish), names or [""] * generator.c_dim) for wish in arguments.get("classes") or ())
    given = {key: arguments[key] for key in ("columns", "rows", "psi", "side") if key in arguments}
    plan = SheetPlan(arguments.get("first", 1), classes=wishes, **given)

    def advance(fraction: float) -> None:
        if desk.cancelled():
            raise Cancelled("the sheet was stopped; nothing was written")
        desk.progress(fraction, "Drawing", None)

    write_whole(Path(required_text(arguments, "out")), png_bytes(draw_sheet(generator, plan, names, advance)))
    return {}


NETWORKS: dict[str, Callable[[dict[str, Any], Desk], dict[str, Any]]] = {"info": info, "sheet": sheet}
