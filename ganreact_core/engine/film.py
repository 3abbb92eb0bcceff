"""Frames and their sound -> an .mp4 that plays anywhere: H.264 and AAC, in step from the first sample."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

from ..audio import load_audio
from ..bundle import Bundle
from ..errors import AudioError, Partial
from ..files import disk_error

_SOUND_RATE_HZ = 48_000
_AAC_FRAME = 1024


def write_film(path: Path, bundle: Bundle, frames: range, audio: str, *, start_s: float = 0.0,
               progress: Callable[[int, int], None] = lambda done, total: None) -> None:
    """Encode frames of a bundle with the sound from start_s on; raises Partial where a frame is missing or stale."""
    wanted = bundle.wanted(frames)
    if wanted:
        raise Partial(f"{len(wanted)} frames are missing or stale, the first is {min(wanted)}; render them first")
    duration_s = len(frames) / bundle.table.fps
    sound = _stereo(audio, start_s, duration_s)
    temporary = path.with_name(f".{path.stem}.part{path.suffix or '.mp4'}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with av.open(str(temporary), "w", format="mp4", options={"movflags": "+faststart"}) as film:
            _encode(film, bundle, frames, sound, progress)
        temporary.replace(path)
    except OSError as cause:
        raise disk_error(path, cause) from cause
    finally:
        temporary.unlink(missing_ok=True)


def _encode(film: av.container.OutputContainer, bundle: Bundle, frames: range, sound: np.ndarray,
            progress: Callable[[int, int], None]) -> None:
    """Picture and sound interleaved, so that neither waits long for the other in the file."""
    fps = Fraction(bundle.table.fps).limit_denominator(1001)
    video = film.add_stream("libx264", rate=fps, options={"crf": "17", "preset": "medium"})
    video.width, video.height = (side - side % 2 for side in bundle.look.size)  # 4:2:0 needs even sides
    video.pix_fmt = "yuv420p"
    voice = film.add_stream("aac", rate=_SOUND_RATE_HZ, layout="stereo")
    voice.bit_rate = 192_000
    heard = 0
    for count, frame in enumerate(frames, 1):
        film.mux(video.encode(_picture(bundle.frame_path(frame), video.width, video.height)))
        until = min(sound.shape[1], round(count / bundle.table.fps * _SOUND_RATE_HZ))
        while heard < until:
            film.mux(voice.encode(_sound(sound[:, heard:heard + _AAC_FRAME], heard)))
            heard += _AAC_FRAME
        progress(count, len(frames))
    film.mux(video.encode(None))
    film.mux(voice.encode(None))


def _picture(path: Path, width: int, height: int) -> av.VideoFrame:
    with Image.open(path) as image:
        rgb = np.asarray(image.convert("RGB"))[:height, :width]
    return av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")


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


