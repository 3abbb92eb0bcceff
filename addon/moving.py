"""Keys made by hand, moved in time: with a new recording, with sections that were dragged, with another frame rate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import bpy
import numpy as np

from ..ganreact_core.look import describe
from . import controls, fcurves
from .documents import Bake

Control = bpy.types.Object
Moved = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Move:
    """What a move does to the keys of one parameter.

    control, address   whose keys
    n_keys             how many of them change their place
    by_frames          the least and the most that they move
    """

    control: Control
    address: str
    label: str
    n_keys: int
    by_frames: tuple[float, float]

    def __str__(self) -> str:
        low, high = self.by_frames
        by = f"{low:+.0f}" if round(low) == round(high) else f"{low:+.0f} to {high:+.0f}"
        return f"{self.label}: {self.n_keys} key{'s' if self.n_keys > 1 else ''} by {by} frames"


def planned(scene: bpy.types.Scene, audio_control: Control, moved: Moved) -> list[Move]:
    """What would move: hand-made keys of the looks that listen to this control, and of envelopes turned into keys."""
    found = []
    for control in moving_with(scene, audio_control):
        for address, frames in fcurves.hand_keys(control).items():
            if address.endswith(".events"):  # they follow the sound in seconds, by baking
                continue
            by = moved(frames.astype(float)) - frames
            changed = by[np.abs(by) > 1e-3]
            if len(changed):
                by_frames = (float(changed.min()), float(changed.max()))
                found.append(Move(control, address, _label(control, address), len(changed), by_frames))
    return found


def move(moves: list[Move], moved: Moved, *, stretch: float = 1.0) -> int:
    """Make them; returns how many keys moved."""
    for control in {one.control: None for one in moves}:
        fcurves.move_keys(control, [one.address for one in moves if one.control == control], moved, stretch=stretch)
    return sum(one.n_keys for one in moves)


def moving_with(scene: bpy.types.Scene, audio_control: Control) -> list[Control]:
    """The controls whose keys belong to this sound."""
    looks = [look for look in controls.find(scene, "look") if controls.audio_of(look) == audio_control]
    return [control for control in (*looks, audio_control) if not control.library]


def between_bakes(before: Bake, after: Bake, moment: Callable[[np.ndarray], np.ndarray] = lambda t: t) -> Moved:
    """Frames of one bake -> frames of another, by way of the sound; `moment` is seconds of the old one -> of the new one."""
    def moved(frames: np.ndarray) -> np.ndarray:
        times = moment(np.array([before.time_of(float(frame)) for frame in frames]))
        return np.array([after.frame_near(float(time_s)) for time_s in times])

    return moved


def _label(control: Control, address: str) -> str:
    if controls.kind_of(control) != "look":
        return f"{control.name} · {address}"
    patch = controls.patch_of(control)
    known = address in controls.parameters_of(patch)
    return f"{patch.look.label} · {describe(patch.look, address) if known else address}"
