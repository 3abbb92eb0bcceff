"""Reading controls where curves alone do not tell: a throwaway scene is stepped frame by frame.

The artist's scene, its frame and its objects' values are never touched: the throwaway scene has a dependency graph
of its own, and only evaluated copies are read.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence

import bpy
import numpy as np

from . import hands
from .fcurves import path_of

Wanted = Mapping[bpy.types.Object, Sequence[str]]


def read_stepping(scene: bpy.types.Scene, wanted: Wanted, frames: range) -> dict[bpy.types.Object, dict[str, np.ndarray]]:
    """Values as Blender evaluates them, with drivers, NLA and time remapping: control -> address -> float32 [n_frames].

    Raises LookError while Blender renders in a thread."""
    hands.require_still()
    read = {control: np.empty((len(addresses), len(frames)), np.float32) for control, addresses in wanted.items()}
    with _throwaway_scene(scene, wanted) as stepped:
        for row, frame in enumerate(frames):
            stepped.frame_set(frame)
            graph = stepped.view_layers[0].depsgraph
            for control, addresses in wanted.items():
                evaluated = control.evaluated_get(graph)
                read[control][:, row] = [evaluated[address] for address in addresses]
    return {control: dict(zip(addresses, read[control], strict=True)) for control, addresses in wanted.items()}


@contextlib.contextmanager
def _throwaway_scene(scene: bpy.types.Scene, wanted: Wanted) -> Iterator[bpy.types.Scene]:
    stepped = bpy.data.scenes.new("GANReact · reading")
    try:
        for name in ("fps", "fps_base", "frame_map_old", "frame_map_new"):
            setattr(stepped.render, name, getattr(scene.render, name))
        for control in wanted:
            stepped.collection.objects.link(control)
        _add_witness(stepped, wanted)
        yield stepped
    finally:
        bpy.data.scenes.remove(stepped)


def _add_witness(stepped: bpy.types.Scene, wanted: Wanted) -> None:
    """One driver that looks at every parameter: without it, Blender leaves hidden objects as they were."""
    stepped["witness"] = 0.0
    driver = stepped.driver_add(path_of("witness")).driver
    driver.type = "SUM"
    for control, addresses in wanted.items():
        for address in addresses:
            target = driver.variables.new().targets[0]
            target.id, target.data_path = control, path_of(address)
