"""From strips to the engine's ears, and what was heard back onto the audio control."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ..ganreact_core.alignment import Alignment, align
from ..ganreact_core.corrections import corrected
from ..ganreact_core.errors import LookError
from ..ganreact_core.features import FeatureSet
from ..ganreact_core.files import file_sha256
from ..ganreact_core.listening import PARTS, Listening, Stem
from ..ganreact_core.patches import load_patch
from . import baking, controls, playing
from .documents import Bake, Hearing
from .kept_paths import kept_path, whole_path
from .strip_timing import left, sound_start_s
from .strips import Sound, fps_of, sound_of, sound_path, sound_strips

Control = bpy.types.Object
_FIRST_ENVELOPES = "pulse"


@dataclass(frozen=True)
class Question:
    """What the engine is to listen to, and where it puts what it heard.

    strip    name of the strip; empty for a mix of all that plays
    sha256   of the file
    """

    strip: str
    what: Listening
    sha256: str

    @property
    def features(self) -> Path:
        """Where what is heard is kept."""
        return self.what.kept_at(self.sha256)

    @property
    def plot(self) -> Path:
        """The picture of it."""
        return self.features.with_suffix(".png")

    @property
    def arguments(self) -> dict[str, Any]:
        """The job's arguments."""
        return {**self.what.as_arguments(), "features": str(self.features), "plot": str(self.plot)}

    @property
    def found(self) -> dict[str, str]:
        """What `remember` is to be told."""
        return {"strip": self.strip, "file": self.what.file, "sha256": self.sha256, "features": str(self.features)}


def question_about(scene: bpy.types.Scene, strip: str = "") -> Question:
    """Ask about a strip, or the first there is, with the stems that were chosen for it."""
    sound = sound_of(scene, strip)
    control = control_of(scene, sound.name)
    stems = _stems(scene, sound.name, controls.hearing_of(control).stems if control else {})
    return Question(sound.name, Listening(str(sound.path), stems=stems), file_sha256(sound.path))


def question_about_what_plays(scene: bpy.types.Scene, *, selected: bool = False) -> Question:
    """Ask about a mix of the scene's sound, as it plays: with fades, retiming, equalisers."""
    mix = playing.mix_down(scene, selected=selected)
    control = control_of(scene, "")
    stems = _stems(scene, "", controls.hearing_of(control).stems if control else {})
    return Question("", Listening(str(mix), stems=stems), file_sha256(mix))


def _stems(scene: bpy.types.Scene, main: str, chosen: dict[str, str]) -> dict[str, Stem]:
    """Strips that parts sound alone on, each in the time of the main strip, or of a mix of all that plays."""
    strips, fps = {strip.name: strip for strip in sound_strips(scene)}, fps_of(scene)
    origin_s = _zero_s(strips[main], fps) if main in strips else scene.frame_start / fps
    return {part: Stem(str(sound_path(strips[name])), _zero_s(strips[name], fps) - origin_s)
            for part, name in chosen.items() if name in strips}


def _zero_s(strip: bpy.types.Strip, fps: float) -> float:
    """Where on the timeline, in seconds, the sound of a strip has its own zero."""
    return left(strip) / fps - sound_start_s(strip, fps)


def choose_stem(control: Control, part: str, strip: str) -> None:
    """Let a part be heard on a strip of its own; an empty name gives it back to the mix."""
    if part not in PARTS:
        raise LookError(f"'{part}' is no part that can sound alone; use {', '.join(PARTS)}")
    hearing = controls.hearing_of(control)
    others = {p: name for p, name in hearing.stems.items() if p != part}
    controls.store_hearing(control, replace(hearing, stems={**others, part: strip} if strip else others))


def remember(scene: bpy.types.Scene, strip: str, file: str, sha256: str, features: str) -> tuple[Control, list[str]]:
    """Bake what was heard: onto the audio control of that strip, or a new one with the first set of envelopes.

    Returns the control, and the envelopes left alone because the artist has taken them over.
    """
    sound = sound_of(scene, strip) if strip else None
    path = Path(file) if file else sound.path
    control = control_of(scene, strip)
    if control is None:
        label = sound.name if sound else playing.MIX
        control = controls.create_audio_control(scene, Hearing(label, envelopes=load_patch(_FIRST_ENVELOPES).envelopes))
    _follow_recording(control, sha256, features)
    hearing = replace(controls.hearing_of(control), strip=strip, file=kept_path(path), sha256=sha256, seen=seen(path),
                      playing=playing.settings_of(scene, path if sound else None))
    controls.store_hearing(control, hearing)
    return control, baking.bake(control, place_of(scene, sound), features)


def place_of(scene: bpy.types.Scene, sound: Sound | None) -> Bake:
    """Where envelopes of a strip belong, or of the mix of all that plays."""
    return sound.bake if sound else playing.bake_of_mix(scene)


def _follow_recording(control: Control, sha256: str, features: str) -> None:
    """Before another recording is baked: corrections go to where their moments are in it; keys can follow later."""
    hearing = controls.hearing_of(control)
    known = hearing.bake is not None and Path(hearing.features).is_file() and hearing.features != features
    if not known or hearing.sha256 == sha256:
        return
    moved, hearing = aligned(hearing.features, features), baking.collected(control)
    if not moved.is_plain:
        hearing = replace(hearing, earlier=hearing.features, earlier_bake=hearing.placed)
    corrections = hearing.corrections.moved(lambda time_s: float(moved.moved(np.array([time_s]))[0]))
    hearing = replace(hearing, corrections=corrections)
    controls.store_hearing(control, replace(hearing, features="", bake=None))  # so that baking does not read old keys again


def aligned(earlier: str, later: str) -> Alignment:
    """Where the moments of one feature set are in another, by their paths; remembered, since it takes seconds for a long song
    and a dialogue asks at every drawing."""
    return _aligned(*((path, Path(path).stat().st_mtime_ns) for path in (earlier, later) if baking.heard_in(path)))


@lru_cache(maxsize=2)
def _aligned(earlier: tuple[str, int], later: tuple[str, int]) -> Alignment:
    return align(baking.heard_in(earlier[0]), baking.heard_in(later[0]))


def control_of(scene: bpy.types.Scene, strip: str) -> Control | None:
    """The audio control that listens to this strip (to what plays: an empty name), or one that listens to nothing yet."""
    found = controls.find(scene, "audio")
    heard = [control for control in found if controls.hearing_of(control).sha256]
    same = next((control for control in heard if strip_now(scene, controls.hearing_of(control)) == strip), None)
    return same or next((control for control in found if control not in heard), None)


def strip_now(scene: bpy.types.Scene, hearing: Hearing) -> str:
    """Name of the strip that is listened to, as it is called now: one that was renamed is known by its file."""
    strips = sound_strips(scene)
    if not hearing.strip or any(strip.name == hearing.strip for strip in strips):
        return hearing.strip
    others = {controls.hearing_of(control).strip for control in controls.find(scene, "audio")}
    file = whole_path(hearing.file)
    return next((strip.name for strip in strips if strip.name not in others and sound_path(strip) == file), hearing.strip)


def seen(path: Path) -> str:
    """Size and time of change of a file; empty where it is not there."""
    try:
        status = path.stat()
    except OSError:
        return ""
    return f"{status.st_size}:{status.st_mtime_ns}"


def corrected_of(control: Control) -> FeatureSet:
    """What a control heard, as corrected so far."""
    hearing = controls.hearing_of(control)
    return corrected(baking.heard_in(hearing.features), hearing.corrections)
