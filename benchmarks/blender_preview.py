"""How long the live picture takes inside Blender, from a slider that moved to the picture that is shown.

    python benchmarks/blender_preview.py [FRAMES]      with a Python that has bpy; GANREACT_PYTHON names the engine's
"""

import importlib.util
import json
import statistics
import sys
import time
from pathlib import Path

import bpy

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Sizes of the embedded network's look 'pulse', of the large ones the rough picture; prints one JSON object."""
    spec = importlib.util.spec_from_file_location("ganreact_ext", ROOT / "__init__.py", submodule_search_locations=[str(ROOT)])
    extension = sys.modules["ganreact_ext"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(extension)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    extension.register()
    bpy.ops.ganreact.add_look("EXEC_DEFAULT", patch="pulse")
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    found = {f"{size}² of {detail:g}": measure(bpy.context.scene, size, detail, count)
             for size, detail in ((256, 0.25), (512, 0.25), (512, 0.5), (512, 1.0))}
    print(json.dumps({"blender": bpy.app.version_string, **found}, ensure_ascii=False))
    extension.unregister()


def measure(scene: bpy.types.Scene, size: int, detail: float, count: int) -> dict[str, float]:
    """Milliseconds: the best, the median, and what of it the main thread was busy."""
    from ganreact_ext.addon import controls, previewing

    bpy.ops.ganreact.set_size("EXEC_DEFAULT", width=size, height=size, detail=detail)
    look_control = controls.active_look(scene)
    previewing.follow(scene)
    took, busy = [], []
    for n in range(count + 2):
        look_control["truncation"] = 0.4 + 0.5 * n / count
        look_control.update_tag()
        bpy.context.view_layer.update()
        started = time.perf_counter()
        main_thread = until_shown()
        took.append(1000 * (time.perf_counter() - started))
        busy.append(1000 * main_thread)
    previewing.rest()
    took, busy = took[2:], busy[2:]  # the first loads the network
    found = {"best_ms": min(took), "median_ms": statistics.median(took), "main_thread_ms": min(busy)}
    return {name: round(value, 1) for name, value in found.items()}


def until_shown() -> float:
    """What Blender's timers would do; returns the seconds that the main thread was busy with it."""
    from ganreact_ext.addon import previewing, session

    busy = time.perf_counter()
    previewing.tick()
    spent = time.perf_counter() - busy
    while session.session.running:
        time.sleep(session._QUICK_S)
        busy = time.perf_counter()
        session.pump()
        spent += time.perf_counter() - busy
    return spent


if __name__ == "__main__":
    main()
