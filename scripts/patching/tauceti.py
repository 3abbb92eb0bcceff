"""Tau Ceti: the picture scrolls without end, in step with the bars, and every kind of section has its own colours."""

from parts import look, palette, water

from ganreact_core.arranging import with_chroma, with_clock, with_current, with_hit, with_loudness, with_sections
from ganreact_core.look import Bend, Entry, NoiseLayer
from ganreact_core.patches import Patch

SHAPES, COLOURS = (2135, 338, 222, 712, 276, 83), (594, 930, 709)


def make() -> Patch:
    shapes = palette(SHAPES)
    colours = tuple(Entry(f"c{n}", f"Colours {n}", seed, default=1.0) for n, seed in enumerate(COLOURS, 1))
    bends = (Bend("scroll", "Scroll", "shift_x", 4), Bend("drift", "Drift", "shift_y", 2),
             Bend("pump", "Pump", "zoom", 4), Bend("grit", "Grit", "contrast", 6))
    patch = Patch("Tau Ceti", "Scrolls without end, four bars a turn; every kind of section has its own colours",
                  look=look("tauceti", entries=(*shapes, *colours), bends=bends,
                            noise_layers=(*water(3), NoiseLayer("dust", "Dust", seed=9, first=4))),
                  values={"noise.base": 0.0, "noise.flow.strength": 1.0, "noise.eddies.strength": 0.5,
                          "noise.dust.strength": 0.4, "truncation": 1.0,
                          **{f"palette.{e.id}.fine": 0.0 for e in shapes},
                          **{f"palette.{e.id}.{g}": 0.0 for e in colours for g in ("coarse", "middle")}})
    patch = with_chroma(patch, [e.id for e in shapes], groups=("coarse", "middle"), smooth_s=0.6, contrast=8.0)
    patch = with_sections(patch, [f"palette.{e.id}.fine" for e in colours], crossfade_s=1.0)
    patch = with_clock(patch, "bend.scroll", 4.0, amount=2.0)
    patch = with_clock(patch, "bend.drift", 16.0, amount=2.0)
    patch = with_clock(patch, "noise.flow.phase", 16.0, amount=8.0)
    patch = with_current(patch, "noise.eddies.phase", 16.0, amount=8.0)
    patch = with_hit(patch, "kick", "bend.pump", 0.4, decay_s=0.2)
    patch = with_hit(patch, "kick", "noise.dust.strength", 1.6, decay_s=0.18)
    patch = with_hit(patch, "snare", "bend.grit", 1.0, decay_s=0.15)
    return with_loudness(patch, "truncation", 0.15)
