"""Verbs about what outlives a file: patches on the disk; looks, patches and pictures of the palette as Blender's assets."""

from __future__ import annotations

from pathlib import Path

import bpy
from bpy.props import BoolProperty, EnumProperty, StringProperty

from ...ganreact_core.errors import LookError
from ...ganreact_core.files import write_whole
from ...ganreact_core.patches import load_patch, patch_to_page, patch_to_text
from ...ganreact_core.serial import to_plain
from .. import carriers, controls, endings, frames, patching, thumbnails, viewing
from ..form_properties import chosen
from ..place import home
from .base import AnyLookVerb, FileVerb, LookVerb, Verb, allowed, as_path
from .looks import add_look

_KINDS = (("ENTRY", "Chosen Picture", "The chosen picture of the palette"),
          ("PATCH", "Patch", "This look and its routes, for any track"),
          ("LOOK", "Look", "This look's control with its keys and its music"))


class SavePatch(AnyLookVerb, bpy.types.Operator):
    """Save this look with its routes, values and keys as a patch, for other tracks and other files"""

    bl_idname = "ganreact.save_patch"
    bl_label = "Save Patch"
    bl_options = frozenset({"REGISTER"})

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_glob: StringProperty(default=endings.pattern(endings.PATCHES), options={"HIDDEN"})
    check_existing: BoolProperty(default=True, options={"HIDDEN"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Propose a name."""
        self.filepath = f"{controls.patch_of(controls.active_look(home(context))).look.id}.json"
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def work(self, context: bpy.types.Context) -> str | None:
        """One file, whole or not there."""
        scene, path = home(context), as_path(self.filepath)
        path = path if path.suffix.lower() == ".json" else path.with_name(f"{path.name}.json")
        write_whole(path, patch_to_page(patching.patch_to_go(scene, controls.active_look(scene))).encode())
        return f"saved as {path.name}"


class LoadPatch(FileVerb, Verb, bpy.types.Operator):
    """Add a look from a patch file"""

    bl_idname = "ganreact.load_patch"
    bl_label = "Load Patch"

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_glob: StringProperty(default=endings.pattern(endings.PATCHES), options={"HIDDEN"})

    def work(self, context: bpy.types.Context) -> str | None:
        """As with a shipped one."""
        add_look(context, load_patch(as_path(self.filepath)))
        return None


class MarkAsset(LookVerb, bpy.types.Operator):
    """Make it an asset of this file, with its picture: found in the Asset Browser, used from there in any file"""

    bl_idname = "ganreact.mark_asset"
    bl_label = "Mark as Asset"

    kind: EnumProperty(name="What", items=_KINDS, description="What becomes an asset")

    def work(self, context: bpy.types.Context) -> str | None:
        """An Empty that carries it, or the look's control itself."""
        scene = home(context)
        look_control = controls.active_look(scene)
        patch, model = controls.patch_of(look_control), frames.model_of(look_control)
        picture: Path | None = None
        if self.kind == "LOOK":
            carrier, text = look_control, "A look of GANReact, with its keys and its music"
        elif self.kind == "PATCH":
            document = patch_to_text(patching.patch_to_go(scene, look_control))
            carrier = carriers.new(patch.look.label, {"kind": "patch", "patch": document, **_made_with(model)})
            text = "A patch of GANReact"
        else:
            entry = chosen(scene, "entries")
            if entry is None:
                raise LookError("no picture of the palette is chosen; click one in the list")
            carrier = carriers.new(entry.label, {"kind": "entry", "entry": to_plain(entry), **_made_with(model)})
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
        if carrier is None or carriers.CARRIED not in carrier:
            raise LookError("this is no picture and no patch of GANReact; drag a look into the 3D viewport instead")
        carriers.use(home(context), carrier[carriers.CARRIED])
        return None


def _made_with(model: str) -> dict[str, str]:
    return {"made_with": frames.sha256_of(model)}


def _mark(carrier: bpy.types.Object, text: str, picture: Path | None) -> None:
    carrier.asset_mark()
    carrier.asset_data.description = text
    carrier.asset_data.tags.new("GANReact", skip_if_exists=True)
    pixels = viewing.last() if picture is None else None
    if picture is not None:
        carriers.show_picture(carrier, picture)
    elif pixels is not None:
        carriers.write_preview(carrier, pixels)


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
