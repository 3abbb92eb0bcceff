"""GANterpretation: at every inflection point of the piece another category, and between them as much as has changed."""

from parts import look

from ganreact_core.arranging import with_clock, with_envelope, with_hit, with_route
from ganreact_core.envelopes import EnvelopeRecipe
from ganreact_core.look import Bend, Entry, NoiseLayer, Path
from ganreact_core.patches import Patch

SEEDS = (101, 7, 55, 23, 88, 31, 64, 12, 77, 40, 93, 18)


def make() -> Patch:
    entries = tuple(Entry(f"k{n}", f"Category {n}", seed, default=0.0) for n, seed in enumerate(SEEDS, 1))
    walk = Path("categories", "Categories", tuple(e.id for e in entries), "slerp")
    patch = Patch("GANterpretation", "Another category at every inflection point; between them as far as the sound has changed",
                  look=look("ganterpretation", entries=entries, paths=(walk,), bends=(Bend("beat", "Beat", "zoom", 3),),
                            noise_layers=(NoiseLayer("flow", "Flow", seed=4, loop=4, field="perlin", scale=0.3),
                                          NoiseLayer("sparks", "Sparks", seed=8, first=3, last=5))),
                  values={"path.categories.mix": 1.0, "truncation": 1.0, "noise.base": 0.0, "noise.flow.strength": 1.0})
    passage = EnvelopeRecipe("inflections", "Passage", "passage", "inflections", beats=float(len(entries)))
    patch, ident = with_envelope(patch, passage)
    patch = with_route(patch, ident, "path.categories.position", amount=float(len(entries)))
    patch = with_clock(patch, "noise.flow.phase", 16.0, amount=4.0)
    patch = with_hit(patch, "kick", "noise.sparks.strength", 3.0, decay_s=0.1)
    return with_hit(patch, "kick", "bend.beat", 0.5, decay_s=0.14)
