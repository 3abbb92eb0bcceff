"""How long baking and table evaluation take inside Blender: 24 envelopes over 54,000 frames (30 minutes at 30 fps).

    python benchmarks/blender_bake.py          with a Python that has bpy; prints one JSON object
"""

import importlib.util
import json
import sys
import time
from pathlib import Path

import bpy
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
N_ENVELOPES, N_FRAMES, FPS = 24, 54_000, 30.0


def main() -> None:
    """Measure baking, baking again, and the table."""
    spec = importlib.util.spec_from_file_location("ganreact_ext", ROOT / "__init__.py", submodule_search_locations=[str(ROOT)])
    sys.modules["ganreact_ext"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules["ganreact_ext"])
    bpy.ops.wm.read_factory_settings(use_empty=True)
    seconds = measure(bpy.context.scene)
    print(json.dumps({"blender": bpy.app.version_string, "envelopes": N_ENVELOPES, "frames": N_FRAMES, **seconds}))


def measure(scene: bpy.types.Scene) -> dict[str, float]:
    """Seconds by step."""
    from ganreact_ext.addon import baking, controls
    from ganreact_ext.addon.documents import Hearing
    from ganreact_ext.ganreact_core.envelopes import EnvelopeRecipe
    from ganreact_ext.ganreact_core.look import Entry, Look
    from ganreact_ext.ganreact_core.patches import Patch
    from ganreact_ext.ganreact_core.routes import Route

    scene.render.fps, scene.frame_end = int(FPS), N_FRAMES
    names = [f"e{k:02d}" for k in range(N_ENVELOPES)]
    recipes = tuple(EnvelopeRecipe(name, name, "feature", name) for name in names)
    audio = controls.create_audio_control(scene, Hearing(envelopes=recipes))
    look = Look(entries=tuple(Entry(name, name, k) for k, name in enumerate(names)))
    routes = tuple(Route(name, name, name, f"palette.{name}") for name in names)
    control = controls.create_look_control(scene, Patch(look=look, routes=routes), audio)
    values = np.random.default_rng(0).random((N_ENVELOPES, N_FRAMES), np.float32)
    envelopes = dict(zip(names, values, strict=True))
    return {
        "bake_s": timed(lambda: baking.write_envelopes(audio, envelopes, 1)),
        "bake_again_s": timed(lambda: baking.write_envelopes(audio, envelopes, 1)),
        "table_s": timed(lambda: baking.table_of(scene, control)),
    }


def timed(work) -> float:
    """Seconds of one call."""
    start = time.perf_counter()
    work()
    return round(time.perf_counter() - start, 4)


if __name__ == "__main__":
    main()
