"""Verbs that make other weights: another network's layers, or a thing copied from one frame into all like another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
from bpy.props import BoolProperty, IntProperty, StringProperty

from ...ganreact_core.bundle import open_bundle
from ...ganreact_core.caches import cache_folder
from ...ganreact_core.errors import LookError
from ...ganreact_core.files import write_whole
from ...ganreact_core.naming import slug
from ...ganreact_core.png import grey_png
from .. import controls, edits, frames, properties, showing
from ..kept_paths import kept_path, whole_path
from ..place import home
from ..preferences import engine_choice
from ..session import session
from .base import FileVerb, LookVerb, RenderVerb, as_path

_HIDDEN = {"HIDDEN", "SKIP_SAVE"}
_FRAME, _BUNDLE = "ganreact_frame", "ganreact_bundle"
_PAINTED, _MOST = 0.02, 0.6
"""How far a painted pixel is from the frame's; the share of a frame that can have been painted on."""


class _Remake(RenderVerb, LookVerb):
    """A verb whose job leaves a file of weights beside the .blend, which becomes a rewrite of the look."""

    def begin(self, context: bpy.types.Context, label: str, title: str, **asked: Any) -> None:
        """Start the job; `add_rewrite_file` is its end."""
        if not bpy.data.filepath:
            raise LookError("other weights are kept beside the .blend, which has no place yet; save it first")
        control = controls.active_look(home(context))
        out = _free(as_path("//ganreact/rewrites"), slug(label, fallback="rewrite"))
        sheet = cache_folder("found") / f"rewrite-{out.stem}.png" if asked.get("how") == "copy" else None
        asked |= {"model": frames.model_of(control), "out": str(out), "device": engine_choice(context).device}
        found = {"look": control.name, "filepath": str(out), "label": label, "sheet": str(sheet or "")}
        if sheet:
            asked["sheet"] = str(sheet)
        session.start(context, "rewrite", asked, title=title, finish=("add_rewrite_file", found))


class MixNetworks(FileVerb, _Remake, bpy.types.Operator):
    """Add a rewrite that takes some layers from another network of the same shape, as far as its strength says"""

    bl_idname = "ganreact.mix_networks"
    bl_label = "Mix with Network"

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})
    first: IntProperty(name="First Layer", default=1, min=1, max=63, description="The first that is taken, as for bends")
    last: IntProperty(name="Last Layer", default=-1, min=-1, max=63, description="−1 is the last there is")

    def work(self, context: bpy.types.Context) -> str | None:
        """The look's own network stays as it is."""
        other = as_path(self.filepath)
        if not other.exists():
            raise LookError(f"the network '{other.name}' is not there; choose another")
        self.begin(context, other.stem[:40], f"Mixing with {other.name}", how="mix", other=str(other), first=self.first,
                   last=self.last)
        return None


class PaintOnFrame(LookVerb, bpy.types.Operator):
    """Open a copy of this frame to paint on: what you paint over, in any colour, is what is copied or replaced"""

    bl_idname = "ganreact.paint_on_frame"
    bl_label = "Paint on This Frame"

    def work(self, context: bpy.types.Context) -> str | None:
        """The frame has to be made; its copy is packed into this file."""
        scene = home(context)
        folder = frames.frames_folder(scene, controls.active_look(scene))
        frame = scene.frame_current
        _require_made(folder, frame)
        image = bpy.data.images.load(str(open_bundle(folder).frame_path(frame)))
        image.name = f"Painted {frame}"
        image.pack()
        image.use_fake_user = True
        image[_FRAME], image[_BUNDLE] = frame, kept_path(folder)
        showing.in_editor(context, image, paint=True)
        return f"Paint over the thing in '{image.name}', then press Copy and Paste"


def painted_frames() -> list[str]:
    """The images of this file that are frames to paint on."""
    return [image.name for image in bpy.data.images if _FRAME in image]


def _painted(operator: bpy.types.Operator, context: bpy.types.Context, text: str) -> list[str]:
    return painted_frames()


class CopyAndPaste(_Remake, bpy.types.Operator):
    """Add a rewrite that lets a thing of one frame appear in every picture that is like a place in another frame"""

    bl_idname = "ganreact.copy_and_paste"
    bl_label = "Copy and Paste"

    copied: StringProperty(name="Copied", options={"SKIP_SAVE"}, description="The painted frame with the thing",
                           search=_painted)
    pasted: StringProperty(name="Pasted", options={"SKIP_SAVE"}, description="The painted frame with the place that gets it",
                           search=_painted)
    layer: IntProperty(name="Layer", default=5, min=1, max=63, description="Early ones copy shapes, late ones colours")
    rank: IntProperty(name="Rank", default=8, min=1, max=256, description="1 changes least elsewhere; more comes nearer")
    steps: IntProperty(name="Steps", default=400, min=1, max=10_000, description="More come nearer, and take longer")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Propose two of the painted frames."""
        self.copied, self.pasted = (painted_frames() * 2 + ["", ""])[:2]
        return context.window_manager.invoke_props_dialog(self)

    def work(self, context: bpy.types.Context) -> str | None:
        """What is painted is found by comparing with the frames."""
        regions = [_region(name, what) for name, what in ((self.copied, "copied"), (self.pasted, "pasted"))]
        self.begin(context, f"{self.copied} to {self.pasted}"[:40], "Copying", how="copy", copied=regions[0], pasted=regions[1],
                   layer=self.layer, rank=self.rank, steps=self.steps)
        return None


class AddRewriteFile(FileVerb, LookVerb, bpy.types.Operator):
    """Add a rewrite from a file that 'ganreact rewrite' made, at its full strength"""

    bl_idname = "ganreact.add_rewrite_file"
    bl_label = "Add Rewrite from File"

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_glob: StringProperty(default="*.npz", options={"HIDDEN"})
    label: StringProperty(options=_HIDDEN)
    sheet: StringProperty(options=_HIDDEN)
    look: StringProperty(options=_HIDDEN)
    full: BoolProperty(name="At Full Strength", default=True, options={"SKIP_SAVE"},
                       description="Or at none, to be brought in by its slider")

    def work(self, context: bpy.types.Context) -> str | None:
        """One undo step."""
        control = controls.named(home(context), self.look) if self.look else controls.active_look(home(context))
        path = as_path(self.filepath)
        if control is None or not path.is_file():
            raise LookError(f"'{path.name}' is not there, or its look is gone; nothing was added")
        made = edits.add(controls.patch_of(control), "rewrites", label=self.label or path.stem[:40], kind="file",
                         file=kept_path(path), layer=1)
        controls.store_patch(control, made)
        if self.full:
            control[f"rewrite.{made.look.rewrites[-1].id}"] = 1.0
        properties.refresh(home(context))
        if self.sheet and Path(self.sheet).is_file():
            showing.show(context, Path(self.sheet), "GANReact · what was copied")
        return None


def _region(name: str, what: str) -> dict[str, Any]:
    """Part of a frame, as the job takes it: the bundle, the frame, and a mask of what was painted over."""
    image = bpy.data.images.get(name)
    if image is None or _FRAME not in image:
        raise LookError(f"choose a frame that you painted on as {what}; Paint on This Frame makes one")
    frame, folder = int(image[_FRAME]), whole_path(image[_BUNDLE], image.library)
    _require_made(folder, frame)
    own = bpy.data.images.load(str(open_bundle(folder).frame_path(frame)))
    try:
        apart = np.abs(_pixels(image) - _pixels(own)).max(axis=2) if tuple(image.size) == tuple(own.size) else np.ones((1, 1))
    finally:
        bpy.data.images.remove(own)
    painted = apart > _PAINTED
    if painted.mean() > _MOST:
        raise LookError(f"frame {frame} is another one than '{name}' was painted on; press Paint on This Frame again")
    if not painted.any():
        raise LookError(f"nothing is painted on '{name}'; paint over what is {what}, in any colour")
    mask = cache_folder("found") / f"{what}-{slug(name)}.png"
    write_whole(mask, grey_png((painted[::-1] * 255).astype(np.uint8)))  # Blender counts rows from below
    return {"bundle": str(folder), "frame": frame, "mask": str(mask)}


def _pixels(image: bpy.types.Image) -> np.ndarray:
    width, height = image.size
    pixels = np.empty(width * height * image.channels, np.float32)
    image.pixels.foreach_get(pixels)
    return pixels.reshape(height, width, image.channels)[..., :3]


def _require_made(folder: Path, frame: int) -> None:
    bundle = open_bundle(folder)
    if frame not in bundle.frame_numbers() or bundle.wanted([frame]):
        raise LookError(f"frame {frame} is not made, or out of date; render it first")


def _free(folder: Path, stem: str) -> Path:
    """A name in a folder that is not taken."""
    return next(path for n in range(10_000) if not (path := folder / f"{stem}{f'-{n}' if n else ''}.npz").exists())


CLASSES = (MixNetworks, PaintOnFrame, CopyAndPaste, AddRewriteFile)
