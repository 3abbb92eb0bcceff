"""Networks on a card: batches as a render makes them, against the plain formulation, and what lies around them."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from ganreact_core.bundle import Bundle, create_bundle
from ganreact_core.engine.straight import write_straight
from ganreact_core.look import Bend, Canvas, Entry, Look
from ganreact_core.synthesis.acceleration import exact_arithmetic, prepare, rows_at_a_time
from ganreact_core.synthesis.canvas import OWN_FIELD
from ganreact_core.synthesis.computing import Computing, make_maker
from ganreact_core.synthesis.render import Audience, Conduct, render_bundle
from ganreact_core.table import evaluate

from .card_limits import Moved, busiest
from .clocks import timed
from .generating import CASES, latents

NETWORKS = ("stylegan2-1024", "stylegan3-t-512", "stylegan3-t-1024", "biggan-deep-512")
_BENT = Look(bends=(Bend("a", "A", "gain", 3), Bend("b", "B", "gain", 6)))
_WARM, _WARM_REPLAYED = 2, 6  # calls until libraries are ready; until work is replayed, and was compared
_FPS = 24.0
Tick = Callable[[], None]
"""Called for every finished frame."""


def measure(name: str, device: str, rounds: int, limits: dict[str, float]) -> dict[str, Any]:
    """Milliseconds a frame of every way to compute, what bounds them, and how far their pictures are off."""
    exact_arithmetic()
    net = CASES[name].make(device)
    rows = rows_at_a_time(net, OWN_FIELD)
    one, many = latents(net, 1, device), latents(net, rows, device)
    plain = next(iter(CASES[name].plain(net).values()))
    expected = plain(one)
    found: dict[str, Any] = {"name": name, "rows": rows, "told": [], "ms": {}, "gb": {}}
    _, found["ms"]["plain"], found["gb"]["plain"] = _best(lambda: plain(one), device, rounds, 1)
    _, found["ms"]["plain, a batch"], found["gb"]["plain, a batch"] = _best(lambda: plain(many), device, rounds, rows)
    for precision in ("exact", "fast"):
        for way, run in _ways(net, precision, many, found["told"].append):
            picture, ms, gb = _best(run, device, rounds, rows, _WARM_REPLAYED)
            found["ms"][precision + way], found["gb"][precision + way] = ms, gb
            if not way:
                found[f"{precision}_off"] = _off(picture, expected)
    return found | _bounds(net, many, found["ms"], limits)


def longest(name: str, device: str) -> dict[str, list[tuple[str, float]]]:
    """Operators by the milliseconds of a frame that they take, in both arithmetics. Not beside records: profilers and they
    do not go together everywhere."""
    exact_arithmetic()
    net = CASES[name].make(device)
    w = latents(net, rows_at_a_time(net, OWN_FIELD), device)
    bare = {precision: prepare(net, Look(), (), precision=precision, streams=1).network for precision in ("exact", "fast")}
    for network in bare.values():
        network.synthesize(w)
    return {precision: busiest(lambda network=network: network.synthesize(w), device, len(w))  # type: ignore[misc]
            for precision, network in bare.items()}


def _ways(net: Any, precision: str, w: Tensor, told: Callable[[str], None]) -> Iterator[tuple[str, Callable[[], Tensor]]]:
    """Ways to compute, one prepared after the other: records hold memory."""
    def prepared(network: Any, look: Look, told: Callable[[str], None] | None) -> Callable[..., Tensor]:
        return prepare(network, look, (), precision=precision, streams=1, replaying=told).network.synthesize

    whole = prepared(net, Look(), told)
    yield "", lambda: whole(w)
    whole = prepared(net, Look(), None)
    yield ", not replayed", lambda: whole(w)
    whole = prepared(net, _BENT, told)
    yield ", bent", lambda: whole(w, after=_gain)
    if getattr(net, "planar", False):  # whether what is done for cards is right for this one
        for name, part in ((", low-passes as they come", "planar"), (", every pass for itself", "merges")):
            other = net.variant()
            setattr(other, part, False)
            yield name, partial(prepared(other, Look(), told), w)


def _best(run: Callable[[], Tensor], device: str, rounds: int, frames: int,
          warm: int = _WARM) -> tuple[Tensor | None, float, float]:
    """The last picture's first row, the best ms a frame, and the GB that were in use at most; None and nan where memory
    does not suffice."""
    on_card = device.startswith("cuda")
    try:
        if on_card:
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
        for _ in range(warm):
            picture = run()
        ms = min(timed(run, device)[0] for _ in range(max(rounds, 3))) / frames
        return picture[:1].clone(), ms, torch.cuda.max_memory_reserved() / 1e9 if on_card else 0.0
    except torch.OutOfMemoryError:
        return None, float("nan"), float("nan")


def _bounds(net: Any, w: Tensor, ms: dict[str, float], limits: dict[str, float]) -> dict[str, Any]:
    """What the products take at the measured peak, what memory takes at its; the larger is the roofline."""
    with FlopCounterMode(display=False) as counted:
        net.synthesize(w)
    with Moved() as moved:
        net.synthesize(w)
    gflop, gigabytes = counted.get_total_flops() / 1e9 / len(w), moved.gigabytes / len(w)
    found: dict[str, Any] = {"gflop": gflop, "gigabytes": gigabytes}
    halved = 1.0 if net.kind == "stylegan3" else 0.5  # StyleGAN3 keeps its activations whole
    for precision, kind, share in (("exact", "float32", 1.0), ("fast", "bfloat16", halved)):
        products, memory = gflop / limits[kind] * 1e3, gigabytes * share / limits["memory"] * 1e3
        found[f"{precision}_bound"] = {"products_ms": products, "memory_ms": memory, "gflops": gflop / ms[precision] * 1e3,
                                       "of_the_peak": products / ms[precision],
                                       "of_the_roofline": max(products, memory) / ms[precision]}
    return found


def _off(picture: Tensor | None, expected: Tensor) -> tuple[float, float]:
    """Grey levels, mean and most."""
    if picture is None:
        return float("nan"), float("nan")
    apart = (picture - expected).abs() / float(expected.abs().max()) * 127.5
    return float(apart.mean()), float(apart.max())


def _gain(index: int, x: Tensor) -> Tensor:
    return x * 1.01 if index in (3, 6) else x


# -- around a network -------------------------------------------------------------------------------------------------

def around(name: str, device: str, frames: int, generator_ms: float) -> dict[str, float]:
    """Wall milliseconds a frame of renders in the fast mode, and the share of that in which the card computes.

    pictures   rows to pictures on the host, not kept
    film       straight into H.264, with sound
    png        into files
    """
    net = CASES[name].make(device)
    look = Look(size=net.resolution[::-1], canvas=Canvas(detail=1.0), entries=(Entry("a", "A", 1), Entry("b", "B", 2)))
    ramp = np.linspace(0, 1, frames)
    table = evaluate(look, (), {"palette.a": 1 - ramp, "palette.b": ramp}, {}, n_frames=frames, fps=_FPS)
    fast = Conduct(precision="fast")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        soundfile.write(place / "tone.wav", np.zeros(int(22_050 * frames / _FPS), np.float32), 22_050)
        bundle = create_bundle(place / "bundle", look, table, "0" * 64)
        ways: dict[str, Callable[[Tick], object]] = {
            "pictures": lambda tick: [tick() for _ in _pictures(bundle, net)],
            "film": lambda tick: write_straight(place / "film.mp4", bundle, net, str(place / "tone.wav"), start_s=0.0,
                                                precision="fast", progress=lambda done, total: tick()),
            "png": lambda tick: render_bundle(bundle, net, bundle.frame_numbers(), conduct=fast,
                                              audience=Audience(progress=lambda done, total, frame: tick()))}
        walls = {way: _steady_ms(run) for way, run in ways.items()}
    return {name: value for way, ms in walls.items()
            for name, value in ((f"{way}_ms", ms), (f"{way}_busy", min(1.0, generator_ms / ms)))}


def _pictures(bundle: Bundle, net: Any) -> Iterator[tuple[int, np.ndarray]]:
    left = list(bundle.frame_numbers())

    def take(count: int) -> list[int]:
        taken = left[:count]
        del left[:count]
        return taken

    maker = make_maker(net, bundle, "fast", print)
    return Computing(maker, bundle.table, take, begun=lambda frames: None, lessened=lambda: None).pictures()


def _steady_ms(run: Callable[[Tick], object]) -> float:
    """Milliseconds of a tick, the first half left out: work is recorded, and encoders fill their queues, in the beginning."""
    ticks: list[float] = []
    run(lambda: ticks.append(time.perf_counter()))
    kept = ticks[len(ticks) // 2:]
    return (kept[-1] - kept[0]) * 1e3 / (len(kept) - 1)
