"""Verbs about a rough film to play at speed: make it, show it."""

from __future__ import annotations

import time

import bpy
import numpy as np
from bpy.props import IntProperty, StringProperty

from .. import controls, proxies, strips
from ..place import home
from ..preferences import engine_choice
from ..session import call_operator, session
from .base import LookVerb, RenderVerb, Verb

_SHOWN_EVERY_S = 1.0


class MakeProxy(RenderVerb, Verb, bpy.types.Operator):
    """Make a rough film of these frames, quickly, from the playhead on: to play with the sound before anything is rendered"""

    bl_idname = "ganreact.make_proxy"
    bl_label = "Rough Film"

    every: IntProperty(name="Every", default=0, min=0, max=1000, options={"SKIP_SAVE"},
                       description="Frames that one picture stands for; 0 chooses, so that it is quick")

    def work(self, context: bpy.types.Context) -> str | None:
        """Start the job; pictures are shown as they come."""
        scene = home(context)
        control = controls.active_look(scene)
        proxy = proxies.plan(scene, control, self.every)
        asked = proxies.arguments(scene, control, proxy, engine_choice(context).device)
        proxies.begin(proxy)
        found = {"scene": scene.name, "look": control.name, "every": self.every}
        session.start(context, "glance", asked, title="Rough film", finish=("show_proxy", found),
                      on_picture=_Keeper(proxy, found).take)
        return None


class _Keeper:
    """Keeps pictures as they come; shows them at once, then once a second."""

    def __init__(self, proxy: proxies.Proxy, found: dict[str, object]):
        self.proxy, self.found, self.count, self.next = proxy, found, 0, 0.0

    def take(self, picture, raw: bytes) -> None:
        """One more."""
        proxies.keep(self.proxy, self.proxy.order[self.count],
                     np.frombuffer(raw, np.uint8).reshape(picture.height, picture.width, 3))
        self.count += 1
        scene = bpy.data.scenes.get(str(self.found["scene"]))
        control = scene.objects.get(str(self.found["look"])) if scene else None
        if control is None or time.monotonic() < self.next or bpy.app.is_job_running("RENDER"):
            return
        self.next = time.monotonic() + _SHOWN_EVERY_S
        if strips.strip_of_frames(scene, proxies.label_of(control)) is None:
            call_operator("show_proxy", self.found)
        else:
            proxies.show(scene, control, self.proxy)


class ShowProxy(LookVerb, bpy.types.Operator):
    """Show the rough film in the Sequencer"""

    bl_idname = "ganreact.show_proxy"
    bl_label = "Show Rough Film"
    bl_options = frozenset({"REGISTER", "UNDO", "INTERNAL"})

    scene: StringProperty(options={"SKIP_SAVE", "HIDDEN"})
    look: StringProperty(options={"SKIP_SAVE", "HIDDEN"})
    every: IntProperty(options={"SKIP_SAVE", "HIDDEN"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        """A strip, where none is; else no undo step."""
        scene = bpy.data.scenes.get(self.scene) or home(context)
        control = scene.objects.get(self.look) or controls.active_look(scene)
        made = proxies.show(scene, control, proxies.plan(scene, control, self.every))
        if made:
            strips.show_in_sequencer(context, scene)
        return {"FINISHED"} if made else {"CANCELLED"}


CLASSES = (MakeProxy, ShowProxy)
"""Registered by `operators`."""
