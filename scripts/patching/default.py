"""Brouwer's own default: chords blend the palette, low hits bring one picture forward and high hits another."""

from parts import look, palette

from ganreact_core.arranging import with_chroma, with_clock, with_hit, with_loudness
from ganreact_core.look import Bend, Entry, NoiseLayer
from ganreact_core.patches import Patch


def make() -> Patch:
    entries = palette((21, 35, 6, 52, 17, 9, 44, 2, 63, 14, 30, 1))
    accents = (Entry("low", "Low hits", 70, accent=True), Entry("high", "High hits", 90, accent=True))
    noise = (NoiseLayer("slow", "Slow", seed=1, loop=8, field="perlin", scale=0.4),
             NoiseLayer("sparks", "Sparks", seed=2, first=3))
    patch = Patch("Default", "Chords blend twelve pictures; low hits bring one forward, high hits another",
                  look=look("default", entries=(*entries, *accents), noise_layers=noise,
                            bends=(Bend("punch", "Punch", "zoom", 3),)),
                  values={"noise.base": 0.0, "noise.slow.strength": 0.8, "truncation": 0.95})
    names = [entry.id for entry in entries]
    patch = with_chroma(patch, names, groups=("coarse",), feature="bass_chroma", smooth_s=0.5)
    patch = with_chroma(patch, names, groups=("middle", "fine"), smooth_s=0.16)
    patch = with_hit(patch, "kick", "accent.low", 0.6, decay_s=0.22)
    patch = with_hit(patch, "kick", "bend.punch", 0.15, decay_s=0.22)
    patch = with_hit(patch, "kick", "noise.sparks.strength", 1.2, decay_s=0.22)
    patch = with_hit(patch, "snare", "accent.high", 0.45, decay_s=0.16)
    patch = with_clock(patch, "noise.slow.phase", 4.0, amount=8.0)
    return with_loudness(patch, "truncation", 0.15)
