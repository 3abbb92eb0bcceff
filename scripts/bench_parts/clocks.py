"""Timing on machines that others use too: turns, the best of several, and processor time beside the wall's."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import torch

Run = Callable[[], object]


def timed(run: Run, device: str) -> tuple[float, float]:
    """Milliseconds of one call: (wall, processor). On a card both are the card's."""
    if device.startswith("cuda"):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        run()
        end.record()
        torch.cuda.synchronize()
        return (begin.elapsed_time(end),) * 2
    wall, processor = time.perf_counter(), time.process_time()
    run()
    return (time.perf_counter() - wall) * 1e3, (time.process_time() - processor) * 1e3


def best_of(runs: Mapping[str, Run], rounds: int, device: str = "cpu") -> dict[str, tuple[float, float]]:
    """Each run's best (wall, processor) milliseconds of `rounds`, taken in turns after one call that warms up."""
    for run in runs.values():
        run()
    found = {name: (float("inf"), float("inf")) for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            found[name] = tuple(map(min, found[name], timed(run, device)))  # type: ignore[assignment]
    return found


def gemm_gflops(device: str, kind: torch.dtype) -> float:
    """The machine's peak, as a large matrix product reaches it: GFLOP a second of processor time, one thread on a CPU."""
    n = 1536 if device == "cpu" else 8192
    a, b = (torch.randn(n, n, device=device).to(kind) for _ in range(2))
    ms = best_of({"gemm": lambda: a @ b}, 5, device)["gemm"][1]
    return 2 * n ** 3 / ms / 1e6
