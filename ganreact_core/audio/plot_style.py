"""Colours of the page of what was heard, and what all of its rows are drawn with."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from ..features import FeatureSet

BACK, PANEL, INK, FAINT, LINE = "#0e1117", "#151a23", "#e6e9ef", "#8b93a5", "#2a3140"
WAVE, DOWNBEAT, BEAT, INFLECTION, ALPHA = "#5fb3ff", "#ffffff", "#5b6579", "#ffcf5c", "#7ee0c3"
LANES = {"kick": "#ff6b6b", "snare": "#ffb454", "hat": "#8bd5ca", "bass": "#b794f6"}
SECTIONS = ("#3b5b92", "#7a4b8f", "#2f7d6d", "#9a6a2f", "#8f3f55", "#4b6f2f", "#5a5aa0", "#807030")
GLOW = LinearSegmentedColormap.from_list("glow", [PANEL, "#23355c", "#5a4fa3", "#c2568f", "#ff9e64", "#fff3c4"])
COLUMNS = 1500
STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans", "font.size": 9, "text.color": INK, "axes.facecolor": PANEL,
    "axes.edgecolor": LINE, "axes.labelcolor": FAINT, "xtick.color": FAINT, "ytick.color": FAINT,
}


def drawable(text: str) -> bool:
    """Whether there is a text, and the font that comes with matplotlib has all of its letters."""
    font = font_manager.get_font(font_manager.findfont("DejaVu Sans"))
    return bool(text.strip()) and all(font.get_char_index(ord(letter)) for letter in text)


def pooled(a: np.ndarray) -> np.ndarray:
    """A series reduced to one largest value per pixel column: what is short must not vanish."""
    if len(a) <= COLUMNS:
        return a
    return np.maximum.reduceat(a, np.linspace(0, len(a), COLUMNS, endpoint=False).astype(int), axis=0)


def seconds(a: np.ndarray, found: FeatureSet) -> np.ndarray:
    """Moments of a series that spans the whole sound."""
    return np.linspace(0, max(found.duration_s, 1e-3), len(a))


def image(ax: Axes, a: np.ndarray, found: FeatureSet) -> None:
    """A wide feature as a picture, low numbers below."""
    ax.imshow(a.T, aspect="auto", origin="lower", cmap=GLOW, vmin=0, vmax=1, interpolation="nearest",
              extent=(0, max(found.duration_s, 1e-3), -0.5, a.shape[1] - 0.5))
