"""Pictures and patches as Blender's assets: an Empty whose text property says what it is; what becomes of it in a scene."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import bpy

from ..ganreact_core.errors import LookError
from ..ganreact_core.look import Entry
from ..ganreact_core.patches import patch_of_a_stranger
from ..ganreact_core.serial import from_plain, parse_json
from . import baking, controls, edits, fcurves, frames, hands, properties, viewing

CARRIED = "ganreact_asset"
"""Property of an asset that is no control: {"kind": "entry" or "patch", "made_with": sha256 of the network, …}."""

_LOOK_AGAIN_S, _LOOKS = 0.5, 60


def new(label: str, carried: dict) -> bpy.types.Object:
    """An Empty that carries this, in no scene."""
    carrier = bpy.data.objects.new(label, None)
    carrier[CARRIED] = json.dumps(carried, ensure_ascii=False)
    return carrier


def use(scene: bpy.types.Scene, text: str) -> None:
    """Let a carried picture join the palette, or make a look of a carried patch; nothing of the text is ever run."""
    carried = parse_json(text, "the asset")
    kind = carried.get("kind") if isinstance(carried, dict) else None
    if kind == "patch":
        audio = controls.active_audio(scene)
        if audio is None:
            raise LookError("a patch needs something to listen to; analyse a sound first")
        scene.ganreact.look = baking.add_look(scene, patch_of_a_stranger(carried.get("patch", ""), "the asset"), audio)
    elif kind == "entry":
        _take_entry(scene, carried)
    else:
        raise LookError("this is no picture and no patch of GANReact; drag a look into the 3D viewport instead")
    properties.refresh(scene)


def settle(scene: bpy.types.Scene, look_control: controls.Control) -> None:
    """A look that came as a copy of another, or from another file: an id, a name and keys of its own, among our controls,
    listening to what is heard here; chosen."""
    patch = controls.patch_of(look_control)
    ident, label = controls.free_name(scene, patch.look, apart_from=look_control)
    controls.store_patch(look_control, replace(patch, look=replace(patch.look, id=ident, label=label)))
    look_control.name = f"{label} · look"
    if look_control.animation_data and look_control.animation_data.action:
        fcurves.own_action(look_control, f"GANReact · {look_control.name}")
    if controls.RESULT in look_control:
        del look_control[controls.RESULT]
    audio = controls.audio_of(look_control)
    if audio is None or not audio.users_scene:
        own = next(iter(controls.find(scene, "audio")), None)
        if own is None and audio is not None:
            controls.join(scene, audio)
        look_control[controls.AUDIO] = own or audio
    controls.join(scene, look_control)
    look_control.hide_select = True
    scene.ganreact.look = look_control
    properties.refresh(scene)


def needs_settling(scene: bpy.types.Scene, look_control: controls.Control) -> bool:
    """Whether it has the id or the name of another look here, or listens to nothing, or to something that is in no scene."""
    look = controls.patch_of(look_control).look
    audio = controls.audio_of(look_control)
    return (controls.free_name(scene, look, apart_from=look_control) != (look.id, look.label)
            or audio is None or not audio.users_scene)


def show_picture(carrier: bpy.types.Object, picture: Path) -> None:
    """Give an asset its picture, as soon as that is there."""
    name, left = carrier.name, [_LOOKS]

    def once() -> float | None:
        left[0] -= 1
        one = bpy.data.objects.get(name)
        if one is None or left[0] < 0:
            return None
        if not picture.is_file() or hands.are_full():
            return _LOOK_AGAIN_S
        write_preview(one, viewing.pixels_of(picture))
        return None

    if once() is not None and not bpy.app.background:
        bpy.app.timers.register(once, first_interval=_LOOK_AGAIN_S)


def write_preview(carrier: bpy.types.Object, pixels) -> None:
    """float32 [h, w, 4], rows from below, as the picture of an asset."""
    preview = carrier.preview_ensure()
    preview.image_size = (pixels.shape[1], pixels.shape[0])
    preview.image_pixels_float.foreach_set(pixels.ravel())


def _take_entry(scene: bpy.types.Scene, carried: dict) -> None:
    look_control, entry = controls.active_look(scene), from_plain(Entry, carried.get("entry"), "the asset")
    if look_control is None:
        raise LookError("there is no look whose palette it could join; add a look first")
    if carried.get("made_with") != frames.sha256_of(frames.model_of(look_control)) and entry.latent:
        raise LookError("this picture was saved with another network, and is none here; choose that network first")
    fields = {name: getattr(entry, name) for name in ("label", "seed", "class_", "classes", "latent")}
    made = edits.add(controls.patch_of(look_control), "entries", **fields)
    controls.store_patch(look_control, made)
    properties.choose(scene, "entries", made.look.entries[-1].id)
