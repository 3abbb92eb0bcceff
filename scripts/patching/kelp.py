"""Kelp: each kind of section walks its own loop of pictures, eight bars where it is quiet and four where it is loud."""

from dataclasses import replace

from parts import look, palette

from ganreact_core.arranging import with_clock, with_hit, with_loop, with_loudness, with_sections
from ganreact_core.look import Bend, NoiseLayer, Path
from ganreact_core.patches import Patch

KINDS = "abc"


def make() -> Patch:
    entries = palette((5, 12, 33, 48, 27, 61, 8, 19, 74, 40, 3, 56), default=0.0)
    names = [entry.id for entry in entries]
    calm = [Path(f"calm-{k}", f"Calm {k.upper()}", tuple(names[4 * n:4 * n + 4])) for n, k in enumerate(KINDS)]
    drop = [Path(f"drop-{k}", f"Drop {k.upper()}", tuple(names[(4 * n + m) % 12] for m in (2, 5, 3, 9)))
            for n, k in enumerate(KINDS)]
    noise = (NoiseLayer("calm", "Calm clouds", seed=4, first=2, loop=4, field="perlin", scale=0.5),
             NoiseLayer("drop", "Fast clouds", seed=5, first=3, loop=4, field="perlin"),
             NoiseLayer("sparks", "Sparks", seed=6, first=3, last=5))
    patch = Patch("Kelp", "Every kind of section has loops of its own: eight bars when quiet, four when loud",
                  look=look("kelp", entries=entries, paths=(*calm, *drop), noise_layers=noise,
                            bends=(Bend("sway", "Sway", "shear_x", 4), Bend("push", "Push", "zoom", 4))),
                  values={"noise.base": 0.0, "noise.calm.strength": 1.0, "truncation": 0.95})
    for path in calm:
        patch = with_loop(patch, path.id, 8.0)
    for path in drop:
        patch = with_loop(patch, path.id, 4.0)
    mixes = [f"path.{path.id}.mix" for path in (*calm, *drop)]
    patch = replace(patch, values={**patch.values, **dict.fromkeys(mixes, 1.0)})
    patch = with_sections(with_sections(patch, mixes[:3], crossfade_s=2.0), mixes[3:], crossfade_s=2.0)
    for mix in mixes[3:]:
        patch = with_loudness(patch, mix, 1.0, smooth_s=0.8, mode="multiply", contrast=3.0)
    patch = with_clock(patch, "noise.calm.phase", 4.0, amount=4.0)
    patch = with_clock(patch, "noise.drop.phase", 4.0, amount=4.0)
    patch = with_loudness(patch, "noise.drop.strength", 1.0, smooth_s=0.8, contrast=3.0)
    patch = with_clock(patch, "bend.sway", 8.0, wave="sine", amount=0.25)
    patch = with_hit(patch, "kick", "bend.push", 0.7, decay_s=0.14)
    return with_hit(patch, "kick", "noise.sparks.strength", 3.0, decay_s=0.1)
