"""Sound in, feature set out: decoding, features, events and their picture. Knows neither torch nor Blender."""

from .analyze import analyze
from .load import Audio, load_audio
from .plot import plot_features
from .report import feature_summary

__all__ = ["Audio", "analyze", "feature_summary", "load_audio", "plot_features"]
