"""The panels: the same in the Sequencer's sidebar and in the 3D viewport's. They draw, and nothing else."""

from __future__ import annotations

import bpy

from ..ganreact_core.models import EMBEDDED
from . import controls, counting, frames, previewing, properties, strips, thumbnails, viewing
from .details import PARTS
from .drawing import Layout, LookPanel, Panel, form, job_bar, sentence, sliders
from .hallu_panel import Hallu
from .network_panels import PANELS as NETWORK_PANELS
from .place import home
from .preferences import engine_trouble
from .sound_panels import PANELS as SOUND_PANELS

_SPACES = {"SEQUENCE_EDITOR": "sequencer", "VIEW_3D": "view", "IMAGE_EDITOR": "image"}



class Look(Panel):
    """The picture."""

    bl_label = "Look"

    def paint(self, layout: Layout, context: bpy.types.Context, scene: bpy.types.Scene) -> None:
        """Which look, its network and size, how far it strays, and the live picture."""
        look_control = controls.active_look(scene)
        if look_control is None:
            if thumbnails.of_patch(scene.ganreact.patch) or not engine_trouble(context):  # its room is there before it
                layout.template_icon_view(scene.ganreact, "patch", show_labels=True, scale=5.0, scale_popup=5.0)
            layout.prop(scene.ganreact, "patch", text="")
            sentence(layout, properties.patch_help(scene.ganreact.patch), "INFO")
            row = layout.row()
            row.scale_y = 1.4
            row.operator("ganreact.add_look", text="Add Look", icon="ADD")
            return
        row = layout.row(align=True)
        row.prop(scene.ganreact, "look", text="", icon="SHADERFX")
        row.menu("GANREACT_MT_add_look", text="", icon="ADD")
        row.operator("ganreact.remove_look", text="", icon="REMOVE")
        if look_control.override_library:
            layout.operator("ganreact.own_keys", icon="ACTION")
        look = controls.patch_of(look_control).look
        self._network(layout, look_control, look)
        sliders(layout, look_control, [("truncation", "Variety")])
        self._picture(layout, len(controls.find(scene, "look")) > 1)

    def _picture(self, layout: Layout, several: bool) -> None:
        column = layout.column(align=True)
        if viewing.icon():
            column.template_icon(icon_value=viewing.icon(), scale=7.0)
        row, live = column.row(align=True), previewing.is_live()
        row.operator("ganreact.live", text="Live", icon="PLAY" if not live else "PAUSE", depress=live)
        row.operator("ganreact.preview", text="Preview", icon="IMAGE_DATA")
        row.operator("ganreact.show_live_image", text="", icon="IMAGE")
        row.operator("ganreact.contact_sheet", text="", icon="IMGDISPLAY")
        if several:
            row.operator("ganreact.compare_looks", text="", icon="MOD_MIRROR")
        row.operator("ganreact.show_curves", text="", icon="GRAPH")

    def _network(self, layout: Layout, look_control: controls.Control, look) -> None:
        split, own = layout.split(factor=0.62, align=True), look.model != EMBEDDED
        row = split.row(align=True)
        icon = thumbnails.of_model(look, frames.model_of(look_control))
        name = bpy.path.basename(look.model) if own else "Embedded network"
        button = (row.operator("ganreact.choose_model", text=name, icon_value=icon) if icon else
                  row.operator("ganreact.choose_model", text=name, icon="NODE_COMPOSITING"))
        button.embedded = False
        if own:
            row.operator("ganreact.choose_model", text="", icon="LOOP_BACK").embedded = True
        split.operator("ganreact.set_size", text=f"{look.size[0]} × {look.size[1]}")


class Render(Panel):
    """Frames, and what becomes of them."""

    bl_label = "Render"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs a look."""
        return controls.active_look(home(context)) is not None

    def paint(self, layout: Layout, context: bpy.types.Context, scene: bpy.types.Scene) -> None:
        """Which frames, how many of them, one large button, how they are shown."""
        settings, look_control = scene.ganreact, controls.active_look(scene)
        if frames.has_no_place(scene, look_control):
            sentence(layout, "Frames are kept beside this file, which is not saved yet", "INFO")
            layout.operator("wm.save_as_mainfile", text="Save File …", icon="FILE_TICK")
            return
        layout.row().prop(settings, "frames", expand=True)
        if settings.frames == "CUSTOM":
            row = layout.row(align=True)
            row.prop(settings, "first")
            row.prop(settings, "last")
        job_bar(layout)
        row = layout.row(align=True)
        row.scale_y = 1.4
        row.operator("ganreact.render", icon="RENDER_ANIMATION")
        if len(controls.find(scene, "look")) > 1:
            row.operator("ganreact.render", text="All Looks").every = True
        row = layout.row(align=True)
        text = row.row()
        text.active = False
        text.label(text=counting.sentence_of(scene, look_control) or "Frames are not counted yet")
        row.operator("ganreact.count_frames", text="", icon="FILE_REFRESH", emboss=False)
        row.operator("ganreact.open_folder", text="", icon="FILE_FOLDER", emboss=False)
        self._strip(layout, scene, look_control)

    def _strip(self, layout: Layout, scene: bpy.types.Scene, look_control: controls.Control) -> None:
        strip = strips.strip_of_frames(scene, controls.patch_of(look_control).look.label)
        row = layout.row(align=True)
        row.operator("ganreact.make_proxy", icon="SEQ_PREVIEW")
        row.operator("ganreact.composite", icon="SEQ_SEQUENCER")
        row = layout.row(align=True)
        row.operator("ganreact.write_film", icon="FILE_MOVIE")
        row.operator("ganreact.film_settings", icon="OUTPUT")
        if strip is not None:
            row = layout.row(align=True)
            row.prop(strip, "blend_type", text="")
            row.prop(strip, "blend_alpha", text="Opacity", slider=True)


class Frame(LookPanel):
    """How large frames are, and how the network fills them."""

    bl_label = "Frame"
    parent = "render"

    def paint(self, layout: Layout, context: bpy.types.Context, scene: bpy.types.Scene) -> None:
        """The look's own fields, and its canvas."""
        look = controls.patch_of(controls.active_look(scene)).look
        form(layout, scene, "look", look, ("model",))
        form(layout, scene, "canvas", look.canvas)


class Texture(LookPanel):
    """Frames in the 3D scene."""

    bl_label = "In the 3D Scene"
    parent = "render"

    def paint(self, layout: Layout, context: bpy.types.Context, scene: bpy.types.Scene) -> None:
        """On what is selected, around, from a projector; a texture that loops."""
        grid = layout.grid_flow(row_major=True, columns=2, even_columns=True, align=True)
        grid.operator_enum("ganreact.use_frames", "way")
        layout.operator("ganreact.loop_and_tile", icon="FILE_REFRESH")


class More(LookPanel):
    """What is needed now and then."""

    bl_label = "More"
    parent = "render"

    def paint(self, layout: Layout, context: bpy.types.Context, scene: bpy.types.Scene) -> None:
        """Folder, size, result."""
        if not frames.has_no_place(scene, controls.active_look(scene)):
            layout.prop(scene.ganreact, "folder")
        column = layout.column(align=True)
        column.operator("ganreact.size_from_scene", icon="FULLSCREEN_ENTER")
        column.operator("ganreact.update_result", icon="FCURVE")
        row = layout.row(align=True)
        row.operator("ganreact.save_patch", icon="FILE_TICK")
        row.operator("ganreact.load_patch", icon="FILE_FOLDER")
        layout.operator_menu_enum("ganreact.mark_asset", "kind", icon="ASSET_MANAGER")


def _classes() -> tuple[type, ...]:
    """Each panel once for each sidebar."""
    made = []
    for space, place in _SPACES.items():
        for order, panel in enumerate((*SOUND_PANELS, Look, *NETWORK_PANELS, *PARTS, Render, Frame, Texture, More, Hallu)):
            name = f"GANREACT_PT_{panel.__name__.lower()}_{place}"
            parent = getattr(panel, "parent", None)
            body = {"bl_idname": name, "bl_space_type": space, "bl_order": order, "__doc__": panel.__doc__}
            if parent:
                body["bl_parent_id"] = f"GANREACT_PT_{parent}_{place}"
            made.append(type(name, (panel, bpy.types.Panel), body))
    return tuple(made)


CLASSES = _classes()
