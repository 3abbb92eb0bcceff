"""Inside the real Blender: plays a journey step by step from a timer, so that the window redraws between two steps.

A journey is a file with a generator function `journey` of a `Stage`; each `yield SECONDS` lets Blender live for a while.
What it notes, and what went wrong, ends in state.json.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bpy

OUT, SONG = (Path(os.environ[f"GANREACT_TOUR_{name}"]) for name in ("OUT", "SONG"))
EXTENSION = "bl_ext.user_default.ganreact"


class Stage:
    """The window, its areas, what was noted."""

    def __init__(self) -> None:
        self.noted: dict[str, Any] = {"pictures": [], "trouble": ""}
        self._round, self._shown = 0, []
        self.tallest = False  # in our workspace the panels stand in the tallest area

    @property
    def addon(self) -> Any:
        """The add-on's own package, to ask it for its state."""
        return sys.modules[f"{EXTENSION}.addon"]

    def module(self, name: str) -> Any:
        """One of the add-on's modules."""
        return sys.modules[f"{EXTENSION}.addon.{name}"]

    @property
    def window(self) -> bpy.types.Window:
        """The one window."""
        return bpy.context.window_manager.windows[0]

    def area(self, kind: str = "") -> bpy.types.Area:
        """The area with our panels, the largest as a rule; or the largest of a kind."""
        areas = [a for a in self.window.screen.areas if not kind or a.type == kind]
        return max(areas, key=lambda a: a.height if self.tallest and not kind else a.width * a.height)

    def region(self, kind: str, area: bpy.types.Area) -> bpy.types.Region:
        """A region of an area: "UI" is the sidebar."""
        return next(r for r in area.regions if r.type == kind)

    def show(self, ui_type: str) -> Iterator[float]:
        """Let the largest area be an editor, with its sidebar on our tab."""
        area = self.area()
        area.ui_type = ui_type
        yield 0.3
        area.spaces.active.show_region_ui = True
        if ui_type == "SEQUENCE_EDITOR":
            area.spaces.active.view_type = "SEQUENCER_PREVIEW"
        yield 0.6
        self.region("UI", area).active_panel_category = "GANReact"
        yield 0.4

    def open_panels(self, *names: str) -> None:
        """Have these panels open and every other closed: Blender remembers by id, so each time they get new ones."""
        for cls in reversed(self._shown or self.module("panels").CLASSES):
            bpy.utils.unregister_class(cls)
        self._round += 1
        self._shown = [self._twin(cls, names) for cls in self.module("panels").CLASSES]
        for cls in self._shown:
            bpy.utils.register_class(cls)

    def close(self) -> None:
        """Give the add-on its own panels back."""
        for cls in reversed(self._shown):
            bpy.utils.unregister_class(cls)
        for cls in self.module("panels").CLASSES if self._shown else ():
            bpy.utils.register_class(cls)

    def _twin(self, cls: type, names: tuple[str, ...]) -> type:
        own = cls.bl_idname.removeprefix("GANREACT_PT_").rpartition("_")[0]
        options = set(getattr(cls, "bl_options", ())) - {"DEFAULT_CLOSED"}
        body = {key: value for key, value in vars(cls).items() if not key.startswith("__") and key != "bl_rna"}
        body["bl_idname"] = f"{cls.bl_idname}{self._round}"
        body["bl_options"] = options if own in names else options | {"DEFAULT_CLOSED"}
        if "bl_parent_id" in body:
            body["bl_parent_id"] = f"{cls.bl_parent_id}{self._round}"
        return type(f"{cls.bl_idname}{self._round}", cls.__bases__, body)

    def call(self, name: str, how: str = "EXEC_DEFAULT", **arguments: Any) -> set[str]:
        """An operator of ours in the sidebar of the largest area, as one undo step."""
        area = self.area()
        with bpy.context.temp_override(window=self.window, area=area, region=self.region("UI", area)):
            return getattr(bpy.ops.ganreact, name)(how, True, **arguments)

    def can(self, name: str) -> bool:
        """Whether an operator of ours is not grey there."""
        area = self.area()
        with bpy.context.temp_override(window=self.window, area=area, region=self.region("UI", area)):
            return bool(getattr(bpy.ops.ganreact, name).poll())

    def until_idle(self, seconds: float = 120.0) -> Iterator[float]:
        """Wait for the engine."""
        end = time.monotonic() + seconds
        while self.module("session").session.jobs and time.monotonic() < end:
            yield 0.2
        assert not self.module("session").session.jobs, "the engine did not come to an end"

    def until(self, holds: Callable[[], Any], seconds: float) -> Iterator[float]:
        """Wait until something holds, or for so long; the test asks whether it does."""
        end = time.monotonic() + seconds
        while not holds() and time.monotonic() < end:
            yield 0.3

    def curves(self, control: bpy.types.Object) -> list[str]:
        """Data paths of a control's curves."""
        animation = control.animation_data
        layers = animation.action.layers if animation and animation.action else ()
        bag = layers[0].strips[0].channelbag(animation.action_slot) if layers else None
        return [curve.data_path for curve in bag.fcurves] if bag else []

    def place(self, across: float, down: int) -> tuple[int, int]:
        """A point of the sidebar: a part of its width from the left, pixels from its top; y from below."""
        region = self.region("UI", self.area())
        return round(region.x + across * (region.width - 26)), region.y + region.height - down

    def click_button(self, name: str, across: float, down: int) -> Iterator[float]:
        """A real click on a button of the sidebar; `name` says which is meant."""
        self.point(*self.place(across, down))
        yield 0.5
        self.click(*self.place(across, down))
        yield 1.0

    def hover_and_press(self, key: str, across: float, down: int) -> Iterator[float]:
        """The mouse over a slider, and a key."""
        self.point(*self.place(across, down + 2))
        yield 0.4
        self.point(*self.place(across, down))
        yield 0.6
        self.key(key)
        yield 1.0

    def picture(self, name: str, crop: str = "") -> None:
        """A screenshot as PNG; crop is WxH+X+Y."""
        file = OUT / f"{name}.png"
        words = ["import", "-window", "root", *(["-crop", crop, "+repage"] if crop else []), str(file)]
        subprocess.run(words, check=True)
        self.noted["pictures"].append(file.name)

    def sidebar(self, name: str) -> None:
        """A screenshot of the sidebar alone."""
        area = self.area()
        region = self.region("UI", area)
        top = 800 - (region.y + region.height)
        self.picture(name, f"{region.width}x{region.height}+{region.x}+{top}")

    def click(self, x: int, y: int, button: int = 1) -> None:
        """A real click; y is Blender's, from below."""
        subprocess.run(["xdotool", "mousemove", str(x), str(800 - y), "click", str(button)], check=True)

    def point(self, x: int, y: int) -> None:
        """Move the mouse there."""
        subprocess.run(["xdotool", "mousemove", str(x), str(800 - y)], check=True)

    def scroll(self, steps: int) -> Iterator[float]:
        """Scroll the sidebar down with the wheel."""
        self.point(*self.place(0.5, 300))
        for _ in range(steps):
            subprocess.run(["xdotool", "click", "5"], check=True)
            yield 0.15
        self.point(200, 200)
        yield 0.8

    def key(self, name: str) -> None:
        """A real key."""
        subprocess.run(["xdotool", "key", name], check=True)

    def note(self, **found: Any) -> None:
        """Keep something for the test."""
        self.noted.update(found)


def play(journey: Callable[[Stage], Iterator[float]]) -> None:
    """Play a journey to its end, or to its first trouble; then write what was noted, and quit."""
    bpy.context.preferences.view.show_splash = False
    stage = Stage()
    steps = journey(stage)

    def step() -> float | None:
        try:
            return next(steps)
        except StopIteration:
            pass
        except BaseException:
            stage.noted["trouble"] = traceback.format_exc()
        with contextlib.suppress(Exception):
            stage.close()
        (OUT / "state.json").write_text(json.dumps(stage.noted, indent=1))
        stage.module("session").session.stop()
        sys.stdout.flush()
        threading.Timer(5.0, os._exit, (0,)).start()  # a window that is asked to close can want an answer first
        bpy.ops.wm.quit_blender()
        return None

    bpy.app.timers.register(step, first_interval=2.0, persistent=True)
