"""GANterpretation: at every inflection point of the piece another category, and between them as much as has changed."""

from parts import look, water

from ganreact_core.arranging import with_clock, with_current, with_envelope, with_hit, with_route
from ganreact_core.envelopes import EnvelopeRecipe
from ganreact_core.look import Bend, Entry, NoiseLayer, Path
from ganreact_core.patches import Patch

SEEDS = (2057, 472, 188, 425, 1001, 712, 1814, 728, 2064, 16, 83, 883)
"""In the embedded network each is of another class, and far from the one before in colour."""


def make() -> Patch:
    entries = tuple(Entry(f"k{n}", f"Category {n}", seed, default=0.0) for n, seed in enumerate(SEEDS, 1))
    walk = Path("categories", "Categories", tuple(e.id for e in entries), "slerp")
    patch = Patch("GANterpretation", "Another category at every inflection point; between them as far as the sound has changed",
                  look=look("ganterpretation", entries=entries, paths=(walk,), bends=(Bend("beat", "Beat", "zoom", 3),),
                            noise_layers=(*water(4), NoiseLayer("sparks", "Sparks", seed=8, first=3, last=5))),
                  values={"path.categories.mix": 1.0, "truncation": 1.0, "noise.base": 0.0, "noise.flow.strength": 1.0,
                          "noise.eddies.strength": 0.7})
    passage = EnvelopeRecipe("inflections", "Passage", "passage", "inflections", beats=float(len(entries)))
    patch, ident = with_envelope(patch, passage)
    patch = with_route(patch, ident, "path.categories.position", amount=float(len(entries)))
    patch = with_clock(patch, "noise.flow.phase", 16.0, amount=8.0)
    patch = with_current(patch, "noise.eddies.phase", 16.0, amount=8.0)
    patch = with_hit(patch, "kick", "noise.sparks.strength", 2.0, decay_s=0.1)
    return with_hit(patch, "kick", "bend.beat", 0.5, decay_s=0.14)
