"""What is to be listened to, and where the user's cache keeps what was heard: asked alike by Blender and the command line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import UsageError
from .features import kept_features
from .files import file_sha256

PARTS = ("kick", "snare", "hat", "bass", "rest")
"""Parts of a mix that a stem can stand in for."""


@dataclass(frozen=True)
class Stem:
    """A part that sounds alone.

    file      its sound
    shift_s   seconds by which it begins later than the sound it is a part of
    """

    file: str
    shift_s: float = 0.0


@dataclass(frozen=True)
class Listening:
    """One piece of sound, or notes, or a table, and how it is to be heard.

    file      sound, film, MIDI file or table
    channel   one channel from 0; None mixes all down
    track     which audio track of a film, from 0
    rate_hz   rows per second of a table without times; 0 where it has them
    stems     part -> what sounds alone
    """

    file: str
    channel: int | None = None
    track: int = 0
    rate_hz: float = 0.0
    stems: Mapping[str, Stem] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_parts(self.stems)

    def kept_at(self, sha256: str = "") -> Path:
        """Where the feature set is kept: by the content of every file and all that changes what is heard."""
        options: dict[str, Any] = {name: value for name, value in (
            ("channel", self.channel), ("track", self.track or None), ("rate_hz", self.rate_hz or None)) if value is not None}
        if self.stems:
            options["stems"] = {part: [file_sha256(Path(stem.file)), round(stem.shift_s, 6)]
                                for part, stem in self.stems.items()}
        return kept_features(sha256 or file_sha256(Path(self.file)), options)

    def as_arguments(self) -> dict[str, Any]:
        """As the arguments of the engine's job."""
        stems = {part: {"file": stem.file, "shift_s": stem.shift_s} for part, stem in self.stems.items()}
        return {"audio": self.file, "channel": self.channel, "track": self.track, "rate_hz": self.rate_hz, "stems": stems}


def require_parts(names: Iterable[str]) -> None:
    """Raises UsageError for a stem of what is no part."""
    for name in names:
        if name not in PARTS:
            raise UsageError(f"'{name}' is no part that can be replaced; use {', '.join(PARTS)}")


def listening_of(arguments: Mapping[str, Any]) -> Listening:
    """The arguments of the engine's job, read back; raises UsageError where they are none."""
    try:
        stems = {str(part): Stem(str(stem["file"]), float(stem.get("shift_s", 0.0)))
                 for part, stem in (arguments.get("stems") or {}).items()}
        channel = arguments.get("channel")
        return Listening(str(arguments["audio"]), None if channel is None else int(channel), int(arguments.get("track") or 0),
                         float(arguments.get("rate_hz") or 0.0), stems)
    except (KeyError, TypeError, ValueError, AttributeError) as cause:
        raise UsageError("the job does not say what to listen to; this is a bug, please report it") from cause
