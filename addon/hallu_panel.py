"""The panel of Hallu: sliders, steps, what is heard, the strip."""

from __future__ import annotations

import bpy

from . import controls, hallu, hallu_playing
from .drawing import Layout, Panel

_FIRST = 6  # sliders shown above the fold


class Hallu(Panel):
    """A network that makes sound."""

    bl_label = "Hallu"
    bl_options = frozenset({"DEFAULT_CLOSED"})

    def paint(self, layout: Layout, context: bpy.types.Context, scene: bpy.types.Scene) -> None:
        """Add one; then sliders and verbs."""
        control = hallu.active(scene)
        if control is None:
            layout.operator("ganreact.add_hallu", icon="SOUND")
            return
        piece = hallu.settings_of(control)
        row = layout.row(align=True)
        name = bpy.path.basename(piece.model.rstrip("/\\")) if piece.model else "Embedded sound network"
        row.operator("ganreact.hallu_settings", text=name, icon="PREFERENCES")
        row.operator("ganreact.remove_hallu", text="", icon="REMOVE")
        self._sliders(layout, control, piece.edit)
        self._steps(layout, scene, control)
        row = layout.row(align=True)
        row.operator("ganreact.hear_hallu", icon="PLAY")
        live = hallu_playing.is_live()
        row.operator("ganreact.live_hallu", icon="PAUSE" if live else "FILE_REFRESH", depress=live)
        row = layout.row()
        row.scale_y = 1.4
        row.operator("ganreact.render_sound", icon="SEQ_SEQUENCER")
        if controls.active_look(scene) and piece.edit != "latent":
            route = layout.operator("ganreact.add_route", text="Let a Component Move the Look", icon="LINKED")
            route.envelope = hallu.envelope_name(hallu.COMPONENTS[0])

    def _sliders(self, layout: Layout, control: bpy.types.Object, edit: str) -> None:
        column = layout.column(align=True)
        if edit != "latent":
            for n, address in enumerate(hallu.COMPONENTS[:_FIRST], 1):
                column.prop(control, f'["{address}"]', text=f"Component {n}", slider=True)
            header, body = layout.panel("ganreact_hallu_more", default_closed=True)
            header.label(text="More Components")
            if body:
                column = body.column(align=True)
                for n, address in enumerate(hallu.COMPONENTS[_FIRST:], _FIRST + 1):
                    column.prop(control, f'["{address}"]', text=f"Component {n}", slider=True)
        if edit != "replace":
            layout.prop(control, f'["{hallu.SEED}"]', text="Seed")

    def _steps(self, layout: Layout, scene: bpy.types.Scene, control: bpy.types.Object) -> None:
        frames = hallu.step_frames(control)
        here = hallu.step_at(control, scene.frame_current)
        number = frames.index(here) + 1 if here is not None else 0
        row = layout.row(align=True)
        row.operator("ganreact.hallu_step", text="", icon="PREV_KEYFRAME").what = "PREVIOUS"
        row.label(text=f"Step {number} of {len(frames)}" if frames else "No steps yet")
        row.operator("ganreact.hallu_step", text="", icon="NEXT_KEYFRAME").what = "NEXT"
        row.separator()
        row.operator("ganreact.hallu_step", text="", icon="KEY_HLT").what = "ADD"
        row.operator("ganreact.hallu_step", text="", icon="DUPLICATE").what = "COPY"
        row.operator("ganreact.move_hallu_step", text="", icon="ARROW_LEFTRIGHT")
        row.operator("ganreact.hallu_step", text="", icon="KEY_DEHLT").what = "REMOVE"
        row.separator()
        row.operator("ganreact.show_curves", text="", icon="GRAPH").of_hallu = True
