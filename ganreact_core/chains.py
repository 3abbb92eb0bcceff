"""What a recipe's chain can ask for: operations on one curve, and combinations of two."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from . import shaping


def _smooth(x: np.ndarray, fps: float, sigma_s: float = 0.1, causal: float = 1.0) -> np.ndarray:
    return shaping.smooth(x, sigma_frames=sigma_s * fps, causal=causal)


def _attack_release(x: np.ndarray, fps: float, attack_s: float = 0.0, release_s: float = 0.2) -> np.ndarray:
    return shaping.attack_release(x, attack_frames=attack_s * fps, release_frames=release_s * fps)


OPERATIONS: dict[str, Callable[..., np.ndarray]] = {
    "normalise": lambda x, fps: shaping.normalise(x),
    "percentile_clip": lambda x, fps, percent=97.0: shaping.percentile_clip(x, percent=percent),
    "smooth": _smooth,
    "moving_average": lambda x, fps, window_s=0.2: shaping.moving_average(x, window_frames=window_s * fps),
    "attack_release": _attack_release,
    "gate": lambda x, fps, threshold=0.1: shaping.gate(x, threshold=threshold),
    "emphasise": lambda x, fps, threshold=0.5, ratio=2.0, below=0.0: shaping.emphasise(
        x, threshold=threshold, ratio=ratio, below=bool(below)),
    "expand": lambda x, fps, threshold=0.5, ratio=2.0: shaping.expand(x, threshold=threshold, ratio=ratio),
    "compress": lambda x, fps, threshold=0.5, ratio=2.0: shaping.expand(x, threshold=threshold, ratio=1.0 / ratio),
    "multiply_clip": lambda x, fps, factor=2.0: shaping.multiply_clip(x, factor=factor),
    "clip": lambda x, fps, low=0.0, high=1.0: shaping.clip(x, low=low, high=high),
    "power": lambda x, fps, exponent=2.0: shaping.power(x, exponent=exponent),
    "invert": lambda x, fps: shaping.invert(x),
    "accumulate": lambda x, fps, turn_s=4.0: shaping.accumulate(x, turn_frames=turn_s * fps),
    "delay": lambda x, fps, delay_s=0.1: shaping.delay(x, frames=round(delay_s * fps)),
}
"""Name -> (curve, fps, settings in seconds) -> curve: what a recipe's chain can ask for."""

COMBINATIONS: dict[str, Callable[..., np.ndarray]] = {
    "highest": lambda x, other: np.where(other > x, other, x),
    "product": lambda x, other: x * other,
    "duck": lambda x, other, amount=1.0: x * (1.0 - amount * other),
}
"""Name -> (curve, the other envelope's curve, settings) -> curve."""

_LIMITS = {
    "percent": (0.0, 100.0), "ratio": (1e-3, 1e3), "sigma_s": (0.0, 1e4), "window_s": (0.0, 1e4), "attack_s": (0.0, 1e4),
    "release_s": (0.0, 1e4), "causal": (0.0, 1.0), "below": (0.0, 1.0), "exponent": (1e-3, 100.0),
    "turn_s": (0.01, 1e4),
}
_ANY = (-1e4, 1e4)


def settings_of(operation: str) -> dict[str, float]:
    """The settings of a step with their defaults, in order; KeyError where there is no such step."""
    function = OPERATIONS.get(operation) or COMBINATIONS[operation]
    names = function.__code__.co_varnames[:function.__code__.co_argcount]
    defaults = function.__defaults__ or ()
    return dict(zip(names[len(names) - len(defaults):], defaults, strict=True))


def limits_of(setting: str) -> tuple[float, float]:
    """The least and the most that a setting can sensibly be."""
    return _LIMITS.get(setting, _ANY)
