"""Building blocks of patches: envelopes and routes that let music move a look in the ways one most often wants.

Each takes a patch and gives one with more in it, and nothing that was there is touched. The shipped patches are made of
these, and so are the buttons.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from .catalogue import GROUPS
from .envelopes import EnvelopeRecipe, Shaping
from .errors import LookError
from .features import PITCH_CLASSES
from .look import PaletteSet
from .naming import slug
from .patches import Patch
from .routes import Route


def with_chroma(patch: Patch, entries: Sequence[str], *, groups: Sequence[str] = GROUPS, feature: str = "chroma",
                smooth_s: float = 0.12, contrast: float = 4.0) -> Patch:
    """Pitch classes weigh entries, in pitch order; with fewer than twelve entries the strongest classes of a piece are kept.

    groups     layer groups that are moved; others keep the entries' whole weights
    feature    "chroma", "bass_chroma" or "rest_chroma"
    contrast   exponent: 1 blends softly, 4 shows the chord's notes
    """
    if not 2 <= len(entries) <= len(PITCH_CLASSES):
        raise LookError(f"chords move 2 to {len(PITCH_CLASSES)} pictures, not {len(entries)}; choose as many")
    chain = (Shaping("smooth", {"sigma_s": smooth_s, "causal": 0.3}), Shaping("power", {"exponent": contrast}))
    for n, entry in enumerate(entries):
        name = f"{feature}_{n:02d}" if len(entries) == len(PITCH_CLASSES) else f"{feature}_top{len(entries)}_{n:02d}"
        label = PITCH_CLASSES[n] if len(entries) == len(PITCH_CLASSES) else f"note {n + 1}"
        patch, ident = with_envelope(patch, EnvelopeRecipe(name, f"{_FEATURES[feature]} {label}", "feature", name, chain=chain))
        for group in groups:
            patch = with_route(patch, ident, f"palette.{entry}.{group}", mode="multiply")
    return _weighing(patch, entries)


def with_loop(patch: Patch, path: str, bars: float, *, every: str = "bars") -> Patch:
    """A path goes round once in so many bars (or beats), and the seam cannot be seen."""
    length = next((p.length for p in patch.look.paths if p.id == path), None)
    if length is None:
        raise LookError(f"this look has no path '{path}'; add it first")
    return with_clock(patch, f"path.{path}.position", bars, every=every, amount=float(length))


def with_clock(patch: Patch, address: str, length: float, *, every: str = "bars", wave: str = "ramp",
               amount: float = 1.0) -> Patch:
    """A wave of the clock moves a parameter, once in so many bars or beats."""
    label = f"{wave.capitalize()}, {length:g} {every}"
    recipe = EnvelopeRecipe(slug(label), label, "clock", wave, beats=length, every=every)
    patch, ident = with_envelope(patch, recipe)
    return with_route(patch, ident, address, amount=amount)


def with_hit(patch: Patch, part: str, address: str, amount: float, *, decay_s: float = 0.2) -> Patch:
    """Each kick, snare, hat or bass note jumps a parameter, which falls back in the time given."""
    recipe = EnvelopeRecipe(part, part.capitalize(), "events", part, decay_s=decay_s)
    patch, ident = with_envelope(patch, recipe)
    return with_route(patch, ident, address, amount=amount)


def with_current(patch: Patch, address: str, turn_s: float, *, feature: str = "rms", amount: float = 1.0) -> Patch:
    """The music drives a phase or a place: still where nothing sounds, fast where much does, once round in turn_s at the most.

    feature    what drives: "rms" is how loud it is, "onset" whatever begins
    """
    chain = (Shaping("percentile_clip", {"percent": 80.0}), Shaping("power", {"exponent": 2.0}),
             Shaping("accumulate", {"turn_s": turn_s}))
    label = f"Current of {feature}, {turn_s:g} s"
    patch, ident = with_envelope(patch, EnvelopeRecipe(slug(f"current-{turn_s:g}-s"), label, "feature", feature, chain=chain))
    return with_route(patch, ident, address, amount=amount)


def with_loudness(patch: Patch, address: str, amount: float, *, smooth_s: float = 0.4, mode: str = "add",
                  inverted: bool = False, contrast: float = 1.0) -> Patch:
    """How loud the piece is moves a parameter; inverted, how quiet."""
    chain = [Shaping("smooth", {"sigma_s": smooth_s}), Shaping("percentile_clip", {"percent": 90.0})]
    chain += [Shaping("power", {"exponent": contrast})] if contrast != 1.0 else []
    chain += [Shaping("invert")] if inverted else []
    label = "Quietness" if inverted else "Loudness"
    patch, ident = with_envelope(patch, EnvelopeRecipe(slug(label), label, "feature", "rms", chain=tuple(chain)))
    return with_route(patch, ident, address, mode=mode, amount=amount)


def with_sections(patch: Patch, addresses: Sequence[str], *, crossfade_s: float = 1.0, amount: float = 1.0) -> Patch:
    """The n-th address belongs to the n-th kind of section, and begins again where a piece has more kinds."""
    for n, address in enumerate(addresses):
        name = f"{chr(ord('A') + n)}/{len(addresses)}"
        label = f"Sections {name}"
        recipe = EnvelopeRecipe(slug(label), label, "sections", name, decay_s=crossfade_s)
        patch, ident = with_envelope(patch, recipe)
        patch = with_route(patch, ident, address, mode="multiply", amount=amount)
    return patch


def with_loud_and_quiet(patch: Patch, quiet: Sequence[str], loud: Sequence[str], *, smooth_s: float = 1.0) -> Patch:
    """Two sets of entries, one for quiet parts and one for loud ones, mixed by loudness: (1 − rms)·quiet + rms·loud."""
    sets = (PaletteSet("quiet", "Quiet", tuple(quiet)), PaletteSet("loud", "Loud", tuple(loud)))
    taken = {s.id for s in patch.look.sets} & {s.id for s in sets}
    if taken:
        raise LookError(f"this look has a set '{sorted(taken)[0]}' already; remove it first")
    patch = replace(patch, look=replace(patch.look, sets=(*patch.look.sets, *sets)))
    patch = with_loudness(patch, "set.loud.mix", 1.0, smooth_s=smooth_s, mode="multiply", contrast=2.0)
    return _weighing(with_loudness(patch, "set.quiet.mix", 1.0, smooth_s=smooth_s, mode="multiply", contrast=2.0,
                                   inverted=True), [*quiet, *loud])


def with_envelope(patch: Patch, recipe: EnvelopeRecipe) -> tuple[Patch, str]:
    """The patch with this envelope and its id there: an equal one is shared, another one of the same name keeps its name."""
    for known in patch.envelopes:
        if replace(known, id=recipe.id, label=recipe.label) == recipe:
            return patch, known.id
    ident = slug(recipe.id, {e.id for e in patch.envelopes})
    return replace(patch, envelopes=(*patch.envelopes, replace(recipe, id=ident))), ident


def with_route(patch: Patch, envelope: str, address: str, *, mode: str = "add", amount: float = 1.0) -> Patch:
    """The patch with a route whose id says what leads where."""
    taken = {route.id for route in patch.routes}
    stem = f"{envelope}-{address.split('.', 1)[-1].replace('.', '-')}"
    route = Route(slug(stem, taken, fallback="route"), "", envelope, address, mode, amount)
    return replace(patch, routes=(*patch.routes, route))


def _weighing(patch: Patch, entries: Iterable[str]) -> Patch:
    """Entries that routes multiply need a weight to multiply."""
    given = {entry.id: entry.default for entry in patch.look.entries}
    lacking = {f"palette.{e}": 1.0 for e in entries if not patch.values.get(f"palette.{e}", given.get(e, 0.0))}
    return replace(patch, values={**patch.values, **lacking})


_FEATURES = {"chroma": "Chroma", "bass_chroma": "Bass", "rest_chroma": "Chords"}
