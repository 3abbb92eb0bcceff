#!/usr/bin/env python3
"""What tiles make of 3×3 convolutions, beside torch's, in float32 and bfloat16: milliseconds of a thread, and errors.

    python benchmarks/tiles.py

The large layers of StyleGAN2, random numbers; the best of nine, of processor time, torch and tiles in turns. Off by:
the standard deviation of the difference from torch's float32, over that of the result.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT)]

import torch  # noqa: E402 - the project beside this script is found first
import torch.nn.functional as F  # noqa: E402
from bench_parts.clocks import best_of  # noqa: E402

from ganreact_core.synthesis.numba_engine.winograd import Curve, Tiled  # noqa: E402

_LAYERS = ((512, 32), (256, 64), (128, 128), (64, 256), (32, 1024))  # channels, pixels of a side
_ROUNDS = 9


def main() -> int:
    """A line for each layer and kind of number."""
    torch.set_grad_enabled(False)
    torch.set_num_threads(1)
    for channels, side in _LAYERS:
        x = F.leaky_relu(torch.randn(1, channels, side, side), 0.2).contiguous(memory_format=torch.channels_last)
        weight = torch.randn(channels, channels, 3, 3) / (9 * channels) ** 0.5
        whole = F.conv2d(x, weight, padding=1)
        for kind in (torch.float32, torch.bfloat16):
            tiled, curve = Tiled(weight, kind), Curve(torch.ones(channels), torch.zeros(channels))
            given, taken = x.to(kind), weight.to(kind, memory_format=torch.channels_last)
            ways = {"torch": lambda a=given, w=taken: F.conv2d(a, w, padding=1),
                    "tiles": lambda t=tiled, a=x, c=curve: t(a, None, c)}
            said = ", ".join(f"{way} {ms:.1f} ms, off by {float((ways[way]().float() - whole).std() / whole.std()):.1e}"
                             for way, (_, ms) in best_of(ways, _ROUNDS).items())
            print(f"{channels} channels at {side}², {str(kind).removeprefix('torch.')}: {said}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
