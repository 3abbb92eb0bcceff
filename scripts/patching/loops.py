"""Loops: the low-effort recipe of Brouwer's paper, a loop of eight bars and one kind of onset."""

from parts import look, palette, water

from ganreact_core.arranging import with_clock, with_hit, with_loop
from ganreact_core.look import Bend, Path
from ganreact_core.patches import Patch


def make() -> Patch:
    entries = palette((728, 472, 1822, 772, 1464, 594), default=0.0)
    patch = Patch("Loops", "A loop of eight bars through six pictures; the kick pushes it",
                  look=look("loops", entries=entries, paths=(Path("loop", "Loop", tuple(e.id for e in entries)),),
                            noise_layers=water(2, loop=4),
                            bends=(Bend("push", "Push", "zoom", 3),)),
                  values={"path.loop.mix": 1.0, "noise.base": 0.2, "noise.flow.strength": 0.9,
                          "noise.eddies.strength": 0.6})
    patch = with_loop(patch, "loop", 8.0)
    patch = with_clock(patch, "noise.flow.phase", 8.0, amount=4.0)
    patch = with_clock(patch, "noise.eddies.phase", 8.0, amount=4.0)
    return with_hit(patch, "kick", "bend.push", 0.8, decay_s=0.16)
