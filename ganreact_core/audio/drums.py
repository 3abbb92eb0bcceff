"""Kick, snare, hats and bass notes in a mix: a small network over band levels, run by numpy.

Dilated convolutions over time (bands are channels) see 0.35 s to either side of each hop. It was trained on composed tracks
of many drum kits (scripts/listening), not on any recording.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import scipy.special
from safetensors.numpy import load_file

from .onsets import compressed

KINDS = ("kick", "snare", "hat", "bass")
_WEIGHTS = Path(__file__).parents[1] / "models" / "drums.safetensors"
_BLOCK = 8192


@cache
def _layers() -> tuple[list[tuple[np.ndarray, np.ndarray, int]], tuple[np.ndarray, np.ndarray]]:
    """Weight [taps, in, out], bias [out] and dilation of each convolution; weight and bias of the read-out."""
    arrays = {name: a.astype(np.float32) for name, a in load_file(_WEIGHTS).items()}
    dilations = arrays["dilations"].astype(int)
    convolutions = [(arrays[f"weight{k}"], arrays[f"bias{k}"], int(d)) for k, d in enumerate(dilations)]
    return convolutions, (arrays[f"weight{len(dilations)}"][0], arrays[f"bias{len(dilations)}"])


def heard(levels: np.ndarray, low: np.ndarray, reference: float | None = None) -> np.ndarray:
    """What the network is shown: band levels of both windows, compressed against one reference: [n_hops, n_bands]."""
    reference = float(np.max(levels, initial=0)) if reference is None else reference
    return np.concatenate([compressed(levels, reference), compressed(low, reference)], axis=1)


def drum_likelihoods(shown: np.ndarray) -> np.ndarray:
    """How likely a kick, a snare, a hat, a bass note begins at each hop: float32 [n_hops, 4], 0…1.

    shown   float32 [n_hops, n_bands] as `heard` makes it
    """
    out = np.zeros((len(shown), len(KINDS)), np.float32)
    convolutions, _ = _layers()
    reach = sum(dilation * (len(taps) // 2) for taps, _, dilation in convolutions)
    padded = np.pad(shown, ((reach, reach), (0, 0)))
    for first in range(0, len(out), _BLOCK):
        n = min(_BLOCK, len(out) - first)
        out[first:first + n] = _run(padded[first:first + n + 2 * reach])
    return out


def _run(x: np.ndarray) -> np.ndarray:
    """[n + 2·reach, n_bands] -> [n, 4]."""
    convolutions, (weight, bias) = _layers()
    for k, (taps, offset, dilation) in enumerate(convolutions):
        n = len(x) - dilation * (len(taps) - 1)
        y = offset + sum(x[j * dilation:j * dilation + n] @ tap for j, tap in enumerate(taps))
        middle = dilation * (len(taps) // 2)
        x = np.maximum(y, 0) + (x[middle:middle + n] if k else 0)
    return scipy.special.expit(x @ weight + bias)
