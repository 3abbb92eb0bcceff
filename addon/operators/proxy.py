"""Verbs about a rough film to play at speed: make it, show it."""

from __future__ import annotations

import time

import bpy
import numpy as np
from bpy.props import IntProperty

from .. import controls, hands, proxies, strips
from ..errands import Errand
from ..place import home
from ..preferences import engine_choice
from ..session import session
from .base import RenderVerb, ShowVerb, Verb

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
                      on_picture=_Keeper(proxy, Errand(context, "show_proxy", found)).take)
        return None


class _Keeper:
    """Keeps pictures as they come; shows them at once, then once a second."""

    def __init__(self, proxy: proxies.Proxy, errand: Errand):
        self.proxy, self.errand, self.count, self.next = proxy, errand, 0, 0.0

    def take(self, picture, raw: bytes) -> None:
        """One more."""
        proxies.keep(self.proxy, self.proxy.order[self.count],
                     np.frombuffer(raw, np.uint8).reshape(picture.height, picture.width, 3))
        self.count += 1
        if time.monotonic() < self.next or hands.are_full():
            return
        scene, control = self.errand.scene, self.errand.control("look")
        if scene is None or control is None:
            return
        self.next = time.monotonic() + _SHOWN_EVERY_S
        if strips.strip_of_frames(scene, proxies.label_of(control)) is None:
            self.errand.run()
        else:
            proxies.show(scene, control, self.proxy)


class ShowProxy(ShowVerb, bpy.types.Operator):
    """Show the rough film in the Sequencer"""

    bl_idname = "ganreact.show_proxy"
    bl_label = "Show Rough Film"

    every: IntProperty(options={"SKIP_SAVE", "HIDDEN"})

    def place(self, scene: bpy.types.Scene, look_control: controls.Control) -> bool:
        """A strip, where none is; one that is there shows more."""
        return proxies.show(scene, look_control, proxies.plan(scene, look_control, self.every))


CLASSES = (MakeProxy, ShowProxy)
"""Registered by `operators`."""
