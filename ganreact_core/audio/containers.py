"""Which container a file is, by its first bytes; files that are no sound are refused here, before any decoder runs."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from ..errors import AudioError, InputFileError
from ..files import not_there, require_there, shown

_HEAD_BYTES = 4096
_MOST_BYTES = 64 << 20
_UNKNOWN = 0xFFFFFFFF
"""A size that was not known when the head was written, or that stands elsewhere (RF64)."""
_PLAYLISTS = (b"#extm3u", b"ffconcat", b"[playlist]", b"<?wpl", b"<mpd", b"v=0\r", b"v=0\n")


def open_regular(path: str | os.PathLike) -> BinaryIO:
    """The file opened for reading, once; raises AudioError where it is missing, no file, unreadable or empty."""
    try:
        # O_NONBLOCK: opening a named pipe must not wait for its writer.
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError as cause:
        raise AudioError(not_there(path, "file")) from cause
    except (OSError, ValueError) as cause:
        reason = getattr(cause, "strerror", None) or "its name cannot be used"
        raise AudioError(f"'{shown(path)}' cannot be opened ({reason}); choose another file") from cause
    status = os.fstat(fd)
    if not stat.S_ISREG(status.st_mode):
        os.close(fd)
        raise AudioError(f"'{shown(path)}' is a folder or a device, not a file; choose a sound file")
    if status.st_size == 0:
        os.close(fd)
        raise AudioError(f"'{shown(path)}' is empty; copy or download it again")
    return os.fdopen(fd, "rb")


def require_small(path: str | os.PathLike) -> None:
    """Raises InputFileError for what is no file, or too large to be notes or a table."""
    file = Path(path)
    require_there(file, "file")
    if not file.is_file():
        raise InputFileError(f"'{shown(path)}' is no file; choose one")
    if file.stat().st_size > _MOST_BYTES:
        raise InputFileError(f"'{shown(path)}' is larger than {_MOST_BYTES >> 20} MB; choose a smaller file")


def sniff(file: BinaryIO, name: str) -> str:
    """The demuxer's name for an open file; raises AudioError for anything but the containers known here."""
    head = _head(file, 0)
    if head[:3] == b"ID3":
        head = _head(file, _id3_bytes(head))
        return "flac" if head[:4] == b"fLaC" else "mp3"
    found = _container(head)
    if found is None:
        raise AudioError(f"'{name}' {_what_else(head)}")
    return found


def missing_end(file: BinaryIO) -> bool:
    """Whether a WAV, AIFF or Ogg file is shorter than it says; the decoder hides that for these."""
    size = os.fstat(file.fileno()).st_size
    head = _head(file, 0)
    file.seek(max(0, size - (1 << 16)))
    tail = file.read()
    file.seek(0)
    if head[:4] in (b"RIFF", b"FORM"):
        return any(said != _UNKNOWN and before + said > size for before, said in _promises(head))
    last = tail.rfind(b"OggS")
    # Bit 2 of a page's flags marks the last one (RFC 3533, section 6).
    return head[:4] == b"OggS" and not (last >= 0 and int.from_bytes(tail[last + 5:last + 6], "big") & 4)


def _promises(head: bytes) -> list[tuple[int, int]]:
    """Where the content of a WAV or AIFF begins and how many bytes it is said to have; in a WAV also of its sound alone."""
    if head[:4] == b"FORM":
        return [(8, int.from_bytes(head[4:8], "big"))]
    sizes, at = [(8, int.from_bytes(head[4:8], "little"))], 12
    while head[at:at + 4] and head[at:at + 4] != b"data":
        n = int.from_bytes(head[at + 4:at + 8], "little")
        at += 8 + n + n % 2
    return [*sizes, (at + 8, int.from_bytes(head[at + 4:at + 8], "little"))]


def _head(file: BinaryIO, offset: int) -> bytes:
    file.seek(offset)
    head = file.read(_HEAD_BYTES)
    file.seek(0)
    return head


def _id3_bytes(head: bytes) -> int:
    """Length of an ID3v2 tag: four bytes of seven bits (id3.org, 2.4.0, section 3.1)."""
    a, b, c, d = (x & 127 for x in head[6:10].ljust(4, b"\0"))
    return 10 + (a << 21 | b << 14 | c << 7 | d)


def _container(head: bytes) -> str | None:
    form = head[:4], head[8:12]
    if form in ((b"RIFF", b"WAVE"), (b"RF64", b"WAVE"), (b"RIFX", b"WAVE")):
        return "wav"
    if form in ((b"FORM", b"AIFF"), (b"FORM", b"AIFC")):
        return "aiff"
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide"):
        return "mov"
    magics = {b"fLaC": "flac", b"OggS": "ogg", b"\x1aE\xdf\xa3": "matroska", b"riff": "w64"}
    if head[:4] in magics:
        return magics[head[:4]]
    return "mp3" if _is_mpeg_frame(head) else None


def _is_mpeg_frame(head: bytes) -> bool:
    """Eleven sync bits, a real version, layer III, and rates that exist (ISO 11172-3, 2.4.1.3)."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    version, layer, rate, sampling = head[1] >> 3 & 3, head[1] >> 1 & 3, head[2] >> 4, head[2] >> 2 & 3
    return version != 1 and layer == 1 and rate not in (0, 15) and sampling != 3


def _what_else(head: bytes) -> str:
    """What a file that is no sound is, and what to do, for people."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype", b"<html", b"<head", b"<script")):
        return "is a web page, not audio; download the sound file itself"
    if start.startswith(_PLAYLISTS) or b"#extm3u" in start or b"<mpd" in start[:512]:
        return "is a playlist that points to other files, not audio; choose the sound file itself"
    if start.startswith(b"version https://git-lfs"):
        return "is a Git LFS pointer, not audio; run 'git lfs pull'"
    if b"\0" not in head and _is_text(head):
        return "is a text file, not audio; choose a sound or video file"
    return "is not audio that can be read here; use WAV, FLAC, OGG, MP3, M4A, MP4, MKV, WebM or AIFF"


def _is_text(head: bytes) -> bool:
    try:
        head[:-3].decode()
    except UnicodeDecodeError:
        return False
    return True
