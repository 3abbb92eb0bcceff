"""Verbs that let the music move a look in the ways one most often wants: chords, loops, sections, loudness; saved latents."""

from __future__ import annotations

from dataclasses import replace

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, StringProperty

from ...ganreact_core.arranging import with_chroma, with_loop, with_loud_and_quiet, with_sections
from ...ganreact_core.catalogue import GROUPS
from ...ganreact_core.corrections import spans_of
from ...ganreact_core.errors import LookError
from ...ganreact_core.forms import spoken
from ...ganreact_core.ganterpretations import read_table
from ...ganreact_core.patches import Patch
from ...ganreact_core.saved_latents import KINDS, pack_latent, read_latents
from .. import arrangements, baking, controls, edits
from ..place import home
from .audio_verb import AudioVerb, bake_again
from .base import Asking, FileVerb, LookVerb, as_path, change
from .sequencing import paths_of

_MOST_CHORDS = 12
_LAYERS = (("all", "All", ""), *((group, spoken(group), "") for group in GROUPS))
_KINDS = tuple((kind, "Auto" if kind == "auto" else kind, "") for kind in KINDS)


def _blended(patch: Patch) -> list[str]:
    return [entry.id for entry in patch.look.entries if not entry.accent]


class ChordsToPalette(Asking, bpy.types.Operator):
    """Let chords weigh the pictures of the palette: one for each pitch class, or the strongest where there are fewer"""

    bl_idname = "ganreact.chords_to_palette"
    bl_label = "Chords to Pictures"

    bass: BoolProperty(name="Bass on Coarse", default=True,
                       description="The bass decides the large shapes, the chords above it the rest")
    smooth_s: FloatProperty(name="Smoothing", default=0.2, min=0.0, max=5.0, unit="TIME_ABSOLUTE",
                            description="How slowly one chord gives way to the next")
    contrast: FloatProperty(name="Contrast", default=4.0, min=0.5, max=10.0, description="More shows fewer notes at a time")

    def work(self, context: bpy.types.Context) -> str | None:
        """Envelopes and routes."""
        def edit(patch: Patch) -> Patch:
            names, how = _blended(patch)[:_MOST_CHORDS], {"smooth_s": self.smooth_s, "contrast": self.contrast}
            if not self.bass:
                return with_chroma(patch, names, **how)
            patch = with_chroma(patch, names, groups=GROUPS[:1], feature="bass_chroma", **how)
            return with_chroma(patch, names, groups=GROUPS[1:], **how)

        arrangements.arrange(home(context), edit)
        return None


class LoopPath(Asking, bpy.types.Operator):
    """Let a path go round once in so many bars"""

    bl_idname = "ganreact.loop_path"
    bl_label = "Loop Path"

    path: StringProperty(name="Path", search=paths_of, description="Empty takes the first one")
    length: FloatProperty(name="Length", default=8.0, min=0.25, max=1024.0, description="So many of them are one round")
    every: EnumProperty(name="In", items=(("bars", "Bars", ""), ("beats", "Beats", "")), description="What the length counts")

    def work(self, context: bpy.types.Context) -> str | None:
        """A clock and a route."""
        names = paths_of(self, context, "")
        if not names:
            raise LookError("this look has no path; add one first")
        path = self.path or names[0]
        arrangements.arrange(home(context), lambda patch: with_loop(patch, path, self.length, every=self.every))
        return None


class SectionsToPalette(Asking, bpy.types.Operator):
    """Give every kind of section its own picture of the palette, on some of the layers or on all"""

    bl_idname = "ganreact.sections_to_palette"
    bl_label = "Sections to Pictures"

    group: EnumProperty(name="Layers", items=_LAYERS, default="fine",
                        description="Coarse layers hold the large shapes, fine ones colours and details")
    crossfade_s: FloatProperty(name="Crossfade", default=1.0, min=0.0, max=30.0, unit="TIME_ABSOLUTE",
                               description="How long one picture takes to become the next")

    def work(self, context: bpy.types.Context) -> str | None:
        """Envelopes that add up to one, and routes."""
        def edit(patch: Patch) -> Patch:
            names = _blended(patch)
            if len(names) < 2:
                raise LookError("sections need two pictures or more; add some to the palette")
            targets = [f"palette.{name}" if self.group == "all" else f"palette.{name}.{self.group}" for name in names]
            return with_sections(patch, targets, crossfade_s=self.crossfade_s)

        arrangements.arrange(home(context), edit)
        return None


class LoudAndQuiet(Asking, bpy.types.Operator):
    """Make two sets of the palette, one for quiet parts and one for loud ones, and mix them by loudness"""

    bl_idname = "ganreact.loud_and_quiet"
    bl_label = "Loud and Quiet Sets"

    smooth_s: FloatProperty(name="Smoothing", default=1.0, min=0.0, max=30.0, unit="TIME_ABSOLUTE",
                            description="How slowly the mix follows the loudness")

    def work(self, context: bpy.types.Context) -> str | None:
        """The first half of the list is for quiet parts."""
        def edit(patch: Patch) -> Patch:
            names = _blended(patch)
            if len(names) < 2:
                raise LookError("two sets need two pictures or more; add some to the palette")
            half = (len(names) + 1) // 2
            return with_loud_and_quiet(patch, names[:half], names[half:], smooth_s=self.smooth_s)

        arrangements.arrange(home(context), edit)
        return None


class ReadLatents(FileVerb, LookVerb, bpy.types.Operator):
    """Add pictures from a file of latents: z, w or w+ of any tool, as .npy or .npz"""

    bl_idname = "ganreact.read_latents"
    bl_label = "Pictures from Latents"

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_glob: StringProperty(default="*.npy;*.npz", options={"HIDDEN"})
    kind: EnumProperty(name="Kind", items=_KINDS, description="What the numbers are; Auto tells by their shape")

    def work(self, context: bpy.types.Context) -> str | None:
        """An entry for each, packed into the look's text."""
        path = as_path(self.filepath)
        found = read_latents(path, self.kind)

        def edit(patch: Patch) -> Patch:
            for n, (kind, values) in enumerate(found, 1):
                label = path.stem if len(found) == 1 else f"{path.stem} {n}"
                patch = edits.add(patch, "entries", label=label, seed=0, latent=pack_latent(kind, values))
            return patch

        change(context, edit)
        return f"{len(found)} pictures; their numbers travel with the look"


class SectionsFromTable(FileVerb, AudioVerb, bpy.types.Operator):
    """Set the sections by hand: a CSV of times and names, equal names being the same music"""

    bl_idname = "ganreact.sections_from_table"
    bl_label = "Sections from a Table"

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_glob: StringProperty(default="*.csv;*.tsv;*.txt", options={"HIDDEN"})

    def work(self, context: bpy.types.Context) -> str | None:
        """They stand instead of those heard, in envelopes and markers."""
        scene, control = home(context), self.control(context)
        spans = spans_of(read_table(as_path(self.filepath)))
        hearing = controls.hearing_of(control)
        baking.heard_in(hearing.features)  # before anything is changed
        controls.store_hearing(control, replace(hearing, corrections=replace(hearing.corrections, spans=spans, sections=())))
        bake_again(scene, control)
        return f"{len(spans)} sections"


CLASSES = (ChordsToPalette, LoopPath, SectionsToPalette, LoudAndQuiet, ReadLatents, SectionsFromTable)
