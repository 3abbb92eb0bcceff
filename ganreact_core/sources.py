"""Where an envelope comes from: a feature, events, a clock, drawn on video frames in 0…1, not shaped yet."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from . import clocks
from .features import FeatureSet
from .recipes import EnvelopeRecipe, FrameRange
from .section_sources import from_passage, from_sections

_SAME_S = 1e-6
_PEAKED = {"onset", "percussive", "kick", "snare", "hat", "bass"}
"""Features that are hits: a frame shows the highest hop in it, so that none falls between two frames."""


def from_clock(recipe: EnvelopeRecipe, found: FeatureSet, frames: FrameRange) -> np.ndarray:
    """A wave at the end of each frame's time, so that a frame shows the beat in it; nothing where there are no beats."""
    beats = found.events.get("beats", np.zeros(0))
    marks = np.unique(beats if recipe.every == "beats" else found.events.get("downbeats", np.zeros(0)))
    if len(marks) < 2:
        return np.zeros(frames.n_frames)
    ends = frames.start_s + np.arange(1, frames.n_frames + 1) / frames.fps - 1e-6
    place = clocks.beat_position(marks, ends) - recipe.start
    return clocks.WAVES[recipe.name](place / recipe.beats + recipe.phase)


def from_feature(recipe: EnvelopeRecipe, found: FeatureSet, frames: FrameRange) -> np.ndarray:
    """A feature at the frame rate, divided by its own maximum; what is below zero counts from its minimum.

    Of hits and of notes a frame shows the highest hop, of slow features the mean of its hops. A table is read at the
    moment of each frame, and taken as it is where it lies in 0…1.
    """
    hops = np.asarray(found.channel(recipe.name), float)
    hops = hops - min(float(np.min(hops, initial=0.0)), 0.0)
    top = float(np.max(hops, initial=0.0))
    if top <= 0:
        return np.zeros(frames.n_frames)
    if found.kind == "table":
        at = np.arange(frames.n_frames) / frames.fps + frames.start_s
        times = np.arange(len(hops)) / found.hop_rate_hz
        inside = (at > -_SAME_S) & (at < times[-1] + _SAME_S)
        return np.where(inside, np.interp(at, times, hops), 0.0) / max(top, 1.0)
    peaked = found.kind == "midi" or recipe.name.split("_", maxsplit=1)[0] in _PEAKED
    return np.clip(_drawn(hops, found.hop_rate_hz, frames, np.maximum if peaked else np.add) / top, 0.0, 1.0)


def _drawn(hops: np.ndarray, rate_hz: float, frames: FrameRange, reduce: np.ufunc) -> np.ndarray:
    """Hops gathered into frames by their highest or their mean; read between the hops where a frame has none."""
    edges = frames.frame_of(np.arange(len(hops)) / rate_hz)
    inside = (edges >= 0) & (edges < frames.n_frames)
    out, count = np.zeros(frames.n_frames), np.bincount(edges[inside], minlength=frames.n_frames)
    reduce.at(out, edges[inside], hops[inside])
    if reduce is np.add:
        out /= np.maximum(count, 1)
    if (count == 0).any():
        middles = frames.start_s + (np.arange(frames.n_frames) + 0.5) / frames.fps
        between = np.interp(middles, np.arange(len(hops)) / rate_hz, hops)
        near = (middles >= -1 / frames.fps) & (middles <= len(hops) / rate_hz + 1 / frames.fps)
        out = np.where((count == 0) & near, between, out)
    return out


def from_events(recipe: EnvelopeRecipe, found: FeatureSet, frames: FrameRange) -> np.ndarray:
    """Each event jumps to its strength in its own frame and decays from there; never a frame early."""
    times = found.moments(recipe.name)
    hits = np.zeros(frames.n_frames)
    index = frames.frame_of(times)
    inside = (index >= 0) & (index < frames.n_frames)
    np.maximum.at(hits, index[inside], found.strengths_of(recipe.name)[inside])
    keep = math.exp(-1.0 / max(recipe.decay_s * frames.fps, 1e-6))
    level, out = 0.0, np.empty(len(hits))
    for i, hit in enumerate(hits.tolist()):
        level = max(hit, level * keep)
        out[i] = level
    return out


READERS: dict[str, Callable[[EnvelopeRecipe, FeatureSet, FrameRange], np.ndarray]] = {
    "feature": from_feature, "events": from_events, "clock": from_clock,
    "sections": from_sections, "passage": from_passage}
"""Kind of source -> (recipe, feature set, frames) -> float [n_frames]."""
