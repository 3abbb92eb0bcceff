"""Frames and their sound -> a film, in step from the first sample; its name's ending says how it is coded."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace

from ..bundle import Bundle
from ..depths import as_bytes
from ..errors import Partial
from ..files import disk_error, whole_file
from ..flashes import FlashLimiter, FlashWatch, flashing
from .film_formats import FilmFormat, format_of
from .film_sound import Stretch, heard
from .frame_pictures import read_frame

_SOUND_BLOCK = 1024  # samples, where the encoder does not say
_BT709 = 1
_READERS, _READ_AHEAD = 2, 8


def write_film(path: Path, bundle: Bundle, frames: range, audio: str | Sequence[Stretch], *, start_s: float = 0.0,
               progress: Callable[[int, int], None] = lambda done, total: None,
               limit_flashes: bool = False, pictures: Iterator[np.ndarray] | None = None) -> tuple[str, ...]:
    """Encode frames of a bundle with the sound from start_s on; `progress` may raise to stop.

    audio           a file, or stretches of files, which say themselves where they begin
    limit_flashes   holds frames back that flash too often; the frames' files stay as they are
    pictures        uint8 or uint16 [h, w, 3] of these frames in order, where they do not come from the bundle's files
    Returns sentences on flashes that can be dangerous, or on what was held back.
    Raises Partial where a frame is missing or stale, UsageError for an ending that is not known or sides it cannot have.
    """
    coded = format_of(path, bundle.look.size)
    wanted = {} if pictures else bundle.wanted(frames, deep=True)
    if wanted:
        raise Partial(f"{len(wanted)} frames are missing or stale, the first is {min(wanted)}; render them first")
    lasts_s = len(frames) / bundle.table.fps
    sound = heard([Stretch(audio, start_s, lasts_s)] if isinstance(audio, str) else audio, lasts_s, coded.sound_rate_hz)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        eye = _Eye(bundle.table.fps, limit_flashes)
        with whole_file(path) as file, av.open(file, "w", format=coded.container) as film:
            streams = _streams(film, coded, bundle)
            fine = coded.keeps_more(bundle.look) and not limit_flashes
            seen = map(eye.seen, pictures or _from_files(bundle, frames, fine))
            _encode(film, streams, seen, len(frames), sound=sound, fps=bundle.table.fps, progress=progress)
        return eye.told()
    except OSError as cause:
        raise disk_error(path, cause) from cause


def _streams(film: av.container.OutputContainer, coded: FilmFormat, bundle: Bundle) -> tuple[Any, Any]:
    """Picture and sound, with their colours said in the file, so that every player shows the same."""
    fps = Fraction(bundle.table.fps).limit_denominator(1001)
    video: Any = film.add_stream(coded.video, rate=fps, options=coded.options)
    video.width, video.height = bundle.look.size
    video.pix_fmt = coded.pixels
    if coded.pixels.startswith("yuv"):
        context = video.codec_context
        context.colorspace, context.color_primaries, context.color_trc = Colorspace.ITU709, _BT709, _BT709
        context.color_range = ColorRange.MPEG
    voice: Any = film.add_stream(coded.audio, rate=coded.sound_rate_hz, layout="stereo")
    if coded.audio in ("aac", "libopus"):
        voice.bit_rate = 192_000
    return video, voice


def _encode(film: av.container.OutputContainer, streams: tuple[Any, Any], pictures: Iterator[np.ndarray], total: int, *,
            sound: np.ndarray, fps: float, progress: Callable[[int, int], None]) -> None:
    """Picture and sound interleaved, so that neither waits long for the other in the file."""
    video, voice = streams
    rate, block, heard = voice.rate, voice.codec_context.frame_size or _SOUND_BLOCK, 0
    resampler = av.AudioResampler(format=voice.codec_context.format, layout="stereo", rate=rate)
    for count, pixels in enumerate(pictures, 1):
        film.mux(video.encode(_picture(pixels, video.pix_fmt)))
        until = min(sound.shape[1], round(count / fps * rate))
        while heard < until:
            for part in resampler.resample(_sound(sound[:, heard:heard + block], heard, rate)):
                film.mux(voice.encode(part))
            heard += block
        progress(count, total)
    film.mux(video.encode(None))
    film.mux(voice.encode(None))


def _from_files(bundle: Bundle, frames: range, fine: bool) -> Iterator[np.ndarray]:
    """Pictures in order, the next ones being decoded while one is encoded."""
    waiting: deque[Future[np.ndarray]] = deque()
    with ThreadPoolExecutor(_READERS) as readers:
        for frame in frames:
            waiting.append(readers.submit(_pixels, bundle.frame_path(frame), bundle.look.size, fine))
            if len(waiting) > _READ_AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


class _Eye:
    """Watches a film for flashes, and holds them back where that is wanted."""

    def __init__(self, fps: float, limit: bool):
        self._fps, self._watch, self._limiter = fps, FlashWatch(fps), FlashLimiter(fps) if limit else None
        self._flashes: list[float] = []

    def seen(self, picture: np.ndarray) -> np.ndarray:
        """The picture as it is shown."""
        shown = self._limiter.limited(as_bytes(picture)) if self._limiter else picture
        self._flashes.append(self._watch.see(as_bytes(shown)))
        return shown

    def told(self) -> tuple[str, ...]:
        if self._limiter and self._limiter.held:
            return (f"{self._limiter.held} frames were held back, so that nothing flashes more than three times a second",)
        return tuple(f.sentence() + "; --limit-flashes holds them back" for f in flashing(np.array(self._flashes), self._fps))


def _pixels(path: Path, size: tuple[int, int], fine: bool) -> np.ndarray:
    return read_frame(path, fine=fine)[:size[1], :size[0]]


def _picture(rgb: np.ndarray, pixels: str) -> av.VideoFrame:
    kind = "rgb24" if rgb.dtype == np.uint8 else "rgb48le"
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format=kind)
    if not pixels.startswith("yuv"):
        return frame.reformat(format=pixels)
    return frame.reformat(format=pixels, dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG)


def _sound(samples: np.ndarray, at: int, rate: int) -> av.AudioFrame:
    block = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout="stereo")
    block.sample_rate, block.pts, block.time_base = rate, at, Fraction(1, rate)
    return block
