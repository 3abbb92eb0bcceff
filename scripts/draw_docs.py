"""Draws the pictures of docs/listening.md from the demo's track: python scripts/draw_docs.py, in the project's environment."""

from __future__ import annotations

import inspect
import io
import sys
import tempfile
from pathlib import Path

import matplotlib as mpl
import mido
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from ganreact_core.audio import analyze, load_audio, plot_features  # noqa: E402 - the project is not installed everywhere
from ganreact_core.audio.imports import load_midi  # noqa: E402
from ganreact_core.audio.plot_given import notes as roll  # noqa: E402
from ganreact_core.clocks import WAVES, beat_position  # noqa: E402
from ganreact_core.envelopes import COMBINATIONS, OPERATIONS, EnvelopeRecipe, FrameRange, Shaping, make_envelopes  # noqa: E402
from ganreact_core.features import FeatureSet  # noqa: E402

IMAGES = ROOT / "docs" / "images"
FPS, SHOWN_S, START_S = 30.0, 8.0, 16.0
BACK, PANEL, INK, FAINT, CURVE = "#0e1117", "#151a23", "#e6e9ef", "#5b6579", "#5fb3ff"
STYLE = {"font.family": "DejaVu Sans", "font.size": 9, "text.color": INK, "axes.facecolor": PANEL, "axes.edgecolor": PANEL,
         "axes.titlecolor": INK, "xtick.color": FAINT, "ytick.color": FAINT}
SETTINGS = {"multiply_clip": {"factor": 1.6}, "clip": {"low": 0.2, "high": 0.7}, "gate": {"threshold": 0.4},
            "smooth": {"causal": 0.0}, "percentile_clip": {"percent": 60.0}, "delay": {"delay_s": 0.4},
            "power": {"exponent": 3.0}, "emphasise": {"threshold": 0.4, "ratio": 3.0},
            "expand": {"threshold": 0.4, "ratio": 3.0}, "compress": {"threshold": 0.4, "ratio": 3.0}}
ONCE = ("rise", "fall")


def main() -> None:
    """All pictures, each at most 150 KB."""
    audio = load_audio(ROOT / "demo" / "airship.ogg")
    found = analyze(audio)
    page = io.BytesIO()
    plot_features(found, page, title="Airship")
    save(Image.open(page), "analysis.png")
    with mpl.rc_context(STYLE):  # type: ignore[arg-type]
        draw_features(found)
        draw_sources(found)
        draw_shaping(found)
        draw_notes()


def grid_of(n: int, columns: int) -> tuple[Figure, list]:
    """A dark figure and n small axes; the rest are hidden."""
    rows = -(-n // columns)
    figure = Figure(figsize=(12, 1.15 * rows + 0.2), dpi=100, facecolor=BACK, layout="constrained")
    FigureCanvasAgg(figure)
    axes = list(figure.subplots(rows, columns, squeeze=False).flat)
    for ax in axes:
        ax.set_xticks([])
        ax.set_yticks([])
    for ax in axes[n:]:
        ax.set_visible(False)
    return figure, axes[:n]


def keep(figure: Figure, name: str) -> None:
    stream = io.BytesIO()
    figure.savefig(stream, format="png", facecolor=BACK)
    save(Image.open(stream), name)


def save(picture: Image.Image, name: str) -> None:
    """With as many colours as fit into 150 KB."""
    for colours in (256, 128, 64, 32, 16):
        picture.convert("RGB").quantize(colours, dither=Image.Dither.NONE).save(IMAGES / name, optimize=True)
        if (IMAGES / name).stat().st_size <= 150_000:
            return


def draw_features(found: FeatureSet) -> None:
    hops = slice(round(START_S * found.hop_rate_hz), round((START_S + SHOWN_S) * found.hop_rate_hz))
    figure, axes = grid_of(len(found.features), 3)
    for ax, (name, a) in zip(axes, sorted(found.features.items()), strict=True):
        ax.set_title(name, fontsize=9, loc="left", pad=3)
        if a.ndim == 2:
            ax.imshow(np.sqrt(a[hops].T / max(float(a.max()), 1e-9)), aspect="auto", origin="lower", cmap="magma")
            continue
        shown = a[hops] if name != "variation" else a
        ax.fill_between(np.arange(len(shown)), 0 if name != "pitch" else shown[shown > 0].min() - 2, shown, color=CURVE, lw=0)
    keep(figure, "features.png")


def curves_of(recipes: tuple[EnvelopeRecipe, ...], found: FeatureSet) -> dict[str, np.ndarray]:
    return make_envelopes(recipes, found, FrameRange(FPS, round(SHOWN_S * FPS), START_S))


def draw_sources(found: FeatureSet) -> None:
    recipes = [EnvelopeRecipe("feature", "feature: rms", "feature", "rms"),
               EnvelopeRecipe("events", "events: snare, decay 0.15 s", "events", "snare"),
               EnvelopeRecipe("slow", "events: downbeats, decay 0.8 s", "events", "downbeats", decay_s=0.8)]
    recipes += [EnvelopeRecipe(wave, f"clock: {wave}, 2 beats", "clock", wave, beats=2.0) for wave in WAVES if wave not in ONCE]
    bar = float(np.ceil(beat_position(found.events["downbeats"], np.array([START_S]))[0]))
    recipes += [EnvelopeRecipe(wave, f"clock: {wave}, 2 bars, once", "clock", wave, beats=2.0, every="bars", start=bar)
                for wave in ONCE]
    recipes.append(EnvelopeRecipe("passage", "passage: inflections, 1 turn each", "passage", "inflections"))
    figure, axes = grid_of(len(recipes), 3)
    for ax, recipe in zip(axes, recipes, strict=True):
        ax.set_title(recipe.label, fontsize=9, loc="left", pad=3)
        curve = curves_of((recipe,), found)[recipe.id]
        ax.fill_between(np.arange(len(curve)), 0, curve, color=CURVE, lw=0, step="post")
        ax.set_ylim(0, 1.05)
    keep(figure, "sources.png")


def draw_shaping(found: FeatureSet) -> None:
    """Before in grey, after in blue; combinations with a downbeat's decay."""
    plain = EnvelopeRecipe("plain", "Plain", "feature", "rms")
    other = EnvelopeRecipe("other", "Other", "events", "downbeats", decay_s=0.4)
    before = curves_of((plain,), found)["plain"]
    figure, axes = grid_of(len(OPERATIONS) + len(COMBINATIONS), 4)
    for ax, name in zip(axes, [*OPERATIONS, *COMBINATIONS], strict=True):
        step = Shaping(name, SETTINGS.get(name, {}), "" if name in OPERATIONS else "other")
        shaped = EnvelopeRecipe("shaped", "Shaped", "feature", "rms", chain=(step,))
        curve = curves_of((shaped, other), found)["shaped"]
        ax.fill_between(np.arange(len(before)), 0, before, color=FAINT, alpha=0.6, lw=0)
        ax.plot(curve, color=CURVE, lw=1.2)
        ax.set_ylim(0, 1.05)
        ax.set_title(name + settings_of(name, step), fontsize=8.5, loc="left", pad=3)
    keep(figure, "shaping.png")


def draw_notes() -> None:
    """A clip of four bars, and what envelopes make of it."""
    with tempfile.TemporaryDirectory() as folder:
        found = load_midi(write_clip(Path(folder) / "clip.mid"))
    recipes = [EnvelopeRecipe("v", "feature: velocity", "feature", "velocity"),
               EnvelopeRecipe("c", "feature: chroma_00, every C", "feature", "chroma_00"),
               EnvelopeRecipe("p", "feature: notes_67, one key", "feature", "notes_67"),
               EnvelopeRecipe("e", "events: notes, decay 0.2 s", "events", "notes", decay_s=0.2)]
    figure, axes = grid_of(1 + len(recipes), 1)
    roll(axes[0], found)
    axes[0].set_title("the clip", fontsize=9, loc="left", pad=3)
    for ax, recipe in zip(axes[1:], recipes, strict=True):
        curve = make_envelopes((recipe,), found, FrameRange.of_duration(FPS, found.duration_s))[recipe.id]
        ax.set_title(recipe.label, fontsize=9, loc="left", pad=3)
        ax.fill_between(np.arange(len(curve)), 0, curve, color=CURVE, lw=0, step="post")
        ax.set_xlim(0, len(curve))
    keep(figure, "notes.png")


def write_clip(path: Path) -> Path:
    """An arpeggio that grows louder and higher."""
    line = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(120))])
    for n in range(32):
        pitch = (60, 64, 67, 72)[n % 4] + 2 * (n // 8)
        line += [mido.Message("note_on", note=pitch, velocity=40 + 2 * n, time=60 if n else 0),
                 mido.Message("note_off", note=pitch, time=180)]
    clip = mido.MidiFile(ticks_per_beat=480, tracks=[line])
    clip.save(path)
    return path


def settings_of(name: str, step: Shaping) -> str:
    function = OPERATIONS.get(name) or COMBINATIONS[name]
    defaults = {k: p.default for k, p in inspect.signature(function).parameters.items() if p.default is not p.empty}
    shown = [f"{k} {v:g}" for k, v in {**defaults, **step.settings}.items()]
    return f"  ({', '.join(shown)})" if shown else ""


if __name__ == "__main__":
    main()
