"""Everything around the generator: files, films, listening, and whether memory stays where it is."""

from __future__ import annotations

import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from ganreact_core import audio
from ganreact_core.bundle import create_bundle
from ganreact_core.engine.film import write_film
from ganreact_core.look import Canvas, Entry, Look
from ganreact_core.synthesis import load_generator
from ganreact_core.synthesis.frame_maker import FrameMaker
from ganreact_core.synthesis.images import write_picture
from ganreact_core.synthesis.render import render_bundle
from ganreact_core.table import Table, evaluate

from .clocks import best_of

_LOOK = Look(size=(512, 512), canvas=Canvas(detail=1.0), entries=(Entry("a", "A", 1), Entry("b", "B", 2)))


def measure(frames: int, seconds: float) -> dict[str, Any]:
    """What rendering costs beside the generator, ms a frame at 512², and listening in times real time."""
    net, table = load_generator("embedded"), _table(frames)
    began = time.perf_counter()
    maker = FrameMaker(net, _LOOK)
    picture = maker.pictures(table, [1])[0]
    ready_s = time.perf_counter() - began
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        png = best_of({"png": lambda: write_picture(place / "a.png", picture, {})}, 5)["png"]
        bundle = create_bundle(place / "bundle", _LOOK, table, "0" * 64)
        render_bundle(bundle, net, range(1, 5))  # what is compiled on first use is there now
        whole = _processor_ms(lambda: render_bundle(bundle, net, range(5, frames + 1))) / (frames - 4)
        alone = _processor_ms(lambda: [maker.pictures(table, [f]) for f in range(5, frames + 1)]) / (frames - 4)
        tone = np.sin(2 * np.pi * 220 * np.arange(int(seconds * 22_050)) / 22_050).astype(np.float32)
        soundfile.write(place / "tone.wav", tone * (np.arange(len(tone)) % 11_025 < 2_000), 22_050)
        films = {ending: _processor_ms(lambda e=ending: write_film(place / f"film{e}", bundle, bundle.frame_numbers(),
                                                                   str(place / "tone.wav"))) / frames
                 for ending in (".mp4", ".mov")}
        listening = _processor_ms(lambda: audio.analyze(audio.load_audio(str(place / "tone.wav"))))
    return {"ready_s": ready_s, "png_ms": png[1], "generator_ms": alone, "end_to_end_ms": whole, "overhead": whole / alone - 1,
            **{f"film{ending}_ms": ms for ending, ms in films.items()}, "analysis_times_real_time": seconds * 1e3 / listening}


def memory(frames: int) -> dict[str, float]:
    """MB that the process grows by between a tenth of the frames and all of them."""
    net, table = load_generator("embedded"), _table(frames)
    maker, sizes = FrameMaker(net, _LOOK), []
    for frame in range(1, frames + 1):
        maker.pictures(table, [frame])
        sizes.append(int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2 ** 20)
    return {"memory_mb": sizes[-1], "growth_mb": sizes[-1] - sizes[frames // 10]}


def _processor_ms(run: Any) -> float:
    began = time.process_time()
    run()
    return (time.process_time() - began) * 1e3


def _table(frames: int) -> Table:
    ramp = np.linspace(0, 1, frames)
    return evaluate(_LOOK, (), {"palette.a": 1 - ramp, "palette.b": ramp}, {}, n_frames=frames, fps=24)
