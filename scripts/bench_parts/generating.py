"""Frames of each family: the plain formulation, ours exact and ours fast, in one run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from ganreact_core.look import Bend, Look
from ganreact_core.synthesis.acceleration import prepare

from .clocks import best_of
from .networks import biggan_deep, stylegan2, stylegan3
from .plain_biggan import PlainBigGAN
from .plain_stylegan2 import plain_stylegan2
from .plain_stylegan3 import plain_stylegan3


class Case(NamedTuple):
    """A network, and how the published programs draw with it."""

    make: Callable[[str], Any]
    plain: Callable[[Any], dict[str, Callable[[Tensor], Tensor]]]


def _plain2(net: Any) -> dict[str, Callable[[Tensor], Tensor]]:
    return {"plain": lambda w: plain_stylegan2(net, w), "maua": lambda w: plain_stylegan2(net, w, "maua")}


def _plain3(net: Any) -> dict[str, Callable[[Tensor], Tensor]]:
    return {"plain": lambda w: plain_stylegan3(net, w)}


def _plain_biggan(net: Any) -> dict[str, Callable[[Tensor], Tensor]]:
    return {"plain": PlainBigGAN(net).synthesize}


CASES = {
    "stylegan2-256": Case(lambda device: stylegan2(256, 16384, device), _plain2),
    "stylegan2-512": Case(lambda device: stylegan2(512, 32768, device), _plain2),
    "stylegan2-1024": Case(lambda device: stylegan2(1024, 32768, device), _plain2),
    "stylegan3-t-256": Case(lambda device: stylegan3(256, 16384, radial=False, device=device), _plain3),
    "stylegan3-r-256": Case(lambda device: stylegan3(256, 16384, radial=True, device=device), _plain3),
    "stylegan3-t-512": Case(lambda device: stylegan3(512, 32768, radial=False, device=device), _plain3),
    "stylegan3-t-1024": Case(lambda device: stylegan3(1024, 32768, radial=False, device=device), _plain3),
    "biggan-deep-256": Case(lambda device: biggan_deep(256, device), _plain_biggan),
    "biggan-deep-512": Case(lambda device: biggan_deep(512, device), _plain_biggan),
}


def measure(name: str, device: str, rounds: int, peaks: dict[str, float]) -> dict[str, Any]:
    """One row: processor milliseconds a frame, ratios to the plain formulation, GFLOP/s, share of the peak, differences."""
    case = CASES[name]
    net = case.make(device)
    w = latents(net, 1, device)
    engines = {precision: prepare(net, Look(), (), precision=precision, streams=2) for precision in ("exact", "fast")}
    bent = prepare(net, Look(bends=(Bend("a", "A", "gain", 3), Bend("b", "B", "gain", 6))), (), precision="exact", streams=2)
    runs = {key: (lambda run=run: run(w)) for key, run in case.plain(net).items()}
    runs |= {key: (lambda net=engine.network: net.synthesize(w)) for key, engine in engines.items()}
    runs["bent"] = lambda: bent.network.synthesize(w, after=lambda index, x: x * 1.01 if index in (3, 6) else x)
    pictures = {key: runs[key]() for key in ("plain", "exact", "fast")}
    with FlopCounterMode(display=False) as counted:
        net.synthesize(w)
    gflop = counted.get_total_flops() / 1e9
    times = {key: ms for key, (_, ms) in best_of(runs, rounds, device).items()}
    scale = float(pictures["plain"].abs().max())
    row: dict[str, Any] = {"name": name, "engine": engines["exact"].name, "gflop": gflop,
                           **{f"{key}_ms": ms for key, ms in times.items()}}
    for key in ("exact", "fast"):
        row[f"{key}_ratio"] = times["plain"] / times[key]
        row[f"{key}_gflops"] = gflop / times[key] * 1e3
        apart = (pictures[key] - pictures["plain"]).abs()
        row[f"{key}_difference"] = float(apart.max()) / scale
        row[f"{key}_steps"] = float(apart.mean()) / scale * 127.5, float(apart.max()) / scale * 127.5
    row["exact_share"] = row["exact_gflops"] / peaks["float32"]
    row["fast_share"] = row["fast_gflops"] / peaks["bfloat16"]
    row["bent_loss"] = times["bent"] / times["exact"] - 1
    return row


def latents(net: Any, rows: int, device: str) -> Tensor:
    """w+ of seeded z's; the first row is the same however many there are."""
    z = torch.randn(rows, net.z_dim, generator=torch.Generator().manual_seed(1)).to(device)
    return net.map(z, torch.eye(net.c_dim, device=device)[:1].expand(rows, -1) if net.c_dim else None)
