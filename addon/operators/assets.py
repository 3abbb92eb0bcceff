"""Verbs about what outlives a file: patches on the disk; looks, patches and pictures of the palette as Blender's assets."""

from __future__ import annotations

import json
from pathlib import Path

import bpy
from bpy.props import EnumProperty, StringProperty

from ...ganreact_core.errors import LookError
from ...ganreact_core.files import write_whole
from ...ganreact_core.look import Entry
from ...ganreact_core.patches import patch_from_text, patch_to_text
from ...ganreact_core.serial import from_plain, parse_json, to_plain
from .. import baking, controls, edits, frames, patching, properties, thumbnails, viewing
from ..form_properties import chosen
from ..place import home
from .base import FileVerb, LookVerb, Verb, allowed, as_path

CARRIED = "ganreact_asset"
"""Property of an asset that is no control: {"kind": "entry" or "patch", "made_with": sha256 of the network, …}."""

_KINDS = (("ENTRY", "Chosen Picture", "The chosen picture of the palette"),
          ("PATCH", "Patch", "This look and its routes, for any track"),
          ("LOOK", "Look", "This look's control with its keys and its music"))


class SavePatch(LookVerb, bpy.types.Operator):
    """Save this look with its routes, values and keys as a patch, for other tracks and other files"""

    bl_idname = "ganreact.save_patch"
    bl_label = "Save Patch"
    bl_options = frozenset({"REGISTER"})

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_glob: StringProperty(default="*.json", options={"HIDDEN"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Propose a name."""
        self.filepath = f"{controls.patch_of(controls.active_look(home(context))).look.id}.json"
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def work(self, context: bpy.types.Context) -> str | None:
        """One file, whole or not there."""
        scene, path = home(context), as_path(self.filepath).with_suffix(".json")
        write_whole(path, patch_to_text(patching.patch_of_look(scene, controls.active_look(scene))).encode())
        return f"saved as {path.name}"


class LoadPatch(FileVerb, Verb, bpy.types.Operator):
    """Add a look from a patch file"""

    bl_idname = "ganreact.load_patch"
    bl_label = "Load Patch"

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_glob: StringProperty(default="*.json", options={"HIDDEN"})

    def work(self, context: bpy.types.Context) -> str | None:
        """As with a shipped one."""
        bpy.ops.ganreact.add_look("EXEC_DEFAULT", False, patch=str(as_path(self.filepath)))
        return None


class MarkAsset(LookVerb, bpy.types.Operator):
    """Make it an asset of this file, with its picture: found in the Asset Browser, used from there in any file"""

    bl_idname = "ganreact.mark_asset"
    bl_label = "Mark as Asset"

    kind: EnumProperty(name="What", items=_KINDS)

    def work(self, context: bpy.types.Context) -> str | None:
        """An Empty that carries it, or the look's control itself."""
        scene = home(context)
        look_control = controls.active_look(scene)
        patch, model = controls.patch_of(look_control), frames.model_of(look_control)
        picture: Path | None = None
        if self.kind == "LOOK":
            carrier, text = look_control, "A look of GANReact, with its keys and its music"
        elif self.kind == "PATCH":
            document = patch_to_text(patching.patch_of_look(scene, look_control))
            carrier = _carrier(patch.look.label, {"kind": "patch", "patch": document, **_made_with(model)})
            text = "A patch of GANReact"
        else:
            entry = chosen(scene, "entries")
            if entry is None:
                raise LookError("no picture of the palette is chosen; click one in the list")
            carrier = _carrier(entry.label, {"kind": "entry", "entry": to_plain(entry), **_made_with(model)})
            text, picture = f"A picture of GANReact: seed {entry.seed}", thumbnails.file_of(patch.look, model, entry)
        _mark(carrier, text, picture)
        return f"'{carrier.name}' is in the Asset Browser now"


class UseAsset(Verb, bpy.types.Operator):
    """Use this asset in the active look: a picture joins the palette, a patch becomes another look"""

    bl_idname = "ganreact.use_asset"
    bl_label = "Use in GANReact"

    name: StringProperty(options={"HIDDEN", "SKIP_SAVE"}, description="An object of this file; empty takes the active asset")

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs an asset, unless one is named."""
        nothing = not bpy.app.background and getattr(context, "asset", None) is None
        return allowed(cls, {"Choose an asset of GANReact": nothing})

    def work(self, context: bpy.types.Context) -> str | None:
        """Read what it carries; nothing of it is ever run."""
        carrier = bpy.data.objects.get(self.name) if self.name else _object_of(getattr(context, "asset", None))
        carried = parse_json(carrier[CARRIED], "the asset") if carrier is not None and CARRIED in carrier else None
        scene = home(context)
        if isinstance(carried, dict) and carried.get("kind") == "patch":
            audio = controls.active_audio(scene)
            if audio is None:
                raise LookError("a patch needs something to listen to; analyse a sound first")
            scene.ganreact.look = baking.add_look(scene, patch_from_text(carried.get("patch", ""), "the asset"), audio)
        elif isinstance(carried, dict) and carried.get("kind") == "entry":
            _take_entry(scene, carried)
        else:
            raise LookError("this is no picture and no patch of GANReact; drag a look into the 3D viewport instead")
        properties.refresh(scene)
        return None


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


def _carrier(label: str, carried: dict) -> bpy.types.Object:
    carrier = bpy.data.objects.new(label, None)
    carrier[CARRIED] = json.dumps(carried, ensure_ascii=False)
    return carrier


def _made_with(model: str) -> dict[str, str]:
    return {"made_with": frames.sha256_of(model)}


def _mark(carrier: bpy.types.Object, text: str, picture: Path | None) -> None:
    carrier.asset_mark()
    carrier.asset_data.description = text
    carrier.asset_data.tags.new("GANReact", skip_if_exists=True)
    pixels = viewing.pixels_of(picture) if picture else viewing.last()
    if pixels is not None:
        preview = carrier.preview_ensure()
        preview.image_size = (pixels.shape[1], pixels.shape[0])
        preview.image_pixels_float.foreach_set(pixels.ravel())


def _object_of(asset: object) -> bpy.types.Object | None:
    """The object of an asset: this file's own, or read from its library."""
    if asset is None:
        return None
    if asset.local_id:
        return asset.local_id
    with bpy.data.libraries.load(asset.full_library_path, link=False) as (_, wanted):
        wanted.objects = [asset.name]
    return wanted.objects[0]


CLASSES = (SavePatch, LoadPatch, MarkAsset, UseAsset)
