"""From a look in the scene to a bundle on disk, and from its frames back into the scene."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import bpy

from ..ganreact_core.bundle import Bundle, create_bundle
from ..ganreact_core.errors import LookError, Partial
from ..ganreact_core.frame_ranges import as_ranges
from ..ganreact_core.models import EMBEDDED, model_file, model_sha256
from ..ganreact_core.naming import slug
from . import baking, carrying, controls, materials, strips
from .kept_paths import kept_path

Control = bpy.types.Object
_WORTH = 0.05
FOLDER, OWNER, _KNOWN = "frames_folder", "frames_owner", "model_known"


@dataclass(frozen=True)
class Placing:
    """What to make of rendered frames."""

    strip: bool = True
    material: bool = True
    plane: bool = False


def remember_folder(look_control: Control, folder: Path) -> None:
    """Let a look of this file go on in the folder that its frames were put into, wherever that is."""
    if controls.is_own(look_control):
        look_control[FOLDER] = kept_path(folder)
        look_control[OWNER] = look_control.name


def forget_folders(scene: bpy.types.Scene) -> None:
    """Let the frames of a scene's looks go where the panel says again."""
    for look_control in controls.find(scene, "look"):
        if controls.is_own(look_control):
            look_control.pop(FOLDER, None)


def frames_folder(scene: bpy.types.Scene, look_control: Control) -> Path:
    """Where a look's bundle is: beside the .blend, one folder for each scene and look, or where it was put last."""
    owner = look_control.get(OWNER) if controls.is_own(look_control) else None
    if look_control.get(FOLDER) and owner == look_control.name:  # a duplicate has another name
        return Path(bpy.path.abspath(look_control[FOLDER]))
    settings = getattr(scene, "ganreact", None)
    chosen = settings.folder if settings else "//ganreact/"
    if chosen.startswith("//") and not bpy.data.filepath:
        raise LookError("the frames are kept beside the .blend, which has no place yet; save it first")
    ident = controls.patch_of(look_control).look.id
    alike = [other for other in controls.find(scene, "look") if controls.patch_of(other).look.id == ident]
    if alike and look_control != alike[0]:  # a duplicate made by hand shares the id, and must not share the frames
        ident = f"{ident}-{slug(look_control.name)}"
    return Path(bpy.path.abspath(chosen)) / f"{slug(scene.name, fallback='scene')}-{ident}"


def has_no_place(scene: bpy.types.Scene, look_control: Control) -> bool:
    """Whether a look's frames belong beside a file that was never saved."""
    return not bpy.data.filepath and not look_control.get(FOLDER) and scene.ganreact.folder.startswith("//")


def wanted_frames(scene: bpy.types.Scene, look_control: Control) -> range:
    """The frames chosen in the panel."""
    settings = scene.ganreact
    if settings.frames == "CUSTOM":
        return range(settings.first, max(settings.first, settings.last) + 1)
    if settings.frames == "SCENE":
        first, last = ((scene.frame_preview_start, scene.frame_preview_end) if scene.use_preview_range
                       else (scene.frame_start, scene.frame_end))
        return range(first, last + 1)
    return baking.frames_of(scene, look_control)


def model_of(look_control: Control) -> str:
    """The network of a look: "embedded", or an absolute path."""
    model = controls.patch_of(look_control).look.model
    return model if model == EMBEDDED else bpy.path.abspath(model, library=controls.library_of(look_control))


def make_bundle(scene: bpy.types.Scene, look_control: Control, folder: Path, frames: range | None = None) -> Bundle:
    """Evaluate the look and write its bundle; frames already there count while they are right."""
    sha256 = sha256_of(model_of(look_control))
    table = baking.table_of(scene, look_control, frames).table
    look = controls.patch_of(look_control).look
    made = create_bundle(folder, look, table, sha256)
    carrying.carry(folder, look, made.frame_numbers(), baking.frames_of(scene, look_control)[0],
                   library=controls.library_of(look_control))
    return made


def render_arguments(bundle: Bundle, look_control: Control, frames: range, device: str) -> dict[str, str]:
    """What the engine is asked for."""
    asked = {"bundle": str(bundle.folder), "frames": f"{frames[0]}-{frames[-1]}", "device": device}
    model = model_of(look_control)
    return asked if model == EMBEDDED else {**asked, "model": model}


def require_done(bundle: Bundle, frames: range) -> None:
    """Raises Partial naming the frames that are missing or stale."""
    wanted = bundle.wanted(frames)
    if wanted:
        raise Partial(f"frames {', '.join(as_ranges(wanted))} are missing or stale; render them")


def chosen_of(scene: bpy.types.Scene, look_control: Control, bundle: Bundle) -> range:
    """The frames chosen in the panel, of a bundle that can be of the whole sound; all of its own where it has none of them."""
    there, chosen = bundle.frame_numbers(), wanted_frames(scene, look_control)
    return range(max(there[0], chosen[0]), min(there[-1], chosen[-1]) + 1) or there


def place(scene: bpy.types.Scene, look_control: Control, bundle: Bundle, frames: range, what: Placing) -> None:
    """Show frames in the scene: strip above the sound, material, plane; true colours; the scene long enough for all of them."""
    label, files = controls.patch_of(look_control).look.label, [bundle.frame_path(frame) for frame in frames]
    if what.strip:
        strips.place_frames(scene, label, files, frames[0], size=bundle.look.size)
    if what.material or what.plane:
        material = materials.frames_material(label, files, frames[0], scene)
        if what.plane:
            materials.frames_plane(scene, material, bundle.look.size)
    materials.show_true_colours(scene)
    know_model(look_control)
    if len(look_control.users_scene) == 1:  # in two scenes its frames are others in each
        remember_folder(look_control, bundle.folder)
    scene.frame_end = max(scene.frame_end, frames[-1])


def place_early(scene: bpy.types.Scene, look_control: Control, bundle: Bundle, numbers: range) -> bool:
    """Show frames while they are being made, up to the first that is missing: Blender draws a strip red where one is.

    Does nothing where a strip shows as many already, or nearly so: to give a strip its files takes time where they are many.
    """
    label, size = controls.patch_of(look_control).look.label, bundle.look.size
    strip, first = strips.strip_of_frames(scene, label), bundle.frame_path(numbers[0])
    is_begun = strip is not None and len(strip.elements) > 0 and strip.elements[0].filename == first.name
    shown = min(len(strip.elements), len(numbers)) if is_begun else 0
    more = list(itertools.takewhile(Path.is_file, map(bundle.frame_path, numbers[shown:])))
    is_all = shown + len(more) == len(numbers)
    if not more or (len(more) <= shown * _WORTH and not is_all):
        return False
    files = [*map(bundle.frame_path, numbers[:shown]), *more]
    strips.place_frames(scene, label, files, numbers[0], complete=False, size=size)
    materials.show_true_colours(scene)
    return True


def rename(scene: bpy.types.Scene, label: str, now: str) -> None:
    """A look is called otherwise now: what shows its frames goes on doing so, under the new name."""
    for old, new in ((label, now), (proxy_label(label), proxy_label(now))):
        strips.rename_frames(scene, old, new)
    materials.rename_frames(scene, label, now)


def proxy_label(label: str) -> str:
    """What the strip of a look's rough film is called, beside the prefix."""
    return f"{label} (proxy)"


def size_of_scene(scene: bpy.types.Scene) -> tuple[int, int]:
    """Pixels of the scene's output, as a look's size: multiples of two."""
    render = scene.render
    sides = (render.resolution_x, render.resolution_y)
    width, height = (round(side * render.resolution_percentage / 200) * 2 for side in sides)
    return max(16, width), max(16, height)


def set_model(look_control: Control, path: str) -> None:
    """Let a look use another network: "embedded" or a file, kept relative to the .blend where it is beside it."""
    patch = controls.patch_of(look_control)
    if path != EMBEDDED:
        model_file(bpy.path.abspath(path))
        path = kept_path(path)
    controls.store_patch(look_control, replace(patch, look=replace(patch.look, model=path)))
    know_model(look_control)


def know_model(look_control: Control) -> None:
    """Write down what the network of a look of this file is, so that it is known wherever it turns up."""
    model = model_of(look_control)
    if controls.is_own(look_control) and model != EMBEDDED and Path(model).exists():
        look_control[_KNOWN] = f"{sha256_of(model)}:{Path(model).stat().st_size}"


def known_of(look_control: Control) -> str:
    """What was written down of a look's network, "sha256:bytes"; "" where nothing was."""
    return str(look_control.get(_KNOWN, ""))


def sha256_of(model: str) -> str:
    """sha256 of a network's file, read once for as long as the file stays as it is."""
    stat = model_file(model).stat()
    return _known_sha256(model, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=16)
def _known_sha256(model: str, mtime_ns: int, size: int) -> str:
    return model_sha256(model)
