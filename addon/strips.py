"""The only file that knows the Sequencer, and how 4.5, 5.0 and 5.2 differ there: sound strips in, the image strip out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import bpy

from ..ganreact_core.errors import InputFileError, LookError, Partial
from .documents import Bake, Piece
from .kept_paths import kept_path, whole_path
from .strip_timing import content_start, left, right, set_left, set_right, sound_start_s

STRIP_PREFIX = "GANReact · "
_SIZE, _LABEL = "ganreact_size", "ganreact_frames"
"""Properties of a strip: width and height of its pictures, to which it was fitted; label of the look whose frames it shows,
since its name is cut to 63 bytes and may be the artist's."""

SAME_FRAMES = 0.5
"""Pieces of a sound whose places differ by less, in frames, are one."""


@dataclass(frozen=True)
class Sound:
    """A sound strip, frozen: what it plays, and where.

    pieces   the stretches in which its file is heard, on this strip and on those it was cut into, by frame
    """

    name: str
    path: Path
    pieces: tuple[Piece, ...]
    fps: float

    @property
    def first(self) -> int:
        """The first scene frame in which it is heard."""
        return self.pieces[0].first_frame

    @property
    def last(self) -> int:
        """The last one."""
        return max(piece.first_frame + piece.n_frames for piece in self.pieces) - 1

    @property
    def start_s(self) -> float:
        """The moment of the sound that its first frame shows."""
        return self.pieces[0].start_s

    @property
    def bake(self) -> Bake:
        """Where envelopes of this strip belong."""
        pieces = self.pieces if len(self.pieces) > 1 else ()
        return Bake(self.fps, self.first, self.last - self.first + 1, self.start_s, pieces)


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
    return sorted(strips, key=lambda s: (left(s), s.channel))


def sound_of(scene: bpy.types.Scene, name: str = "") -> Sound:
    """The strip of that name, or the first one; raises InputFileError or LookError where it cannot be listened to."""
    strips = sound_strips(scene)
    strip = next((s for s in strips if s.name == name), None) if name else next(iter(strips), None)
    if strip is None:
        what = f"has no sound strip '{name}'" if name else "has no sound"
        raise LookError(f"the Sequencer of '{scene.name}' {what}; add one with Add > Sound")
    path = sound_path(strip)
    if not path.is_file():
        raise InputFileError(f"the file of '{strip.name}', '{path.name}', is not there; choose it again in the strip")
    parts = [s for s in strips if s == strip or (not s.mute and sound_path(s) == path)]
    retimed = next((s for s in parts if len(s.retiming_keys)), None)
    if retimed is not None:
        raise LookError(f"'{retimed.name}' is retimed, and is heard at another speed than its file; analyse what plays instead")
    fps = fps_of(scene)
    pieces = tuple(Piece(left(s), right(s) - left(s), sound_start_s(s, fps)) for s in parts if right(s) > left(s))
    return Sound(strip.name, path, _joined(pieces, fps), fps)


def sound_path(strip: bpy.types.Strip) -> Path:
    """The file that a sound strip plays."""
    return whole_path(strip.sound.filepath, strip.sound.library)


def _joined(pieces: tuple[Piece, ...], fps: float) -> tuple[Piece, ...]:
    """Pieces with those put together that go on where the one before ends, as a cut alone changes nothing."""
    joined: list[Piece] = []
    for piece in sorted(pieces, key=lambda piece: piece.first_frame):
        last = joined[-1] if joined else None
        goes_on = last and piece.first_frame == last.first_frame + last.n_frames and abs(
            piece.start_s - last.start_s - last.n_frames / fps) * fps < SAME_FRAMES
        if last and goes_on:
            joined[-1] = Piece(last.first_frame, last.n_frames + piece.n_frames, last.start_s)
        else:
            joined.append(piece)
    return tuple(joined)


def add_sound(scene: bpy.types.Scene, path: str | Path, frame: int = 1) -> bpy.types.Strip:
    """Put a sound on the Sequencer; the scene's fps must be set before, the strip's length follows it."""
    path = Path(path)
    if not path.is_file():
        raise InputFileError(f"there is no sound '{path}'; give the path of a file")
    strips = editor_of(scene).strips
    strip = strips.new_sound(path.stem, str(path), _free_channel(scene, frame, frame + 1), frame)
    if not strip.sound.samplerate:  # Blender makes a strip of anything, one frame long
        remove(scene, strip)
        raise InputFileError(f"'{path.name}' is not audio that Blender can play; convert it to WAV or FLAC")
    kept = kept_path(path.absolute())
    if strip.sound.filepath != kept:  # 5.2 takes a sound that is there already, whose wave a thread may be reading:
        strip.sound.filepath = kept  # setting its path loads it anew under that thread, which crashed
    return strip


def make_room(scene: bpy.types.Scene, strip: bpy.types.Strip) -> None:
    """Let the scene be as long as its only sound, and no shorter than one of several."""
    last = right(strip) - 1
    scene.frame_end = last if sound_strips(scene) == [strip] else max(scene.frame_end, last)


def place_sound(scene: bpy.types.Scene, label: str, path: Path, frame: int) -> bpy.types.Strip:
    """A sound that was made here, from a frame on; an earlier one of that label makes room, and leaves channel and volume."""
    name = STRIP_PREFIX + label
    before = next((s for s in sound_strips(scene) if s.name == name), None)
    kept = {"channel": before.channel, "volume": before.volume, "mute": before.mute} if before else {}
    if before:
        remove(scene, before)
    strip = add_sound(scene, path, frame)
    strip.name = name
    for setting, value in kept.items():
        setattr(strip, setting, value)
    return strip


def place_frames(scene: bpy.types.Scene, label: str, files: Sequence[Path], first_frame: int, *,
                 complete: bool = True, size: tuple[int, int] | None = None) -> bpy.types.Strip:
    """An image strip that shows files[0] at first_frame and one file a frame after it, fitted into the picture.

    An earlier strip of the same look is replaced, and keeps its name, channel, blending and look; one that shows these very
    files, or begins with them, stays, with all that was done to it. Where it need not be `complete`, only the first file must
    be there.

    size   of the files in pixels; None replaces in any case
    """
    missing = [file.name for file in (files if complete else files[:1]) if not file.is_file()]
    if missing:
        raise Partial(f"{len(missing)} of {len(files)} frames are missing, the first is {missing[0]}; render them first")
    strips, before = editor_of(scene).strips, strip_of_frames(scene, label)
    name = before.name if before else STRIP_PREFIX + label
    if before and size and _begins_with(before, files, first_frame, size):
        if len(before.elements) != len(files):
            _lengthen(scene, before, files)
        show_again(scene, label)
        return before
    kept = {"channel": before.channel, "blend_type": before.blend_type, "blend_alpha": before.blend_alpha,
            "mute": before.mute} if before else {"channel": _free_channel(scene, first_frame, first_frame + len(files))}
    if before:
        remove(scene, before)
    strip = strips.new_image(name, str(files[0]), kept["channel"], first_frame, fit_method="FIT")
    strip[_SIZE], strip[_LABEL] = (strip.elements[0].orig_width, strip.elements[0].orig_height), label
    _fill(scene, strip, files)
    for key, value in kept.items():
        setattr(strip, key, value)
    set_right(strip, first_frame + len(files))
    return strip


def _fill(scene: bpy.types.Scene, strip: bpy.types.Strip, files: Sequence[Path]) -> None:
    """Give an image strip these files.

    `elements.append` leaves the size of what it adds to chance, in all three Blenders: where such a file is missing, Blender
    makes a picture of that size to show so, and crashes. Its own Change Path clears what it makes.
    """
    editor = scene.sequence_editor
    active, editor.active_strip = editor.active_strip, strip
    _wait_for_readers(strip)
    names = [{"name": file.name} for file in files]
    with bpy.context.temp_override(scene=scene, sequencer_scene=scene):
        bpy.ops.sequencer.change_path("EXEC_DEFAULT", directory=f"{files[0].parent}/", files=names)
    strip.directory = f"{kept_path(files[0].parent)}/"
    editor.active_strip = active


def _lengthen(scene: bpy.types.Scene, strip: bpy.types.Strip, files: Sequence[Path]) -> None:
    """More or fewer of the same files; a strip that was trimmed at its end stays so."""
    first = round(content_start(strip))
    trimmed = right(strip) != first + len(strip.elements)
    handles = left(strip), right(strip)
    _fill(scene, strip, files)
    set_left(strip, handles[0])
    set_right(strip, handles[1] if trimmed else first + len(files))


def _wait_for_readers(strip: bpy.types.Strip) -> None:
    """Let the thread that renders the preview's next frames come to rest until the next redraw.

    It looks strips up in the scene that is edited here, and removing one does not wait for it: 5.2 crashed within seconds.
    Setting a property that changes the picture does.
    """
    strip.blend_alpha = strip.blend_alpha


def _begins_with(strip: bpy.types.Strip, files: Sequence[Path], first_frame: int, size: tuple[int, int]) -> bool:
    """Whether a strip shows these files from that frame on, as pictures of that size, or some of the first of them."""
    return (content_start(strip) == first_frame and tuple(strip.get(_SIZE, ())) == size
            and all(element.filename == file.name for element, file in zip(strip.elements, files, strict=False))
            and Path(bpy.path.abspath(strip.directory)).resolve() == files[0].parent.resolve())


def remove(scene: bpy.types.Scene, strip: bpy.types.Strip) -> None:
    """Take a strip away while Blender may be reading ahead."""
    _wait_for_readers(strip)
    scene.sequence_editor.strips.remove(strip)


def strip_of_frames(scene: bpy.types.Scene, label: str) -> bpy.types.Strip | None:
    """The image strip that shows a look's frames, whatever it is called; of several the one with the name it was given."""
    strips = scene.sequence_editor.strips if scene.sequence_editor else ()
    found = [s for s in strips if s.type == "IMAGE" and s.get(_LABEL, s.name.removeprefix(STRIP_PREFIX)) == label]
    return min(found, key=lambda s: s.name != STRIP_PREFIX + label, default=None)


def rename_frames(scene: bpy.types.Scene, label: str, now: str) -> None:
    """A look has another label: its strip goes on as its own, and is called so where the artist gave it no name."""
    strip = strip_of_frames(scene, label)
    if strip is not None:
        strip[_LABEL] = now
        strip.name = STRIP_PREFIX + now if strip.name.startswith(STRIP_PREFIX) else strip.name


def fitted_size(strip: bpy.types.Strip) -> tuple[int, int]:
    """Width and height of a strip's pictures, to which it was fitted; zeros where it is none of ours."""
    width, height = strip.get(_SIZE, (0, 0))
    return width, height


def show_again(scene: bpy.types.Scene, label: str) -> None:
    """Have a look's frames read again: files came that were missing when they were shown."""
    strip = strip_of_frames(scene, label)
    if strip is not None:
        strip.directory = strip.directory


def keep_fitted(scene: bpy.types.Scene, before: tuple[int, int]) -> None:
    """After the scene's resolution has changed: strips of frames fill the picture as they did at `before`.

    Blender fits a strip once, when it is made, and leaves it at that size in pixels.
    """
    now = (scene.render.resolution_x, scene.render.resolution_y)
    for strip in editor_of(scene).strips:
        width, height = fitted_size(strip)
        if width and height:
            fits = [min(r[0] / width, r[1] / height) for r in (before, now)]
            strip.transform.scale_x *= fits[1] / fits[0]
            strip.transform.scale_y *= fits[1] / fits[0]


def editor_of(scene: bpy.types.Scene) -> bpy.types.SequenceEditor:
    """A scene's strips; a scene without any gets room for them."""
    return scene.sequence_editor or scene.sequence_editor_create()


def _free_channel(scene: bpy.types.Scene, first: int, end: int) -> int:
    """The lowest channel above every strip that is there at the time."""
    busy = [s.channel for s in editor_of(scene).strips if left(s) < end and right(s) > first]
    return max(busy, default=0) + 1
