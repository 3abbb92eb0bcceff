"""The job that makes a film of frames that are there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..bundle import open_bundle
from ..errors import Cancelled
from ..frame_ranges import parse_frame_range
from ..serial import from_plain
from .desk import Desk, required_text


def film(arguments: dict[str, Any], desk: Desk) -> dict[str, Any]:
    """{bundle, out, sound: [{file, start_s, duration_s, at_s?}], frames? "A-B"} -> {warnings: of flashes}. Writes the film,
    of frames that are there and right."""
    from .film import write_film
    from .film_sound import Stretch

    bundle = open_bundle(required_text(arguments, "bundle"))
    frames = parse_frame_range(arguments.get("frames") or "", bundle.frame_numbers())
    sound = [from_plain(Stretch, one) for one in arguments.get("sound") or ()]

    def advance(done: int, total: int) -> None:
        if desk.cancelled():
            raise Cancelled("the film was stopped; nothing was written")
        desk.progress(done / total, f"Encoding frame {done} of {total}", None)

    desk.progress(0.0, "Reading frames and sound", None)
    told = write_film(Path(required_text(arguments, "out")), bundle, frames, sound, progress=advance)
    return {"warnings": list(told)}
