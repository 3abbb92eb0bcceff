#!/usr/bin/env python3
"""What each format of frames costs: a frame of the embedded network at 1024², with its grain, packed in memory.

    python benchmarks/encoding.py

Milliseconds of the processor, the least of ten, and kilobytes; the PNG also without python-isal, and as Pillow's quickest level
makes it.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import torch
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

SIDE, TIMES = 1024, 10


def grainy_frame() -> torch.Tensor:
    """[1, 3, SIDE, SIDE]: a picture enlarged, and a grain of about two grey levels."""
    from ganreact_core.synthesis import load_generator

    generator = load_generator("embedded")
    at = torch.Generator().manual_seed(1)
    w = generator.map(torch.randn(1, generator.z_dim, generator=at), torch.eye(generator.c_dim)[:1])
    large = torch.nn.functional.interpolate(generator.synthesize(w), (SIDE, SIDE), mode="bicubic")
    return large + 2 / 127.5 * torch.randn(large.shape, generator=at)


def least_ms(pack: Callable[[], bytes]) -> tuple[float, float]:
    """(ms of the processor, kB) of the quickest of some."""
    took = []
    for _ in range(TIMES):
        began = time.process_time()
        packed = pack()
        took.append(time.process_time() - began)
    return min(took) * 1e3, len(packed) / 1e3


def main() -> int:
    """A line a format."""
    from ganreact_core.synthesis import deflating
    from ganreact_core.synthesis.exr_encoding import encode_exr
    from ganreact_core.synthesis.images import encode_jpeg, linear_light, to_bytes, to_floats
    from ganreact_core.synthesis.png_encoding import encode_png

    torch.set_num_threads(1)
    x = grainy_frame()
    pixels, light = to_bytes(x)[0], to_floats(x)[0]

    def pillow() -> bytes:
        packed = io.BytesIO()
        Image.fromarray(pixels).save(packed, "PNG", compress_level=1)
        return packed.getvalue()

    def tell(name: str, found: tuple[float, float]) -> None:
        print(f"{name:24}{found[0]:8.1f}{found[1]:8.0f}")

    ways: dict[str, Callable[[], bytes]] = {
        "PNG": lambda: encode_png(pixels, {}), "EXR": lambda: encode_exr(linear_light(light), {}),
        "JPEG": lambda: encode_jpeg(pixels, {})}
    print(f"{'a frame of 1024²':24}{'ms':>8}{'kB':>8}")
    for name, pack in ways.items():
        tell(name, least_ms(pack))
        if name != "JPEG":
            with mock.patch.object(deflating, "isal_zlib", None):
                tell(f"{name} without python-isal", least_ms(pack))
    tell("PNG by Pillow, level 1", least_ms(pillow))
    return 0


if __name__ == "__main__":
    sys.exit(main())
