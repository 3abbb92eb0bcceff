"""Rows of the page for what was not heard but given: notes as a piano roll, columns of a table as curves."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from ..features import FeatureSet
from .plot_style import BACK, BEAT, DOWNBEAT, GLOW, INK, LANES, LINE, SECTIONS, pooled, seconds

TITLES = {"sound": "What the music does", "midi": "What the notes do", "table": "What the table does"}
_MOST_CURVES = 12


def notes(ax: Axes, found: FeatureSet) -> None:
    """A piano roll: a bar for each note, brighter where it was played harder, over beats and bars."""
    spans = np.asarray(found.events.get("notes", np.zeros((0, 3))), float).reshape(-1, 3)
    low, high = (spans[:, 2].min() - 1, spans[:, 2].max() + 1) if len(spans) else (48, 72)
    ax.vlines(found.events.get("beats", ()), low, high, color=LINE, lw=0.6, zorder=0)
    ax.vlines(found.events.get("downbeats", ()), low, high, color=BEAT, lw=0.9, zorder=1)
    hard = found.strengths_of("notes") if len(spans) else np.zeros(0)
    ax.barh(spans[:, 2], np.maximum(spans[:, 1] - spans[:, 0], found.duration_s / 1500), left=spans[:, 0], height=0.8,
            color=GLOW(0.35 + 0.6 * hard), edgecolor=BACK, lw=0.3, zorder=2)
    ax.set_ylim(low, high)
    octaves = [pitch for pitch in range(128) if pitch % 12 == 0 and low <= pitch <= high]
    ax.set_yticks(octaves, [f"C{pitch // 12 - 1}" for pitch in octaves])


def columns(ax: Axes, found: FeatureSet) -> None:
    """A lane for each column, stretched to its own range, with its name and what it runs between."""
    names = [name for name, a in found.features.items() if a.ndim == 1][:_MOST_CURVES]
    colours = [*LANES.values(), *SECTIONS]
    for row, name in enumerate(names):
        floor, values = len(names) - 1 - row, pooled(found.features[name])
        low, high = float(values.min()), float(values.max())
        ax.plot(seconds(values, found), floor + 0.08 + 0.84 * (values - low) / max(high - low, 1e-12),
                color=colours[row % len(colours)], lw=1.4)
        ax.axhline(floor, color=LINE, lw=0.8)
        ax.text(0.004 * found.duration_s, floor + 0.9, f"{low:g} … {high:g}", fontsize=8, color=INK, va="top")
    ax.set_ylim(0, max(len(names), 1))
    ax.set_yticks([len(names) - 0.5 - row for row in range(len(names))], names)
    ax.tick_params(axis="y", labelcolor=DOWNBEAT)
