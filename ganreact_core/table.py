"""The table: every parameter of a look, evaluated at every frame, routes applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from .arrays import load_arrays, save_arrays
from .errors import LookError
from .look import Look, addresses, came_later
from .routes import Route, apply_routes, route_parameters, within

_MOST_FPS = 1e5


@dataclass(frozen=True)
class Table:
    """Final values.

    first_frame   number of the frame in row 0; frame files carry this number
    columns       address -> float32 [n_frames]
    """

    first_frame: int
    fps: float
    columns: dict[str, np.ndarray]

    @property
    def n_frames(self) -> int:
        """Number of rows."""
        return len(next(iter(self.columns.values()))) if self.columns else 0

    @property
    def last_frame(self) -> int:
        """Number of the frame in the last row."""
        return self.first_frame + self.n_frames - 1

    def row(self, frame: int) -> dict[str, float]:
        """The values of one frame, by its number."""
        if not self.first_frame <= frame <= self.last_frame:
            raise LookError(f"there is no frame {frame}; the table holds {self.first_frame} to {self.last_frame}")
        return {address: float(column[frame - self.first_frame]) for address, column in self.columns.items()}


def evaluate(look: Look, routes: tuple[Route, ...], keyed: Mapping[str, np.ndarray | float],
             envelopes: Mapping[str, np.ndarray], *, n_frames: int, fps: float, first_frame: int = 1) -> Table:
    """Keyed values and envelopes -> final values.

    keyed       address -> scalar or [n_frames], also "route.<id>"; what is missing takes the catalogue's default
    envelopes   id -> [n_frames]; a route whose envelope is missing raises LookError
    """
    parameters = addresses(look)
    amounts = {a: within(np.asarray(keyed.get(a, p.default), float), p) for a, p in route_parameters(routes).items()}
    arriving: dict[str, list] = {}
    for route in routes:
        if route.mute:
            continue
        _check_route(route, parameters, envelopes)
        arriving.setdefault(route.address, []).append((route, amounts[route.amount_address]))
    columns = {}
    for address, parameter in parameters.items():
        value = apply_routes(np.asarray(keyed.get(address, parameter.default)), parameter, arriving.get(address, []),
                             envelopes)
        columns[address] = np.ascontiguousarray(np.broadcast_to(value, n_frames))
    return Table(first_frame, fps, columns)


def completed(table: Table, look: Look) -> Table:
    """A table from before some parameters were ones: they stand at their defaults."""
    missing = {address: np.full(table.n_frames, parameter.default, np.float32) for address, parameter in addresses(look).items()
               if came_later(address) and address not in table.columns}
    return replace(table, columns={**table.columns, **missing}) if missing else table


def save_table(path: str | Path, table: Table) -> None:
    """Write a table as .npz: "first_frame", "fps", "addresses" [n], "values" float32 [n, n_frames]."""
    names = sorted(table.columns)
    values = np.stack([table.columns[name] for name in names]) if names else np.zeros((0, 0), np.float32)
    save_arrays(path, {"first_frame": np.array(table.first_frame), "fps": np.array(table.fps), "addresses": np.array(names),
                       "values": values})


def load_table(path: str | Path) -> Table:
    """Read a table; raises LookError where the file is none. Nothing in it is ever run."""
    stored = load_arrays(path, "a table of parameters")
    try:
        names, values = stored["addresses"], stored["values"]
        first_frame, fps = int(stored["first_frame"]), float(stored["fps"])
    except (ValueError, KeyError, TypeError, OverflowError) as cause:
        raise LookError(f"'{path}' is not a table of parameters; make the bundle again") from cause
    whole = names.ndim == 1 and names.dtype.kind == "U" and values.ndim == 2 and values.dtype.kind == "f"
    if not (whole and len(names) == len(values) and np.isfinite(values).all() and 0 < fps < _MOST_FPS):
        raise LookError(f"'{path}' is a damaged table of parameters; make the bundle again")
    return Table(first_frame, fps, {str(n): v.astype(np.float32) for n, v in zip(names, values, strict=True)})


def _check_route(route: Route, parameters: Mapping, envelopes: Mapping) -> None:
    if route.address not in parameters:
        raise LookError(f"the route '{route.id}' leads to '{route.address}', which this look does not have; "
                        "choose another place")
    if route.envelope not in envelopes:
        raise LookError(f"the route '{route.id}' needs the envelope '{route.envelope}'; bake it, or choose another")
