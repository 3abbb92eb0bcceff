"""Pulse: chords blend twelve pictures, the kick zooms and sparks, the snare flashes. The first patch one meets."""

from parts import look, water

from ganreact_core.envelopes import EnvelopeRecipe, Shaping
from ganreact_core.features import PITCH_CLASSES
from ganreact_core.look import Bend, Entry, NoiseLayer
from ganreact_core.patches import Key, Patch
from ganreact_core.routes import Route

SEEDS = {"C": 254, "G": 1814, "D": 222, "A": 338, "E": 1746, "B": 1831,
         "F#": 425, "C#": 1822, "G#": 709, "D#": 1032, "A#": 751, "F": 883}
"""In the order of fifths colours go from blue over violet to red and back: what sounds well together lies side by side."""

IDS = tuple(name.lower().replace("#", "s") for name in PITCH_CLASSES)
VARIETY = (0.9, 1.05, 0.95, 1.1, 0.9)


def make() -> Patch:
    notes = tuple(Entry(ident, name, SEEDS[name], default=1.0) for ident, name in zip(IDS, PITCH_CLASSES, strict=True))
    noise = (*water(3), NoiseLayer("sparks", "Sparks", seed=7, first=4))
    return Patch("Pulse", "Chords blend twelve pictures, the kick zooms and sparks, the snare flashes",
                 envelopes=(*hits(), *chords("chroma", "", 0.12, 0.3), *chords("slow", ", slow", 0.9, 0.5)),
                 look=look("pulse", entries=(*notes, Entry("flash", "Snare flash", 82, accent=True)), noise_layers=noise,
                           bends=(Bend("zoom", "Zoom", "zoom", 3),)),
                 routes=(*chord_routes(), *other_routes()),
                 values={"noise.base": 0.0, "noise.flow.strength": 1.0, "noise.eddies.strength": 0.35,
                         "noise.sparks.strength": 0.4},
                 keys={"truncation": tuple(Key(n / 4, value) for n, value in enumerate(VARIETY))})


def hits() -> tuple[EnvelopeRecipe, ...]:
    loudness = (Shaping("smooth", {"sigma_s": 0.4, "causal": 1.0}), Shaping("percentile_clip", {"percent": 90.0}))
    current = (Shaping("percentile_clip", {"percent": 80.0}), Shaping("power", {"exponent": 2.0}),
               Shaping("accumulate", {"turn_s": 16.0}))
    return (EnvelopeRecipe("kick", "Kick", "events", "kick", decay_s=0.25),
            EnvelopeRecipe("snare", "Snare", "events", "snare", decay_s=0.16),
            EnvelopeRecipe("bass", "Bass", "events", "bass", decay_s=0.2),
            EnvelopeRecipe("loudness", "Loudness", "feature", "rms", chain=loudness),
            EnvelopeRecipe("flow", "Flow", "clock", "ramp", beats=64.0),
            EnvelopeRecipe("current", "Current", "feature", "rms", chain=current))


def chords(stem: str, suffix: str, sigma_s: float, causal: float) -> tuple[EnvelopeRecipe, ...]:
    chain = (Shaping("smooth", {"sigma_s": sigma_s, "causal": causal}), Shaping("power", {"exponent": 8.0}))
    return tuple(EnvelopeRecipe(f"{stem}_{n:02d}", f"Chroma {name}{suffix}", "feature", f"chroma_{n:02d}", chain=chain)
                 for n, name in enumerate(PITCH_CLASSES))


def chord_routes() -> tuple[Route, ...]:
    sources = (("coarse", "chroma"), ("middle", "chroma"), ("fine", "slow"))
    return tuple(Route(f"{ident}-{group}", f"{name} to {group}", f"{source}_{n:02d}", f"palette.{ident}.{group}", "multiply")
                 for n, (ident, name) in enumerate(zip(IDS, PITCH_CLASSES, strict=True)) for group, source in sources)


def other_routes() -> tuple[Route, ...]:
    return (Route("snare-flash", "Snare to flash", "snare", "accent.flash", amount=0.55),
            Route("kick-sparks", "Kick to sparks", "kick", "noise.sparks.strength", amount=1.6),
            Route("kick-zoom", "Kick to zoom", "kick", "bend.zoom", amount=0.45),
            Route("bass-zoom", "Bass to zoom", "bass", "bend.zoom", amount=0.06),
            Route("flow-phase", "Flow", "flow", "noise.flow.phase", amount=8.0),
            Route("current-phase", "Current to flow", "current", "noise.flow.phase", amount=8.0),
            Route("current-eddies", "Current to eddies", "current", "noise.eddies.phase", amount=8.0),
            Route("loudness-eddies", "Loudness to eddies", "loudness", "noise.eddies.strength", amount=0.7),
            Route("loudness-variety", "Loudness to variety", "loudness", "truncation", amount=0.1))
