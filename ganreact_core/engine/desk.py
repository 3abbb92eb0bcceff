"""What a job works at, and how it reads its arguments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UsageError


@dataclass
class Desk:
    """What a job works at: it tells how far it is, hands out pictures, asks whether to stop.

    progress   (fraction 0…1, text, number of the frame just finished or None)
    begun      (numbers of frames that are being made from now on)
    picture    (uint8 [h, w, 3])
    generators (sha256, device) -> the pictures' network at hand: one, since they are large
    class_names  of the network at hand, as its file tells them
    makers     looks that were glanced at, ready for the next glance; they hold that network too
    sound      the sound network last played, beside the pictures' own: `hallu.SoundAtHand`
    """

    progress: Callable[[float, str, int | None], None] = lambda fraction, text, frame: None
    begun: Callable[[list[int]], None] = lambda frames: None
    picture: Callable[[np.ndarray], None] = lambda picture: None
    cancelled: Callable[[], bool] = lambda: False
    generators: dict[tuple[str, str], Any] = field(default_factory=dict)
    class_names: tuple[str, ...] = ()
    makers: dict[Any, Any] = field(default_factory=dict)
    sound: Any = None

    def network(self, sha256: str, device: object, file: Callable[[], str | Path]) -> Any:
        """The network of this sha256 on a device ("" is auto): the one at hand, or loaded from `file` in its place.

        Raises UsageError for what is no device.
        """
        from ..synthesis.load import load_with_names

        if device and not isinstance(device, str):
            raise UsageError(f"there is no device {device!r}; choose auto, cpu, cuda or mps")
        key = (sha256, str(device or "auto"))
        if key not in self.generators:
            path = file()
            self.makers.clear()
            self.generators.clear()
            self.generators[key], self.class_names = load_with_names(path, key[1])
        return self.generators[key]


def required_text(arguments: dict[str, Any], name: str) -> str:
    """An argument that a job cannot do without; raises UsageError where it is missing or no text."""
    value = arguments.get(name)
    if not isinstance(value, str) or not value:
        raise UsageError(f"the job needs '{name}'; this is a bug, please report it")
    return value
