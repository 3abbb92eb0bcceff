"""A patch on a whole track, of which single frames are drawn."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from ganreact_core.envelopes import FrameRange
from ganreact_core.patches import Patch, keyed_values
from ganreact_core.reactivity import change_between
from ganreact_core.routes import Route
from ganreact_core.synthesis.frame_maker import FrameMaker
from ganreact_core.table import Table, evaluate


@dataclass
class Played:
    """A patch with the envelopes of a track; frames are counted from 0, and drawn once."""

    patch: Patch
    envelopes: dict[str, np.ndarray]
    frames: FrameRange
    maker: FrameMaker
    table: Table = field(init=False)
    _seen: dict[int, np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.table = self._evaluated(self.patch.routes, self.envelopes)

    def with_other(self, envelopes: dict[str, np.ndarray]) -> Table:
        """Every parameter where some routes (by id) have another envelope, and all others their own."""
        routes = tuple(replace(r, envelope=f"other {r.id}") if r.id in envelopes else r for r in self.patch.routes)
        return self._evaluated(routes, {**self.envelopes, **{f"other {ident}": e for ident, e in envelopes.items()}})

    def seen(self) -> set[int]:
        """Frames that were drawn."""
        return set(self._seen)

    def picture(self, row: int) -> np.ndarray:
        """uint8 [h, w, 3]."""
        if row not in self._seen:
            self._seen[row] = self._drawn(self.table, row)
        return self._seen[row]

    def change(self, other: Table, rows: np.ndarray) -> np.ndarray:
        """How far pictures of another table are from those of this one, 0…255 [rows]."""
        return np.array([change_between(self.picture(row), self._drawn(other, row)) for row in rows.tolist()])

    def _drawn(self, table: Table, row: int) -> np.ndarray:
        return self.maker.pictures(table, [table.first_frame + row])[0]

    def _evaluated(self, routes: tuple[Route, ...], envelopes: dict[str, np.ndarray]) -> Table:
        n = self.frames.n_frames
        return evaluate(self.patch.look, routes, keyed_values(self.patch, n), envelopes, n_frames=n, fps=self.frames.fps)
