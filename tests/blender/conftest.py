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


@pytest.fixture
def state():
    """A function that writes down everything an undo step could lose: controls, values, curves, strips, materials."""
    import bpy

    def curve(c):
        points = c.sampled_points if len(c.sampled_points) else c.keyframe_points
        co = np.empty(2 * len(points), np.float32)
        points.foreach_get("co", co)
        return c.data_path, co.tobytes(), c.hide, c.lock, c.group.name if c.group else None

    def control(o):
        animation = o.animation_data
        action = animation.action if animation else None
        bag = action.layers[0].strips[0].channelbag(animation.action_slot) if action and action.layers else None
        values = {k: v.name if isinstance(v, bpy.types.ID) else v for k, v in o.items()}
        limits = {k: str(o.id_properties_ui(k).as_dict()) for k, v in values.items() if isinstance(v, float)}
        return o.name, values, limits, sorted(map(curve, bag.fcurves)) if bag else []

    def strip(s):
        return s.name, s.type, s.channel, [e.filename for e in getattr(s, "elements", [])]

    def take():
        found = bpy.context.scene
        strips = found.sequence_editor.strips_all if found.sequence_editor else []
        return {"objects": sorted((control(o) for o in bpy.data.objects), key=str), "strips": sorted(map(strip, strips)),
                "materials": sorted(m.name for m in bpy.data.materials),
                "assets": sorted(o.name for o in bpy.data.objects if o.asset_data),
                "sets": sorted((s.bl_label, len(s.paths)) for s in found.keying_sets),
                "solo": getattr(getattr(found, "ganreact", None), "solo", ""),
                "markers": sorted((m.frame, m.name) for m in found.timeline_markers), "view": found.view_settings.view_transform,
                "output": (found.render.filepath, found.render.resolution_x, found.frame_end, found.render.image_settings.file_format)}

    return take


@pytest.fixture
def undoes(state):
    """Calls a verb by name: it changes something, in one undo step that takes all of it back and makes it again."""
    import bpy

    def done(verb, **settings):
        before = state()
        assert getattr(bpy.ops.ganreact, verb)("EXEC_DEFAULT", True, **settings) == {"FINISHED"}
        after = state()
        assert after != before
        bpy.ops.ed.undo()
        assert state() == before
        bpy.ops.ed.redo()
        assert state() == after

    return done


@pytest.fixture
def song(tmp_path) -> Path:
    """Three seconds of WAV: a thump at 0.5, 1.0 and 2.0 s over a chord."""
    import wave

    t = np.arange(3 * 22050) / 22050
    samples = 0.1 * sum(np.sin(2 * np.pi * f * t) for f in (261.6, 329.6, 392.0))
    for at in (0.5, 1.0, 2.0):
        later = np.clip(t - at, 0, None)
        samples += (t >= at) * 0.6 * np.cos(2 * np.pi * 60 * later) * np.exp(-later / 0.03)
    path = tmp_path / "song.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 22050, len(samples), "NONE", ""))
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype(np.int16).tobytes())
    return path


@pytest.fixture
def numbered_frames(tmp_path):
    """A function (first, n) -> n PNG files of 32×16, named by frame, whose grey value tells the frame's place in 0…n."""
    import bpy

    def make(first, n):
        folder = tmp_path / "frames"
        folder.mkdir(exist_ok=True)
        image = bpy.data.images.new("grey", 32, 16)
        files = [folder / f"{frame:06d}.png" for frame in range(first, first + n)]
        for k, file in enumerate(files):
            image.pixels.foreach_set(np.tile(np.float32([*[(k + 1) / (n + 1)] * 3, 1]), 32 * 16))
            image.save(filepath=str(file))
        bpy.data.images.remove(image)
        return files

    return make


@pytest.fixture
def pixels(tmp_path):
    """A function that renders the present frame and returns its pixels, 8 bit, [height, width, 3]."""
    import bpy

    def render(scene):
        scene.render.resolution_x, scene.render.resolution_y, scene.render.resolution_percentage = 32, 16, 100
        scene.render.image_settings.file_format = "PNG"
        scene.render.filepath = str(tmp_path / "rendered.png")
        bpy.ops.render.render(write_still=True)
        image = bpy.data.images.load(scene.render.filepath)
        values = np.empty(32 * 16 * 4, np.float32)
        image.pixels.foreach_get(values)
        bpy.data.images.remove(image)
        return np.round(values.reshape(16, 32, 4)[..., :3] * 255).astype(int)

    return render


@pytest.fixture
def network() -> str:
    """A network to render with: the embedded one, or a small one from beside the project."""
    from ganreact_ext.ganreact_core.errors import CheckpointError
    from ganreact_ext.ganreact_core.models import model_file

    small = ROOT.parent / "shared" / "fixtures" / "ada_u_map8_skip_r64.pkl"
    try:
        model_file("embedded")
        return "embedded"
    except CheckpointError:
        if not small.is_file():
            pytest.skip("there is no network to render with")
        return str(small)


@pytest.fixture
def engine_python():
    """The engine's Python, or a skip."""
    from ganreact_ext.addon import engine_python
    from ganreact_ext.ganreact_core.errors import EngineError

    try:
        return engine_python.find_engine_python()
    except EngineError as cause:
        pytest.skip(str(cause))
