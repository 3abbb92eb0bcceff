"""Sound in, feature set out: decoding, features, events and their picture. Knows neither torch nor Blender.

Names are found when they are asked for: what refuses a bad file must not wait for the libraries that analyse a good one.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .analysis import analyze
    from .hearing import check, hear
    from .load import Audio, load_audio
    from .plot import plot_features
    from .report import feature_summary

__all__ = ["Audio", "analyze", "check", "feature_summary", "hear", "load_audio", "plot_features"]
_WHERE = {"analyze": "analysis", "check": "hearing", "hear": "hearing", "Audio": "load", "load_audio": "load",
          "plot_features": "plot", "feature_summary": "report"}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"ganreact_core.audio has no '{name}'")
    found = getattr(import_module(f".{_WHERE[name]}", __name__), name)
    globals()[name] = found
    return found
