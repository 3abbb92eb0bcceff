"""A rough film to play at speed before anything is rendered: small pictures of some frames, each held until the next.

They are made like the rough live picture and kept in the user's cache; the strip that shows them makes room for the
frames themselves.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np

from ..ganreact_core.caches import cache_folder
from ..ganreact_core.files import write_whole
from ..ganreact_core.look import addresses
from ..ganreact_core.png import encode
from . import controls, frames, glancing, strips
from .strip_timing import left

_MOST, _SIDE = 600, 256


@dataclass(frozen=True)
class Proxy:
    """What is made.

    shown   the scene frames that the strip covers
    order   those that get a picture of their own, first what comes after the playhead
    """

    folder: Path
    shown: range
    order: tuple[int, ...]

    def file(self, number: int) -> Path:
        """The picture of a frame, there or not."""
        return self.folder / f"{number:06d}.png"

    def files(self) -> list[Path]:
        """For every frame that is shown, the nearest picture before it that is there, else the first one after."""
        there = sorted(number for number in self.order if self.file(number).is_file())
        before = np.searchsorted(there, np.asarray(self.shown), side="right") - 1
        return [self.file(there[max(0, at)]) for at in before.tolist()] if there else []


def plan(scene: bpy.types.Scene, look_control: controls.Control, every: int = 0) -> Proxy:
    """Which frames; `every` is how many one picture stands for, 0 as many as it takes to be quick."""
    shown = frames.wanted_frames(scene, look_control)
    step = every or -(-len(shown) // _MOST)
    numbers = shown[::step]
    after = [n for n in numbers if n >= scene.frame_current]
    about = f"{bpy.data.filepath}\0{scene.name}\0{look_control.name}"
    folder = cache_folder("proxies") / hashlib.blake2b(about.encode(), digest_size=12).hexdigest()
    return Proxy(folder, shown, (*after, *numbers[:len(numbers) - len(after)]))


def arguments(scene: bpy.types.Scene, look_control: controls.Control, proxy: Proxy, device: str) -> dict[str, object]:
    """The job: rough glances; values that stand at their default are left out of the message."""
    view, numbers = glancing.view_of(scene, look_control), list(proxy.order)
    default = {address: parameter.default for address, parameter in addresses(view.look).items()}
    rows = glancing.rows_over(scene, look_control, numbers)
    rows = [{address: value for address, value in row.items() if value != default.get(address)} for row in rows]
    return view.arguments(rows, numbers, device) | {"rough": True}


def begin(proxy: Proxy) -> None:
    """An empty folder: what was made before shows another state of the look."""
    proxy.folder.mkdir(parents=True, exist_ok=True)
    for old in proxy.folder.glob("*.png"):
        old.unlink(missing_ok=True)


def keep(proxy: Proxy, number: int, picture: np.ndarray) -> None:
    """Write a picture, uint8 [h, w, 3], made small."""
    step = max(1, -(-max(picture.shape[:2]) // _SIDE))
    height, width = (side // step for side in picture.shape[:2])
    small = picture[:height * step, :width * step].reshape(height, step, width, step, 3).mean((1, 3))
    write_whole(proxy.file(number), encode(np.round(small).astype(np.uint8)))


def label_of(look_control: controls.Control) -> str:
    """What the strip is called, beside the prefix."""
    return frames.proxy_label(controls.patch_of(look_control).look.label)


def show(scene: bpy.types.Scene, look_control: controls.Control, proxy: Proxy) -> bool:
    """A strip of what is there so far, or the strip that is there with more of it; says whether one was made."""
    files, label = proxy.files(), label_of(look_control)
    strip = strips.strip_of_frames(scene, label)
    if not files:
        return False
    if strip is None or len(strip.elements) != len(files) or left(strip) != proxy.shown[0]:
        strips.place_frames(scene, label, files, proxy.shown[0])
        return True
    for element, file in zip(strip.elements, files, strict=True):
        if element.filename != file.name:
            element.filename = file.name
    strips.show_again(scene, label)
    return False


def remove(scene: bpy.types.Scene, look_control: controls.Control) -> None:
    """Take the strip away."""
    strip = strips.strip_of_frames(scene, label_of(look_control))
    if strip is not None:
        strips.remove(scene, strip)
