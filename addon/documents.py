"""What an audio control knows of its sound, as JSON text on the control. No bpy."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache

from ..ganreact_core.envelopes import EnvelopeRecipe, FrameRange
from ..ganreact_core.errors import LookError
from ..ganreact_core.naming import check_unique
from ..ganreact_core.patches import FORMAT as PATCH_FORMAT
from ..ganreact_core.patches import Patch, patch_from_text
from ..ganreact_core.serial import from_plain, parse_json, to_plain

TEXT = "ganreact"
"""Name of the one text property that every control carries."""

AUDIO_FORMAT, RESULT_FORMAT, VERSION = "ganreact.audio", "ganreact.result", 1
KINDS = {PATCH_FORMAT: "look", AUDIO_FORMAT: "audio", RESULT_FORMAT: "result"}


@dataclass(frozen=True)
class Bake:
    """Where the envelopes were baked to: scene frames, and the moment of the sound that frame `first_frame` shows."""

    fps: float
    first_frame: int
    n_frames: int
    start_s: float = 0.0

    @property
    def last_frame(self) -> int:
        """Number of the last baked frame."""
        return self.first_frame + self.n_frames - 1

    @property
    def frames(self) -> range:
        """Every baked scene frame."""
        return range(self.first_frame, self.first_frame + self.n_frames)

    @property
    def range(self) -> FrameRange:
        """The same, as the core's frame range."""
        return FrameRange(self.fps, self.n_frames, self.start_s)


@dataclass(frozen=True)
class Hearing:
    """What an audio control listened to.

    strip      name of the sound strip
    file       the sound's path, relative to the .blend where that is possible
    sha256     of the sound file
    features   path of the feature set (.npz)
    bake       the last bake, or None
    """

    label: str = "Sound"
    strip: str = ""
    file: str = ""
    sha256: str = ""
    features: str = ""
    envelopes: tuple[EnvelopeRecipe, ...] = ()
    bake: Bake | None = None

    def __post_init__(self) -> None:
        check_unique("envelopes", [recipe.id for recipe in self.envelopes])


def hearing_to_text(hearing: Hearing) -> str:
    """A hearing as JSON text."""
    return json.dumps({"format": AUDIO_FORMAT, "version": VERSION, **to_plain(hearing)}, ensure_ascii=False)


@lru_cache(maxsize=32)
def hearing_from_text(text: str) -> Hearing:
    """JSON text -> hearing; raises LookError where it is none."""
    plain = parse_json(text, "the audio control")
    if not isinstance(plain, dict) or plain.pop("format", None) != AUDIO_FORMAT:
        raise LookError("this object is no audio control of GANReact; choose one from the collection GANReact")
    if plain.pop("version", VERSION + 1) > VERSION:
        raise LookError("this audio control was made by a newer GANReact; update GANReact")
    return from_plain(Hearing, plain)


@lru_cache(maxsize=32)
def patch_of_text(text: str) -> Patch:
    """JSON text of a look control -> patch, remembered by its text."""
    return patch_from_text(text, "the look control")


@lru_cache(maxsize=64)
def kind_of_text(text: str) -> str | None:
    """ "look", "audio", "result", or None for a text that is none of ours."""
    try:
        plain = parse_json(text, "the control")
    except LookError:
        return None
    return KINDS.get(plain.get("format", "")) if isinstance(plain, dict) else None
