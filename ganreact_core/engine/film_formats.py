"""How a film is coded, by the ending of its name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..errors import UsageError
from ..look import Look


@dataclass(frozen=True)
class FilmFormat:
    """A container with its picture and its sound.

    container, video, audio   names of FFmpeg's
    pixels     pixel format: how colours are stored
    options    of the video encoder
    steps      both sides must be multiples of this, as colours are stored at half the size
    """

    container: str
    video: str
    audio: str
    pixels: str
    options: dict[str, str]
    steps: tuple[int, int]
    sound_rate_hz: int = 48_000
    what: str = ""

    def keeps_more(self, look: Look) -> bool:
        """Whether it has more than 8 bits a colour, and a look's frames have too."""
        return self.pixels.endswith("10le") and (look.format == "exr" or (look.format == "png" and look.depth == 16))


_H264 = FilmFormat("mp4", "libx264", "aac", "yuv420p", {"crf": "17", "preset": "medium"}, (2, 2), what="H.264, plays anywhere")
FORMATS = {
    ".mp4": _H264,
    ".m4v": _H264,
    ".mov": FilmFormat("mov", "prores_ks", "pcm_s16le", "yuv422p10le", {"profile": "hq", "vendor": "apl0"}, (2, 1),
                       what="ProRes 422 HQ, to go on working with"),
    ".mkv": FilmFormat("matroska", "ffv1", "flac", "bgr0", {"level": "3", "slicecrc": "1"}, (1, 1),
                       what="FFV1, without any loss"),
    ".webm": FilmFormat("webm", "libvpx-vp9", "libopus", "yuv420p", {"crf": "20", "b": "0", "row-mt": "1", "cpu-used": "3"},
                        (2, 2), what="VP9, for the web"),
}
"""Ending of the file's name -> how it is coded."""


def format_of(path: Path, size: tuple[int, int]) -> FilmFormat:
    """Raises UsageError where no film of that name and size can be written, before hours are spent on its frames."""
    if path.is_dir():
        raise UsageError(f"'{path.name}' is a folder, not a film; give the film another name")
    found = FORMATS.get(path.suffix.lower())
    if found is None:
        raise UsageError(f"'{path.suffix}' films are not made; name it {', '.join(FORMATS)}")
    for side, step in zip(size, found.steps, strict=True):
        if side % step:
            raise UsageError(f"a film of {size[0]}×{size[1]} cannot be made: {found.what.split(',', maxsplit=1)[0]} needs even "
                             "sides; make it one pixel larger")
    return found
