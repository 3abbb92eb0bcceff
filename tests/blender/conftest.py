"""Blender tests: skipped as a whole where bpy is missing; each starts from an empty file."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = "ganreact_ext"
collect_ignore_glob = [] if importlib.util.find_spec("bpy") else ["test_*.py"]


def load_extension() -> ModuleType:
    """The repository as a package of a fixed name, as Blender loads it under the name of its own choice."""
    if PACKAGE not in sys.modules:
        spec = importlib.util.spec_from_file_location(PACKAGE, ROOT / "__init__.py", submodule_search_locations=[str(ROOT)])
        module = importlib.util.module_from_spec(spec)
        sys.modules[PACKAGE] = module
        spec.loader.exec_module(module)
    return sys.modules[PACKAGE]


load_extension()


@pytest.fixture
def scene():
    """The scene of an empty file: 30 fps, frames 1 to 90."""
    import bpy

    bpy.ops.wm.read_factory_settings(use_empty=True)
    found = bpy.context.scene
    found.render.fps, found.frame_start, found.frame_end = 30, 1, 90
    return found


@pytest.fixture
def extension(scene):
    """The extension, registered for one test."""
    module = load_extension()
    module.register()
    yield module
    module.unregister()


@pytest.fixture
def heard(tmp_path) -> Path:
    """A feature set of three seconds with clicks at 0.5, 1.0 and 2.0 s as kick and snare, and a chroma that climbs."""
    from ganreact_ext.ganreact_core.features import FeatureSet, save_features

    rate, n = 100.0, 300
    clicks = np.zeros(n, np.float32)
    clicks[[50, 100, 200]] = 1.0
    chroma = np.tile(np.linspace(0, 1, n, dtype=np.float32)[:, None], (1, 12))
    times = np.array([0.5, 1.0, 2.0])
    path = tmp_path / "heard.npz"
    hits = dict.fromkeys(("onset", "percussive", "kick", "snare", "hat", "bass"), clicks)
    slow = dict.fromkeys(("rms", "bass_rms", "rest_rms", "loudness"), chroma[:, 0])
    events = dict.fromkeys(("kick", "snare", "hat", "bass", "beats"), times)
    save_features(path, FeatureSet(rate, 3.0, {**hits, **slow, "chroma": chroma}, events, 120.0))
    return path


@pytest.fixture
def audio_control(scene):
    """An audio control that has heard nothing yet."""
    from ganreact_ext.addon import controls
    from ganreact_ext.addon.documents import Hearing

    return controls.create_audio_control(scene, Hearing(label="Song"))


@pytest.fixture
def look_control(scene, audio_control, heard):
    """The patch pulse on frames 1 to 90, baked."""
    from ganreact_ext.addon import baking
    from ganreact_ext.addon.documents import Bake
    from ganreact_ext.ganreact_core.patches import load_patch

    patch = load_patch("pulse")
    made = baking.add_look(scene, patch, audio_control)
    baking.bake(audio_control, Bake(30.0, 1, 90), str(heard))
    return made
