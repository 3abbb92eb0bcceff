"""A patch by chance: the same seed is the same patch, and everything in it can be edited afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from .arranging import (
    with_chroma,
    with_clock,
    with_current,
    with_envelope,
    with_hit,
    with_loop,
    with_loudness,
    with_route,
    with_sections,
)
from .envelopes import EnvelopeRecipe
from .look import Bend, Canvas, Entry, Look, NoiseLayer, Path
from .patches import Patch, load_patch

_SEEDS, _PATCHES = 1 << 16, 1 << 32
_DETAIL = 0.5


class _Motion(NamedTuple):
    """A kind of bend that looks well, where, and how much of it."""

    kind: str
    layers: tuple[int, int]
    amount: tuple[float, float]


_HITS = (_Motion("zoom", (2, 5), (0.35, 0.7)), _Motion("swirl", (2, 4), (25.0, 60.0)),
         _Motion("rotate", (2, 4), (12.0, 30.0)), _Motion("shear_x", (2, 5), (0.3, 0.6)),
         _Motion("stretch_y", (2, 4), (0.3, 0.7)), _Motion("contrast", (3, 6), (0.5, 1.2)))
_SLOW = (_Motion("swirl", (2, 4), (40.0, 120.0)), _Motion("shift_x", (3, 4), (2.0, 2.0)),
         _Motion("rotate", (2, 3), (360.0, 360.0)),
         _Motion("shear_x", (2, 4), (0.2, 0.5)), _Motion("stretch_x", (2, 3), (0.3, 0.8)))
_WHOLE_TURNS = {"shift_x", "rotate"}


def surprise(seed: int) -> Patch:
    """One of very many patches; each moves with chords, bars or form, and with the drums."""
    draw = np.random.default_rng([seed % _PATCHES, 5])
    count = int(draw.choice([6, 8, 12]))
    entries = tuple(Entry(f"p{n}", f"Picture {n}", int(draw.integers(_SEEDS)), default=1.0) for n in range(1, count + 1))
    noise = (NoiseLayer("flow", "Flow", int(draw.integers(_SEEDS)), loop=4, field=str(draw.choice(["perlin", "gaussian"])),
                        scale=round(float(draw.uniform(0.2, 0.6)), 2), last=2),
             NoiseLayer("eddies", "Eddies", int(draw.integers(_SEEDS)), first=3, last=4, loop=4, field="perlin",
                        scale=round(float(draw.uniform(0.08, 0.2)), 2)),
             NoiseLayer("sparks", "Sparks", int(draw.integers(_SEEDS)), first=3, last=int(draw.integers(5, 7))))
    eddies = round(float(draw.uniform(0.3, 0.8)), 2)
    canvas = Canvas(detail=_DETAIL, seamless=True)
    look = Look(id="surprise", label=f"Surprise {seed}", canvas=canvas, entries=entries, noise_layers=noise)
    patch = Patch("Surprise", "A patch by chance: every seed is another one, and all of it can be edited", look=look,
                  values={"noise.base": 0.0, "noise.flow.strength": 1.0, "noise.eddies.strength": eddies,
                          "truncation": round(float(draw.uniform(0.9, 1.1)), 2)})
    patch = _BASES[int(draw.integers(len(_BASES)))](patch, draw)
    patch = with_clock(patch, "noise.flow.phase", float(draw.choice([8, 16])), amount=4.0)
    patch = with_current(patch, "noise.eddies.phase", 4.0, amount=4.0)
    patch = _moved_slowly(patch, draw)
    patch = _struck(patch, draw)
    return with_loudness(patch, "truncation", 0.15)


def _by_chords(patch: Patch, draw: np.random.Generator) -> Patch:
    names = [entry.id for entry in patch.look.entries]
    patch = with_chroma(patch, names, groups=("coarse",), feature="bass_chroma", smooth_s=0.5)
    return with_chroma(patch, names, groups=("middle", "fine"), smooth_s=float(draw.choice([0.15, 0.3])))


def _by_bars(patch: Patch, draw: np.random.Generator) -> Patch:
    walk = Path("walk", "Walk", tuple(e.id for e in patch.look.entries), str(draw.choice(["spline", "slerp"])))
    return with_loop(_walking(patch, walk), "walk", float(draw.choice([8, 16])))


def _by_chance(patch: Patch, draw: np.random.Generator) -> Patch:
    walk = Path("walk", "Walk", (), str(draw.choice(["wander", "circle"])), int(draw.integers(_SEEDS)), stops=8)
    return with_loop(_walking(patch, walk), "walk", float(draw.choice([8, 16])))


def _by_form(patch: Patch, draw: np.random.Generator) -> Patch:
    names = [entry.id for entry in patch.look.entries]
    patch = with_chroma(patch, names, groups=("coarse", "middle"), smooth_s=0.4, contrast=5.0)
    return with_sections(patch, [f"palette.{name}.fine" for name in names[:3]], crossfade_s=1.0)


def _by_passage(patch: Patch, draw: np.random.Generator) -> Patch:
    walk = Path("walk", "Walk", tuple(e.id for e in patch.look.entries), "slerp")
    recipe = EnvelopeRecipe("passage", "Passage", "passage", "inflections", beats=float(walk.length))
    patch, ident = with_envelope(_walking(patch, walk), recipe)
    return with_route(patch, ident, "path.walk.position", amount=float(walk.length))


_BASES: tuple[Callable[[Patch, np.random.Generator], Patch], ...] = (_by_chords, _by_bars, _by_chance, _by_form, _by_passage)


def _walking(patch: Patch, walk: Path) -> Patch:
    return replace(patch, look=replace(patch.look, paths=(walk,)), values={**patch.values, "path.walk.mix": 1.0})


def _moved_slowly(patch: Patch, draw: np.random.Generator) -> Patch:
    motion = _SLOW[int(draw.integers(len(_SLOW)))]
    patch, amount = _bent(patch, motion, "drift", draw, border="wrap")
    wave = "ramp" if motion.kind in _WHOLE_TURNS else "sine"
    return with_clock(patch, "bend.drift", float(draw.choice([8, 16])), wave=wave, amount=amount)


def _struck(patch: Patch, draw: np.random.Generator) -> Patch:
    patch, amount = _bent(patch, _HITS[int(draw.integers(len(_HITS)))], "hit", draw)
    patch = with_hit(patch, "kick", "bend.hit", amount, decay_s=0.15)
    patch = with_hit(patch, "kick", "noise.sparks.strength", round(float(draw.uniform(2.0, 4.0)), 2), decay_s=0.12)
    patch, amount = _bent(patch, _HITS[int(draw.integers(len(_HITS)))], "snap", draw)
    return with_hit(patch, "snare", "bend.snap", round(0.7 * amount, 2), decay_s=0.14)


def _bent(patch: Patch, motion: _Motion, ident: str, draw: np.random.Generator, *,
          border: str = "reflect") -> tuple[Patch, float]:
    layer = int(draw.integers(motion.layers[0], motion.layers[1] + 1))
    bend = Bend(ident, ident.capitalize(), motion.kind, layer, border=border)
    look = replace(patch.look, bends=(*patch.look.bends, bend))
    return replace(patch, look=look), round(float(draw.uniform(*motion.amount)), 2)


def find_patch(name: str, seed: int = 0) -> Patch:
    """A patch by name or file; "surprise" is made by the seed, "surprise-17" by its own."""
    stem, _, number = name.partition("-")
    if stem == "surprise" and (number.isdigit() or not number):
        return surprise(int(number[:9] or seed))
    return load_patch(name)
