"""Verbs that let the engine look into a network, and put what it found into the look: directions, clusters, a latent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
from bpy.props import BoolProperty, IntProperty, StringProperty

from ...ganreact_core.caches import cache_folder
from ...ganreact_core.cluster_files import load_clusters
from ...ganreact_core.direction_files import load_directions
from ...ganreact_core.errors import LookError
from ...ganreact_core.saved_latents import pack_latent, read_latents
from .. import controls, edits, frames, properties, showing
from ..place import home
from ..preferences import engine_choice
from ..session import session
from .base import Asking, FileVerb, LookVerb, RenderVerb, as_path

_HIDDEN = {"HIDDEN", "SKIP_SAVE"}
_HOW_MANY, _FROM, _TO = "How many of the strongest are added", "They act from this layer on", "−1 is the last there is"


class _Search(RenderVerb, LookVerb):
    """A verb whose job leaves a file, which is read by the operator `finish`."""

    job, finish, ending, title = "", "", ".npz", ""

    def work(self, context: bpy.types.Context) -> str | None:
        """The file is named after the network, so that it is there again."""
        control = controls.active_look(home(context))
        model = frames.model_of(control)
        folder = cache_folder("found")
        stem = f"{self.job}-{frames.sha256_of(model)[:16]}{self.part()}"
        out, sheet = folder / f"{stem}{self.ending}", folder / f"{stem}.png"
        asked = {"model": model, "out": str(out), "sheet": str(sheet), "device": engine_choice(context).device, **self.asked()}
        found = {"look": control.name, "filepath": str(out), "sheet": str(sheet), **self.passed()}
        session.start(context, self.job, asked, title=self.title, finish=(self.finish, found))
        return None

    def part(self) -> str:
        """What else the file's name depends on."""
        return ""

    def asked(self) -> dict[str, Any]:
        """More arguments of the job."""
        return {}

    def passed(self) -> dict[str, Any]:
        """More arguments of the operator that reads the file."""
        return {}


class FindDirections(Asking, _Search, bpy.types.Operator):
    """Find the directions in which the network varies most, and add the strongest as parameters"""

    bl_idname = "ganreact.find_directions"
    bl_label = "Find Directions"
    job, finish, title = "directions", "add_directions", "Looking for directions"

    count: IntProperty(name="Directions", default=6, min=1, max=80, description=_HOW_MANY)
    first: IntProperty(name="First Layer", default=0, min=0, max=63, description=_FROM)
    last: IntProperty(name="Last Layer", default=-1, min=-1, max=63, description=_TO)
    closed_form: BoolProperty(name="Quick", description="From the weights alone, without looking at pictures")

    def part(self) -> str:
        return "-quick" if self.closed_form else ""

    def asked(self) -> dict[str, Any]:
        return {"closed_form": self.closed_form}

    def passed(self) -> dict[str, Any]:
        return {"count": self.count, "first": self.first, "last": self.last}


class _Finish(FileVerb, LookVerb):
    """Reads what a search left, or a file of the artist's; the look may not be the active one any more."""

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})
    sheet: StringProperty(options=_HIDDEN)
    look: StringProperty(options=_HIDDEN)

    def put(self, patch: Any) -> Any:
        """The patch with what was found."""
        raise NotImplementedError

    def work(self, context: bpy.types.Context) -> str | None:
        """One undo step."""
        control = controls.named(home(context), self.look) if self.look else controls.active_look(home(context))
        if control is None:
            raise LookError("the look that this was found for is gone; nothing was added")
        controls.store_patch(control, self.put(controls.patch_of(control)))
        properties.refresh(home(context))
        if self.sheet and Path(self.sheet).is_file():
            showing.show(context, Path(self.sheet), "GANReact · what was found")
        return None


class AddDirections(_Finish, bpy.types.Operator):
    """Add directions from a file that 'ganreact directions' made"""

    bl_idname = "ganreact.add_directions"
    bl_label = "Add Directions from File"

    count: IntProperty(name="Directions", default=6, min=1, max=80, options={"SKIP_SAVE"}, description=_HOW_MANY)
    first: IntProperty(name="First Layer", default=0, min=0, options={"SKIP_SAVE"}, description=_FROM)
    last: IntProperty(name="Last Layer", default=-1, min=-1, options={"SKIP_SAVE"}, description=_TO)

    def put(self, patch: Any) -> Any:
        found = load_directions(as_path(self.filepath))
        for n in range(min(self.count, len(found.sigmas))):
            made = found.direction(n, "it", "", first=self.first, last=self.last)
            patch = edits.add(patch, "directions", label=f"Direction {n}", vector=made.vector, sigma=made.sigma,
                              first=made.first, last=made.last)
        return patch


class FindClusters(Asking, _Search, bpy.types.Operator):
    """Find groups of feature maps that do alike things; a picture shows what each looks at, so that they can be named"""

    bl_idname = "ganreact.find_clusters"
    bl_label = "Find Clusters"
    job, finish, title = "clusters", "add_clusters", "Looking for clusters"

    layer: IntProperty(name="Layer", default=5, min=1, max=63, description="Whose groups are added; the picture shows all")

    def passed(self) -> dict[str, Any]:
        return {"layer": self.layer}


class AddClusters(_Finish, bpy.types.Operator):
    """Add a layer's clusters from a file: of 'ganreact clusters', or the YAML of network bending"""

    bl_idname = "ganreact.add_clusters"
    bl_label = "Add Clusters from File"

    layer: IntProperty(name="Layer", default=5, min=1, options={"SKIP_SAVE"}, description="Whose groups are added")

    def put(self, patch: Any) -> Any:
        found = load_clusters(as_path(self.filepath))
        if self.layer not in found.groups:
            raise LookError(f"there are no clusters of layer {self.layer}; choose one of "
                            f"{', '.join(map(str, sorted(found.groups)))}")
        for group in range(found.count(self.layer)):
            made = found.cluster(self.layer, group, "it", "")
            label = f"Layer {self.layer} group {group}"
            patch = edits.add(patch, "clusters", label=label, layer=self.layer, indices=made.indices)
        return patch


class ProjectPicture(FileVerb, _Search, bpy.types.Operator):
    """Find the latent with which the network draws a picture best, and add it to the palette"""

    bl_idname = "ganreact.project_picture"
    bl_label = "Add from a Picture"
    job, finish, ending, title = "project", "add_projected", ".npy", "Projecting"

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_image: BoolProperty(default=True, options={"HIDDEN"})
    steps: IntProperty(name="Steps", default=400, min=1, max=10_000, description="More come nearer, and take longer")

    def part(self) -> str:
        return f"-{as_path(self.filepath).stem[:40]}"

    def asked(self) -> dict[str, Any]:
        return {"picture": str(as_path(self.filepath)), "steps": self.steps}

    def passed(self) -> dict[str, Any]:
        return {"label": as_path(self.filepath).stem[:40]}


class AddProjected(_Finish, bpy.types.Operator):
    """Add a projected picture to the palette"""

    bl_idname = "ganreact.add_projected"
    bl_label = "Add Projected Picture"

    label: StringProperty(name="Name", options={"SKIP_SAVE"}, description="What the picture is called in the palette")

    def put(self, patch: Any) -> Any:
        (kind, values), *_ = read_latents(as_path(self.filepath), "w+")
        return edits.add(patch, "entries", label=self.label or "Picture", latent=pack_latent(kind, values))


CLASSES = (FindDirections, AddDirections, FindClusters, AddClusters, ProjectPicture, AddProjected)
