"""Networks of the published shapes with random weights: speed does not depend on what was learned."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import torch
from scipy.signal import firwin
from scipy.special import j1
from torch import Tensor

from ganreact_core.synthesis.generators.biggan import BigGAN, BigGANConfig
from ganreact_core.synthesis.generators.biggan_shapes import biggan_shapes
from ganreact_core.synthesis.generators.stylegan2 import StyleGAN2, StyleGAN2Config, expected_shapes
from ganreact_core.synthesis.generators.stylegan3 import StyleGAN3, StyleGAN3Config, stylegan3_shapes

_MOST_CHANNELS = 512
_CONTRAST = 0.1  # a picture that is neither grey nor all black and white
_EVEN = ("blocks", "attention", "output", "linear", "embedding")


def stylegan2(resolution: int, channel_base: int, device: str = "cpu") -> StyleGAN2:
    """StyleGAN2 with z = w = 512; published: 256 with base 16384, 512 and 1024 with base 32768."""
    config = StyleGAN2Config(z_dim=512, w_dim=512, resolution=resolution)
    channels = {f"synthesis.b{size}.conv1.weight": (min(_MOST_CHANNELS, channel_base // size),) for size in config.block_sizes}
    return StyleGAN2(config, _drawn(expected_shapes(config, channels), device))


def stylegan3(resolution: int, channel_base: int, *, radial: bool, device: str = "cpu") -> StyleGAN3:
    """StyleGAN3-t, or -r where radial (1×1 kernels, twice the channels), by the published rules for bands and sizes."""
    most = _MOST_CHANNELS * (2 if radial else 1)
    base = channel_base * (2 if radial else 1)
    rates, bands, transitions = _bands(resolution)
    sizes = [r + 20 for r in rates]
    sizes[-2:] = [resolution, resolution]
    channels = [min(math.ceil(base / 2 / band), most) for band in bands]
    channels[-1] = 3
    ups, downs, pads, tensors = [], [], [], {}
    for k in range(15):
        before = max(k - 1, 0)
        to_rgb = k == 14
        high = max(rates[before], rates[k]) * (1 if to_rgb else 2)
        up, down = round(high / rates[before]), round(high / rates[k])
        up_taps, down_taps = (1, 1) if to_rgb else (6 * up if up > 1 else 1, 6 * down if down > 1 else 1)
        kernel = 1 if radial or to_rgb else 3
        total = (sizes[k] - 1) * down + 1 - (sizes[before] + kernel - 1) * up + up_taps + down_taps - 2
        low = (total + up) // 2
        ups, downs, pads = [*ups, up], [*downs, down], [*pads, (low, total - low)]
        name = f"synthesis.L{k}"
        tensors[f"{name}.weight"] = (channels[k], channels[before], kernel, kernel)
        if not to_rgb:
            radial_here = radial and k not in (13, 14) and bands[k] * 2 < rates[k]
            tensors[f"{name}.up_filter"] = _low_pass(up_taps, bands[before], transitions[before], high)
            tensors[f"{name}.down_filter"] = _low_pass(down_taps, bands[k], transitions[k], high, radial=radial_here)
    config = StyleGAN3Config(512, 512, resolution, tuple(f"L{k}" for k in range(15)), tuple(ups), tuple(downs), tuple(pads),
                             sizes[0], float(rates[0]), bands[0])
    filters = {n: torch.from_numpy(v) for n, v in tensors.items() if isinstance(v, np.ndarray)}
    found = {n: v.shape if isinstance(v, np.ndarray) else v for n, v in tensors.items()}
    found["synthesis.input.weight"] = (channels[0], channels[0])
    shapes = stylegan3_shapes(config, found)
    drawn = _drawn({n: s for n, s in shapes.items() if n not in filters}, device)
    drawn["synthesis.input.transform"] = torch.eye(3, device=device)
    drawn["synthesis.input.freqs"] *= bands[0] / 2
    drawn["synthesis.input.affine.bias"] = torch.tensor([1.0, 0, 0, 0], device=device)
    drawn |= {n: torch.ones_like(t) for n, t in drawn.items() if n.endswith("magnitude_ema")}
    return StyleGAN3(config, drawn | {n: t.to(device) for n, t in filters.items()})


def biggan_deep(resolution: int, device: str = "cpu") -> BigGAN:
    """BigGAN-deep with 128 channels a unit, of 128, 256 or 512 pixels."""
    widths = {128: (16, 16, 16, 16, 8, 8, 4, 4, 2, 2, 1), 256: (16, 16, 16, 16, 8, 8, 8, 8, 4, 4, 2, 2, 1),
              512: (16, 16, 16, 16, 8, 8, 8, 8, 4, 4, 2, 2, 1, 1, 1)}[resolution]
    ends = pairwise(widths)
    blocks = [(c_in * 128, c_out * 128, bool(k % 2)) for k, (c_in, c_out) in enumerate(ends)]
    config = BigGANConfig(128, 128, 1000, resolution, "deep", tuple(up for *_, up in blocks), (8,))
    found: dict[str, tuple[int, ...]] = {"output.bn.mean": (51, blocks[-1][1])}
    for k, (c_in, c_out, _) in enumerate(blocks):
        found[f"blocks.{k}.conv1.weight"] = (c_in // 4, c_in, 1, 1)
        found[f"blocks.{k}.conv4.weight"] = (c_out, c_in // 4, 1, 1)
    c = blocks[8][0]
    found |= {"attention.8.theta.weight": (c // 8, c, 1, 1), "attention.8.g.weight": (c // 2, c, 1, 1)}
    tensors = _drawn(biggan_shapes(config, found), device)
    tensors["output.conv.weight"] *= _CONTRAST
    return BigGAN(config, tensors)


def _bands(resolution: int) -> tuple[list[int], list[float], list[float]]:
    """Sampling rate, cut-off and transition half-width of each layer: geometric from 2 to half the resolution."""
    steps = np.minimum(np.arange(15) / 12, 1)
    bands = 2.0 * (resolution / 2 / 2.0) ** steps
    stops = 2 ** 2.1 * (resolution / 2 * 2 ** 0.3 / 2 ** 2.1) ** steps
    rates = np.exp2(np.ceil(np.log2(np.minimum(stops * 2, resolution)))).astype(int).tolist()
    half = np.maximum(stops, np.array(rates) / 2) - bands
    return rates, bands.tolist(), half.tolist()


def _low_pass(taps: int, band: float, half: float, rate: float, *, radial: bool = False) -> np.ndarray:
    if taps == 1:
        return np.ones(1, np.float32)
    if not radial:
        return firwin(taps, band, width=half * 2, fs=rate).astype(np.float32)
    x = (np.arange(taps) - (taps - 1) / 2) / rate
    r = np.hypot(*np.meshgrid(x, x))
    f = j1(2 * band * np.pi * r) / (np.pi * r)
    window = np.kaiser(taps, max(0.1102 * (2.285 * (taps - 1) * half * 2 / (rate / 2) * np.pi + 7.95 - 8.7), 0))
    f *= np.outer(window, window)
    return (f / f.sum()).astype(np.float32)


def _drawn(shapes: dict[str, tuple[int, ...]], device: str) -> dict[str, Tensor]:
    """Seeded numbers of the sizes that keep activations near one."""
    draw = torch.Generator().manual_seed(0)
    tensors = {name: torch.randn(shape, generator=draw) for name, shape in shapes.items()}
    for name, t in tensors.items():
        if name.endswith("affine.bias"):
            t.add_(1)
        elif name.endswith(".var"):
            t.abs_().add_(0.5)
        elif name.startswith("mapping.fc") and name.endswith("weight"):
            t.mul_(100)
        elif name.startswith(_EVEN) and t.ndim > 1 and not name.endswith("mean"):
            t.div_(math.sqrt(t[0].numel()))
        elif name.endswith(("noise_strength", ".bias")):
            t.mul_(0.1)
    return {n: _placed(t, device) for n, t in tensors.items()}


def _placed(t: Tensor, device: str) -> Tensor:
    return (t.contiguous(memory_format=torch.channels_last) if t.ndim == 4 else t).to(device)
