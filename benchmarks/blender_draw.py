"""What drawing each panel costs: 12 palette entries, 24 envelopes, 20 routes, as Blender draws them, in a window.

    python scripts/tour/run.py BLENDER OUT benchmarks/blender_draw.py       with a Blender that takes --xvfb

OUT/state.json gets the median of 30 drawings by panel, in milliseconds, of the Python that draws.
"""

import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import bpy
from stage import OUT, Stage

N_ENTRIES, N_ENVELOPES, N_ROUTES, N_DRAWINGS = 12, 24, 20, 30


def journey(stage: Stage) -> Iterator[float]:
    """Build the scene, count what each draw takes while the window redraws."""
    bpy.ops.wm.save_as_mainfile(filepath=str(OUT / "draw.blend"))
    yield from stage.show("SEQUENCE_EDITOR")
    build(stage)
    took: dict[str, list[float]] = {}
    for cls in stage.module("panels").CLASSES:
        if cls.bl_space_type == "SEQUENCE_EDITOR":
            time_drawing(cls, took)
    names = [cls.bl_idname.removeprefix("GANREACT_PT_").rpartition("_")[0] for cls in stage.module("panels").CLASSES]
    for name in dict.fromkeys(names):
        parents = {c.bl_idname.removeprefix("GANREACT_PT_").rpartition("_")[0]: getattr(c, "parent", None)
                   for c in stage.module("panels").CLASSES}
        shown, above = [name], parents.get(name)
        while above:
            shown.append(above)
            above = parents.get(above)
        stage.open_panels(*shown)
        yield 0.5
        for _ in range(N_DRAWINGS):
            stage.region("UI", stage.area()).tag_redraw()
            yield 0.01
    stage.note(ms={name: round(statistics.median(times), 3) for name, times in sorted(took.items())})


def time_drawing(cls: type, took: dict[str, list[float]]) -> None:
    """Have a panel's draw write down what it takes."""
    draw, name = cls.draw, cls.bl_idname

    def timed(self, context: bpy.types.Context) -> None:
        began = time.perf_counter()
        draw(self, context)
        took.setdefault(name, []).append(1000 * (time.perf_counter() - began))

    cls.draw = timed


def build(stage: Stage) -> None:
    """The scene that the panels are about."""
    controls, documents, scene = stage.module("controls"), stage.module("documents"), bpy.context.scene
    core = stage.addon.__name__.rpartition(".")[0] + ".ganreact_core"
    look, routes, patches, envelopes = (sys.modules[f"{core}.{name}"] for name in ("look", "routes", "patches", "envelopes"))
    recipes = tuple(envelopes.EnvelopeRecipe(f"e{k:02d}", f"Envelope {k}", "feature", "kick") for k in range(N_ENVELOPES))
    audio = controls.create_audio_control(scene, documents.Hearing(envelopes=recipes))
    entries = tuple(look.Entry(f"p{k:02d}", f"Picture {k}", k) for k in range(N_ENTRIES))
    led = tuple(routes.Route(f"r{k:02d}", "", f"e{k:02d}", f"palette.p{k % N_ENTRIES:02d}") for k in range(N_ROUTES))
    bend = look.Bend("zoom", "Zoom", "zoom", 3)
    patch = patches.Patch(look=replace(look.Look(), entries=entries, bends=(bend,)), routes=led)
    scene.ganreact.look = controls.create_look_control(scene, patch, audio)
    stage.module("properties").refresh(scene)
