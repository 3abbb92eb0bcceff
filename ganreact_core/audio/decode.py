"""Packets to samples by PyAV, block by block: mixed down, resampled, set at the times their stamps say."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import av
import numpy as np

from ..errors import AudioError, MemoryShortage
from ..files import shown
from .containers import missing_end, open_regular, sniff

_GAP_S = 0.03
"""Stamps are trusted where they differ from the count of samples by more: Matroska rounds them to a millisecond."""
_BLOCK = 1 << 16
# Titles in a broken encoding must not hide the sound; from PyAV 19 on they cannot, and the argument is gone.
LENIENT: dict[str, Any] = {"metadata_errors": "replace"} if int(av.__version__.split(".")[0]) < 19 else {}
_ONLY_ITSELF = {"protocol_whitelist": "file"}
_PROTECTED = ("drms", "enca")
"""Encrypted sound in MP4 (FairPlay; ISO 14496-12, 8.12): what would be decoded is noise."""
_BROKEN_LIMIT = 1e-3
_HUGE = 1e6


@dataclass(frozen=True)
class Range:
    """What to decode: from `start_s`, `duration_s` long, at `sample_rate_hz` (None: the file's own)."""

    start_s: float
    duration_s: float
    sample_rate_hz: int | None
    whole: bool


@dataclass(frozen=True)
class Decoded:
    """What came out: float32 [n_samples], its rate, the file's length in seconds, sentences."""

    samples: np.ndarray
    sample_rate_hz: int
    source_s: float
    warnings: tuple[str, ...]


def check_sound(path: str | os.PathLike, *, longest_s: float, track: int = 0) -> None:
    """Raises AudioError where a file's head tells already that it cannot be heard: nothing is decoded."""
    name = shown(path)
    with open_regular(path) as file:
        try:
            with av.open(file, "r", format=sniff(file, name), options=_ONLY_ITSELF, **LENIENT) as source:
                _require_length(_promised_s(source, _track(source, track, name)), longest_s, name)
        except (av.FFmpegError, ValueError, MemoryError, OSError) as cause:
            raise AudioError(f"'{name}' is damaged and cannot be decoded; copy or export it again") from cause


def decode(path: str | os.PathLike, wanted: Range, *, channel: int | None = None, track: int = 0) -> Decoded:
    """One track of a file as mono samples; raises AudioError."""
    name = shown(path)
    with open_regular(path) as file:
        try:
            kind, cut = sniff(file, name), missing_end(file)
            with av.open(file, "r", format=kind, options=_ONLY_ITSELF, **LENIENT) as source:
                decoded = _decode_track(source, _track(source, track, name), wanted, channel, name)
        except (av.FFmpegError, ValueError, OSError) as cause:  # also the library's own lack of memory, which lies provoke
            raise AudioError(f"'{name}' is damaged and cannot be decoded; copy or export it again") from cause
        except MemoryError as cause:
            raise MemoryShortage(f"'{name}' does not fit into memory; choose a range of it, or end other programs") from cause
    return decoded if decoded.warnings or not cut else replace(decoded, warnings=(
        f"'{name}' is cut at {decoded.source_s:.1f} s; copy or download it again for the rest",))


def _track(container: av.container.InputContainer, track: int, name: str) -> av.AudioStream:
    streams = container.streams.audio
    if not streams:
        what = "this video has no sound" if container.streams.video else "no audio in this file"
        raise AudioError(f"'{name}': {what}; choose a file with sound")
    if not 0 <= track < len(streams):
        tracks = "one audio track" if len(streams) == 1 else f"{len(streams)} audio tracks"
        raise AudioError(f"'{name}' has {tracks} and no number {track}; count from 0")
    stream = streams[track]
    if stream.codec_context is None:
        raise AudioError(f"'{name}' holds an encoding that cannot be decoded here; convert it to WAV or FLAC")
    if stream.codec_context.codec_tag in _PROTECTED:
        raise AudioError(f"'{name}' has a copy protection; choose a file without one")
    rate, channels = stream.codec_context.sample_rate, stream.codec_context.channels
    if not 1000 <= rate <= 768_000:
        raise AudioError(f"'{name}' says {rate} samples per second, which cannot be; export it again")
    if not 1 <= channels <= 64:
        raise AudioError(f"'{name}' says {channels} channels, which cannot be; export it again")
    return stream


def _decode_track(container, stream: av.AudioStream, wanted: Range, channel: int | None, name: str) -> Decoded:
    rate = stream.codec_context.sample_rate
    promised_s = _promised_s(container, stream)
    if wanted.whole:
        _require_length(promised_s, wanted.start_s + wanted.duration_s, name)
    timeline = _Timeline(rate, wanted)
    resampler = av.AudioResampler("fltp", "mono", wanted.sample_rate_hz or rate)
    out = _Growing(int(min(wanted.duration_s, max(promised_s, 60.0)) * (wanted.sample_rate_hz or rate)) + _BLOCK)
    mix = _MixDown(channel, name)
    for block in _blocks(timeline.placed(mix.mono(_frames(container, stream)))):
        _resample_into(out, resampler, block, rate)
    _resample_into(out, resampler, None, rate)
    if timeline.end == 0:
        raise AudioError(f"no audio in this file: '{name}' has a header and no sound; copy or export it again")
    n_samples = -(-timeline.n_inside * (wanted.sample_rate_hz or rate) // rate)
    return Decoded(out.taken(n_samples), wanted.sample_rate_hz or rate, max(promised_s, timeline.end / rate),
                   mix.warnings(timeline.end) + _cut_warning(name, promised_s, timeline))


def _require_length(promised_s: float, longest_s: float, name: str) -> None:
    if promised_s > longest_s:
        raise AudioError(f"'{name}' is {promised_s / 3600:.1f} hours long; choose a range of it")


def _promised_s(container, stream: av.AudioStream) -> float:
    """The length the file's head speaks of in seconds, 0 where it says none; it is never relied on."""
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return (container.duration or 0) / 1e6


def _frames(container, stream: av.AudioStream) -> Iterator[tuple[av.AudioFrame, float]]:
    """Decoded frames with their time in seconds since the container's start; damaged packets are left out."""
    origin_s = (container.start_time or 0) / 1e6
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except (StopIteration, av.FFmpegError):
            return
        try:
            frames = packet.decode()
        except av.FFmpegError:
            continue
        for frame in frames:
            yield frame, np.nan if frame.pts is None else float(frame.pts * frame.time_base) - origin_s


class _MixDown:
    """Frames of any layout to mono; counts the samples that are not numbers."""

    def __init__(self, channel: int | None, name: str) -> None:
        self.channel, self.name, self.broken = channel, name, 0

    def mono(self, frames) -> Iterator[tuple[np.ndarray, float, int]]:
        """float32 [n], its time in seconds (NaN: follows on), its rate."""
        for frame, time_s in frames:
            planes = _float_planes(frame)
            if self.channel is not None and not 0 <= self.channel < len(planes):
                channels = "one channel" if len(planes) == 1 else f"{len(planes)} channels"
                raise AudioError(f"'{self.name}' has {channels} and no number {self.channel}; count from 0")
            good = np.isfinite(planes)
            if not good.all():
                self.broken += int((~good.all(axis=0)).sum())
                planes = np.where(good, planes, 0)
            planes = np.clip(planes, -_HUGE, _HUGE)
            mixed = planes.mean(axis=0) if self.channel is None else planes[self.channel]
            yield mixed.astype(np.float32, copy=False), time_s, frame.sample_rate

    def warnings(self, n_samples: int) -> tuple[str, ...]:
        """What the broken samples mean; raises AudioError where there are too many."""
        if self.broken > _BROKEN_LIMIT * n_samples:
            raise AudioError(f"'{self.name}' is full of values that are not numbers; export it again")
        said = f"'{self.name}' had {self.broken} values that are not numbers; they were silenced"
        return (said,) if self.broken else ()


def _float_planes(frame: av.AudioFrame) -> np.ndarray:
    """[channels, n] as float, full scale −1…1, of whatever the decoder gives."""
    a = frame.to_ndarray()
    if not frame.format.is_planar:
        a = a.reshape(-1, len(frame.layout.channels)).T
    if a.dtype.kind == "f":
        return a
    half = float(2 ** (8 * a.dtype.itemsize - 1))
    return (a.astype(np.float32) - (half if a.dtype.kind == "u" else 0)) / np.float32(half)


class _Timeline:
    """Puts pieces one after the other, fills gaps with silence, drops what overlaps or lies outside the range."""

    def __init__(self, rate: int, wanted: Range) -> None:
        self.rate, self.end = rate, 0
        self.first = round(wanted.start_s * rate)
        self.stop = self.first + round(wanted.duration_s * rate)
        self.finished = False

    @property
    def n_inside(self) -> int:
        """Samples that lie in the range."""
        return max(0, min(self.end, self.stop) - self.first)

    def placed(self, pieces) -> Iterator[np.ndarray]:
        """Samples of the range in order, at one rate."""
        for piece, time_s, rate in pieces:
            samples = piece if rate == self.rate else _at_rate(piece, rate, self.rate)
            ahead = 0 if np.isnan(time_s) else round(time_s * self.rate) - self.end
            if ahead > _GAP_S * self.rate:
                yield from self._cut(np.zeros(min(ahead, self.stop - self.end), np.float32))
            overlap = -ahead if ahead < -_GAP_S * self.rate else 0
            yield from self._cut(samples[overlap:])
            if self.end >= self.stop:
                self.finished = True
                return

    def _cut(self, samples: np.ndarray) -> Iterator[np.ndarray]:
        start, self.end = self.end, self.end + len(samples)
        inside = samples[max(0, self.first - start):max(0, self.stop - start)]
        if len(inside):
            yield inside


def _at_rate(samples: np.ndarray, rate: int, wanted: int) -> np.ndarray:
    """A piece whose rate changed in mid-stream; linear is good enough for what hardly ever happens."""
    n = round(len(samples) * wanted / rate)
    return np.interp(np.arange(n) * rate / wanted, np.arange(len(samples)), samples).astype(np.float32)


def _blocks(pieces: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    """Small pieces gathered: the resampler's cost is per call."""
    gathered, n = [], 0
    for piece in pieces:
        gathered.append(piece)
        n += len(piece)
        if n >= _BLOCK:
            yield np.concatenate(gathered)
            gathered, n = [], 0
    if n:
        yield np.concatenate(gathered)


def _resample_into(out: _Growing, resampler: av.AudioResampler, block: np.ndarray | None, rate: int) -> None:
    frame = None
    if block is not None:
        frame = av.AudioFrame.from_ndarray(block[None], "fltp", "mono")
        frame.sample_rate = rate
    for resampled in resampler.resample(frame):
        out.add(resampled.to_ndarray()[0])


class _Growing:
    """float32 samples that grow in place: a list and its concatenation would hold everything twice."""

    def __init__(self, capacity: int) -> None:
        self.samples, self.n = np.empty(capacity, np.float32), 0

    def add(self, block: np.ndarray) -> None:
        if self.n + len(block) > len(self.samples):
            self.samples.resize(int(1.3 * (self.n + len(block))), refcheck=False)
        self.samples[self.n:self.n + len(block)] = block
        self.n += len(block)

    def taken(self, n_samples: int) -> np.ndarray:
        """The first `n_samples`, with zeros where the resampler kept a few back; spare memory is returned."""
        self.samples.resize(n_samples, refcheck=False)
        self.samples[self.n:] = 0
        return self.samples


def _cut_warning(name: str, promised_s: float, timeline: _Timeline) -> tuple[str, ...]:
    heard_s = timeline.end / timeline.rate
    if timeline.finished or heard_s >= promised_s - max(0.1, 0.001 * promised_s):
        return ()
    return (f"'{name}' is cut at {heard_s:.1f} s of {promised_s:.1f} s; copy or download it again for the rest",)
