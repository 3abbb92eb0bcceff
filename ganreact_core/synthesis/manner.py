"""How a bend is done, beside its amount: what stays the same for all frames."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Manner:
    """What a bend's function may look at beside activations and amount; most look at none of it.

    border    what lies beyond the edge: "reflect", "wrap" or "zero"
    level     the value above which a map counts as lit
    seed      where chance is in it
    classic   Broad et al.'s conventions: zero border, the centre at the index (W/2, H/2), shifts across the other side
    """

    border: str = "reflect"
    level: float = 0.0
    seed: int = 0
    classic: bool = False
