"""Verbs that make a mask of something seen: an image of the file, a sequence, a film."""

from __future__ import annotations

from pathlib import Path

import bpy
from bpy.props import BoolProperty, StringProperty

from ...ganreact_core.errors import LookError
from ...ganreact_core.naming import slug
from .. import baking, carrying, controls, edits, properties, strips
from ..kept_paths import kept_path
from ..place import home
from ..session import session
from .base import FileVerb, LookVerb, RenderVerb, as_path, change

_HIDDEN = {"HIDDEN", "SKIP_SAVE"}


def _images(operator: bpy.types.Operator, context: bpy.types.Context, text: str) -> list[str]:
    return [image.name for image in bpy.data.images]


class MaskFromImage(LookVerb, bpy.types.Operator):
    """Add a mask from an image of this file, a painted one or a sequence too: white is inside"""

    bl_idname = "ganreact.mask_from_image"
    bl_label = "Mask from Image"

    image: StringProperty(name="Image", options={"SKIP_SAVE"}, search=_images, description="White of it is inside")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Propose the image that is being edited."""
        shown = getattr(context.space_data, "image", None)
        self.image = shown.name if shown else ""
        return context.window_manager.invoke_props_dialog(self)

    def work(self, context: bpy.types.Context) -> str | None:
        """The image is kept with the file, though nothing of Blender uses it."""
        image = bpy.data.images.get(self.image)
        if image is None:
            raise LookError(f"there is no image '{self.image}' in this file; load or paint it first")
        if image.source == "MOVIE":
            return start_film(context, as_path(image.filepath))
        image.use_fake_user = True
        kind = "sequence" if image.source == "SEQUENCE" else "image"
        made = edits.add(controls.patch_of(controls.active_look(home(context))), "masks", label=image.name, kind=kind,
                         file=carrying.known_as(image))
        if kind == "sequence":
            carrying.sequence_files(made.look.masks[-1])  # says now what is missing
        change(context, lambda patch: made)
        return None


class MaskFromFilm(FileVerb, RenderVerb, LookVerb, bpy.types.Operator):
    """Add a mask that moves: a film becomes a folder of pictures beside this file, one for each frame"""

    bl_idname = "ganreact.mask_from_film"
    bl_label = "Mask from Film"

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_movie: BoolProperty(default=True, options={"HIDDEN"})

    def work(self, context: bpy.types.Context) -> str | None:
        """The engine reads the film; its speed stays what it is."""
        return start_film(context, as_path(self.filepath))


def start_film(context: bpy.types.Context, film: Path) -> None:
    """Let the engine make a folder of pictures of a film; `add_film_mask` makes a mask of that."""
    scene = home(context)
    if not film.is_file():
        raise LookError(f"the film '{film.name}' is not there; choose another")
    if not bpy.data.filepath:
        raise LookError("the film's pictures are kept beside the .blend, which has no place yet; save it first")
    control = controls.active_look(scene)
    out = as_path("//ganreact/masks") / slug(film.stem, fallback="film")
    asked = {"film": str(film), "out": str(out), "fps": strips.fps_of(scene),
             "frames": len(baking.frames_of(scene, control))}
    session.start(context, "unroll", asked, title=f"Reading {film.name}",
                  finish=("add_film_mask", {"look": control.name, "folder": str(out), "label": film.stem[:40]}))


class AddFilmMask(LookVerb, bpy.types.Operator):
    """Add a mask from a folder of pictures, one for each frame"""

    bl_idname = "ganreact.add_film_mask"
    bl_label = "Add Mask from Folder"

    folder: StringProperty(name="Folder", subtype="DIR_PATH", options={"SKIP_SAVE"}, description="A picture for each frame")
    label: StringProperty(name="Name", options={"SKIP_SAVE"}, description="What the mask is called")
    look: StringProperty(options=_HIDDEN)

    def work(self, context: bpy.types.Context) -> str | None:
        """One undo step; a mask that shows this folder already goes on with its new pictures."""
        control = controls.named(home(context), self.look) if self.look else controls.active_look(home(context))
        if control is None:
            raise LookError("the look that this mask was made for is gone; nothing was added")
        patch = controls.patch_of(control)
        sequences = [mask.file for mask in patch.look.masks if mask.kind == "sequence" and mask.file]
        if as_path(self.folder) in map(as_path, sequences):
            return "The mask shows the film as it is now"
        made = edits.add(patch, "masks", label=self.label, kind="sequence", file=kept_path(self.folder))
        carrying.sequence_files(made.look.masks[-1])
        controls.store_patch(control, made)
        properties.refresh(home(context))
        return None


CLASSES = (MaskFromImage, MaskFromFilm, AddFilmMask)
