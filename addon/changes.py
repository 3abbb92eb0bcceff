"""What has changed in the Sequencer since envelopes were baked, and which verb puts it right."""

from __future__ import annotations

from dataclasses import dataclass

import bpy

from ..ganreact_core.errors import GANReactError
from . import playing
from .documents import Bake, Hearing
from .kept_paths import whole_path
from .listening import seen, strip_now
from .strips import SAME_FRAMES, Sound, fps_of, sound_of, sound_path, sound_strips


@dataclass(frozen=True)
class Change:
    """One thing that is no longer as it was.

    says   a sentence without its full stop
    verb   name of the operator that puts it right, or empty
    """

    says: str
    verb: str = ""


def changes(scene: bpy.types.Scene, hearing: Hearing) -> list[Change]:
    """What changed since the last bake, the most pressing first; cheap enough to be asked while a panel is drawn."""
    if hearing.bake is None:
        return []
    if abs(fps_of(scene) - hearing.bake.fps) > 1e-6:
        now, before = fps_of(scene), hearing.bake.fps
        return [Change(f"the scene now plays {now:g} frames a second, not {before:g}", "conform")]
    found = _of_mix(scene, hearing) if not hearing.strip and hearing.sha256 else _of_strip(scene, hearing)
    if hearing.earlier:
        found.append(Change("this is another recording: keys made by hand can move along", "move_keys_with_music"))
    return found


def is_current(scene: bpy.types.Scene, hearing: Hearing) -> bool:
    """Whether envelopes are what they would be if they were baked now."""
    found = changes(scene, hearing)
    return hearing.bake is not None and all(change.verb == "move_keys_with_music" for change in found)


def _of_mix(scene: bpy.types.Scene, hearing: Hearing) -> list[Change]:
    if playing.settings_of(scene) != hearing.playing:
        return [Change("what plays has changed since it was listened to", "analyse_what_plays")]
    return []


def _of_strip(scene: bpy.types.Scene, hearing: Hearing) -> list[Change]:
    name = strip_now(scene, hearing)
    strip = next((s for s in sound_strips(scene) if s.name == name), None)
    path = whole_path(hearing.file) if hearing.file else None
    if strip is not None and path is not None and sound_path(strip) != path:
        return [Change(f"'{strip.name}' plays another file now: {sound_path(strip).name}", "analyse")]
    if strip is not None and hearing.seen and seen(sound_path(strip)) not in ("", hearing.seen):
        return [Change(f"'{sound_path(strip).name}' is another recording than the one listened to", "analyse")]
    as_heard = path is None or not hearing.playing or playing.settings_of(scene, path) == hearing.playing
    if not as_heard and not playing.is_plain(scene, path):
        return [Change("fades, speed or equaliser have changed, of which the file knows nothing", "analyse_what_plays")]
    try:
        says = moved_since(hearing.bake, sound_of(scene, name))
    except GANReactError as cause:
        return [Change(str(cause), "analyse_what_plays" if "retimed" in str(cause) else "")]
    return [Change(says, "bake")] if says else []


def moved_since(bake: Bake, sound: Sound) -> str:
    """What changed about the strip since the bake, in words; empty where nothing did."""
    now = sound.bake
    if abs(now.fps - bake.fps) > 1e-6:
        return f"the scene now plays {now.fps:g} frames a second, not {bake.fps:g}"
    if len(now.parts) != len(bake.parts):
        return f"the strip was cut: its sound is heard in {len(now.parts)} pieces, not {len(bake.parts)}"
    pairs = list(zip(bake.parts, now.parts, strict=True))
    same = all(abs(b.start_s - a.start_s) * now.fps < SAME_FRAMES for a, b in pairs)
    steps = {b.first_frame - a.first_frame for a, b in pairs}
    if same and steps != {0} and len(steps) == 1 and all(a.n_frames == b.n_frames for a, b in pairs):
        return f"the strip has moved by {steps.pop():+d} frames"
    lasting = all(a.n_frames == b.n_frames for a, b in pairs)
    return "" if same and steps == {0} and lasting else "the strip was trimmed anew"
