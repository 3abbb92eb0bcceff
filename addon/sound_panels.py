"""Panels about what is heard: the strip and what changed about it, envelopes with their chains, timing, files beside."""

from __future__ import annotations

import bpy

from ..ganreact_core.envelopes import EnvelopeRecipe
from ..ganreact_core.errors import GANReactError
from ..ganreact_core.forms import fields_of
from ..ganreact_core.listening import PARTS
from . import chain_edits, changes, controls, edits, events, listening, strips, workspace
from .drawing import Layout, Panel, form, job_and_notices, listing, sentence
from .place import home

_MENDS = {
    "conform": ("Conform to {fps:g} fps", "TIME"), "bake": ("Bake Again", "FILE_REFRESH"), "analyse": ("Analyse", "VIEWZOOM"),
    "analyse_what_plays": ("Analyse What Plays", "VIEWZOOM"),
    "move_keys_with_music": ("Move Keys with the Music", "NEXT_KEYFRAME"),
}
"""Verb that puts a change right -> what its button says, and its icon."""


class Sound(Panel):
    """What is listened to."""

    bl_label = "Sound"

    def paint(self, layout: Layout, context: bpy.types.Context, scene: bpy.types.Scene) -> None:
        """The strip, one button, and what came of it."""
        job_and_notices(layout, context)
        if not strips.sound_strips(scene):
            row = layout.row()
            row.scale_y = 1.4
            row.operator("ganreact.add_sound", icon="SPEAKER")
            if workspace.NAME not in bpy.data.workspaces:
                layout.operator("ganreact.workspace", text="Make a Workspace", icon="WORKSPACE")
            return
        row, heard = layout.row(align=True), strips.sound_strips(scene)
        if len(heard) > 1 or scene.ganreact.strip:
            row.prop(scene.ganreact, "strip", text="", icon="SPEAKER", placeholder=heard[0].name)
        else:
            row.label(text=heard[0].name, icon="SPEAKER")
        row.operator("ganreact.analyse", text="Analyse", icon="VIEWZOOM")
        audio_control = controls.active_audio(scene)
        hearing = controls.hearing_of(audio_control) if audio_control else None
        if hearing and hearing.bake:
            self._baked(layout, scene, hearing)

    def _baked(self, layout: Layout, scene: bpy.types.Scene, hearing: controls.Hearing) -> None:
        row = layout.row(align=True)
        text = row.row()
        text.active = False
        where = f"frames {hearing.bake.first_frame}–{hearing.bake.last_frame}"
        text.label(text=f"{len(hearing.envelopes)} envelopes · {where}", icon="CHECKMARK")
        row.operator("ganreact.show_heard", text="", icon="IMAGE_REFERENCE", emboss=False)
        for change in changes.changes(scene, hearing):
            sentence(layout, change.says, "ERROR")
            self._mend(layout, scene, change.verb)

    def _mend(self, layout: Layout, scene: bpy.types.Scene, verb: str) -> None:
        if verb not in _MENDS:
            return
        text, icon = _MENDS[verb]
        row = layout.row(align=True)
        row.operator(f"ganreact.{verb}", text=text.format(fps=strips.fps_of(scene)), icon=icon)
        if verb == "bake":
            row.operator("ganreact.bake", text="And Move Keys").move_keys = True
        if verb == "move_keys_with_music":
            row.operator("ganreact.leave_keys", text="", icon="X")


class HeardPanel(Panel):
    """A sub-panel about what was heard: hidden before, closed at first."""

    bl_options = frozenset({"DEFAULT_CLOSED"})
    parent = "sound"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs something heard."""
        return controls.active_audio(home(context)) is not None


class Envelopes(HeardPanel):
    """What was heard, as curves."""

    bl_label = "Envelopes"

    def paint(self, layout: Layout, context: bpy.types.Context, scene: bpy.types.Scene) -> None:
        """The list, baking, and one's own hand."""
        ident = listing(layout, context, scene, "envelopes")
        row = layout.row(align=True)
        row.operator("ganreact.bake", icon="FILE_REFRESH")
        if not ident:
            return
        control = controls.active_audio(scene)
        hearing = controls.hearing_of(control)
        row.operator("ganreact.envelope_to_keys", text="Edit as Keys", icon="KEYFRAME").envelope = ident
        icon = "LOCKED" if ident in hearing.locked else "UNLOCKED"
        row.operator("ganreact.lock_envelope", text="", icon=icon, depress=icon == "LOCKED").envelope = ident
        row.operator("ganreact.envelope_from_sound", text="", icon="LOOP_BACK").envelope = ident
        row.operator("ganreact.ghost_envelope", text="", icon="GHOST_ENABLED").envelope = ident
        self._source(layout, scene, edits.item_of(hearing, "envelopes", ident))
        self._chain(layout, hearing, ident)

    def _source(self, layout: Layout, scene: bpy.types.Scene, recipe: EnvelopeRecipe) -> None:
        """Where it comes from: only the fields that this kind of source reads."""
        names = [field.name for field in fields_of(type(recipe))]
        form(layout, scene, "envelopes", recipe, tuple(name for name in names if name not in ("label", "source")))
        row = layout.row(align=True)
        row.use_property_split, row.use_property_decorate = True, False
        row.prop(scene.ganreact_form, "envelopes_name", text=_CALLED[recipe.source])
        row.operator("ganreact.choose_source", text="", icon="DOWNARROW_HLT").envelope = recipe.id
        form(layout, scene, "envelopes", recipe, tuple(name for name in names if name not in _USED[recipe.source]))

    def _chain(self, layout: Layout, hearing: controls.Hearing, ident: str) -> None:
        """The steps that shape it, from the first to the last."""
        column = layout.column(align=True)
        for index, step in enumerate(chain_edits.chain_of(hearing, ident)):
            row = column.row(align=True)
            button = row.operator("ganreact.edit_step", text=step_words(step))
            button.envelope, button.index = ident, index
            for verb, icon, by in (("move_step", "TRIA_UP", -1), ("move_step", "TRIA_DOWN", 1), ("remove_step", "X", 0)):
                button = row.operator(f"ganreact.{verb}", text="", icon=icon)
                button.envelope, button.index = ident, index
                if by:
                    button.by = by
        column.operator_menu_enum("ganreact.add_step", "operation", text="Add Step", icon="ADD")


class Timing(HeardPanel):
    """Beats, events and sections, corrected by hand."""

    bl_label = "Timing"

    def paint(self, layout: Layout, context: bpy.types.Context, scene: bpy.types.Scene) -> None:
        """Nudge, tempo, sections, events."""
        control = controls.active_audio(scene)
        hearing = controls.hearing_of(control)
        layout.operator("ganreact.nudge", text=f"Nudge: {1000 * hearing.nudge_s:+.0f} ms", icon="ARROW_LEFTRIGHT")
        row = layout.row(align=True)
        row.operator("ganreact.tap_tempo", icon="REC")
        tempo = hearing.corrections.tempo
        row.operator("ganreact.set_tempo", text=f"{tempo.bpm:.1f} BPM" if tempo else _tempo_words(control))
        row.operator("ganreact.forget_tempo", text="", icon="LOOP_BACK")
        layout.operator("ganreact.retime_sections", text="Re-time to Section Markers", icon="MARKER")
        for name in events.shown(control):
            row = layout.row(align=True)
            row.label(text=f"{name.capitalize()} as keys", icon="KEYFRAME")
            row.operator("ganreact.hide_events", text="", icon="CHECKMARK").event = name
            row.operator("ganreact.forget_event_edits", text="", icon="LOOP_BACK").event = name
        layout.operator("ganreact.edit_events", icon="KEY_HLT")


class Beside(HeardPanel):
    """Stems, MIDI clips, tables, and the mix of all that plays."""

    bl_label = "Stems and Clips"

    def paint(self, layout: Layout, context: bpy.types.Context, scene: bpy.types.Scene) -> None:
        """Stems by part, then files by where they begin."""
        hearing = controls.hearing_of(controls.active_audio(scene))
        column = layout.column(align=True)
        for part in PARTS:
            row = column.row(align=True)
            row.label(text=part.capitalize())
            row.operator("ganreact.set_stem", text=hearing.stems.get(part, "from the mix")).part = part
        column.operator("ganreact.find_stems", icon="VIEWZOOM")
        layout.operator("ganreact.analyse_what_plays", icon="SPEAKER")
        for one in hearing.beside:
            row = layout.row(align=True)
            row.label(text=one.label, icon="FILE_SOUND")
            row.operator("ganreact.place_beside", text=f"from frame {one.frame:g}").ident = one.id
            row.operator("ganreact.remove_beside", text="", icon="X").ident = one.id
        layout.operator("ganreact.add_beside", icon="ADD")


def step_words(step: chain_edits.Shaping) -> str:
    """A step as the panel says it: "Smooth · 0.1 s"."""
    numbers = [f"{value:g}{' s' if name.endswith('_s') else ''}" for name, value in chain_edits.settings_shown(step).items()]
    words = [step.operation.replace("_", " ").capitalize(), *([step.envelope] if step.envelope else []), *numbers]
    return " · ".join(words)


def _tempo_words(control: controls.Control) -> str:
    """The tempo that was heard; what the button does where none was."""
    try:
        heard = listening.corrected_of(control).tempo_bpm
    except GANReactError:  # what was heard is not on this machine
        return "Set Tempo"
    return f"Heard: {heard:.1f} BPM" if heard else "Set Tempo"


_USED = {"feature": ("material",), "events": ("decay_s", "material"), "clock": ("beats", "every", "start", "phase", "material"),
         "sections": ("decay_s",), "passage": ("beats",)}
"""Kind of source -> the fields beside its name that it reads."""
_CALLED = {"feature": "Feature", "events": "Events", "clock": "Wave", "sections": "Sections", "passage": "Events"}

PANELS = (Sound, Envelopes, Timing, Beside)
"""In the panel's order."""
