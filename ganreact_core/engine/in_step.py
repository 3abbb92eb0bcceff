"""Is a finished work in step with its music? A film, or a bundle with its track, measured frame by frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import av
import numpy as np
from PIL import Image

from ..bundle import Bundle, open_bundle
from ..envelopes import EnvelopeRecipe, FrameRange, make_envelopes
from ..errors import Cancelled, InputFileError, Partial
from ..features import FeatureSet
from ..flashes import Flashing, FlashWatch, flashing
from ..listening import Listening
from ..look import describe
from ..reactivity import Answer, answer_to_curve, answer_to_events, change_between
from .films import opened_film
from .frame_pictures import read_frame
from .hearing import Advance, listen

EVENTS = ("kick", "snare", "hat", "bass", "beats", "downbeats")
CURVES = ("onset", "rms")
_WIDTH = 192
_MOST_PARAMETERS = 12


@dataclass(frozen=True)
class InStep:
    """How a work answers to its music.

    change       mean difference of each picture to the one before, 0…255 [n_frames]
    events       name of events -> the answer to them
    curves       name of a feature -> the answer of the change to it
    parameters   of a bundle: readable name -> the answer of the change to how fast the parameter moves, strongest first
    flashes      stretches that can be dangerous
    """

    fps: float
    change: np.ndarray
    events: dict[str, Answer] = field(default_factory=dict)
    curves: dict[str, Answer] = field(default_factory=dict)
    parameters: dict[str, Answer] = field(default_factory=dict)
    flashes: tuple[Flashing, ...] = ()


def film_in_step(path: str, advance: Advance = lambda fraction, text: None,
                 cancelled: Callable[[], bool] = lambda: False) -> InStep:
    """A film with its own sound. Raises InputFileError where it has no pictures or no sound."""
    found = listen(Listening(path), lambda fraction, text: advance(0.5 * fraction, text))
    with opened_film(path) as (film, video, fps):
        expected = max(video.frames or round(found.duration_s * fps), 1)
        seen = _watched(_each(film, cancelled), fps, lambda n: advance(0.5 + 0.5 * min(n / expected, 1.0), "Looking"))
    return _measured(seen, found, FrameRange(fps, len(seen[0])))


def bundle_in_step(folder: str, audio: str = "", start_s: float = 0.0, advance: Advance = lambda fraction, text: None,
                   cancelled: Callable[[], bool] = lambda: False) -> InStep:
    """A rendered bundle, whose parameters are measured too; with the track it was made from, also what that says."""
    bundle = open_bundle(folder)
    if bundle.wanted(bundle.frame_numbers()):
        raise Partial("not all frames of this bundle are made; run it first")
    fps, n_frames = bundle.table.fps, bundle.table.n_frames
    found = listen(Listening(audio), lambda fraction, text: advance(0.5 * fraction, text)) if audio else FeatureSet(1.0, 1.0)
    seen = _watched(_files(bundle, cancelled), fps, lambda n: advance(0.5 + 0.5 * n / n_frames, "Looking"))
    moved = {describe(bundle.look, address): np.abs(np.diff(column, prepend=column[:1]))
             for address, column in bundle.table.columns.items() if np.ptp(column) > 1e-6}
    answers = {name: answer_to_curve(seen[0], moves) for name, moves in moved.items()}
    strongest = sorted(answers, key=lambda name: -answers[name].strength)[:_MOST_PARAMETERS]
    return _measured(seen, found, FrameRange(fps, n_frames, start_s), {name: answers[name] for name in strongest})


_FEWEST = 4
_CLEAR_JUMP, _CLEAR_CORRELATION = 1.5, 0.3


def report(of: InStep) -> list[str]:
    """Lines to read."""
    lines = [f"{len(of.change)} frames at {of.fps:g} a second; median change {np.median(of.change[1:]):.2f} of 255",
             _in_short(of)]
    for name, answer in of.events.items():
        if answer.count < _FEWEST:
            continue  # a lag of so few is chance
        told = f"change {answer.strength:4.1f} × the median ({answer.count} times)"
        lines.append(f"  at {name:10s} {_lag(answer, of.fps)}, {told}")
    for name, answer in of.curves.items():
        lines.append(f"  with {name:8s} {_lag(answer, of.fps)}, correlation {answer.strength:+.2f}")
    for name, answer in of.parameters.items():
        lines.append(f"  {name:30s} {_lag(answer, of.fps)}, correlation {answer.strength:+.2f} with its movement")
    return lines + [flash.sentence() for flash in of.flashes]


def _in_short(of: InStep) -> str:
    """The clearest answer to the music, in a sentence."""
    events = {name: answer for name, answer in of.events.items() if answer.count >= _FEWEST}
    name = max(events, key=lambda name: events[name].strength, default="")
    if name and events[name].strength >= _CLEAR_JUMP:
        lag = events[name].lag
        frames = f"{abs(lag)} frame{'' if abs(lag) == 1 else 's'}"
        when = f"{frames} {'later' if lag > 0 else 'earlier'}" if lag else "in the same frame"
        return f"it moves most with {name}: {events[name].strength:.1f} times its usual change, {when}"
    name = max(of.curves, key=lambda name: of.curves[name].strength, default="")
    if name and of.curves[name].strength >= _CLEAR_CORRELATION:
        return f"it moves with {name}, a curve of the music: correlation {of.curves[name].strength:+.2f}"
    known = events or of.curves
    return "no clear answer to its music" if known else "name its track with --audio to see how it answers to that"


def _measured(seen: tuple[np.ndarray, np.ndarray], found: FeatureSet, frames: FrameRange,
              parameters: dict[str, Answer] | None = None) -> InStep:
    change, flashes = seen
    events = {name: answer_to_events(change, frames.frame_of(found.moments(name)))
              for name in EVENTS if len(found.events.get(name, ()))}
    recipes = tuple(EnvelopeRecipe(name, name, "feature", name) for name in CURVES if name in found.features)
    curves = {name: answer_to_curve(change, curve) for name, curve in make_envelopes(recipes, found, frames).items()}
    return InStep(frames.fps, change, events, curves, parameters or {}, tuple(flashing(flashes, frames.fps)))


def _watched(pictures: Iterable[np.ndarray], fps: float, advance: Callable[[int], None]) -> tuple[np.ndarray, np.ndarray]:
    """The change and the flashes at each frame; never more than two pictures in memory."""
    watch, before = FlashWatch(fps), None
    change: list[float] = []
    flashes: list[float] = []
    for picture in pictures:
        change.append(0.0 if before is None else change_between(before, picture))
        flashes.append(watch.see(picture))
        before = picture
        advance(len(change))
    if len(change) < 3:
        raise InputFileError("there are too few pictures to measure; give a longer work")
    return np.array(change), np.array(flashes)


def _each(film: av.container.InputContainer, cancelled: Callable[[], bool]) -> Iterator[np.ndarray]:
    for frame in film.decode(video=0):
        _stop_where(cancelled)
        height = max(2, round(frame.height * _WIDTH / frame.width))
        yield frame.reformat(_WIDTH, height, format="rgb24", interpolation="AREA").to_ndarray()


def _files(bundle: Bundle, cancelled: Callable[[], bool]) -> Iterator[np.ndarray]:
    for frame in bundle.frame_numbers():
        _stop_where(cancelled)
        picture = Image.fromarray(read_frame(bundle.frame_path(frame)))
        picture.thumbnail((_WIDTH, _WIDTH), Image.Resampling.BOX)
        yield np.asarray(picture)


def _stop_where(cancelled: Callable[[], bool]) -> None:
    if cancelled():
        raise Cancelled("measuring was stopped")


def _lag(answer: Answer, fps: float) -> str:
    return f"lag {answer.lag:+d} frames ({1000 * answer.lag / fps:+4.0f} ms)"
