"""Temper: kicks shake the middle of the picture, hats its rim; chords turn it slowly."""

from parts import look, palette, water

from ganreact_core.arranging import with_chroma, with_clock, with_current, with_hit, with_loudness
from ganreact_core.look import Bend, NoiseLayer
from ganreact_core.look_regions import Mask
from ganreact_core.patches import Patch


def make() -> Patch:
    entries = palette((329, 1822, 215, 47, 117, 709, 116, 937))
    masks = (Mask("middle", "Middle", size=0.3, soft=0.12), Mask("rim", "Rim", size=0.3, soft=0.12, invert=True))
    noise = (*water(1, flow=0.5),
             NoiseLayer("shake", "Shake of the middle", seed=3, first=2, mask="middle"),
             NoiseLayer("shimmer", "Shimmer of the rim", seed=6, first=4, mask="rim"))
    patch = Patch("Temper", "The kick shakes the middle of the picture and the hats its rim; chords turn it slowly",
                  look=look("temper", entries=entries, masks=masks, noise_layers=noise,
                            bends=(Bend("beat", "Beat of the middle", "zoom", 5, mask="middle"),
                                   Bend("turn", "Turn", "swirl", 3))),
                  values={"noise.base": 0.0, "noise.flow.strength": 1.0, "noise.eddies.strength": 0.55, "truncation": 1.05})
    patch = with_chroma(patch, [e.id for e in entries], smooth_s=0.5, contrast=8.0)
    patch = with_hit(patch, "kick", "noise.shake.strength", 3.0, decay_s=0.18)
    patch = with_hit(patch, "kick", "bend.beat", 0.5, decay_s=0.18)
    patch = with_hit(patch, "hat", "noise.shimmer.strength", 0.4, decay_s=0.08)
    patch = with_hit(patch, "snare", "noise.shimmer.strength", 1.4, decay_s=0.15)
    patch = with_clock(patch, "noise.flow.phase", 16.0, amount=8.0)
    patch = with_current(patch, "noise.eddies.phase", 16.0, amount=8.0)
    patch = with_clock(patch, "bend.turn", 8.0, wave="sine", amount=90.0)
    return with_loudness(patch, "truncation", 0.15)
