"""What every training keeps: one file, replaced whole, and an average that follows the networks."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..errors import DiskError, InputFileError
from ..files import disk_error


def write_state(path: Path, kept: Mapping[str, Any]) -> None:
    """Writes beside, then replaces: a broken-off save leaves the last one. DiskError where it cannot be written."""
    beside = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save(dict(kept), beside)
        beside.replace(path)
    except OSError as cause:
        raise disk_error(path, cause) from cause
    except RuntimeError as cause:  # torch's own writer gives no reason: in all likelihood the disk is full
        raise DiskError(f"'{path}' cannot be written whole; make room on its disk, and go on from the state before") from cause


@contextmanager
def going_on(path: Path, what: str, device: str = "cpu") -> Iterator[dict[str, Any]]:
    """What `write_state` wrote, tensors and numbers only; whatever does not fit while it is taken over is one InputFileError.

    what   it should have been of: "these pictures and this size"
    """
    try:
        yield torch.load(path, weights_only=True, map_location=device)  # runs nothing
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, EOFError, pickle.UnpicklingError) as cause:
        raise InputFileError(f"'{path}' does not go on with {what}; give the arguments it was begun "
                             "with, or begin in another folder") from cause


@torch.no_grad()
def take_over(tensors: Mapping[str, Tensor], kept: Mapping[str, Tensor]) -> None:
    """Values of the same names; raises KeyError or RuntimeError where one is missing or of another shape."""
    for name, t in tensors.items():
        t.copy_(kept[name])


@torch.no_grad()
def follow(average: Mapping[str, Tensor], tensors: Mapping[str, Tensor], seen: float, half: float) -> None:
    """Moves the average towards the networks as far as `seen` pictures or sounds do; after `half` it has half forgotten."""
    for name, t in average.items():
        t.lerp_(tensors[name].detach(), 1.0 - 0.5 ** (seen / half))
