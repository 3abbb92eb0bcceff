"""Does a network that loads also make pictures? One look at one picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from .generators.base import Generator

_FLAT = 1e-3  # standard deviation below which a picture is one colour; the nominal range is −1…1
_BURNT = 0.9  # share of values outside the nominal range above which hardly anything is seen


def picture_doubts(generator: Generator) -> list[str]:
    """Sentences on what looks wrong with a network's pictures; none where all is well, or where it makes sounds.

    Renders one picture.
    """
    if generator.kind == "gansynth":
        return []
    x = _picture(generator)
    if not bool(torch.isfinite(x).all()):
        return ["the network's pictures are not finite numbers; use another snapshot"]
    if float(x.std()) < _FLAT:
        return ["the network's pictures are of one flat colour; use another snapshot"]
    if float((x.abs() > 1.0).float().mean()) > _BURNT:
        return ["the network's pictures are burnt out: nearly all values are outside the visible range; use another snapshot"]
    return []


def strangeness(origin: Mapping[str, Any]) -> list[str]:
    """What is odd about the program text in a file. A text of unknown hash that defines the usual parts is not."""
    names = origin.get("network_source_strange")
    if not isinstance(names, list) or not names:
        return []
    return [f"the file embeds program text that was not run and does not fit its network ({', '.join(map(str, names[:3]))}); "
            "if the network differs from the usual one, so will the pictures"]


def _picture(generator: Generator) -> torch.Tensor:
    """The picture of seed 0, of class 0 where there are classes."""
    z = np.random.RandomState(0).randn(1, generator.z_dim).astype(np.float32)
    c = torch.eye(1, generator.c_dim, device=generator.device) if generator.c_dim else None
    return generator.synthesize(generator.map(torch.from_numpy(z).to(generator.device), c))
