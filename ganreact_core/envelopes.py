"""Source -> envelope: at the frame rate, in 0…1, shaped; all memory ends here.

Frame i (from 0) of a range shows the sound from i / fps to (i + 1) / fps seconds after the range's start.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from . import clocks, shaping
from .errors import LookError
from .features import FeatureSet
from .naming import check_slug

_PEAKED = {"onset", "percussive", "kick", "snare", "hat", "bass"}
"""Features that are hits: a frame shows the highest hop in it, so that none falls between two frames."""

_LEAST = {"percent": 0.0, "ratio": 1e-3, "sigma_s": 0.0, "window_s": 0.0, "attack_s": 0.0, "release_s": 0.0, "causal": 0.0,
          "exponent": 1e-3}
_MOST = {"percent": 100.0, "causal": 1.0, "exponent": 100.0}


@dataclass(frozen=True)
class Shaping:
    """One step of a chain: an operation of `OPERATIONS` with its settings, or of `COMBINATIONS` with another envelope."""

    operation: str
    settings: dict[str, float] = field(default_factory=dict)
    envelope: str = ""


@dataclass(frozen=True)
class EnvelopeRecipe:
    """How one envelope is made.

    source    "feature": a feature by name, or a column of one ("chroma_00")
              "events": points in time by name; each starts a decay, as strong as the feature of the same name there
              "clock": a wave of `clocks.WAVES` by name, locked to the beats that were heard
    decay_s   seconds in which an event's envelope falls to 1/e
    beats     length of a clock's wave in beats
    phase     where in its wave a clock is at the first beat, 0…1
    chain     shaping steps, applied in order; times in seconds
    """

    id: str
    label: str
    source: str
    name: str
    decay_s: float = 0.15
    beats: float = 1.0
    phase: float = 0.0
    chain: tuple[Shaping, ...] = ()

    def __post_init__(self) -> None:
        check_slug(self.id)
        if self.source not in _SOURCES:
            raise LookError(f"envelope '{self.id}' has the source '{self.source}'; use {', '.join(_SOURCES)}")
        if self.source == "clock" and (self.name not in clocks.WAVES or not 1e-2 <= self.beats <= 1e4):
            raise LookError(f"envelope '{self.id}' is a clock of '{self.name}' over {self.beats:g} beats; "
                            f"use one of {', '.join(clocks.WAVES)} and 0.01 beats or more")
        for step in self.chain:
            _check_step(self.id, step)


@dataclass(frozen=True)
class FrameRange:
    """Which frames of which sound: frame 1 of the range is start_s seconds into the sound."""

    fps: float
    n_frames: int
    start_s: float = 0.0

    @classmethod
    def of_duration(cls, fps: float, duration_s: float, start_s: float = 0.0) -> FrameRange:
        """n_frames = round(duration · fps), at least one."""
        return cls(fps, max(1, round(duration_s * fps)), start_s)

    def frame_of(self, time_s: np.ndarray) -> np.ndarray:
        """The 0-based frame in which each moment shows; sub-microsecond rounding never moves one a frame back."""
        return np.floor((np.asarray(time_s, float) - self.start_s + 1e-6) * self.fps).astype(int)

    def over_the_whole(self, duration_s: float) -> tuple[FrameRange, int]:
        """Frames of the same phase from the sound's start to its end, and which of them is this range's first."""
        first = math.floor(self.start_s * self.fps + 1e-6) + 1
        start_s = self.start_s - first / self.fps
        return FrameRange(self.fps, max(math.ceil((duration_s - start_s) * self.fps - 1e-6), 1), start_s), first


def _check_step(ident: str, step: Shaping) -> None:
    """The operation is known, and so is each of its settings, within what any of them can sensibly be."""
    function = OPERATIONS.get(step.operation) or COMBINATIONS.get(step.operation)
    if function is None:
        raise LookError(f"envelope '{ident}' asks for '{step.operation}'; known: {', '.join([*OPERATIONS, *COMBINATIONS])}")
    known = [name for name, p in inspect.signature(function).parameters.items() if p.default is not p.empty]
    for name, value in step.settings.items():
        if name not in known or not _LEAST.get(name, -1e4) <= value <= _MOST.get(name, 1e4):
            settings = ", ".join(known) or "none"
            raise LookError(f"envelope '{ident}' sets {name} = {value:g} for '{step.operation}'; its settings are {settings}")


def make_envelope(recipe: EnvelopeRecipe, found: FeatureSet, frames: FrameRange) -> np.ndarray:
    """Bake one recipe that needs no other: float32 [n_frames], finite, in 0…1, zero for silence."""
    return make_envelopes((recipe,), found, frames)[recipe.id]


def make_envelopes(recipes: tuple[EnvelopeRecipe, ...], found: FeatureSet, frames: FrameRange) -> dict[str, np.ndarray]:
    """All recipes: id -> float32 [n_frames].

    Shaping runs over the whole sound and the range is cut out at the end: an envelope does not depend on where a
    render starts.
    """
    whole, first = frames.over_the_whole(found.duration_s)
    curves: dict[str, np.ndarray] = {}
    for recipe in recipes:
        _add_curve(recipe, {r.id: r for r in recipes}, found, whole, curves)
    wanted = first + np.arange(frames.n_frames)
    inside, place = (wanted >= 0) & (wanted < whole.n_frames), np.clip(wanted, 0, whole.n_frames - 1)
    return {recipe.id: np.where(inside, curves[recipe.id][place], 0.0).astype(np.float32) for recipe in recipes}


def _add_curve(recipe: EnvelopeRecipe, recipes: dict[str, EnvelopeRecipe], found: FeatureSet, frames: FrameRange,
               curves: dict[str, np.ndarray]) -> None:
    """Make a curve over the whole sound, and those that it is combined with before it."""
    if recipe.id in curves:
        return
    curves[recipe.id] = np.zeros(frames.n_frames)  # what a circle of recipes finds
    curve = _SOURCES[recipe.source](recipe, found, frames)
    silent = not curve.any()
    for step in recipe.chain:
        if step.operation in OPERATIONS:
            curve = OPERATIONS[step.operation](curve, frames.fps, **step.settings)
            continue
        if step.envelope not in recipes:
            raise LookError(f"envelope '{recipe.id}' is combined with '{step.envelope}', which is not there")
        _add_curve(recipes[step.envelope], recipes, found, frames, curves)
        curve = COMBINATIONS[step.operation](curve, curves[step.envelope], **step.settings)
        silent = silent and step.operation != "highest"
    curves[recipe.id] = np.zeros(frames.n_frames) if silent else np.clip(np.nan_to_num(curve), 0.0, 1.0)


def _from_clock(recipe: EnvelopeRecipe, found: FeatureSet, frames: FrameRange) -> np.ndarray:
    """A wave at the end of each frame's time, so that a frame shows the beat in it; nothing where there are no beats."""
    beats = found.events.get("beats", np.zeros(0))
    if len(beats) < 2:
        return np.zeros(frames.n_frames)
    ends = frames.start_s + np.arange(1, frames.n_frames + 1) / frames.fps - 1e-6
    place = clocks.beat_position(beats, ends)
    return clocks.WAVES[recipe.name](place / recipe.beats + recipe.phase)


def _from_feature(recipe: EnvelopeRecipe, found: FeatureSet, frames: FrameRange) -> np.ndarray:
    """A feature at the frame rate, normalised to its own maximum: the peak in each frame, or the mean for slow ones."""
    hops = np.asarray(found.channel(recipe.name), float)
    top = float(np.max(hops, initial=0.0))
    if top <= 0:
        return np.zeros(frames.n_frames)
    edges = frames.frame_of(np.arange(len(hops)) / found.hop_rate_hz)
    inside = (edges >= 0) & (edges < frames.n_frames)
    reduce = np.maximum if recipe.name.split("_", maxsplit=1)[0] in _PEAKED else np.add
    out, count = np.zeros(frames.n_frames), np.bincount(edges[inside], minlength=frames.n_frames)
    reduce.at(out, edges[inside], hops[inside])
    if reduce is np.add:
        out /= np.maximum(count, 1)
    if (count == 0).any():  # more frames than hops: read between the hops
        middles = frames.start_s + (np.arange(frames.n_frames) + 0.5) / frames.fps
        out = np.where(count == 0, np.interp(middles, np.arange(len(hops)) / found.hop_rate_hz, hops), out)
    return np.clip(out / top, 0.0, 1.0)


def _from_events(recipe: EnvelopeRecipe, found: FeatureSet, frames: FrameRange) -> np.ndarray:
    """Each event jumps to its strength in its own frame and decays from there; never a frame early."""
    if recipe.name not in found.events:
        raise LookError(f"this analysis has no events '{recipe.name}'; it has {', '.join(sorted(found.events))}")
    times = np.asarray(found.events[recipe.name], float)
    times = times[:, 0] if times.ndim == 2 else times
    hits = np.zeros(frames.n_frames)
    index = frames.frame_of(times)
    inside = (index >= 0) & (index < frames.n_frames)
    np.maximum.at(hits, index[inside], _strengths(recipe.name, times, found)[inside])
    keep = math.exp(-1.0 / max(recipe.decay_s * frames.fps, 1e-6))
    level, out = 0.0, np.empty(len(hits))
    for i, hit in enumerate(hits.tolist()):
        level = max(hit, level * keep)
        out[i] = level
    return out


def _strengths(name: str, times: np.ndarray, found: FeatureSet) -> np.ndarray:
    """How hard each event hits, 0…1: the highest value of the feature of that name within 50 ms; 1 where there is none."""
    curve = found.features.get(name)
    if curve is None or curve.ndim != 1 or not curve.any():
        return np.ones(len(times))
    reach = max(1, round(0.05 * found.hop_rate_hz))
    centre = np.round(times * found.hop_rate_hz).astype(int)
    window = np.clip(centre[:, None] + np.arange(-reach, reach + 1), 0, len(curve) - 1)
    return np.asarray(curve[window].max(axis=1) / curve.max(), float)


def _smooth(x: np.ndarray, fps: float, sigma_s: float = 0.1, causal: float = 1.0) -> np.ndarray:
    return shaping.smooth(x, sigma_frames=sigma_s * fps, causal=causal)


def _attack_release(x: np.ndarray, fps: float, attack_s: float = 0.0, release_s: float = 0.2) -> np.ndarray:
    return shaping.attack_release(x, attack_frames=attack_s * fps, release_frames=release_s * fps)


_SOURCES = {"feature": _from_feature, "events": _from_events, "clock": _from_clock}

OPERATIONS: dict[str, Callable[..., np.ndarray]] = {
    "normalise": lambda x, fps: shaping.normalise(x),
    "percentile_clip": lambda x, fps, percent=97.0: shaping.percentile_clip(x, percent=percent),
    "smooth": _smooth,
    "moving_average": lambda x, fps, window_s=0.2: shaping.moving_average(x, window_frames=window_s * fps),
    "attack_release": _attack_release,
    "gate": lambda x, fps, threshold=0.1: shaping.gate(x, threshold=threshold),
    "emphasise": lambda x, fps, threshold=0.5, ratio=2.0, below=0.0: shaping.emphasise(
        x, threshold=threshold, ratio=ratio, below=bool(below)),
    "expand": lambda x, fps, threshold=0.5, ratio=2.0: shaping.expand(x, threshold=threshold, ratio=ratio),
    "multiply_clip": lambda x, fps, factor=2.0: shaping.multiply_clip(x, factor=factor),
    "clip": lambda x, fps, low=0.0, high=1.0: shaping.clip(x, low=low, high=high),
    "power": lambda x, fps, exponent=2.0: shaping.power(x, exponent=exponent),
    "invert": lambda x, fps: shaping.invert(x),
    "delay": lambda x, fps, delay_s=0.1: shaping.delay(x, frames=round(delay_s * fps)),
}
"""Name -> (curve, fps, settings in seconds) -> curve: what a recipe's chain can ask for."""

COMBINATIONS: dict[str, Callable[..., np.ndarray]] = {
    "highest": lambda x, other: np.where(other > x, other, x),
    "product": lambda x, other: x * other,
    "duck": lambda x, other, amount=1.0: x * (1.0 - amount * other),
}
"""Name -> (curve, the other envelope's curve, settings) -> curve."""
