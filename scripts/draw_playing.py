"""Draws the pictures of docs/latents.md, sections.md, ganterpretations.md and patches.md: python scripts/draw_playing.py."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from ganreact_core.engine.hearing import listen  # noqa: E402 - the project is not installed everywhere
from ganreact_core.engine.patch_sheet import made_up_piece, sheet_of  # noqa: E402
from ganreact_core.envelopes import EnvelopeRecipe, FrameRange, make_envelopes  # noqa: E402
from ganreact_core.features import FeatureSet  # noqa: E402
from ganreact_core.ganterpretations import plan, position_keys  # noqa: E402
from ganreact_core.listening import Listening  # noqa: E402
from ganreact_core.look import Canvas, Entry, Look, addresses  # noqa: E402
from ganreact_core.look import Path as Walk  # noqa: E402
from ganreact_core.patches import keyed_values, load_patch, shipped_patches  # noqa: E402
from ganreact_core.switching import switched  # noqa: E402
from ganreact_core.synthesis import load_generator  # noqa: E402
from ganreact_core.synthesis.frame_maker import FrameMaker  # noqa: E402
from ganreact_core.synthesis.images import contact_sheet, fit  # noqa: E402
from ganreact_core.table import Table, evaluate  # noqa: E402

IMAGES = ROOT / "docs" / "images"
BACK, INK = "#0e1117", "#e6e9ef"
COLOURS = ("#5fb3ff", "#ff9d5c", "#7ee081", "#d68cff")
LARGEST = 400_000
ENTRIES = (Entry("a", "A", 6), Entry("b", "B", 27), Entry("c", "C", 33), Entry("d", "D", 14),
           Entry("mix", "Mix", 0, parents=("a", "b"), between=0.5))
STEPS, SIDE = 9, 112


def main() -> None:
    """All of them, each under 400 KB."""
    torch.set_num_threads(1)
    found = listen(Listening(str(ROOT / "demo" / "airship.ogg")))
    save(sheet_of({name: load_patch(name) for name in shipped_patches()}), "patches.jpg")
    save(walks(), "walks.jpg")
    save(switches(), "switched.jpg")
    draw_sections(found)
    draw_categories(found)


def walks() -> np.ndarray:
    """A row for every kind of path, from its first entry to its third."""
    generator, rows = load_generator("embedded"), []
    for kind in ("linear", "slerp", "spline", "wander", "circle"):
        walk = Walk("walk", "", () if kind in ("wander", "circle") else ("a", "b", "c", "d"), kind, seed=5)
        look = Look(size=(2 * SIDE, 2 * SIDE), canvas=Canvas(detail=0.57), entries=ENTRIES, paths=(walk,))
        columns = {address: np.full(STEPS, parameter.default, np.float32) for address, parameter in addresses(look).items()}
        columns["path.walk.mix"][:] = 1.0
        columns["truncation"][:] = 1.0
        columns["path.walk.position"] = np.linspace(0, 2, STEPS).astype(np.float32)
        maker = FrameMaker(generator, look, batch=1)
        rows += [fit(maker.pictures(Table(1, 24.0, columns), [n + 1])[0], (SIDE, SIDE)) for n in range(STEPS)]
    return contact_sheet(rows, STEPS)


def switches() -> np.ndarray:
    """Kelp alone, the look that switches, temper alone: one moment a second, a section ends in the middle."""
    generator, piece, rows = load_generator("embedded"), made_up_piece(), []
    frames = FrameRange(1.0, 10, 3.4)
    alone = [load_patch(name) for name in ("kelp", "temper")]
    for patch in (alone[0], switched(alone, ["B"], crossfade_s=3.0), alone[1]):
        look = replace(patch.look, size=(4 * SIDE, 4 * SIDE))
        table = evaluate(look, patch.routes, keyed_values(patch, frames.n_frames),
                         make_envelopes(patch.envelopes, piece, frames), n_frames=frames.n_frames, fps=frames.fps)
        maker = FrameMaker(generator, look, batch=1)
        rows += [fit(fit(maker.pictures(table, [n + 1])[0], look.size), (SIDE, SIDE)) for n in range(frames.n_frames)]
    return contact_sheet(rows, frames.n_frames)


def draw_sections(found: FeatureSet) -> None:
    """Envelopes of sections, of loud and quiet ones, and a passage."""
    names = (("sections", "A"), ("sections", "B"), ("sections", "loud"), ("passage", "sections"))
    recipes = tuple(EnvelopeRecipe(f"e{n}", "", source, name, decay_s=2.0, beats=4.0) for n, (source, name) in enumerate(names))
    frames = FrameRange.of_duration(10.0, found.duration_s)
    curves = make_envelopes(recipes, found, frames)
    figure, axes = figure_of(len(names))
    for ax, recipe, (source, name), colour in zip(axes, recipes, names, COLOURS, strict=True):
        ax.fill_between(np.arange(frames.n_frames) / 10.0, 0, curves[recipe.id], color=colour, lw=0)
        ax.set_title(f"{source}: {name}", color=INK, fontsize=9, loc="left")
    keep(figure, "sections.png")


def draw_categories(found: FeatureSet) -> None:
    """The variation with its inflection points, and the position they lead to, with its sparse keys."""
    frames = FrameRange.of_duration(24.0, found.duration_s)
    planned = plan(found, (), frames)
    keys = position_keys(planned)["path.categories.position"]
    figure, (above, below) = figure_of(2)
    curve = found.features["variation"]
    above.fill_between(np.arange(len(curve)) / found.hop_rate_hz, 0, curve, color=COLOURS[0], lw=0)
    for moment in found.events["inflections"]:
        above.axvline(moment, color=COLOURS[1], lw=0.8)
    above.set_title("variation and inflection points", color=INK, fontsize=9, loc="left")
    below.plot(np.arange(frames.n_frames) / 24.0, planned.position, color=COLOURS[0], lw=1)
    below.plot([k.frame / 24.0 for k in keys], [k.value for k in keys], "o", color=COLOURS[1], ms=2.5)
    below.set_title(f"position on the path of categories: {len(keys)} keys", color=INK, fontsize=9, loc="left")
    keep(figure, "ganterpretation.png")


def figure_of(rows: int) -> tuple[Figure, list]:
    """A dark figure with so many wide axes."""
    figure = Figure(figsize=(10, 1.1 * rows + 0.3), dpi=90, facecolor=BACK, layout="constrained")
    FigureCanvasAgg(figure)
    axes = list(figure.subplots(rows, 1, squeeze=False).flat)
    for ax in axes:
        ax.set_facecolor("#151a23")
        ax.tick_params(colors="#5b6579", labelsize=7)
        ax.margins(x=0)
    return figure, axes


def keep(figure: Figure, name: str) -> None:
    """As PNG of few colours."""
    path = IMAGES / name
    figure.savefig(path, facecolor=BACK)
    Image.open(path).convert("RGB").quantize(48).save(path, optimize=True)


def save(picture: np.ndarray, name: str) -> None:
    """As JPEG, as good as fits."""
    for quality in range(88, 40, -6):
        Image.fromarray(picture).save(IMAGES / name, quality=quality, optimize=True)
        if (IMAGES / name).stat().st_size <= LARGEST:
            return


if __name__ == "__main__":
    main()
