"""Sources that follow a piece's long-term form: sections as envelopes, and how far the piece is between its events."""

from __future__ import annotations

import re

import numpy as np

from .errors import LookError
from .features import FeatureSet
from .recipes import EnvelopeRecipe, FrameRange

_LOUD, _QUIET = "loud", "quiet"
_NAME = re.compile(r"(?P<letter>[A-Z]\d*)(?:/(?P<of>\d{1,2}))?|#(?P<number>\d{1,4})|loud|quiet")


def from_sections(recipe: EnvelopeRecipe, found: FeatureSet, frames: FrameRange) -> np.ndarray:
    """1 inside the sections that are meant and 0 outside, crossfaded over decay_s about each boundary.

    The envelopes of all labels add up to 1 at every frame, in the crossfades too.
    """
    spans = np.asarray(found.events.get("sections", ()), float).reshape(-1, 3)
    meant = chosen_sections(recipe.name, spans, found)
    times = frames.start_s + np.arange(frames.n_frames) / frames.fps
    level = np.zeros(frames.n_frames)
    for n in np.flatnonzero(meant):
        begins = _risen(times, spans[n, 0], recipe.decay_s) if n else 1.0
        ends = _risen(times, spans[n, 1], recipe.decay_s) if n + 1 < len(spans) else 0.0
        level += begins - ends
    return np.clip(level, 0.0, 1.0)


def chosen_sections(name: str, spans: np.ndarray, found: FeatureSet) -> np.ndarray:
    """Which sections [n, 3] a name means, bool [n].

    "B" those labelled so; "B/3" every third label from B on, so that three names share any number of labels; "#4" the
    fourth in time; "loud" and "quiet" those above and not above the mean loudness of all.
    """
    spelled = spelled_sections(name)
    if name in (_LOUD, _QUIET):
        levels = _levels(spans, found)
        loud = levels > (levels.mean() if len(levels) else 0.0)
        return loud if name == _LOUD else ~loud
    if spelled["number"]:
        return np.arange(len(spans)) == int(spelled["number"]) - 1
    label, of = _label_index(spelled["letter"]), int(spelled["of"] or 0)
    return spans[:, 2] % of == label % of if of else spans[:, 2] == label


def spelled_sections(name: str) -> re.Match[str]:
    """The parts of what sections are called: letter, of, number; raises LookError for what can be none."""
    spelled = _NAME.fullmatch(name)
    if spelled is None:
        raise LookError(f"sections are not called '{name[:20]}'; use a label as B or B/3, a number as #2, loud or quiet")
    return spelled


def from_passage(recipe: EnvelopeRecipe, found: FeatureSet, frames: FrameRange) -> np.ndarray:
    """How far the piece has come between events of a name: k passed and the share α of the way to the next, over `beats`
    of them, beginning again after so many: ((k + α) / beats + phase) mod 1.

    Between inflections α is the share of the variation that has passed (GANterpretations, Castro 2020), else of the time.
    """
    times = frames.start_s + np.arange(frames.n_frames) / frames.fps
    return (passage(found, recipe.name, times) / max(recipe.beats, 1e-2) + recipe.phase) % 1.0


def passage(found: FeatureSet, name: str, times_s: np.ndarray) -> np.ndarray:
    """Events passed at each moment, and the share of the way to the next: float64 [n], 0 at the start of the sound."""
    marks = np.unique(np.concatenate([[0.0], found.moments(name), [max(found.duration_s, 1e-3)]]))
    curve = found.features.get("variation") if name == "inflections" else None
    return passed_between(marks, times_s, curve, found.hop_rate_hz)


def passed_between(marks_s: np.ndarray, times_s: np.ndarray, curve: np.ndarray | None, rate_hz: float) -> np.ndarray:
    """k + α at each moment between rising marks [n + 1]; α is the share of `curve`'s sum, or of time where it is None."""
    places = np.interp(times_s, marks_s, np.arange(len(marks_s)))
    if curve is None or not np.any(curve > 0):
        return places
    total = np.concatenate([[0.0], np.cumsum(np.maximum(np.asarray(curve, float), 0.0))])
    edges = np.arange(len(total)) / rate_hz
    at, at_marks = np.interp(times_s, edges, total), np.interp(marks_s, edges, total)
    k = np.clip(np.searchsorted(marks_s, times_s, side="right") - 1, 0, len(marks_s) - 2)
    length = at_marks[k + 1] - at_marks[k]
    share = np.where(length > 1e-9, (at - at_marks[k]) / np.maximum(length, 1e-9), places - k)
    return k + np.clip(share, 0.0, 1.0)


def _levels(spans: np.ndarray, found: FeatureSet) -> np.ndarray:
    rms = np.asarray(found.features.get("rms", np.zeros(found.n_hops)), float)
    hops = np.clip(np.round(spans[:, :2] * found.hop_rate_hz).astype(int), 0, len(rms))
    return np.array([rms[a:b].mean() if b > a else 0.0 for a, b in hops])


def _risen(times: np.ndarray, at_s: float, over_s: float) -> np.ndarray:
    """0 before, 1 after, eased over a time about the moment; a hard edge falls on the frame that shows it."""
    if over_s <= 1e-6:
        return (times >= at_s - 1e-6).astype(float)
    t = np.clip((times - at_s) / over_s + 0.5, 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def section_name(label: float) -> str:
    """What a label's number is called: 0 -> "A", 25 -> "Z", 26 -> "A2"."""
    turn, letter = divmod(int(label), 26)
    return chr(ord("A") + letter) + (str(turn + 1) if turn else "")


def _label_index(name: str) -> int:
    """The number of a label: "A" -> 0, "Z" -> 25, "A2" -> 26."""
    return ord(name[0]) - ord("A") + 26 * (int(name[1:] or 1) - 1)
