"""Routes: envelope -> address, with an amount that is itself a parameter, added or multiplied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .catalogue import CHOICES, ROUTE, Parameter
from .errors import LookError
from .naming import check_slug

MODES = CHOICES["Route.mode"]


@dataclass(frozen=True)
class Route:
    """One envelope moves one parameter; its amount is the parameter route.<id>.

    id         its name in addresses
    label      its name for people; empty says what leads where
    envelope   which envelope, by id
    address    which parameter
    mode       add the envelope, or let silence take the parameter away
    amount     how much, where nothing is keyed
    mute       leaves the parameter alone for now; nothing of it is lost
    """

    id: str
    label: str
    envelope: str
    address: str
    mode: str = "add"
    amount: float = ROUTE.default
    mute: bool = False

    def __post_init__(self) -> None:
        check_slug(self.id)
        if self.mode not in MODES:
            raise LookError(f"the route '{self.id}' is to '{self.mode}'; use 'add' or 'multiply'")

    @property
    def amount_address(self) -> str:
        """Where its amount is keyed."""
        return f"route.{self.id}"


def route_parameters(routes: tuple[Route, ...]) -> dict[str, Parameter]:
    """The amounts as parameters: address -> catalogue row."""
    return {r.amount_address: Parameter(r.amount, 0.0, ROUTE.minimum, ROUTE.maximum, ROUTE.help, soft=ROUTE.soft)
            for r in routes}


def apply_routes(keyed: np.ndarray, parameter: Parameter, arriving: list[tuple[Route, np.ndarray | float]],
                 envelopes: Mapping[str, np.ndarray]) -> np.ndarray:
    """What `routed` gives, clipped or wrapped: -> float32 [n_frames]."""
    return within(routed(keyed, arriving, envelopes), parameter).astype(np.float32)


def routed(keyed: np.ndarray | float, arriving: list[tuple[Route, np.ndarray | float]],
           envelopes: Mapping[str, np.ndarray]) -> np.ndarray:
    """(keyed + Σ amount·envelope over add) · Π (1 − amount + amount·envelope over multiply), whatever the range.

    keyed [n_frames] or a scalar; arriving: routes to this address with their amounts; -> float64 [n_frames].
    """
    value = np.asarray(keyed, np.float64)
    for route, amount in arriving:
        if route.mode == "add":
            value = value + amount * envelopes[route.envelope]
    for route, amount in arriving:
        if route.mode == "multiply":
            value = value * (1.0 - amount + amount * envelopes[route.envelope])
    return value


def within(value: np.ndarray, parameter: Parameter) -> np.ndarray:
    """Clip to the catalogue's range; wrap where it is cyclic."""
    if not parameter.cyclic:
        return np.clip(value, parameter.minimum, parameter.maximum)
    span = parameter.maximum - parameter.minimum
    outside = (value < parameter.minimum) | (value > parameter.maximum)
    return np.where(outside, parameter.minimum + np.mod(value - parameter.minimum, span), value)
