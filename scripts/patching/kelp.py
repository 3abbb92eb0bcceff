"""Kelp: each kind of section walks its own loop of pictures, eight bars where it is quiet and four where it is loud."""

from dataclasses import replace

from parts import look, palette, water

from ganreact_core.arranging import with_clock, with_current, with_hit, with_loop, with_loudness, with_sections
from ganreact_core.look import Bend, NoiseLayer, Path
from ganreact_core.patches import Patch

KINDS = "abc"


def make() -> Patch:
    entries = palette((476, 1814, 930, 116, 1508, 409, 287, 1760, 16, 1133, 2137, 257), default=0.0)
    names = [entry.id for entry in entries]
    calm = [Path(f"calm-{k}", f"Calm {k.upper()}", tuple(names[4 * n:4 * n + 4])) for n, k in enumerate(KINDS)]
    drop = [Path(f"drop-{k}", f"Drop {k.upper()}", tuple(names[(4 * n + m) % 12] for m in (2, 5, 3, 9)))
            for n, k in enumerate(KINDS)]
    noise = (*water(4, flow=0.5),
             NoiseLayer("sparks", "Sparks", seed=6, first=3, last=5))
    patch = Patch("Kelp", "Every kind of section has loops of its own: eight bars when quiet, four when loud",
                  look=look("kelp", entries=entries, paths=(*calm, *drop), noise_layers=noise,
                            bends=(Bend("sway", "Sway", "shear_x", 4), Bend("push", "Push", "zoom", 4))),
                  values={"noise.base": 0.0, "noise.flow.strength": 1.0, "noise.eddies.strength": 0.4, "truncation": 1.05})
    for path in calm:
        patch = with_loop(patch, path.id, 8.0)
    for path in drop:
        patch = with_loop(patch, path.id, 4.0)
    mixes = [f"path.{path.id}.mix" for path in (*calm, *drop)]
    patch = replace(patch, values={**patch.values, **dict.fromkeys(mixes, 1.0)})
    patch = with_sections(with_sections(patch, mixes[:3], crossfade_s=2.0), mixes[3:], crossfade_s=2.0)
    for mix in mixes[3:]:
        patch = with_loudness(patch, mix, 1.0, smooth_s=0.8, mode="multiply", contrast=3.0)
    patch = with_clock(patch, "noise.flow.phase", 8.0, amount=8.0)
    patch = with_current(patch, "noise.eddies.phase", 16.0, amount=8.0)
    patch = with_loudness(patch, "noise.eddies.strength", 0.9, smooth_s=0.8, contrast=3.0)
    patch = with_clock(patch, "bend.sway", 8.0, wave="sine", amount=0.25)
    patch = with_hit(patch, "kick", "bend.push", 0.7, decay_s=0.2)
    return with_hit(patch, "kick", "noise.sparks.strength", 1.8, decay_s=0.14)
