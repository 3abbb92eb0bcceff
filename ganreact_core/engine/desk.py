"""What a job works at, and how it reads its arguments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import UsageError


@dataclass
class Desk:
    """What a job works at: it tells how far it is, hands out pictures, asks whether to stop.

    progress   (fraction 0…1, text, number of the frame just finished or None)
    begun      (numbers of frames that are being made from now on)
    picture    (uint8 [h, w, 3])
    makers     looks that were glanced at, ready for the next glance
    sounds     the sound network last played, beside the pictures' own
    """

    progress: Callable[[float, str, int | None], None] = lambda fraction, text, frame: None
    begun: Callable[[list[int]], None] = lambda frames: None
    picture: Callable[[np.ndarray], None] = lambda picture: None
    cancelled: Callable[[], bool] = lambda: False
    generators: dict[tuple[str, str], Any] = field(default_factory=dict)
    makers: dict[Any, Any] = field(default_factory=dict)
    sounds: dict[str, Any] = field(default_factory=dict)


def required_text(arguments: dict[str, Any], name: str) -> str:
    """An argument that a job cannot do without; raises UsageError where it is missing or no text."""
    value = arguments.get(name)
    if not isinstance(value, str) or not value:
        raise UsageError(f"the job needs '{name}'; this is a bug, please report it")
    return value
