"""Tensors between the host and a card, without waiting for what the card is doing.

A plain copy to a card, or from it, waits until all that was asked of the card before is done. Through pinned memory it is
only put in line; a copy back has a line of its own, so that the card computes on meanwhile.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import lru_cache

import torch
from torch import Tensor


def onto(tensor: Tensor, device: torch.device | str) -> Tensor:
    """The tensor on a device, in the order of its work; the tensor itself where it is there already."""
    if torch.device(device).type != "cuda" or tensor.device.type != "cpu":
        return tensor.to(device)
    return tensor.pin_memory().to(device, non_blocking=True)


def leaving(tensor: Tensor) -> Callable[[], Tensor]:
    """Begins to fetch a tensor; what is returned waits until it is on the host, and gives it."""
    if tensor.device.type != "cuda":
        return tensor.cpu
    there = torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True)
    line = _line_back(tensor.device)
    line.wait_stream(torch.cuda.current_stream(tensor.device))
    with torch.cuda.stream(line):
        there.copy_(tensor, non_blocking=True)
        arrived = torch.cuda.Event(blocking=True)
        arrived.record(line)
    return _Fetched(tensor, there, arrived).wait


def release(device: str) -> None:
    """Gives back what a card's memory was kept for, once its work is done; where the card is lost there is nothing to give."""
    if torch.device(device).type == "cuda":
        with contextlib.suppress(RuntimeError):
            torch.cuda.synchronize(device)
            torch.cuda.empty_cache()


def one_at_a_time(device: str) -> AbstractContextManager:
    """Within it, this thread alone puts work in line on a card; waiting for results needs no such thing. A CPU takes all.

    A card does one thing after another anyway, and while work is being recorded nothing else may be asked of it.
    """
    return contextlib.nullcontext() if torch.device(device).type == "cpu" else _line_there(device)


@lru_cache(maxsize=8)
def _line_there(device: str) -> threading.Lock:
    return threading.Lock()


class _Fetched:
    """A copy under way. It holds what is copied: its memory is not to be given to others meanwhile."""

    def __init__(self, source: Tensor, there: Tensor, arrived: torch.cuda.Event):
        self._source: Tensor | None = source
        self._there, self._arrived = there, arrived

    def wait(self) -> Tensor:
        self._arrived.synchronize()
        self._source = None
        return self._there


@lru_cache(maxsize=8)
def _line_back(device: torch.device) -> torch.cuda.Stream:
    return torch.cuda.Stream(device)
