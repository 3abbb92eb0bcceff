"""Films from anywhere, opened so that they lead nowhere else: a list of other files, or a script, is no film."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av

from ..audio.containers import open_regular
from ..audio.decode import LENIENT
from ..errors import InputFileError
from ..files import shown

_FORMATS = ("mov", "matroska", "avi", "mpeg", "mpegvideo", "mpegts", "ogg", "flv", "asf", "mxf", "dv", "m4v", "ivf",
            "yuv4mpegpipe", "h264", "hevc", "gif", "apng",
            "png_pipe", "jpeg_pipe", "webp_pipe", "tiff_pipe", "bmp_pipe", "exr_pipe")
"""FFmpeg's names of what holds its pictures itself; playlists (hls, concat, dash …) hold names of other files."""
_OPTIONS = {"format_whitelist": ",".join(_FORMATS), "protocol_whitelist": "file"}


@contextmanager
def opened_film(path: str | Path) -> Iterator[tuple[av.container.InputContainer, Any, float]]:
    """(the film, its pictures' stream, pictures a second); raises InputFileError where it has none, or cannot be read."""
    with open_regular(path) as file:
        try:
            with av.open(file, "r", options=_OPTIONS, **LENIENT) as film:
                if not film.streams.video:
                    raise InputFileError(f"'{shown(path)}' has no pictures; choose a film")
                video = film.streams.video[0]
                video.thread_type = "AUTO"
                yield film, video, float(video.average_rate or video.guessed_rate or 24)
        except (av.FFmpegError, OSError) as cause:
            raise InputFileError(f"'{shown(path)}' cannot be read as a film; encode it again") from cause
