"""What a frame's latents, noise, bends and rewrites take beside the generator, for shipped patches and for one of everything.

    python benchmarks/instrument.py [PATCH …]      on one thread of the CPU; prints one line a look

Routes are at 0.7 of their envelopes, so that all that is routed acts; phases that are routed move. "apart" is what the network
takes longer because it is cut where something acts. Times are of the processor, the best of several frames: a busy machine
hurts little.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from ganreact_core.look import Bend, Canvas, Look, Mask, NoiseLayer, Rewrite, addresses  # noqa: E402
from ganreact_core.patches import Patch, keyed_values, load_patch, shipped_patches  # noqa: E402
from ganreact_core.synthesis import load_generator  # noqa: E402
from ganreact_core.synthesis.bending import bend_layers  # noqa: E402
from ganreact_core.synthesis.frame_maker import FrameMaker  # noqa: E402
from ganreact_core.synthesis.latents import blend  # noqa: E402
from ganreact_core.table import evaluate  # noqa: E402

FRAMES, SIZE = 5, (512, 512)
DRIFT = np.arange(FRAMES, dtype=np.float32) / 32


def main() -> None:
    """All shipped patches, or those that are named."""
    torch.set_num_threads(1)
    generator = load_generator("embedded")
    looks = {name: load_patch(name) for name in sys.argv[1:] or shipped_patches()}
    measured = {name: (patch.look, routed(patch)) for name, patch in looks.items()}
    measured["one of everything"] = everything()
    for name, (look, keyed) in measured.items():
        for detail in (0.25, 0.5, 1.0):
            sized = replace(look, size=SIZE, canvas=replace(look.canvas, detail=detail))
            print(f"{name:18s} {SIZE[0]}² detail {detail:g}  {measure(generator, sized, keyed)}", flush=True)


def routed(patch: Patch) -> dict[str, Any]:
    """A patch's values, every envelope at 0.7."""
    envelopes = {route.envelope: np.full(FRAMES, 0.7, np.float32) for route in patch.routes}
    table = evaluate(patch.look, patch.routes, keyed_values(patch, FRAMES), envelopes, n_frames=FRAMES, fps=24.0)
    moving = {route.address for route in patch.routes if route.address.endswith(".phase")}
    return {a: column + DRIFT if a in moving else column for a, column in table.columns.items()}


def everything() -> tuple[Look, dict[str, Any]]:
    """Two noise layers, one masked; a zoom, a scroll and a blur; a rewrite: all away from neutral."""
    entries = load_patch("pulse").look.entries
    look = Look(entries=entries, canvas=Canvas(), masks=(Mask("m", ""),),
                noise_layers=(NoiseLayer("fine", ""), NoiseLayer("clouds", "", field="perlin", mask="m")),
                bends=(Bend("zoom", "", "zoom", 4), Bend("move", "", "shift_x", 3, border="wrap"), Bend("soft", "", "blur", 5)),
                rewrites=(Rewrite("melt", "", "scatter", 4),))
    return look, {"noise.fine.strength": 0.5, "noise.clouds.strength": 0.5, "bend.zoom": 1.2, "bend.move": 0.3,
                  "bend.soft": 0.7, "rewrite.melt": 0.2, "noise.fine.phase": DRIFT,
                  "noise.clouds.phase": DRIFT, **{f"palette.{e.id}": 1.0 for e in entries if not e.accent}}


def measure(generator: Any, look: Look, keyed: dict[str, Any]) -> str:
    """Milliseconds of the generator and of each part, and the parts' share of the generator's time."""
    maker = FrameMaker(generator, look, batch=1, parallel=1)
    plain = FrameMaker(generator, replace(look, bends=(), rewrites=()), batch=1, parallel=1)
    best: dict[str, float] = {}
    for n in range(FRAMES):
        values = {a: np.float32([np.broadcast_to(np.asarray(keyed.get(a, p.default)), FRAMES)[n]])
                  for a, p in addresses(look).items()}
        for part, seconds in frame_times(maker, plain, look, values).items():
            best[part] = min(best.get(part, 9.0), seconds)
    whole_s, generator_s = best.pop("whole"), best.pop("generator")
    apart_s = max(0.0, whole_s - generator_s)
    parts = "  ".join(f"{part} {1000 * seconds:5.2f}" for part, seconds in best.items())
    return (f"generator {1000 * generator_s:6.1f} ms  {parts}  together {sum(best.values()) / generator_s:6.1%}, "
            f"apart {1000 * apart_s:5.2f}")


@torch.inference_mode()
def frame_times(maker: FrameMaker, plain: FrameMaker, look: Look, values: dict[str, np.ndarray]) -> dict[str, float]:
    """Part -> seconds of one frame, in the steps of `FrameMaker.pictures`."""
    spent: Counter[str] = Counter()

    def timed(part: str, function: Callable[[], Any]) -> Any:
        start = time.process_time()
        found = function()
        spent[part] += time.process_time() - start
        return found

    mask_at = maker._masks.at([1], values)
    w = timed("latents", lambda: blend(maker._palette, look, values))
    after = bend_layers(look, values, maker._layers, mask_at)
    watched = (lambda index, x: timed("bends", lambda: after(index, x))) if after else None
    noise = timed("noise", lambda: maker._noise.maps(values, mask_at))
    special = timed("rewrites", lambda: maker._special(values))
    start = time.process_time()
    maker._engine.network.synthesize(w, noise, after=watched, **special)
    spent["whole"] = time.process_time() - start - spent["bends"]
    special.pop("rewrites", None)
    timed("generator", lambda: plain._engine.network.synthesize(w, noise, **special))
    return dict(spent)


if __name__ == "__main__":
    main()
