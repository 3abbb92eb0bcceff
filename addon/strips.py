"""The only file that knows the Sequencer, and how 4.5, 5.0 and 5.2 differ there: sound strips in, the image strip out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import bpy

from ..ganreact_core.errors import InputFileError, LookError, Partial
from .documents import Bake

STRIP_PREFIX = "GANReact · "


@dataclass(frozen=True)
class Sound:
    """A sound strip, frozen: what it plays, and where.

    first, last    scene frames in which it is heard
    start_s        moment of the sound that frame `first` shows
    """

    name: str
    path: Path
    first: int
    last: int
    start_s: float
    fps: float

    @property
    def bake(self) -> Bake:
        """Where envelopes of this strip belong."""
        return Bake(self.fps, self.first, self.last - self.first + 1, self.start_s)


def fps_of(scene: bpy.types.Scene) -> float:
    """Frames per second as they are played: fps over its base."""
    return scene.render.fps / scene.render.fps_base


def sequencer_scene(context: bpy.types.Context) -> bpy.types.Scene:
    """The scene that the Sequencer edits: since 5.0 it may be another than the window's."""
    return getattr(context, "sequencer_scene", None) or context.scene


def sound_strips(scene: bpy.types.Scene) -> list[bpy.types.Strip]:
    """Every sound strip of a scene, in the order they are heard."""
    editor = scene.sequence_editor
    strips = [s for s in editor.strips_all if s.type == "SOUND" and s.sound] if editor else []
    return sorted(strips, key=lambda s: (_left(s), s.channel))


def sound_of(scene: bpy.types.Scene, name: str = "") -> Sound:
    """The strip of that name, or the first one; raises InputFileError or LookError where it cannot be listened to."""
    strips = sound_strips(scene)
    strip = next((s for s in strips if s.name == name), None) if name else next(iter(strips), None)
    if strip is None:
        what = f"has no sound strip '{name}'" if name else "has no sound"
        raise LookError(f"the Sequencer of '{scene.name}' {what}; add one with Add > Sound")
    if len(strip.retiming_keys):
        raise LookError(f"'{strip.name}' is retimed, and would be heard at another speed; reset its retiming first")
    path = Path(bpy.path.abspath(strip.sound.filepath, library=strip.sound.library))
    if not path.is_file():
        raise InputFileError(f"the file of '{strip.name}', '{path.name}', is not there; choose it again in the strip")
    fps = fps_of(scene)
    start_s = (_left(strip) - _content_start(strip)) / fps + strip.sound_offset
    return Sound(strip.name, path, _left(strip), _right(strip) - 1, start_s, fps)


def add_sound(scene: bpy.types.Scene, path: str | Path, frame: int = 1) -> bpy.types.Strip:
    """Put a sound on the Sequencer; the scene's fps must be set before, the strip's length follows it."""
    path = Path(path)
    if not path.is_file():
        raise InputFileError(f"there is no sound '{path}'; give the path of a file")
    strips = _editor(scene).strips
    strip = strips.new_sound(path.stem, str(path), _free_channel(scene, frame, frame + 1), frame)
    if not strip.sound.samplerate:  # Blender makes a strip of anything, one frame long
        strips.remove(strip)
        raise InputFileError(f"'{path.name}' is not audio that Blender can play; convert it to WAV or FLAC")
    strip.sound.filepath = _relative(path.absolute())
    return strip


def place_frames(scene: bpy.types.Scene, label: str, files: Sequence[Path], first_frame: int) -> bpy.types.Strip:
    """An image strip that shows files[0] at first_frame and one file a frame after it, fitted into the picture.

    An earlier strip of the same look is replaced, and keeps its channel, blending and look.
    """
    missing = [file.name for file in files if not file.is_file()]
    if missing:
        raise Partial(f"{len(missing)} of {len(files)} frames are missing, the first is {missing[0]}; render them first")
    strips, name = _editor(scene).strips, STRIP_PREFIX + label
    before = next((s for s in strips if s.name == name and s.type == "IMAGE"), None)
    kept = {"channel": before.channel, "blend_type": before.blend_type, "blend_alpha": before.blend_alpha,
            "mute": before.mute} if before else {"channel": _free_channel(scene, first_frame, first_frame + len(files))}
    if before:
        strips.remove(before)
    strip = strips.new_image(name, str(files[0]), kept["channel"], first_frame, fit_method="FIT")
    for file in files[1:]:
        strip.elements.append(file.name)
    strip.directory = f"{_relative(files[0].parent)}/"
    for key, value in kept.items():
        setattr(strip, key, value)
    _set_right(strip, first_frame + len(files))
    return strip


def keep_fitted(scene: bpy.types.Scene, before: tuple[int, int]) -> None:
    """After the scene's resolution has changed: strips of frames fill the picture as they did at `before`.

    Blender fits a strip once, when it is made, and leaves it at that size in pixels.
    """
    now = (scene.render.resolution_x, scene.render.resolution_y)
    for strip in _editor(scene).strips:
        first = strip.elements[0] if strip.type == "IMAGE" and strip.name.startswith(STRIP_PREFIX) else None
        if first and first.orig_width:
            fits = [min(r[0] / first.orig_width, r[1] / first.orig_height) for r in (before, now)]
            strip.transform.scale_x *= fits[1] / fits[0]
            strip.transform.scale_y *= fits[1] / fits[0]


def show_in_sequencer(context: bpy.types.Context, scene: bpy.types.Scene) -> None:
    """Let the window's Sequencer edit this scene where it edits none (5.0 and later)."""
    workspace = getattr(context, "workspace", None)
    if workspace and getattr(workspace, "sequencer_scene", scene) is None:
        workspace.sequencer_scene = scene


def moved_since(bake: Bake, sound: Sound) -> str:
    """What changed about the strip since the bake, in words; empty where nothing did."""
    now = sound.bake
    if abs(now.fps - bake.fps) > 1e-6:
        return f"the scene now plays {now.fps:g} frames a second, not {bake.fps:g}"
    if now.first_frame - bake.first_frame and abs(now.start_s - bake.start_s) * now.fps < 0.5:
        return f"the strip has moved by {now.first_frame - bake.first_frame:+d} frames"
    same = abs(now.start_s - bake.start_s) * now.fps < 0.5 and now.n_frames == bake.n_frames
    return "" if same and now.first_frame == bake.first_frame else "the strip was trimmed anew"


def _relative(path: Path) -> str:
    """A path as the file keeps it: relative to the .blend, so that both move together, where there is one on its drive."""
    if not bpy.data.filepath:
        return str(path)
    try:
        return bpy.path.relpath(str(path))
    except ValueError:  # another drive
        return str(path)


def _editor(scene: bpy.types.Scene) -> bpy.types.SequenceEditor:
    return scene.sequence_editor or scene.sequence_editor_create()


def _free_channel(scene: bpy.types.Scene, first: int, end: int) -> int:
    """The lowest channel above every strip that is there at the time."""
    busy = [s.channel for s in _editor(scene).strips if _left(s) < end and _right(s) > first]
    return max(busy, default=0) + 1


def _left(strip: bpy.types.Strip) -> int:
    return math.ceil(strip.left_handle if hasattr(strip, "left_handle") else strip.frame_final_start)


def _right(strip: bpy.types.Strip) -> int:
    return strip.right_handle if hasattr(strip, "right_handle") else strip.frame_final_end


def _set_right(strip: bpy.types.Strip, frame: int) -> None:
    setattr(strip, "right_handle" if hasattr(strip, "right_handle") else "frame_final_end", frame)


def _content_start(strip: bpy.types.Strip) -> float:
    return strip.content_start if hasattr(strip, "content_start") else strip.frame_start
