"""From a sound strip to the engine's ears, and what was heard back onto the audio control."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import bpy

from ..ganreact_core.features import kept_features
from ..ganreact_core.files import file_sha256
from ..ganreact_core.patches import load_patch
from . import baking, controls
from .documents import Hearing
from .strips import Sound, sound_of

Control = bpy.types.Object
_FIRST_ENVELOPES = "pulse"


@dataclass(frozen=True)
class Question:
    """What the engine is to listen to, and where it puts what it heard."""

    sound: Sound
    sha256: str
    features: Path
    plot: Path

    @property
    def arguments(self) -> dict[str, str]:
        """The job's arguments."""
        return {"audio": str(self.sound.path), "features": str(self.features), "plot": str(self.plot)}


def question_about(scene: bpy.types.Scene, strip: str = "") -> Question:
    """Ask about a strip, or the first there is. What is heard is kept in the user's cache, by the sound's sha256."""
    sound = sound_of(scene, strip)
    sha256 = file_sha256(sound.path)
    features = kept_features(sha256)
    return Question(sound, sha256, features, features.with_suffix(".png"))


def remember(scene: bpy.types.Scene, strip: str, sha256: str, features: str) -> tuple[Control, list[str]]:
    """Bake what was heard: onto the audio control of that strip, or a new one with the first set of envelopes.

    Returns the control, and the envelopes left alone because the artist has taken them over.
    """
    sound = sound_of(scene, strip)
    control = control_of(scene, strip)
    if control is None:
        control = controls.create_audio_control(scene, Hearing(sound.name, envelopes=load_patch(_FIRST_ENVELOPES).envelopes))
    file = bpy.path.relpath(str(sound.path)) if bpy.data.filepath else str(sound.path)
    hearing = replace(controls.hearing_of(control), strip=strip, file=file, sha256=sha256, features=features)
    controls.store_hearing(control, hearing)
    return control, baking.bake(control, sound.bake, features)


def control_of(scene: bpy.types.Scene, strip: str) -> Control | None:
    """The audio control that listens to this strip, or one that listens to nothing yet."""
    heard = {controls.hearing_of(control).strip: control for control in controls.find(scene, "audio")}
    return heard.get(strip) or heard.get("")
