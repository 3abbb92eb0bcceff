"""What an audio control knows of its sound, as JSON text on the control. No bpy."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import lru_cache

from ..ganreact_core.corrections import Corrections
from ..ganreact_core.envelopes import EnvelopeRecipe, FrameRange
from ..ganreact_core.errors import LookError
from ..ganreact_core.naming import check_unique
from ..ganreact_core.patches import FORMAT as PATCH_FORMAT
from ..ganreact_core.patches import Patch, patch_from_text
from ..ganreact_core.serial import from_plain, parse_json, to_plain
from ..ganreact_core.steps import FORMAT as HALLU_FORMAT

TEXT = "ganreact"
"""Name of the one text property that every control carries."""

AUDIO_FORMAT, RESULT_FORMAT, VERSION = "ganreact.audio", "ganreact.result", 1
KINDS = {PATCH_FORMAT: "look", AUDIO_FORMAT: "audio", RESULT_FORMAT: "result", HALLU_FORMAT: "hallu"}


@dataclass(frozen=True)
class Piece:
    """A stretch of scene frames, and the moment of the sound that its first frame shows.

    first_frame   scene frame
    n_frames      its length
    start_s       second of the sound
    """

    first_frame: int
    n_frames: int
    start_s: float = 0.0


@dataclass(frozen=True)
class Bake:
    """Where the envelopes were baked to: scene frames, and the moment of the sound that frame `first_frame` shows.

    pieces   the strip's parts where it was cut, in order of frames; empty where it is one
    """

    fps: float
    first_frame: int
    n_frames: int
    start_s: float = 0.0
    pieces: tuple[Piece, ...] = ()

    @property
    def last_frame(self) -> int:
        """Number of the last baked frame."""
        return self.first_frame + self.n_frames - 1

    @property
    def frames(self) -> range:
        """Every baked scene frame."""
        return range(self.first_frame, self.first_frame + self.n_frames)

    @property
    def parts(self) -> tuple[Piece, ...]:
        """Every piece, at least one."""
        return self.pieces or (Piece(self.first_frame, self.n_frames, self.start_s),)

    @property
    def range(self) -> FrameRange:
        """The first piece, as the core's frame range."""
        return self.range_of(self.parts[0])

    def range_of(self, piece: Piece) -> FrameRange:
        """A piece, as the core's frame range."""
        return FrameRange(self.fps, piece.n_frames, piece.start_s)

    def frames_of(self, time_s: float) -> list[float]:
        """The scene frames at which a moment of the sound is heard: none where it was cut out, several where it repeats."""
        places = [(time_s - piece.start_s) * self.fps for piece in self.parts]
        return [piece.first_frame + place for piece, place in zip(self.parts, places, strict=True)
                if -1e-4 <= place < piece.n_frames]

    def frame_near(self, time_s: float) -> float:
        """The scene frame at which a moment of the sound is heard first; where it is not, as the nearest piece would go on."""
        def distance(piece: Piece) -> float:
            return max(piece.start_s - time_s, time_s - (piece.start_s + piece.n_frames / self.fps), 0.0)

        piece = min(self.parts, key=distance)
        return piece.first_frame + (time_s - piece.start_s) * self.fps

    def later_by(self, seconds: float) -> Bake:
        """The same frames, each showing what was heard so many seconds before."""
        pieces = tuple(replace(piece, start_s=piece.start_s - seconds) for piece in self.pieces)
        return replace(self, start_s=self.start_s - seconds, pieces=pieces)

    def time_of(self, frame: float) -> float:
        """The moment of the sound at a scene frame; outside of all pieces as the nearest one would go on."""
        def distance(piece: Piece) -> float:
            return max(piece.first_frame - frame, frame - (piece.first_frame + piece.n_frames), 0.0)

        piece = min(self.parts, key=distance)
        return piece.start_s + (frame - piece.first_frame) / self.fps


@dataclass(frozen=True)
class Beside:
    """Notes, a table or another sound beside the sound, with a place of its own in time.

    id         what recipes call it
    label      its name
    file       relative to the .blend where that is possible
    frame      scene frame at which it begins
    features   path of what was read in it
    sha256     of the file
    rate_hz    rows per second of a table without times
    """

    id: str
    label: str
    file: str
    frame: float = 1.0
    features: str = ""
    sha256: str = ""
    rate_hz: float = 0.0


@dataclass(frozen=True)
class Hearing:
    """What an audio control listened to.

    strip         name of the sound strip; empty where everything that plays was mixed down
    file          the sound's path, relative to the .blend where that is possible
    sha256        of the sound file
    seen          size in bytes and time of change of that file, as text: whether it is still the same at a glance
    features      path of the feature set (.npz)
    bake          the last bake, or None
    playing       what else was set on the strips that play it (fades, retiming, equaliser), as a hash
    stems         part -> name of the sound strip that it sounds alone on
    beside        notes, tables and other sounds
    corrections   what was corrected by hand, in seconds of this sound
    nudge_s       seconds by which envelopes are later than the sound
    locked        envelopes that baking leaves alone
    earlier       the feature set and bake before the last analysis, while keys can still be moved along
    earlier_bake  the bake that belongs to it
    """

    label: str = "Sound"
    strip: str = ""
    file: str = ""
    sha256: str = ""
    features: str = ""
    envelopes: tuple[EnvelopeRecipe, ...] = ()
    bake: Bake | None = None
    seen: str = ""
    playing: str = ""
    stems: dict[str, str] = field(default_factory=dict)
    beside: tuple[Beside, ...] = ()
    corrections: Corrections = field(default_factory=Corrections)
    nudge_s: float = 0.0
    locked: tuple[str, ...] = ()
    earlier: str = ""
    earlier_bake: Bake | None = None

    def __post_init__(self) -> None:
        check_unique("envelopes", [recipe.id for recipe in self.envelopes])
        check_unique("files beside the sound", [one.id for one in self.beside])

    @property
    def placed(self) -> Bake:
        """Where things heard are shown: the bake, with the nudge. Raises LookError where nothing was baked."""
        if self.bake is None:
            raise LookError("nothing was heard yet; press Analyse first")
        return self.bake.later_by(self.nudge_s) if self.nudge_s else self.bake


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
    """ "look", "audio", "result", "hallu", or None for a text that is none of ours."""
    try:
        plain = parse_json(text, "the control")
    except LookError:
        return None
    return KINDS.get(plain.get("format", "")) if isinstance(plain, dict) else None
