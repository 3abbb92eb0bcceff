"""Verbs that write sparse, editable keys: the palette in sequence, curves shuffled, routes collapsed, categories."""

from __future__ import annotations

from dataclasses import replace

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, StringProperty

from ...ganreact_core import ganterpretations
from ...ganreact_core.class_names import names_without_reading
from ...ganreact_core.forms import spoken
from ...ganreact_core.look import addresses
from ...ganreact_core.models import model_file
from ...ganreact_core.patches import Patch
from ...ganreact_core.sequencing import (
    EVERY,
    ORDERS,
    SequencePlan,
    sequence_palette,
    sequence_path,
    shuffle_keys,
    sparse_keys,
    turning_frames,
)
from .. import arrangements, baking, controls, frames, properties
from ..place import home
from .base import Asking, as_path

_EVERY = tuple((name, spoken(name), "") for name in EVERY)
_ORDERS = tuple((name, {"list": "In Order", "chance": "By Chance"}[name], "") for name in ORDERS)
_ZS = tuple((name, spoken(name), "") for name in ganterpretations.ZS)


def paths_of(operator: bpy.types.Operator, context: bpy.types.Context, text: str) -> list[str]:
    return [path.id for path in controls.patch_of(controls.active_look(home(context))).look.paths]


def _routed(operator: bpy.types.Operator, context: bpy.types.Context, text: str) -> list[str]:
    return sorted({route.address for route in controls.patch_of(controls.active_look(home(context))).routes})


class SequencePalette(Asking, bpy.types.Operator):
    """Key the palette, or a path through it, so that one picture follows another with the music"""

    bl_idname = "ganreact.sequence_palette"
    bl_label = "Sequence the Palette"

    every: EnumProperty(name="Every", items=_EVERY, description="How long a picture lasts")
    count: IntProperty(name="Count", default=4, min=1, max=256, description="So many of them")
    order: EnumProperty(name="Order", items=_ORDERS, description="Which picture comes next")
    seed: IntProperty(name="Seed", min=0, description="Other seeds are other orders by chance")
    crossfade: FloatProperty(name="Crossfade", default=0.5, min=0.0, max=1.0, description="0 cuts, 1 glides without rest")
    path: StringProperty(name="Path", search=paths_of, description="Key this path's position instead of the pictures' weights")

    def work(self, context: bpy.types.Context) -> str | None:
        """Turns from what was heard, keys from the turns."""
        piece = arrangements.piece_of(home(context))
        how = SequencePlan(self.every, self.count, self.order, self.seed, self.crossfade)
        turns, look = turning_frames(piece.found, how, piece.frames), controls.patch_of(piece.look_control).look
        path = next((p for p in look.paths if p.id == self.path), None)
        names = [entry.id for entry in look.entries if not entry.accent]
        n_frames = piece.frames.n_frames
        keys = sequence_path(path, turns, n_frames, how) if path else sequence_palette(names, turns, n_frames, how)
        return f"{arrangements.write_keys(piece, keys)} keys over {len(turns)} turns"


class ShuffleCurves(Asking, bpy.types.Operator):
    """Exchange the keyed weights of the palette: every picture takes the part of another one"""

    bl_idname = "ganreact.shuffle_curves"
    bl_label = "Shuffle"

    seed: IntProperty(name="Seed", min=0, description="Other seeds are other exchanges")

    def work(self, context: bpy.types.Context) -> str | None:
        """The same curves at other addresses."""
        piece = arrangements.piece_of(home(context))
        weights = [f"palette.{e.id}" for e in controls.patch_of(piece.look_control).look.entries if not e.accent]
        keys = shuffle_keys(arrangements.keys_at(piece, weights), self.seed)
        arrangements.write_keys(piece, keys)
        return f"{len(keys)} curves changed places"


class CollapseRoutes(Asking, bpy.types.Operator):
    """Turn what the music does to a parameter into keys of your own, and take its routes away"""

    bl_idname = "ganreact.collapse_routes"
    bl_label = "Collapse Routes to Keys"

    address: StringProperty(name="Parameter", search=_routed, description="Empty takes every parameter that is routed")
    tolerance: FloatProperty(name="Tolerance", default=0.02, min=0.0, max=0.5,
                             description="How far keys may be from the curve, as a share of its range: more is fewer keys")

    def work(self, context: bpy.types.Context) -> str | None:
        """The table's columns as sparse keys."""
        scene = home(context)
        piece = arrangements.piece_of(scene)
        patch = controls.patch_of(piece.look_control)
        wanted = [self.address] if self.address else _routed(self, context, "")
        span = range(piece.first_frame, piece.first_frame + piece.frames.n_frames)
        columns = baking.table_of(scene, piece.look_control, span).table.columns
        kinds = addresses(patch.look)
        keys = {address: sparse_keys(columns[address], kinds[address], self.tolerance)
                for address in wanted if address in columns}
        left = tuple(route for route in patch.routes if route.address not in keys)
        controls.store_patch(piece.look_control, replace(patch, routes=left))
        count = arrangements.write_keys(piece, keys)
        properties.refresh(scene)
        return f"{count} keys on {len(keys)} parameters"


class Interpret(Asking, bpy.types.Operator):
    """GANterpretations: another category at every inflection point of the sound, or at the times of a table"""

    bl_idname = "ganreact.interpret"
    bl_label = "GANterpretation"

    categories: StringProperty(name="Categories",
                               description="Classes or words, with commas between; missing ones by the seed")
    table: StringProperty(name="Table", subtype="FILE_PATH",
                          description="CSV of times and names, instead of inflection points")
    z: EnumProperty(name="Between Two", items=_ZS, description="What z does between two categories")
    seed: IntProperty(name="Seed", min=0, description="Other seeds draw other pictures")
    weights: BoolProperty(name="Cover the Blend", default=True, description="Mix the path of categories in wholly")

    def work(self, context: bpy.types.Context) -> str | None:
        """Entries, a path through them, keys of its position."""
        scene = home(context)
        piece = arrangements.piece_of(scene)
        classes = names_without_reading(model_file(frames.model_of(piece.look_control)))
        names = [name.strip() for name in self.categories.split(",") if name.strip()]
        if self.table:
            rows = ganterpretations.read_table(as_path(self.table))
            plan = ganterpretations.plan_from_table(piece.found, rows, piece.frames)
        else:
            plan = ganterpretations.plan(piece.found, names, piece.frames, seed=self.seed, pool=classes)
        made: list[Patch] = []

        def edit(patch: Patch) -> Patch:
            made.append(ganterpretations.interpret(patch, plan, z=self.z, classes=classes, seed=self.seed))
            return replace(made[0], keys={}, values=made[0].values if self.weights else patch.values)

        arrangements.arrange(scene, edit)
        count = arrangements.write_keys(piece, ganterpretations.position_keys(plan))
        return f"{len(plan.categories)} categories, {count} keys"


CLASSES = (SequencePalette, ShuffleCurves, CollapseRoutes, Interpret)
