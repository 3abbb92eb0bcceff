"""Rows of a batch go through compiled pieces one by one, and are bent together between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import torch

from ..generators.base import AfterLayer

State = TypeVar("State", bound=Any)
"""What lies between two pieces: a dataclass of tensors or None, activations in `x`."""


def of_its_own(state: State) -> State:
    """The same state in memory of its own: a compiled piece computes every row into the same memory."""
    return type(state)(*(None if t is None else t.clone() for t in vars(state).values()))


def bend(states: Sequence[State], layer: int, after: AfterLayer) -> None:
    """Lets `after` change the activations of all rows behind a layer."""
    bent = after(layer, torch.cat([state.x for state in states]))
    for state, row in zip(states, bent, strict=True):
        state.x = row[None]
