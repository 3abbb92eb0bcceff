"""What a card can do at most, and how it likes its convolutions: the peaks that say what bounds a network."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from .clocks import best_of, gemm_gflops

Run = Callable[[], object]
_LAYOUTS = {"channels first": torch.contiguous_format, "channels last": torch.channels_last}
_SIZES = ((512, 64), (128, 256), (32, 1024))  # channels and side of layers of a StyleGAN2
_SMALL = ((16, 16),)
_SHOWN = 8


def peaks(device: str) -> dict[str, float]:
    """GFLOP/s of a large matrix product in float32, tf32 and bfloat16; GB/s of a copy on the card (read and written), to
    the card and from it."""
    found = {"float32": gemm_gflops(device, torch.float32), "bfloat16": float("nan")}
    with contextlib.suppress(RuntimeError):  # a card from before 2020
        found["bfloat16"] = gemm_gflops(device, torch.bfloat16)
    if device.startswith("cuda"):
        with _tf32():
            found["tf32"] = gemm_gflops(device, torch.float32)
    count = 1 << (28 if device.startswith("cuda") else 22)
    there, other = (torch.zeros(count, dtype=torch.uint8, device=device) for _ in range(2))
    here = torch.zeros(count, dtype=torch.uint8, pin_memory=device.startswith("cuda"))
    copies = {"memory": lambda: other.copy_(there), "to": lambda: there.copy_(here, non_blocking=True),
              "from": lambda: here.copy_(there, non_blocking=True)}
    times = best_of(copies, 5, device)
    return found | {name: count * (2 if name == "memory" else 1) / ms / 1e6 for name, (_, ms) in times.items()}


def pieces(device: str) -> list[dict[str, Any]]:
    """Milliseconds of a network's kinds of work, a frame of 4, in both layouts and both arithmetics: what a layer costs."""
    rows = []
    for channels, side in _SIZES if device.startswith("cuda") else _SMALL:
        for kind in (torch.float32, torch.bfloat16):
            times = {f"{name}, {layout}": ms for layout, order in _LAYOUTS.items()
                     for name, (_, ms) in best_of(_works(channels, side, kind, order, device), 5, device).items()}
            rows.append({"channels": channels, "side": side, "kind": str(kind).removeprefix("torch."), **times})
    return rows


def _works(channels: int, side: int, kind: torch.dtype, order: torch.memory_format, device: str) -> dict[str, Run]:
    x = torch.randn(4, channels, side, side, device=device, dtype=kind).contiguous(memory_format=order)
    half = torch.randn(4, channels, side // 2, side // 2, device=device, dtype=kind).contiguous(memory_format=order)
    weight = torch.randn(channels, channels, 3, 3, device=device, dtype=kind).contiguous(memory_format=order)
    taps = torch.ones(1, 1, 4, 1, device=device, dtype=kind).expand(channels, -1, -1, -1)
    other = _LAYOUTS["channels first" if order == torch.channels_last else "channels last"]
    return {"convolution": lambda: F.conv2d(x, weight, padding=1),
            "transposed": lambda: F.conv_transpose2d(half, weight, stride=2),
            "low-pass": lambda: F.conv2d(x, taps, padding=(2, 0), groups=channels),
            "turned round": lambda: x.contiguous(memory_format=other),
            "pass": lambda: F.leaky_relu(x, 0.2)}


class Moved(TorchDispatchMode):
    """Counts the bytes that operators read and write: what memory has to move where nothing is fused."""

    def __init__(self) -> None:
        super().__init__()
        self.gigabytes = 0.0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        found = func(*args, **(kwargs or {}))
        read = {name: value for name, value in (kwargs or {}).items() if name != "out"}
        given = [t for t in tree_leaves((args, read)) if isinstance(t, Tensor)]
        made = [t for t in tree_leaves(found) if isinstance(t, Tensor)]
        places = {t.untyped_storage().data_ptr() for t in given}
        changes = "!" in str(func._schema)
        if changes or any(t.untyped_storage().data_ptr() not in places for t in made):  # a view moves nothing
            self.gigabytes += sum(t.numel() * t.element_size() for t in (*given, *made)) / 1e9
        return found


def busiest(run: Run, device: str, frames: int) -> list[tuple[str, float]]:
    """Operators by the milliseconds of a frame that they take, the longest first."""
    from torch.profiler import ProfilerActivity, profile

    on_card = device.startswith("cuda")
    with profile(activities=[ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if on_card else [])]) as seen:
        run()
        if on_card:
            torch.cuda.synchronize()
    which = "self_device_time_total" if on_card else "self_cpu_time_total"
    spent = [(event.key, getattr(event, which) / 1e3 / frames) for event in seen.key_averages()]
    return sorted(spent, key=lambda entry: -entry[1])[:_SHOWN]


@contextlib.contextmanager
def _tf32() -> Iterator[None]:
    torch.backends.cuda.matmul.allow_tf32 = True
    try:
        yield
    finally:
        torch.backends.cuda.matmul.allow_tf32 = False
