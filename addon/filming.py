"""A film that the engine writes: when it is what Blender would render, and what is heard in it.

Blender 4.5 to 5.2 leave out the first 25 ms of an MP3, and 3 to 23 ms of an Ogg Vorbis; the engine's own decoding is exact.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy

from ..ganreact_core.bundle import Bundle
from . import controls, fcurves, playing, strips
from .strip_timing import content_start, left, right, sound_start_s

_NEUTRAL = {"blend_alpha": 1.0, "color_multiply": 1.0, "color_saturation": 1.0, "use_flip_x": False, "use_flip_y": False,
            "use_reverse_frames": False}
_PLAIN_BLENDING = ("REPLACE", "CROSS", "ALPHA_OVER")
_PLACE = {"offset_x": 0.0, "offset_y": 0.0, "rotation": 0.0}
_ANY = 1e-3


def job(scene: bpy.types.Scene, bundle: Bundle, frames: range, out: Path) -> dict[str, Any]:
    """Arguments of the engine's job `film`, with what the scene plays meanwhile."""
    return {"bundle": str(bundle.folder), "frames": f"{frames[0]}-{frames[-1]}", "out": str(out),
            "sound": sound_in(scene, frames)}


def sound_in(scene: bpy.types.Scene, frames: range) -> list[dict[str, Any]]:
    """What is heard in these frames: stretches of the files themselves, or of a mix where fades or speeds are set."""
    audible = [strip for strip in strips.sound_strips(scene) if _is_on(scene, strip) and _is_within(strip, frames)]
    if _sounds_as_recorded(scene, audible):
        return [_stretch(strip, frames, strips.fps_of(scene)) for strip in audible]
    with _frame_range(scene, frames):
        mix = playing.mix_down(scene)
    return [{"file": str(mix), "start_s": 0.0, "duration_s": len(frames) / strips.fps_of(scene)}]


def why_blender(scene: bpy.types.Scene, look_control: controls.Control, frames: range) -> str:
    """Why a film of the Sequencer has more in it than the look's frames as they are; "" where it has not."""
    shown = strips.strip_of_frames(scene, controls.patch_of(look_control).look.label)
    drawn = [strip for strip in scene.sequence_editor.strips_all
             if strip.type != "SOUND" and _is_on(scene, strip) and _is_within(strip, frames)] if scene.sequence_editor else []
    if shown is None or shown not in drawn:
        return "the Sequencer does not show this look"
    others = [strip.name for strip in drawn if strip != shown]
    if others:
        return f"the Sequencer shows '{others[0]}' too"
    if scene.render.use_stamp:
        return "the scene burns notes into its pictures"
    if scene.render.frame_map_old != scene.render.frame_map_new or scene.frame_step != 1:
        return "the scene's time is stretched"
    is_keyed = any(curve.data_path.startswith("sequence_editor") and ".volume" not in curve.data_path
                   for curve in fcurves.curves_of(scene))
    covers = left(shown) <= frames[0] and right(shown) > frames[-1]
    as_made = covers and not is_keyed and _number_at(shown, frames[0]) == frames[0] and _is_as_made(scene, shown)
    return "" if as_made else f"the strip '{shown.name}' was changed in the Sequencer"


def _number_at(strip: bpy.types.Strip, frame: int) -> int:
    """Number of the file that a strip of frames shows there; -1 where it shows none of its own."""
    at = frame - round(content_start(strip))
    name = strip.elements[at].filename.partition(".")[0] if 0 <= at < len(strip.elements) else ""
    return int(name) if name.isdecimal() else -1


def _is_as_made(scene: bpy.types.Scene, strip: bpy.types.Strip) -> bool:
    """Whether a strip shows its pictures as they are, from corner to corner."""
    width, height = strips.fitted_size(strip)
    fit = min(scene.render.resolution_x / max(1, width), scene.render.resolution_y / max(1, height))
    place, crop = strip.transform, strip.crop
    same = all(abs(getattr(holder, name) - value) < _ANY for holder, wanted in ((strip, _NEUTRAL), (place, _PLACE))
               for name, value in wanted.items())
    return (same and strip.strobe <= 1.0 and abs(place.scale_x - fit) < _ANY and abs(place.scale_y - fit) < _ANY
            and not (crop.min_x or crop.max_x or crop.min_y or crop.max_y) and strip.blend_type in _PLAIN_BLENDING
            and all(modifier.mute for modifier in strip.modifiers) and not len(getattr(strip, "retiming_keys", ())))


def _sounds_as_recorded(scene: bpy.types.Scene, audible: list[bpy.types.Strip]) -> bool:
    """Whether all that is heard are files as they are."""
    speakers = any(one.type == "SPEAKER" and one.data.sound for one in scene.objects)
    metas = any(strip.type in ("META", "SCENE") for strip in scene.sequence_editor.strips_all) if audible else False
    plain = all(playing.is_as_recorded(scene, strip) and strip.volume == 1.0 and strip.pan == 0.0
                and not strip.sound.use_mono and strips.sound_path(strip).is_file() for strip in audible)
    return plain and not speakers and not metas and scene.audio_volume == 1.0


def _stretch(strip: bpy.types.Strip, frames: range, fps: float) -> dict[str, Any]:
    first, end = max(left(strip), frames[0]), min(right(strip), frames[-1] + 1)
    start_s, at_s = sound_start_s(strip, fps) + (first - left(strip)) / fps, (first - frames[0]) / fps
    early_s = max(0.0, -start_s)  # a strip that was drawn out to before its sound begins
    return {"file": str(strips.sound_path(strip)), "start_s": start_s + early_s, "at_s": at_s + early_s,
            "duration_s": (end - first) / fps - early_s}


def _is_on(scene: bpy.types.Scene, strip: bpy.types.Strip) -> bool:
    return not strip.mute and not scene.sequence_editor.channels[strip.channel].mute


def _is_within(strip: bpy.types.Strip, frames: range) -> bool:
    return left(strip) <= frames[-1] and right(strip) > frames[0]


@contextmanager
def _frame_range(scene: bpy.types.Scene, frames: range) -> Iterator[None]:
    """The scene has these frames meanwhile."""
    before = scene.frame_start, scene.frame_end
    scene.frame_start, scene.frame_end = frames[0], frames[-1]
    try:
        yield
    finally:
        scene.frame_start, scene.frame_end = before
