"""Random edits: exactly the frames whose values changed are made again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ganreact_core.bundle import create_bundle
from ganreact_core.look import Entry
from ganreact_core.table import Table

from .nursery import LOOK, Nursery, contents, end_of, require

_FRAMES = 40


def edits(nursery: Nursery, count: int) -> dict[str, object]:
    """Each edit changes a few values, a whole curve, or something that belongs to all frames or to none."""
    bundle = nursery.bundle("edited", _FRAMES)
    require(end_of(nursery.render(bundle)) == 0, "the first run failed")
    again = missed = extra = 0
    for number in range(count):
        before = {frame: bundle.frame_path(frame).stat().st_mtime_ns for frame in bundle.frame_numbers()}
        look, table, expected = _edit(nursery, bundle, number)
        bundle = create_bundle(bundle.folder, look, table, bundle.model_sha256)
        require(end_of(nursery.render(bundle)) == 0, f"edit {number} does not render")
        made = {frame for frame in bundle.frame_numbers() if bundle.frame_path(frame).stat().st_mtime_ns != before[frame]}
        missed, extra, again = missed + len(expected - made), extra + len(made - expected), again + len(made)
        require(made == expected, f"edit {number}: {sorted(expected ^ made)} were made and should not, or the other way")
    fresh = create_bundle(nursery.folder / "fresh", bundle.look, bundle.table, bundle.model_sha256)
    (fresh.folder / "model.safetensors").write_bytes(nursery.model.read_bytes())
    require(end_of(nursery.render(fresh)) == 0 and contents(fresh) == contents(bundle), "the edited frames differ from fresh ones")
    return {"edits": count, "frames made again": again, "missed": missed, "made needlessly": extra, "bytes equal to a fresh render": True}


def _edit(nursery: Nursery, bundle, number: int):
    """A changed look and table, and the frames that must change with them."""
    chance, frames = nursery.chance, set(bundle.frame_numbers())
    look, columns = bundle.look, {name: column.copy() for name, column in bundle.table.columns.items()}
    kind = chance.choice(["values", "values", "values", "curve", "seed", "label", "fps", "same"])
    if kind in ("values", "curve"):
        name = str(chance.choice(sorted(columns)))
        rows = chance.permutation(_FRAMES)[:1 if kind == "values" else _FRAMES]
        columns[name][rows] = chance.uniform(0, 1, len(rows)).astype(np.float32)
        frames = {int(row) + 1 for row in np.flatnonzero(columns[name] != bundle.table.columns[name])}
    elif kind == "seed":
        look = replace(look, entries=(Entry("a", "A", 100 + number), *look.entries[1:]))
    else:
        frames = set()
    if kind == "label":
        look = replace(look, label=f"Edit {number}", bends=(replace(LOOK.bends[0], label=f"Zoom {number}"),))
    return look, Table(bundle.table.first_frame, 24.0 + (number if kind == "fps" else 0), columns), frames
