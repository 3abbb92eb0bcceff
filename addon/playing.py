"""What the Sequencer plays beyond the files: fades, retiming, equalisers; the mix of all of it, written to a file."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bpy

from ..ganreact_core.caches import cache_folder
from ..ganreact_core.errors import InputFileError, LookError
from ..ganreact_core.files import file_sha256
from ..ganreact_core.processes import process_name
from . import fcurves
from .documents import Bake
from .strip_timing import content_start, left, right
from .strips import fps_of, sound_path, sound_strips

MIX = "What plays"
_STANDS_S, _LOOK_S = 20.0, 0.02
_SOUND_MODIFIERS = ("SOUND_EQUALIZER", "PITCH", "ECHO")


def settings_of(scene: bpy.types.Scene, path: Path | None = None) -> str:
    """A hash of what is set on the strips that play a file, beyond where they lie: speed, fades, volume, equaliser.

    path   None takes every strip that is heard, and where they lie as well: what a mix of them depends on
    """
    digest = hashlib.blake2b(digest_size=8)
    for strip in sound_strips(scene):
        if strip.mute or (path is not None and sound_path(strip) != path):
            continue
        digest.update(repr((_levels(scene, strip), _speed(strip), _modifiers(strip))).encode())
        if path is None:
            place = str(sound_path(strip)), left(strip), right(strip), content_start(strip), strip.sound_offset
            digest.update(repr(place).encode())
    if path is None:
        digest.update(repr((scene.frame_start, scene.frame_end, fps_of(scene))).encode())
    return digest.hexdigest()


def is_plain(scene: bpy.types.Scene, path: Path) -> bool:
    """Whether the strips that play a file play it as it is."""
    strips = [strip for strip in sound_strips(scene) if sound_path(strip) == path and not strip.mute]
    return all(is_as_recorded(scene, strip) for strip in strips)


def is_as_recorded(scene: bpy.types.Scene, strip: bpy.types.Strip) -> bool:
    """Whether a strip plays its file at its speed, without equaliser, at a volume that stays."""
    return not strip.retiming_keys and not _modifiers(strip) and len(_levels(scene, strip)) == 1


def _levels(scene: bpy.types.Scene, strip: bpy.types.Strip) -> tuple:
    """Volume and its keys."""
    curves = fcurves.curves_of(scene)
    keys = [tuple(point.co) for curve in curves if curve.data_path == f'sequence_editor.strips_all["{strip.name}"].volume'
            for point in curve.keyframe_points]
    return (round(strip.volume, 5), *((round(x - left(strip), 3), round(y, 5)) for x, y in keys))


def _speed(strip: bpy.types.Strip) -> tuple:
    return tuple(round(key.timeline_frame - left(strip), 3) for key in strip.retiming_keys)


def _modifiers(strip: bpy.types.Strip) -> tuple:
    return tuple((m.type, m.name) for m in strip.modifiers if m.type in _SOUND_MODIFIERS and not m.mute)


def bake_of_mix(scene: bpy.types.Scene) -> Bake:
    """Where a mix of the scene lies: its frame range, from the mix's beginning."""
    return Bake(fps_of(scene), scene.frame_start, scene.frame_end - scene.frame_start + 1)


def mix_down(scene: bpy.types.Scene, *, selected: bool = False) -> Path:
    """The scene's sound over its frame range as a FLAC file in the user's cache, named by its content.

    selected   only the strips that are selected; else all that are not muted
    Raises LookError where nothing plays, InputFileError where Blender cannot mix it.
    """
    strips = [strip for strip in sound_strips(scene) if not strip.mute]
    wanted = [strip for strip in strips if strip.select] if selected else strips
    if not wanted:
        raise LookError("no sound strip is selected; select some first" if selected else "nothing plays; add a sound first")
    fresh = cache_folder("mixes") / f"mixing-{process_name()}.flac"
    fresh.parent.mkdir(parents=True, exist_ok=True)
    with _only(strips, wanted), bpy.context.temp_override(scene=scene):
        try:
            bpy.ops.sound.mixdown(filepath=str(fresh), check_existing=False, relative_path=False, container="FLAC",
                                  codec="FLAC", format="S16", mixrate=44100)
        except (RuntimeError, TypeError) as cause:
            raise InputFileError(f"Blender could not mix the scene's sound: {cause}".strip()) from cause
        is_whole = _wait_until_whole(fresh)
    if not is_whole:
        fresh.unlink(missing_ok=True)
        raise InputFileError("Blender wrote no mix of the scene's sound; check that its strips can be heard")
    return fresh.replace(fresh.with_name(f"{file_sha256(fresh)}.flac"))


def _wait_until_whole(mix: Path) -> bool:
    """Blender 5.2 mixes in a thread, and its operator returns before there is a file: whether one comes, to its end."""
    size, seen_at = -1, time.monotonic()
    while time.monotonic() - seen_at < _STANDS_S:
        if _samples_of(mix):
            return True
        now = mix.stat().st_size if mix.is_file() else 0
        if now != size:
            size, seen_at = now, time.monotonic()
        time.sleep(_LOOK_S)
    return False


def _samples_of(flac: Path) -> int:
    """How many samples the head of a FLAC file says it has (RFC 9639, section 8.2): 0 until it was written to its end."""
    if not flac.is_file():
        return 0
    with flac.open("rb") as file:
        head = file.read(26)
    return int.from_bytes(head[18:26], "big") & (1 << 36) - 1 if head[:4] == b"fLaC" and len(head) == 26 else 0


@contextmanager
def _only(strips: list[bpy.types.Strip], wanted: list[bpy.types.Strip]) -> Iterator[None]:
    """Others are silent meanwhile."""
    silenced = [strip for strip in strips if strip not in wanted]
    for strip in silenced:
        strip.mute = True
    try:
        yield
    finally:
        for strip in silenced:
            strip.mute = False
