"""Many clips laid over each other become one piece: envelopes, overlap, length and peak. Only what still sounds is kept."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from .errors import UsageError
from .steps import Piece, Points

PEAK = 0.5
_SILENT = 1e-6  # a clip whose peak is below this has nothing to be made louder
_BLOCK = 1 << 16
_AUDIBLE = 1e-3  # of the peak: 60 dB below it
_AFTER_S = 0.02  # kept after what was last heard


def envelope_of(piece: Piece, sample_rate: int) -> np.ndarray:
    """float32: 0 while trimmed, a straight rise from 0 to 1 with both ends, 1, a straight fall to 0."""
    trim, attack, sustain, release = (sample_rate * part // 100 for part in _hundredths(piece))
    parts = [np.zeros(trim), np.linspace(0, 1, attack), np.ones(sustain), np.linspace(1, 0, release)]
    return np.concatenate(parts).astype(np.float32)


def check_envelope(piece: Piece, clip_s: float) -> None:
    """Raises UsageError where the envelope is longer than a clip, or has no length."""
    total = sum(_hundredths(piece))
    if total > math.floor(clip_s * 100 + 1e-6):
        raise UsageError(f"trim, attack, sustain and release last {total / 100:g} s together, "
                         f"longer than a clip of {clip_s:g} s; shorten one of them")
    if total <= _hundredths(piece)[0]:
        raise UsageError("attack, sustain and release last 0 s together; lengthen one of them")


def length_of(piece: Piece, points: Points, sample_rate: int, clip_s: float) -> int:
    """Samples of a piece: whole seconds as the published program counts them, or more where a clip would be cut."""
    counted = int(piece.spacing_s * (len(points) + 1) + clip_s) * sample_rate
    if piece.rule != "even":
        return counted
    end = place(float(points.at_s[-1]), sample_rate) + sum(sample_rate * part // 100 for part in _hundredths(piece))
    has_times = all(step.at_s is not None for step in piece.steps)
    return end if has_times else max(counted, end)


def place(at_s: float, sample_rate: int) -> int:
    """The sample at which a second lies, rounded down; what floats miss by a hair counts as reached."""
    return math.floor(at_s * sample_rate + 1e-4)


@dataclass
class Loudness:
    """What a sound was like so far, block by block.

    signed   the peak is the largest value, as the published program has it, instead of the largest magnitude
    peak     of all that was heard
    end      samples up to the last that could be heard; what is too soft beside the peak so far is not
    length   samples so far
    """

    signed: bool = False
    peak: float = 0.0
    end: int = 0
    length: int = 0

    def hear(self, block: np.ndarray) -> None:
        """The next block."""
        size = np.abs(block)
        self.peak = max(self.peak, float((block if self.signed else size).max(initial=0.0)))
        loud = np.flatnonzero(size > _AUDIBLE * self.peak)
        self.end = self.length + int(loud[-1]) + 1 if len(loud) else self.end
        self.length += len(block)

    def kept(self, sample_rate: int, *, trim_tail: bool) -> int:
        """Samples that belong into the file."""
        return min(self.length, self.end + round(_AFTER_S * sample_rate)) if trim_tail else self.length


@dataclass
class Stitcher:
    """Makes one sound of a piece's clips.

    silent    numbers of the clips, from 1, that held nothing to hear
    """

    piece: Piece
    points: Points
    sample_rate: int
    clip_s: float
    silent: list[int] = field(default_factory=list)

    def blocks(self, clips: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """Clips, one for each point, each [clip_s·sample_rate] -> finished blocks of the piece, in order."""
        return overlaid(self._grains(clips), length_of(self.piece, self.points, self.sample_rate, self.clip_s))

    def _grains(self, clips: Iterable[np.ndarray]) -> Iterator[tuple[int, np.ndarray]]:
        check_envelope(self.piece, self.clip_s)
        shape = envelope_of(self.piece, self.sample_rate)
        for n, (clip, at_s) in enumerate(zip(clips, self.points.at_s, strict=True), 1):
            grain = clip[:len(shape)] * shape
            peak = float((grain if self.piece.rule != "even" else np.abs(grain)).max(initial=0.0))
            if peak > _SILENT and np.isfinite(peak):
                yield place(float(at_s), self.sample_rate), grain * (PEAK / peak)
            else:
                self.silent.append(n)


def overlaid(grains: Iterable[tuple[int, np.ndarray]], total: int) -> Iterator[np.ndarray]:
    """(first sample, samples) in order of their beginning -> their sum, cut or filled to `total` samples, block by block."""
    pending, done = np.zeros(0, np.float32), 0  # what sounds from sample `done` on
    for start, grain in grains:
        while done < min(start, total):
            n = min(start, total, done + _BLOCK) - done
            yield _filled(pending[:n], n)
            pending, done = pending[n:], done + n
        if len(grain) > len(pending):
            pending = _filled(pending, len(grain))
        pending[:len(grain)] += grain
    while done < total:
        n = min(total - done, _BLOCK)
        yield _filled(pending[:n], n)
        pending, done = pending[n:], done + n


def _filled(samples: np.ndarray, n: int) -> np.ndarray:
    """Zeros after it up to n samples; always a copy."""
    out = np.zeros(n, np.float32)
    out[:len(samples)] = samples
    return out


def _hundredths(piece: Piece) -> tuple[int, ...]:
    """Trim, attack, sustain, release in whole hundredths of a second, rounded down."""
    return tuple(math.floor(t * 100 + 1e-6) for t in (piece.trim_s, piece.attack_s, piece.sustain_s, piece.release_s))
