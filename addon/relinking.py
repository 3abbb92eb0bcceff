"""Files that are not where they were: a moved .blend finds its sound, networks and frames again, or says which are lost.

Relative paths come first, and are Blender's own. What they do not find is looked for around the .blend: by name, then by
size and content. What is not found is left as it is: nothing is ever cleared.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import bpy

from ..ganreact_core.errors import GANReactError
from ..ganreact_core.files import file_sha256
from ..ganreact_core.models import EMBEDDED, model_sha256
from . import controls, frames, strips
from .kept_paths import kept_path, whole_path
from .listening import strip_now

_DEPTH, _ENTRIES = 5, 20_000


@dataclass(frozen=True)
class Lost:
    """Something a scene needs and that is not there.

    kind      "sound" | "network" | "frames"
    owner     name of the strip, or of the look control
    path      where it should be
    sha256    of its content, "" where that was never known
    n_bytes   its size, 0 where unknown
    """

    kind: str
    owner: str
    path: Path
    sha256: str = ""
    n_bytes: int = 0


def lost_files(scene: bpy.types.Scene) -> list[Lost]:
    """What a scene needs of its own and does not find: what is linked from another file is lost, or mended, there."""
    return [*_lost_sounds(scene), *_lost_of_looks(scene)]


def search(lost: Iterable[Lost], folder: Path) -> dict[Lost, Path]:
    """What is found below a folder, at most five levels deep; by name and content, or by content alone."""
    lost, files = list(lost), list(_files_below(folder))
    by_name: dict[str, list[Path]] = {}
    for path in files:
        by_name.setdefault(path.name, []).append(path)
    found = {}
    for one in lost:
        place = _bundle_like(one, files) if one.kind == "frames" else _file_like(one, by_name.get(one.path.name, []), files)
        if place:
            found[one] = place
    return found


def relink(scene: bpy.types.Scene, one: Lost, path: Path) -> None:
    """Use what was found in place of what was lost."""
    if one.kind == "sound":
        _relink_sound(scene, one, path)
    elif one.kind == "network":
        frames.set_model(controls.named(scene, one.owner), str(path))
    else:
        _relink_frames(scene, one, path)


def mend(scene: bpy.types.Scene, folder: Path) -> tuple[list[Lost], list[Lost]]:
    """Look for everything lost below a folder and use it; (found, still lost)."""
    lost = lost_files(scene)
    found = search(lost, folder) if lost else {}
    for one, path in found.items():
        relink(scene, one, path)
    return list(found), [one for one in lost if one not in found]


def as_sentence(lost: list[Lost]) -> str:
    """What is lost, and what to do; "" where nothing is."""
    if not lost:
        return ""
    return f"missing: {', '.join(sorted({one.path.name for one in lost}))}; choose File > External Data > Find GANReact's Files"


def _lost_sounds(scene: bpy.types.Scene) -> Iterator[Lost]:
    heard = map(controls.hearing_of, controls.find(scene, "audio"))
    hearings = {strip_now(scene, hearing): hearing for hearing in heard}
    for strip in strips.sound_strips(scene):
        path, hearing = strips.sound_path(strip), hearings.get(strip.name)
        if not (path.is_file() or strip.sound.packed_file or strip.sound.library):
            size = hearing.seen.partition(":")[0] if hearing else ""
            yield Lost("sound", strip.name, path, hearing.sha256 if hearing else "", int(size) if size.isdigit() else 0)


def _lost_of_looks(scene: bpy.types.Scene) -> Iterator[Lost]:
    for look_control in filter(controls.is_own, controls.find(scene, "look")):
        model = frames.model_of(look_control)
        if model != EMBEDDED and not Path(model).exists():
            sha256, _, size = frames.known_of(look_control).partition(":")
            yield Lost("network", look_control.name, Path(model), sha256, int(size) if size.isdigit() else 0)
        try:
            folder = frames.frames_folder(scene, look_control)
        except GANReactError:  # the .blend has no place yet
            continue
        if strips.strip_of_frames(scene, controls.patch_of(look_control).look.label) and not folder.is_dir():
            yield Lost("frames", look_control.name, folder)


def _file_like(one: Lost, namesakes: list[Path], files: list[Path]) -> Path | None:
    """A namesake of the right content, where content is known; else any file of that size and content."""
    for path in namesakes:
        if not one.sha256 or _is(path, one):
            return path
    same_size = [path for path in files if one.n_bytes and one.sha256 and _size(path) == one.n_bytes]
    return next((path for path in same_size if _is(path, one)), None)


def _bundle_like(one: Lost, files: list[Path]) -> Path | None:
    """A bundle's folder of the same name."""
    return next((path.parent for path in files if path.name == "look.json" and path.parent.name == one.path.name), None)


def _is(path: Path, one: Lost) -> bool:
    try:
        return (model_sha256(str(path)) if one.kind == "network" else file_sha256(path)) == one.sha256
    except GANReactError:
        return False


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _files_below(folder: Path) -> Iterator[Path]:
    """Files, nearest first by level of folders; frames, of which there can be many, are not gone through."""
    level, seen = [folder], 0
    for _ in range(_DEPTH):
        deeper: list[Path] = []
        for place in level:
            try:
                entries = sorted(os.scandir(place), key=lambda entry: entry.name)
            except OSError:
                continue
            for entry in entries:
                seen += 1
                if seen > _ENTRIES:
                    return
                if entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".") and entry.name != "frames":
                    deeper.append(Path(entry.path))
                elif entry.is_file():
                    yield Path(entry.path)
        level = deeper


def _relink_sound(scene: bpy.types.Scene, one: Lost, path: Path) -> None:
    relative = kept_path(path)
    for strip in strips.sound_strips(scene):
        if strips.sound_path(strip) == one.path:
            strip.sound.filepath = relative
    for control in filter(controls.is_own, controls.find(scene, "audio")):
        hearing = controls.hearing_of(control)
        if hearing.file and hearing.strip and whole_path(hearing.file) == one.path:
            controls.store_hearing(control, replace(hearing, file=relative))


def _relink_frames(scene: bpy.types.Scene, one: Lost, folder: Path) -> None:
    """The strip and the images that lay in the lost folder lie in the found one."""
    frames.remember_folder(controls.named(scene, one.owner), folder)
    for strip in scene.sequence_editor.strips_all if scene.sequence_editor else ():
        if strip.type == "IMAGE" and (found := _moved(strip.directory, one.path, folder)):
            strip.directory = f"{found}/"
    for image in bpy.data.images:
        if not image.library and (found := _moved(image.filepath, one.path, folder)):
            image.filepath = found


def _moved(text: str, old: Path, new: Path) -> str:
    """A path of Blender's that lies in an old folder, in the new one; "" where it lies elsewhere. Compared as paths: on Windows
    separators and capitals may differ."""
    path = Path(bpy.path.abspath(text))
    return kept_path(new / path.relative_to(old)) if text and path.is_relative_to(old) else ""
