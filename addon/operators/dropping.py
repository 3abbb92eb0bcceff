"""What is dropped from the Asset Browser into a viewport is taken: a picture into the palette, a patch and a look as looks.

Blender puts the asset's Empty into the scene and makes it the active object; that is noticed here.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

import bpy
from bpy.props import StringProperty

from ...ganreact_core.errors import GANReactError
from .. import carriers, controls, hands
from ..place import home, working_in
from ..session import call_operator, session
from .base import Verb, allowed

_SOON_S = 0.05
_taken: set[int] = set()


class TakeDropped(Verb, bpy.types.Operator):
    """Use what was dropped: a picture joins the palette, a patch becomes a look, a look gets a name of its own"""

    bl_idname = "ganreact.take_dropped"
    bl_label = "Use Asset"
    bl_options = frozenset({"REGISTER", "UNDO", "INTERNAL"})

    name: StringProperty(options={"HIDDEN", "SKIP_SAVE"}, description="The object; empty takes the active one")

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Needs an object."""
        return allowed(cls, {"There is no object in this scene": not home(context).objects})

    def work(self, context: bpy.types.Context) -> str | None:
        """A carrier leaves the scene again, whether it can be used or not."""
        scene = home(context)
        dropped = bpy.data.objects.get(self.name) if self.name else context.view_layer.objects.active
        if dropped is not None and controls.kind_of(dropped) == "look":
            carriers.settle(scene, dropped)
            return None
        text = dropped.get(carriers.CARRIED, "{}") if dropped is not None else "{}"
        if dropped is not None and carriers.CARRIED in dropped:
            _take_away(dropped)
        try:
            carriers.use(scene, text)
        except GANReactError as cause:  # the Empty is gone all the same, so this is a step, and its sentence a notice
            session.notice = str(cause)
        return None


def _take_away(carrier: bpy.types.Object) -> None:
    for collection in list(carrier.users_collection):
        collection.objects.unlink(carrier)
    if carrier.asset_data is None:
        bpy.data.objects.remove(carrier)


@bpy.app.handlers.persistent
def _note(scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph) -> None:
    """Something changed in a viewport; called from render threads too, where nothing is read."""
    if threading.current_thread() is not threading.main_thread() or bpy.app.background:
        return
    if _is_news(depsgraph.view_layer.objects.active) and not bpy.app.timers.is_registered(_take):
        bpy.app.timers.register(_take, first_interval=_SOON_S)


def news_in(windows: Iterable[bpy.types.Window]) -> tuple[bpy.types.Scene | None, bpy.types.Object | None]:
    """The scene and the object of the first window in which something was dropped that was not looked at yet."""
    active = ((window.scene, window.view_layer.objects.active) for window in windows)
    return next((found for found in active if _is_news(found[1])), (None, None))


def _is_news(dropped: bpy.types.Object | None) -> bool:
    if dropped is None or dropped.session_uid in _taken:
        return False
    is_own = dropped.library is None and dropped.override_library is None
    return carriers.CARRIED in dropped or (is_own and controls.kind_of(dropped) == "look")


def _take() -> float | None:
    if hands.are_full():
        return _SOON_S
    scene, dropped = news_in(bpy.context.window_manager.windows)
    if dropped is None:
        return None
    _taken.add(dropped.session_uid)  # what an undo brings back is left alone
    try:
        if carriers.CARRIED in dropped or carriers.needs_settling(scene, dropped):
            with working_in(scene):
                call_operator("take_dropped", {"name": dropped.name})
    except (GANReactError, RuntimeError) as cause:
        session.notice = str(cause).removeprefix("Error: ").strip()
    return None


def register() -> None:
    """Hear of what is dropped."""
    bpy.app.handlers.depsgraph_update_post.append(_note)


def unregister() -> None:
    """Leave nothing."""
    bpy.app.handlers.depsgraph_update_post.remove(_note)
    if bpy.app.timers.is_registered(_take):
        bpy.app.timers.unregister(_take)
    _taken.clear()


CLASSES = (TakeDropped,)
