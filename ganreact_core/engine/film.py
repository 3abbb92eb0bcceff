"""Frames and their sound -> an .mp4 that plays anywhere: H.264 and AAC, in step from the first sample."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from PIL import Image

from ..audio import load_audio
from ..bundle import Bundle
from ..errors import AudioError, Partial, UsageError
from ..files import disk_error, whole_file
from ..flashes import FlashLimiter, FlashWatch, flashing

_SOUND_RATE_HZ = 48_000
_AAC_FRAME = 1024
_BT709 = 1


def write_film(path: Path, bundle: Bundle, frames: range, audio: str, *, start_s: float = 0.0,
               progress: Callable[[int, int], None] = lambda done, total: None,
               limit_flashes: bool = False) -> tuple[str, ...]:
    """Encode frames of a bundle with the sound from start_s on; `progress` may raise to stop.

    limit_flashes   holds frames back that flash too often; the frames' files stay as they are
    Returns sentences on flashes that can be dangerous, or on what was held back.
    Raises Partial where a frame is missing or stale, UsageError for sides that H.264 cannot have.
    """
    check_film(path, bundle.look.size)
    wanted = bundle.wanted(frames, deep=True)
    if wanted:
        raise Partial(f"{len(wanted)} frames are missing or stale, the first is {min(wanted)}; render them first")
    sound = _stereo(audio, start_s, len(frames) / bundle.table.fps)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        eye = _Eye(bundle.table.fps, limit_flashes)
        with whole_file(path) as file, av.open(file, "w", format="mp4") as film:
            _encode(film, bundle, frames, sound, eye, progress)
        return eye.told()
    except OSError as cause:
        raise disk_error(path, cause) from cause


def check_film(path: Path, size: tuple[int, int]) -> None:
    """Raises UsageError where no film can be written there, before hours are spent on its frames."""
    if path.is_dir():
        raise UsageError(f"'{path.name}' is a folder, not a film; give the film another name")
    if size[0] % 2 or size[1] % 2:
        raise UsageError(f"a film of {size[0]}×{size[1]} cannot be made: H.264 needs even sides; make it one pixel larger")


def _encode(film: av.container.OutputContainer, bundle: Bundle, frames: range, sound: np.ndarray, eye: _Eye,
            progress: Callable[[int, int], None]) -> None:
    """Picture and sound interleaved, so that neither waits long for the other in the file."""
    fps = Fraction(bundle.table.fps).limit_denominator(1001)
    video = film.add_stream("libx264", rate=fps, options={"crf": "17", "preset": "medium"})
    video.width, video.height = bundle.look.size
    video.pix_fmt = "yuv420p"
    context = video.codec_context  # said in the file, so that every player shows the same colours
    context.colorspace, context.color_primaries, context.color_trc = Colorspace.ITU709, _BT709, _BT709
    context.color_range = ColorRange.MPEG
    voice = film.add_stream("aac", rate=_SOUND_RATE_HZ, layout="stereo")
    voice.bit_rate = 192_000
    heard = 0
    for count, frame in enumerate(frames, 1):
        film.mux(video.encode(_picture(eye.seen(_pixels(bundle.frame_path(frame), video.width, video.height)))))
        until = min(sound.shape[1], round(count / bundle.table.fps * _SOUND_RATE_HZ))
        while heard < until:
            film.mux(voice.encode(_sound(sound[:, heard:heard + _AAC_FRAME], heard)))
            heard += _AAC_FRAME
        progress(count, len(frames))
    film.mux(video.encode(None))
    film.mux(voice.encode(None))


class _Eye:
    """Watches a film for flashes, and holds them back where that is wanted."""

    def __init__(self, fps: float, limit: bool):
        self._fps, self._watch, self._limiter = fps, FlashWatch(fps), FlashLimiter(fps) if limit else None
        self._flashes: list[float] = []

    def seen(self, picture: np.ndarray) -> np.ndarray:
        """The picture as it is shown."""
        shown = self._limiter.limited(picture) if self._limiter else picture
        self._flashes.append(self._watch.see(shown))
        return shown

    def told(self) -> tuple[str, ...]:
        if self._limiter and self._limiter.held:
            return (f"{self._limiter.held} frames were held back, so that nothing flashes more than three times a second",)
        return tuple(f.sentence() + "; --limit-flashes holds them back" for f in flashing(np.array(self._flashes), self._fps))


def _pixels(path: Path, width: int, height: int) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))[:height, :width]


def _picture(rgb: np.ndarray) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
    return frame.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG)


def _sound(samples: np.ndarray, at: int) -> av.AudioFrame:
    block = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout="stereo")
    block.sample_rate, block.pts, block.time_base = _SOUND_RATE_HZ, at, Fraction(1, _SOUND_RATE_HZ)
    return block


def _stereo(audio: str, start_s: float, duration_s: float) -> np.ndarray:
    """float32 [2, n]: the first two channels, or the only one twice; silence where the sound ends early."""
    def side(channel: int) -> np.ndarray:
        return load_audio(audio, start_s=start_s, duration_s=duration_s, sample_rate_hz=_SOUND_RATE_HZ, channel=channel).samples

    left = side(0)
    try:
        right = side(1)
    except AudioError:  # one channel
        right = left
    n = round(duration_s * _SOUND_RATE_HZ)
    return np.stack([np.pad(s[:n], (0, max(0, n - len(s)))) for s in (left, right)])


