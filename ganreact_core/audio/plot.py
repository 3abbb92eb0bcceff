"""One page an artist can read: what was heard, from the loudness down to the spectrum."""

from __future__ import annotations

import os
from typing import BinaryIO

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ..features import PITCH_CLASSES, FeatureSet
from ..section_sources import section_name
from .plot_given import TITLES, columns, notes
from .plot_style import (
    ALPHA,
    BACK,
    BEAT,
    COLUMNS,
    DOWNBEAT,
    FAINT,
    INFLECTION,
    LANES,
    LINE,
    SECTIONS,
    STYLE,
    WAVE,
    drawable,
    image,
    pooled,
    seconds,
)
from .report import PARTS
from .variation import alphas


def plot_features(found: FeatureSet, path: str | os.PathLike | BinaryIO, title: str = "") -> None:
    """Draw a feature set as a PNG of 1600 x 900 pixels; a title that is too long is cut."""
    with mpl.rc_context(STYLE):  # type: ignore[arg-type]  # its stub spells every key
        figure = Figure(figsize=(16, 9), dpi=100, facecolor=BACK)
        FigureCanvasAgg(figure)
        rows, heights = _PAGES[found.kind]
        axes = figure.subplots(len(rows), 1, sharex=True, squeeze=False, gridspec_kw={
            "height_ratios": heights, "hspace": 0.09, "left": 0.062, "right": 0.985, "top": 0.9, "bottom": 0.055})[:, 0]
        for draw, ax in zip(rows, axes, strict=True):
            draw(ax, found)
            ax.tick_params(length=0)
            for side in ("top", "right", "left", "bottom"):
                ax.spines[side].set_visible(False)
        _time_axis(axes[-1], found)
        _heading(figure, found, title)
        figure.savefig(path, format="png", facecolor=BACK)  # type: ignore[arg-type]  # any stream will do


def _heading(figure: Figure, found: FeatureSet, title: str) -> None:
    """The title, and at the right what was counted."""
    counts = [f"{_clock(found.duration_s)} long"]
    if found.kind == "sound":
        counts += [f"{found.tempo_bpm:.1f} BPM"] if found.tempo_bpm else ["no steady pulse"]
    for event in ("beats", "downbeats", "notes", *(part for part in PARTS if part != "bass")):
        if event in found.events:
            count = len(found.events[event])
            counts.append(f"{count} {event.removesuffix('s')}{'s' * (count != 1)}")
    told = figure.text(0.985, 0.957, "   ·   ".join(counts), fontsize=10.5, color=FAINT, ha="right", va="center")
    text = title if drawable(title) else TITLES[found.kind]
    named = figure.text(0.062, 0.957, text, fontsize=17, weight="bold", va="center", parse_math=False)
    end = told.get_window_extent().x0 - 30
    while named.get_window_extent().x1 > end:
        text = text[:-1]
        named.set_text(f"{text.rstrip()}…")


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _pooled_last(a: np.ndarray) -> np.ndarray:
    """A series reduced to the last value per pixel column, where its largest would hide that it fell."""
    return a if len(a) <= COLUMNS else a[np.linspace(0, len(a) - 1, COLUMNS).astype(int)]


def _share(a: np.ndarray, percentile: float = 99.5) -> np.ndarray:
    """0…1, with the few highest values cut off."""
    top = np.percentile(a, percentile) if a.size else 0
    return np.clip(a / (top if top > 0 else max(float(np.max(a, initial=0)), 1e-9)), 0, 1)


def _loudness(ax: Axes, found: FeatureSet) -> None:
    """A body of loudness, mirrored like a waveform, with the sharper RMS inside, sections behind, beats over it."""
    for start, end, label in found.events.get("sections", ()):
        colour = SECTIONS[int(label) % len(SECTIONS)]
        ax.axvspan(start, end, color=colour, alpha=0.42, lw=0, zorder=0)
        ax.axvline(start, color=BACK, lw=2, zorder=1)
        name = section_name(label)
        if end - start > (0.004 + 0.008 * len(name)) * found.duration_s:
            ax.text(start + 0.004 * found.duration_s, 1.08, name, fontsize=11, weight="bold", va="top", zorder=5)
    for name, alpha in (("loudness", 0.35), ("rms", 0.95)):
        if name in found.features:
            a = _share(pooled(found.features[name]), 99.9) * 0.95
            ax.fill_between(seconds(a, found), -a, a, color=WAVE, alpha=alpha, lw=0, zorder=2)
    ax.vlines(found.events.get("beats", ()), -1.2, -1.08, color=BEAT, lw=1.1, zorder=4)
    ax.vlines(found.events.get("downbeats", ()), -1.2, -1.02, color=DOWNBEAT, lw=1.4, zorder=4)
    marks = found.events.get("inflections", np.zeros(0))
    ax.plot(marks, np.full(len(marks), 1.23), "v", color=INFLECTION, ms=5, clip_on=False, zorder=6)
    ax.set_ylim(-1.22, 1.15)
    ax.set_yticks([0, -1.12], ["loudness", "beats, bars"])


def _lanes(ax: Axes, found: FeatureSet) -> None:
    """A lane per part: its onset strength as a ridge, its onsets as ticks below."""
    for row, (name, colour) in enumerate(LANES.items()):
        floor = len(LANES) - 1 - row
        if row:
            ax.axhline(floor + 1, color=LINE, lw=0.8, zorder=1)
        if name in found.features:
            a = 0.68 * _share(pooled(found.features[name])) + floor + 0.24
            ax.fill_between(seconds(a, found), floor + 0.24, a, color=colour, alpha=0.75, lw=0, zorder=2)
        ax.vlines(found.events.get(name, ()), floor + 0.06, floor + 0.19, color=colour, lw=1.0, zorder=3)
    ax.set_ylim(0, len(LANES))
    ax.set_yticks([len(LANES) - 0.5 - row for row in range(len(LANES))], list(LANES))


def _chroma(ax: Axes, found: FeatureSet) -> None:
    image(ax, pooled(found.features.get("chroma", np.zeros((1, 12)))), found)
    ax.set_yticks(range(12), [name.replace("#", "♯") for name in PITCH_CLASSES], fontsize=8)


def _bands(ax: Axes, found: FeatureSet) -> None:
    """The log bands in decibels, 60 dB from black to white."""
    bands = pooled(found.features.get("bands", np.zeros((1, 24))))
    top = max(float(bands.max(initial=0)), 1e-6)
    decibels = 20 * np.log10(np.maximum(bands / top, 1e-6))
    image(ax, np.clip(1 + decibels / 60, 0, 1), found)
    centres = np.geomspace(40, 10_000, bands.shape[1])
    marks = {"100 Hz": 100, "500 Hz": 500, "2 kHz": 2000, "8 kHz": 8000}
    ax.set_yticks([np.interp(np.log(hz), np.log(centres), np.arange(len(centres))) for hz in marks.values()], list(marks))


def _change(ax: Axes, found: FeatureSet) -> None:
    """GANterpretations' curves: the variation, its inflection points, and the alphas that rise from one to the next."""
    ramps = _pooled_last(alphas(found))
    ax.plot(seconds(ramps, found), ramps, color=ALPHA, lw=1.2, alpha=0.9, zorder=3)
    curve = found.features.get("variation", np.zeros(1))
    body = pooled(curve)
    ax.fill_between(seconds(body, found), 0, body, color=INFLECTION, alpha=0.35, lw=0, zorder=2)
    marks = found.events.get("inflections", np.zeros(0))
    heights = np.interp(marks, seconds(curve, found), curve)
    ax.vlines(marks, 0, 1.1, color=INFLECTION, lw=0.8, linestyles="dotted", zorder=2)
    ax.plot(marks, heights, "o", color=INFLECTION, ms=4.5, zorder=4)
    ax.set_ylim(0, 1.1)
    ax.set_yticks([0.27, 0.82], ["variation", "alpha"])
    for label, colour in zip(ax.get_yticklabels(), (INFLECTION, ALPHA), strict=True):
        label.set_color(colour)


def _time_axis(ax: Axes, found: FeatureSet) -> None:
    """About fifteen round marks of minutes and seconds."""
    steps = np.array([0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800])
    step = steps[np.argmin(np.abs(np.log(steps * 15 / max(found.duration_s, 0.1))))]
    ticks = np.arange(0, found.duration_s + 1e-9, step)
    ax.set_xticks(ticks, [_clock(t) if step >= 1 else f"{t:.1f}" for t in ticks])
    ax.set_xlim(0, max(found.duration_s, 1e-3))


_PAGES = {"sound": ((_loudness, _lanes, _chroma, _bands, _change), (1.35, 1.35, 1.15, 1.15, 0.75)),
          "midi": ((notes, _chroma, _lanes), (2.4, 1.0, 1.0)),
          "table": ((columns,), (1.0,))}
"""Kind of feature set -> what is drawn from top to bottom, and how high each is."""
