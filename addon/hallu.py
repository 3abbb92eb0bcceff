"""The Hallu control: a sound network's principal components as sliders, and steps as columns of their keys.

Its text is the piece without its steps: those are where keys are. What lies between two steps is made by the piece's own
interpolation; the curves show it, and a look's routes can start from them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import bpy
import numpy as np

from ..ganreact_core.caches import cache_folder
from ..ganreact_core.catalogue import Parameter
from ..ganreact_core.errors import LookError
from ..ganreact_core.patches import Patch
from ..ganreact_core.steps import RANGE, SLIDERS, Piece, Step, piece_from_text, piece_to_text, require_steps
from . import controls, fcurves
from .documents import TEXT
from .strips import fps_of

Control = bpy.types.Object
SEED = "seed"
COMPONENTS = tuple(f"component.{n:02d}" for n in range(1, SLIDERS + 1))
_COMPONENT = Parameter(0.0, 0.0, -RANGE, RANGE,
                       "Principal component of the sound, in standard deviations: a column of keys is a step")
_SEED = Parameter(0.0, 0.0, 0.0, 100_000.0, "The latent that sounds, where components are added to it or left out")
_GROUP = "Hallu"
_SAME_FRAME = 1e-3


def create(scene: bpy.types.Scene) -> Control:
    """A new Hallu control, all sliders in the middle, no steps."""
    control = controls.new_empty(scene, "Hallu", "hallu")
    store(control, Piece())
    return control


def active(scene: bpy.types.Scene) -> Control | None:
    """The scene's Hallu control, or None."""
    return next(iter(controls.find(scene, "hallu")), None)


def settings_of(control: Control) -> Piece:
    """The piece without its steps; raises LookError where the text is damaged."""
    return piece_from_text(control[TEXT], "the Hallu control")


def store(control: Control, piece: Piece) -> None:
    """Write the settings; sliders that are missing appear in the middle."""
    controls.require_local(control)
    for address in COMPONENTS:
        controls.set_up(control, address, _COMPONENT, _COMPONENT.help)
    controls.set_up(control, SEED, _SEED, _SEED.help)
    control[TEXT] = piece_to_text(replace(piece, steps=(Step(),)))


# -- steps ------------------------------------------------------------------------------------------------------------


def step_frames(control: Control) -> list[float]:
    """The scene frames at which steps lie, in order: wherever a slider has a key."""
    keyed = fcurves.hand_keys(control)
    frames = sorted(float(f) for address in (*COMPONENTS, SEED) for f in keyed.get(address, ()))
    return [f for n, f in enumerate(frames) if n == 0 or f - frames[n - 1] > _SAME_FRAME]


def step_at(control: Control, frame: float) -> float | None:
    """The frame of the step that lies at a frame or last before it; the first one where none does."""
    frames = step_frames(control)
    return next((f for f in reversed(frames) if f <= frame + _SAME_FRAME), frames[0] if frames else None)


def values_at(control: Control, frame: float) -> dict[str, float]:
    """Every slider's value at a frame, as its keys say."""
    curves = {address: fcurves.curve_of(control, address) for address in (*COMPONENTS, SEED)}
    return {address: float(curve.evaluate(frame)) if curve and not curve.is_empty else float(control[address])
            for address, curve in curves.items()}


def write_step(control: Control, frame: float, values: Mapping[str, float]) -> None:
    """A key on every slider at a frame: a step."""
    controls.require_local(control)
    fcurves.own_action(control, f"GANReact · {control.name}")
    for address, value in values.items():
        control[address] = float(value)
        control.keyframe_insert(fcurves.path_of(address), frame=frame, group=_GROUP)
        curve = fcurves.curve_of(control, address)
        for point in curve.keyframe_points:
            point.interpolation = "CONSTANT" if address == SEED else "LINEAR"
        curve.update()
    control.update_tag()


def remove_step(control: Control, frame: float) -> None:
    """Take a column of keys away; the last one stays, with a LookError."""
    controls.require_local(control)
    if len(step_frames(control)) < 2:
        raise LookError("the last step stays; move it, or change its sliders")
    keyed = fcurves.hand_keys(control)
    for address in (*COMPONENTS, SEED):
        for at in keyed.get(address, ()):
            if abs(at - frame) <= _SAME_FRAME:
                control.keyframe_delete(fcurves.path_of(address), frame=float(at))
    control.update_tag()


def move_step(control: Control, frame: float, to: float) -> None:
    """Move a column of keys; raises LookError where another step lies already."""
    controls.require_local(control)
    if any(abs(f - to) <= _SAME_FRAME for f in step_frames(control)):
        raise LookError(f"there is a step at frame {to:g} already; choose another frame")
    keyed = [address for address in fcurves.hand_keys(control) if address in (*COMPONENTS, SEED)]
    fcurves.move_keys(control, keyed, lambda at: np.where(np.abs(at - frame) <= _SAME_FRAME, to, at))
    for address in keyed:  # keys may have changed their order
        fcurves.curve_of(control, address).update()


def next_free(control: Control, frame: float, gap: float) -> float:
    """The next frame after one, `gap` apart, at which no step lies."""
    frames, at = step_frames(control), round(frame + gap)
    while any(abs(f - at) <= _SAME_FRAME for f in frames):
        at += max(1, round(gap))
    return float(at)


# -- sound ------------------------------------------------------------------------------------------------------------


def piece_of(scene: bpy.types.Scene, control: Control) -> Piece:
    """The whole piece: a step where each column lies, in seconds from the first; raises LookError for fewer than two."""
    frames, fps = step_frames(control), fps_of(scene)
    if not frames:
        raise LookError("there are no steps; set the sliders and press Add Step")
    steps = tuple(_step(values_at(control, f), (f - frames[0]) / fps) for f in frames)
    piece = replace(settings_of(control), steps=steps)
    require_steps(piece)
    return piece


def piece_now(control: Control) -> Piece:
    """One step: what the sliders say now."""
    values = {address: float(control[address]) for address in (*COMPONENTS, SEED)}
    return replace(settings_of(control), steps=(_step(values, 0.0),))


def arguments(piece: Piece, out: Path, device: str) -> dict[str, object]:
    """The job that makes a piece's sound; of a piece with one step, that step alone."""
    model = bpy.path.abspath(piece.model) if piece.model else ""
    components = bpy.path.abspath(piece.components) if piece.components else ""
    asked = {"steps": piece_to_text(replace(piece, model=model, components=components)), "out": str(out), "device": device}
    return {**asked, "step": 1} if len(piece.steps) == 1 else asked


def sound_file(piece: Piece) -> Path:
    """Where a piece's sound belongs: beside the .blend where there is one, under a name that its content gives."""
    name = f"hallu-{hashlib.sha256(piece_to_text(piece).encode()).hexdigest()[:12]}.wav"
    folder = Path(bpy.path.abspath("//")) / "ganreact" / "sound" if bpy.data.filepath else cache_folder("hallu")
    return folder / name


def _step(values: Mapping[str, float], at_s: float) -> Step:
    return Step(tuple(round(values[address], 6) for address in COMPONENTS), round(values[SEED]), at_s)


# -- routes -----------------------------------------------------------------------------------------------------------


def envelope_name(address: str) -> str:
    """What a route calls a component: component.01 -> component-01."""
    return address.replace(".", "-")


def components_of(scene: bpy.types.Scene) -> list[tuple[str, str]]:
    """What a route can start from, where there is a Hallu control: (envelope's name, what it is)."""
    return [(envelope_name(address), f"Hallu: {address}") for address in COMPONENTS] if active(scene) else []


def components_for(scene: bpy.types.Scene, patch: Patch) -> tuple[Control | None, list[str]]:
    """The scene's Hallu control, and those of its components that routes of a look start from."""
    used = {route.envelope for route in patch.routes}
    wanted = [address for address in COMPONENTS if envelope_name(address) in used]
    control = active(scene) if wanted else None
    return control, [address for address in wanted if address in control] if control else []


def as_envelopes(read: Mapping[str, np.ndarray | float], n_frames: int) -> dict[str, np.ndarray]:
    """Sliders over frames -> envelopes: −3…3 becomes 0…1."""
    return {envelope_name(address): np.broadcast_to((np.asarray(values, np.float32) + RANGE) / (2 * RANGE), n_frames)
            for address, values in read.items() if address in COMPONENTS}
