"""Temper: kicks shake the middle of the picture, hats its rim; chords turn it slowly."""

from parts import look, palette

from ganreact_core.arranging import with_chroma, with_clock, with_hit, with_loudness
from ganreact_core.look import Bend, NoiseLayer
from ganreact_core.look_regions import Mask
from ganreact_core.patches import Patch


def make() -> Patch:
    entries = palette((16, 38, 4, 59, 25, 71, 10, 46))
    masks = (Mask("middle", "Middle", size=0.3, soft=0.12), Mask("rim", "Rim", size=0.3, soft=0.12, invert=True))
    noise = (NoiseLayer("calm", "Calm", seed=1, loop=4, field="perlin", scale=0.5),
             NoiseLayer("shake", "Shake of the middle", seed=3, first=2, mask="middle"),
             NoiseLayer("shimmer", "Shimmer of the rim", seed=6, first=4, mask="rim"))
    patch = Patch("Temper", "The kick shakes the middle of the picture and the hats its rim; chords turn it slowly",
                  look=look("temper", entries=entries, masks=masks, noise_layers=noise,
                            bends=(Bend("beat", "Beat of the middle", "zoom", 5, mask="middle"),
                                   Bend("turn", "Turn", "swirl", 3))),
                  values={"noise.base": 0.0, "noise.calm.strength": 0.9, "truncation": 0.95})
    patch = with_chroma(patch, [e.id for e in entries], smooth_s=0.5, contrast=3.0)
    patch = with_hit(patch, "kick", "noise.shake.strength", 4.0, decay_s=0.18)
    patch = with_hit(patch, "kick", "bend.beat", 0.5, decay_s=0.18)
    patch = with_hit(patch, "hat", "noise.shimmer.strength", 0.4, decay_s=0.08)
    patch = with_hit(patch, "snare", "noise.shimmer.strength", 1.4, decay_s=0.15)
    patch = with_clock(patch, "noise.calm.phase", 16.0, amount=4.0)
    patch = with_clock(patch, "bend.turn", 8.0, wave="sine", amount=90.0)
    return with_loudness(patch, "truncation", 0.15)
