"""Pulse: chords blend twelve pictures, the kick zooms and sparks, the snare flashes. The first patch one meets."""

from parts import look

from ganreact_core.envelopes import EnvelopeRecipe, Shaping
from ganreact_core.features import PITCH_CLASSES
from ganreact_core.look import Bend, Entry, NoiseLayer
from ganreact_core.patches import Key, Patch
from ganreact_core.routes import Route

SEEDS = (11, 3, 6, 22, 17, 19, 8, 2, 27, 14, 4, 1)
IDS = tuple(name.lower().replace("#", "s") for name in PITCH_CLASSES)
VARIETY = (0.8, 1.0, 0.85, 1.1, 0.8)


def make() -> Patch:
    notes = tuple(Entry(ident, name, seed, default=1.0) for ident, name, seed in zip(IDS, PITCH_CLASSES, SEEDS, strict=True))
    noise = (NoiseLayer("flow", "Flow", seed=3, loop=16, field="perlin", scale=0.3),
             NoiseLayer("sparks", "Sparks", seed=7, first=4))
    return Patch("Pulse", "Chords blend twelve pictures, the kick zooms and sparks, the snare flashes",
                 envelopes=(*hits(), *chords("chroma", "", 0.12, 0.3), *chords("slow", ", slow", 0.9, 0.5)),
                 look=look("pulse", entries=(*notes, Entry("flash", "Snare flash", 82, accent=True)), noise_layers=noise,
                           bends=(Bend("zoom", "Zoom", "zoom", 3),)),
                 routes=(*chord_routes(), *other_routes()),
                 values={"noise.base": 0.0, "noise.flow.strength": 1.0},
                 keys={"truncation": tuple(Key(n / 4, value) for n, value in enumerate(VARIETY))})


def hits() -> tuple[EnvelopeRecipe, ...]:
    loudness = (Shaping("smooth", {"sigma_s": 0.4, "causal": 1.0}), Shaping("percentile_clip", {"percent": 90.0}))
    return (EnvelopeRecipe("kick", "Kick", "events", "kick", decay_s=0.25),
            EnvelopeRecipe("snare", "Snare", "events", "snare", decay_s=0.16),
            EnvelopeRecipe("bass", "Bass", "events", "bass", decay_s=0.2),
            EnvelopeRecipe("loudness", "Loudness", "feature", "rms", chain=loudness),
            EnvelopeRecipe("flow", "Flow", "clock", "ramp", beats=32.0))


def chords(stem: str, suffix: str, sigma_s: float, causal: float) -> tuple[EnvelopeRecipe, ...]:
    chain = (Shaping("smooth", {"sigma_s": sigma_s, "causal": causal}), Shaping("power", {"exponent": 4.0}))
    return tuple(EnvelopeRecipe(f"{stem}_{n:02d}", f"Chroma {name}{suffix}", "feature", f"chroma_{n:02d}", chain=chain)
                 for n, name in enumerate(PITCH_CLASSES))


def chord_routes() -> tuple[Route, ...]:
    sources = (("coarse", "chroma"), ("middle", "chroma"), ("fine", "slow"))
    return tuple(Route(f"{ident}-{group}", f"{name} to {group}", f"{source}_{n:02d}", f"palette.{ident}.{group}", "multiply")
                 for n, (ident, name) in enumerate(zip(IDS, PITCH_CLASSES, strict=True)) for group, source in sources)


def other_routes() -> tuple[Route, ...]:
    return (Route("snare-flash", "Snare to flash", "snare", "accent.flash", amount=0.55),
            Route("kick-sparks", "Kick to sparks", "kick", "noise.sparks.strength", amount=2.0),
            Route("kick-zoom", "Kick to zoom", "kick", "bend.zoom", amount=0.32),
            Route("bass-zoom", "Bass to zoom", "bass", "bend.zoom", amount=0.06),
            Route("flow-phase", "Flow", "flow", "noise.flow.phase", amount=16.0),
            Route("loudness-variety", "Loudness to variety", "loudness", "truncation", amount=0.2))
