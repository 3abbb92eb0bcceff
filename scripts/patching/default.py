"""Brouwer's own default: chords blend the palette, low hits bring one picture forward and high hits another."""

from parts import look, palette, water

from ganreact_core.arranging import with_chroma, with_clock, with_current, with_hit, with_loudness
from ganreact_core.look import Bend, Entry, NoiseLayer
from ganreact_core.patches import Patch


def make() -> Patch:
    entries = palette((314, 276, 2202, 2057, 710, 1157, 1680, 117, 2247, 694, 728, 473))
    accents = (Entry("low", "Low hits", 472, accent=True), Entry("high", "High hits", 594, accent=True))
    noise = (*water(1), NoiseLayer("sparks", "Sparks", seed=2, first=4))
    patch = Patch("Default", "Chords blend twelve pictures; low hits bring one forward, high hits another",
                  look=look("default", entries=(*entries, *accents), noise_layers=noise,
                            bends=(Bend("punch", "Punch", "zoom", 3),)),
                  values={"noise.base": 0.0, "noise.flow.strength": 1.0, "noise.eddies.strength": 0.6,
                          "noise.sparks.strength": 0.4, "truncation": 1.05})
    names = [entry.id for entry in entries]
    patch = with_chroma(patch, names, groups=("coarse",), feature="bass_chroma", smooth_s=0.5, contrast=8.0)
    patch = with_chroma(patch, names, groups=("middle", "fine"), smooth_s=0.2, contrast=8.0)
    patch = with_hit(patch, "kick", "accent.low", 0.6, decay_s=0.22)
    patch = with_hit(patch, "kick", "bend.punch", 0.15, decay_s=0.22)
    patch = with_hit(patch, "kick", "noise.sparks.strength", 1.2, decay_s=0.22)
    patch = with_hit(patch, "snare", "accent.high", 0.45, decay_s=0.16)
    patch = with_clock(patch, "noise.flow.phase", 8.0, amount=8.0)
    patch = with_current(patch, "noise.eddies.phase", 16.0, amount=8.0)
    return with_loudness(patch, "truncation", 0.15)
