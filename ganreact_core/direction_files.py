"""Directions of one network as a file: a .npz that lies beside the network, and from which a look takes what it wants."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .arrays import load_arrays, save_arrays
from .errors import InputFileError
from .look import Direction


@dataclass(frozen=True)
class Directions:
    """Directions of one network, the strongest first.

    vectors    float32 [n, w_dim], each of unit length
    sigmas     float32 [n], standard deviation of w along each
    var_ratio  float32 [n], its share of all variance
    """

    vectors: np.ndarray
    sigmas: np.ndarray
    var_ratio: np.ndarray

    def direction(self, k: int, ident: str, label: str, *, first: int = 0, last: int = -1) -> Direction:
        """Component k as a part of a look."""
        return Direction(ident, label, tuple(map(float, self.vectors[k])), float(self.sigmas[k]), first, last)


def save_directions(path: str | Path, found: Directions) -> None:
    """Write .npz: "vectors", "sigmas", "var_ratio"."""
    save_arrays(path, {"vectors": found.vectors, "sigmas": found.sigmas, "var_ratio": found.var_ratio})


def load_directions(path: str | Path) -> Directions:
    """Read .npz; raises InputFileError where it holds no directions."""
    arrays = load_arrays(path, "a file of directions")
    found = [np.asarray(arrays.get(name, ()), np.float32) for name in ("vectors", "sigmas", "var_ratio")]
    fits = found[0].ndim == 2 and all(a.shape == found[0].shape[:1] for a in found[1:])
    if not fits or not all(np.isfinite(a).all() for a in found):
        raise InputFileError(f"'{path}' holds no directions; make them with 'ganreact directions'")
    return Directions(*found)
