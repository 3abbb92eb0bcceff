"""Hallu: steps on a sound network's principal components, the points between them, and what a piece is made of.

After Hallu and GANSpaceSynth (Tahiroğlu, Kastemaa and Koli 2021). A step is a setting of all sliders; every point of a walk
from step to step becomes a clip, and the clips are laid over each other.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

import numpy as np

from .errors import LookError
from .serial import from_plain, parse_json, to_plain

FORMAT, VERSION = "ganreact.hallu", 1
SLIDERS = 16
RANGE = 3.0
"""How far a slider goes, in standard deviations."""

CHOICES = {
    "interpolation": ("linear", "slerp"),
    "rule": ("even", "classic", "classic_z"),
    "edit": ("replace", "add", "latent"),
}
_MOST_POINTS = 1 << 20


@dataclass(frozen=True)
class Step:
    """One setting of the sliders.

    values   standard deviations along component 1, 2, …; those left out are 0
    seed     of the latent, where the edit is "add" or "latent"
    at_s     second at which the step begins to sound; None places all steps by the piece's spacing
    label    a name for people
    """

    values: tuple[float, ...] = ()
    seed: int = 0
    at_s: float | None = None
    label: str = ""


@dataclass(frozen=True)
class Piece:
    """Steps, and how they become one sound. Times are rounded down to hundredths of a second.

    steps          what is played, in order
    between        points between two neighbouring steps
    interpolation  straight lines between steps, or great circles
    rule           even: between steps lie so many points at equal distances; classic and classic_z: as the published
                   programs counted them, one too few or with steps doubled, lengths in whole seconds, peaks with their sign
    spacing_s      from the beginning of one clip to that of the next
    trim_s         of each clip's beginning that is left silent
    attack_s       in which a clip rises
    sustain_s      in which it stays
    release_s      in which it falls
    edit           replace: components make the sound alone; add: they move the sound of the step's seed;
                   latent: seeds alone make the sound
    pitch          MIDI number; None takes the lowest that was trained
    model          a sound network: "" is the embedded one
    components     .npz of principal components; "" has them found, or takes those that come along
    trim_tail      the sound file ends where nothing more is heard, instead of at the published length
    """

    steps: tuple[Step, ...] = (Step(),)
    between: int = 1
    interpolation: str = "linear"
    rule: str = "even"
    spacing_s: float = 0.2
    trim_s: float = 0.0
    attack_s: float = 0.5
    sustain_s: float = 0.5
    release_s: float = 0.5
    edit: str = "replace"
    pitch: float | None = None
    model: str = ""
    components: str = ""
    trim_tail: bool = False

    def __post_init__(self) -> None:
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise LookError(f"{name} is '{getattr(self, name)}', where it should be one of {', '.join(choices)}")
        for name in ("spacing_s", "trim_s", "attack_s", "sustain_s", "release_s"):
            if not 0 <= getattr(self, name) <= 3600:
                raise LookError(f"{name} is {getattr(self, name)}, where it should be 0 to 3600 seconds")
        if not 0 <= self.between <= 10_000:
            raise LookError(f"between is {self.between}, where it should be 0 to 10000 points")
        if not self.steps:
            raise LookError("a piece needs at least one step; add one")
        if max(1, self.between + 1) * len(self.steps) > _MOST_POINTS:
            raise LookError(f"{len(self.steps)} steps with {self.between} points between are too many; make several pieces")


@dataclass(frozen=True)
class Points:
    """Where a piece goes, point by point.

    sliders   float64 [n, k]
    seeds     int64 [n, 2]: of the step before and of the step after; the same where the point is a step
    between   float64 [n]: how far from the one to the other, 0…1
    at_s      float64 [n]: seconds from the first to each
    """

    sliders: np.ndarray
    seeds: np.ndarray
    between: np.ndarray
    at_s: np.ndarray

    def __len__(self) -> int:
        return len(self.between)


def require_steps(piece: Piece) -> None:
    """Raises LookError where there is nothing to go to: one step can be heard, but is no piece."""
    if len(piece.steps) < 2:
        raise LookError("one step is too few for a piece; add another, or hear that step alone (--step 1; Hear in Blender)")


def points_of(piece: Piece, count: int | None = None) -> Points:
    """Every point of a piece, n + (n − 1)·m of them; `count` sliders, or as many as the longest step has."""
    width = count if count is not None else max(len(step.values) for step in piece.steps)
    sliders = np.zeros((len(piece.steps), width))
    for row, step in zip(sliders, piece.steps, strict=True):
        given = np.asarray(step.values[:width], float)
        row[:len(given)] = given
    places = positions(len(piece.steps), piece.between, piece.rule)
    before = np.minimum(places.astype(int), len(piece.steps) - 1)
    after, t = np.minimum(before + 1, len(piece.steps) - 1), places - before
    mix = slerp if piece.interpolation == "slerp" else _lerp
    seeds = np.array([step.seed for step in piece.steps], np.int64)
    rows = [mix(float(s), sliders[a], sliders[b]) for a, b, s in zip(before, after, t, strict=True)]
    where = np.where(t > 0, after, before)
    return Points(np.array(rows).reshape(len(places), width), np.stack([seeds[before], seeds[where]], axis=1), t,
                  _times(piece, places))


def positions(steps: int, between: int, rule: str = "even") -> np.ndarray:
    """Points on a walk through steps 0, 1, …: whole numbers are steps."""
    parts = {"even": [j / (between + 1) for j in range(between + 1)],
             "classic": [j / between for j in range(between)] if between else [0.0],
             "classic_z": [j / max(between, 1) for j in range(between + 1)]}[rule]
    return np.array([k + part for k in range(steps - 1) for part in parts] + [steps - 1.0])


def slerp(t: float, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Along the great circle between two directions, lengths mixed with them (Shoemake 1985); straight where there is none."""
    lengths = float(np.linalg.norm(a) * np.linalg.norm(b))
    angle = math.acos(min(1.0, max(-1.0, float(a @ b) / lengths))) if lengths else 0.0
    if math.sin(angle) < 1e-6:
        return _lerp(t, a, b)
    return (math.sin((1 - t) * angle) * a + math.sin(t * angle) * b) / math.sin(angle)


def piece_from_text(text: str | bytes, what: str = "the steps") -> Piece:
    """JSON -> piece. Steps may be plain lists of numbers; raises LookError where it is none."""
    plain = parse_json(text, what)
    if isinstance(plain, list):
        plain = {"steps": plain}
    if not isinstance(plain, dict) or plain.pop("format", FORMAT) != FORMAT:
        raise LookError(f"{what} are no piece of Hallu; give an object with 'steps', or a list of steps")
    version = plain.pop("version", VERSION)
    if not isinstance(version, int) or version > VERSION:
        raise LookError(f"{what} were made by a newer GANReact; update GANReact")
    if isinstance(plain.get("steps"), list):
        plain["steps"] = [{"values": s} if isinstance(s, list) else s for s in plain["steps"]]
    return from_plain(Piece, plain)


def piece_to_text(piece: Piece) -> str:
    """A piece as JSON."""
    return json.dumps({"format": FORMAT, "version": VERSION, **to_plain(piece)}, ensure_ascii=False, indent=1)


def _lerp(t: float, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (1 - t) * a + t * b


def _times(piece: Piece, places: np.ndarray) -> np.ndarray:
    """Seconds from the first step on: of their own where every step has one, else evenly spaced."""
    own = [step.at_s for step in piece.steps]
    if all(at is not None for at in own):
        marks = np.array(own, float)
        if (np.diff(marks) < 0).any():
            raise LookError("the steps are not in the order of their times; sort them")
        return np.interp(places, np.arange(len(marks)), marks - marks[0])
    return piece.spacing_s * np.arange(len(places))
