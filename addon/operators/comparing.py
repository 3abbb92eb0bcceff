"""Verbs that lay pictures side by side: two looks at one frame, one look over many frames."""

from __future__ import annotations

import bpy
import numpy as np
from bpy.props import IntProperty, StringProperty

from ...ganreact_core.errors import LookError
from ...ganreact_core.look import addresses
from .. import controls, frames, showing, viewing
from ..glancing import row_now, rows_over, view_of
from ..numbering import numbered
from ..place import home
from ..preferences import engine_choice
from ..session import session
from .base import RenderVerb, Verb
from .context_menu import address_under_mouse

COMPARED, SHEET, STRIP = "GANReact · compared", "GANReact · contact sheet", "GANReact · strip of values"
_GAP = 4


class CompareLooks(RenderVerb, Verb, bpy.types.Operator):
    """Two looks at this frame, side by side in an Image Editor"""

    bl_idname = "ganreact.compare_looks"
    bl_label = "Compare Looks"

    other: StringProperty(name="With", options={"SKIP_SAVE"}, description="The other look's control; empty takes the next one")

    def work(self, context: bpy.types.Context) -> str | None:
        """Ask for both; the second one to arrive shows them."""
        scene = home(context)
        looks = controls.find(scene, "look")
        first = controls.active_look(scene)
        others = [c for c in looks if c != first and self.other in ("", c.name)]
        if not others:
            raise LookError("there is no other look in this scene; add one, or duplicate this one")
        pictures: dict[int, np.ndarray] = {}
        for place, control in enumerate((first, others[0])):
            asked = view_of(scene, control).arguments([row_now(scene, control, context.scene)], [scene.frame_current],
                                                      engine_choice(context).device)
            session.start(context, "glance", asked, title="Comparing", on_picture=_collector(pictures, place))
        showing.in_editor(context, viewing.named_image(COMPARED))
        return f"Left {first.name}, right {others[0].name}"


class ContactSheet(RenderVerb, Verb, bpy.types.Operator):
    """Pictures of evenly spaced frames on one sheet, in an Image Editor: the whole piece at a glance"""

    bl_idname = "ganreact.contact_sheet"
    bl_label = "Contact Sheet"

    count: IntProperty(name="Pictures", default=16, min=2, max=64, description="How many frames are shown")

    def work(self, context: bpy.types.Context) -> str | None:
        """Over the frames that would be rendered."""
        scene = home(context)
        control = controls.active_look(scene)
        wanted = frames.wanted_frames(scene, control)
        numbers = sorted({wanted[round(k * (len(wanted) - 1) / max(1, self.count - 1))] for k in range(self.count)})
        asked = view_of(scene, control).arguments(rows_over(scene, control, numbers), numbers, engine_choice(context).device)
        pictures: dict[int, np.ndarray] = {}
        columns = max(1, round(len(numbers) ** 0.5))

        def take(picture, raw: bytes) -> None:
            one = np.frombuffer(raw, np.uint8).reshape(picture.height, picture.width, 3)
            pictures[len(pictures)] = numbered(one, numbers[len(pictures)])
            _show(SHEET, pictures, len(numbers), columns)

        session.start(context, "glance", asked, title="Contact sheet", on_picture=take)
        showing.in_editor(context, viewing.named_image(SHEET))
        return None


class ParameterStrip(RenderVerb, Verb, bpy.types.Operator):
    """This frame with other values of one parameter side by side, in an Image Editor: what a direction or a bend does"""

    bl_idname = "ganreact.parameter_strip"
    bl_label = "Strip of Values"

    address: StringProperty(options={"HIDDEN", "SKIP_SAVE"})
    count: IntProperty(name="Pictures", default=7, min=2, max=24, description="How many values are shown")

    def work(self, context: bpy.types.Context) -> str | None:
        """Over the range of its slider; all else as it is in this frame."""
        scene = home(context)
        control = controls.active_look(scene)
        address = self.address or address_under_mouse(context)
        parameter = addresses(controls.patch_of(control).look).get(address)
        if parameter is None:
            raise LookError("this is no parameter of the look; right-click one of its sliders")
        values = [round(float(value), 3) for value in np.linspace(*parameter.slider, self.count)]
        row, now = row_now(scene, control, context.scene), scene.frame_current
        asked = view_of(scene, control).arguments([{**row, address: value} for value in values], [now] * len(values),
                                                  engine_choice(context).device)
        pictures: dict[int, np.ndarray] = {}

        def take(picture, raw: bytes) -> None:
            one = np.frombuffer(raw, np.uint8).reshape(picture.height, picture.width, 3)
            pictures[len(pictures)] = numbered(one, values[len(pictures)])
            _show(STRIP, pictures, len(values), len(values))

        session.start(context, "glance", asked, title="Strip", on_picture=take)
        showing.in_editor(context, viewing.named_image(STRIP))
        return None


def _collector(pictures: dict[int, np.ndarray], place: int):
    """Takes one of two pictures; what is there so far is shown."""
    def take(picture, raw: bytes) -> None:
        pictures[place] = np.frombuffer(raw, np.uint8).reshape(picture.height, picture.width, 3)
        _show(COMPARED, pictures, 2, 2)

    return take


def _show(name: str, pictures: dict[int, np.ndarray], total: int, columns: int) -> None:
    image, is_first = viewing.named_image(name), len(pictures) == 1
    viewing.into_image(image, sheet_of(pictures, total, columns))
    if is_first and not bpy.app.background:
        showing.fit(image)


def sheet_of(pictures: dict[int, np.ndarray], total: int, columns: int) -> np.ndarray:
    """Pictures by place on one sheet, grey where one is not there yet; all take the size of the first."""
    height, width = next(iter(pictures.values())).shape[:2]
    rows = -(-total // columns)
    sheet = np.full((rows * (height + _GAP) - _GAP, columns * (width + _GAP) - _GAP, 3), 24, np.uint8)
    for place, picture in pictures.items():
        top, left = (place // columns) * (height + _GAP), (place % columns) * (width + _GAP)
        fitted = picture[:height, :width]
        sheet[top:top + fitted.shape[0], left:left + fitted.shape[1]] = fitted
    return sheet


CLASSES = (CompareLooks, ContactSheet, ParameterStrip)
