"""StyleGAN2 as the rosinality code and its forks save it (stylegan2-pytorch, maua)."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from .records import Checkpoint, refuse, shown
from .torch_checkpoint import TorchFile
from .torch_tensors import is_tensor, read_tensor

_MEAN_SAMPLES = 4096
_LR = 0.01  # of the mapping network: a constant in that code
_SQRT2 = math.sqrt(2.0)
_NAMES = (
    (r"style\.(\d{1,3})\.(weight|bias)", lambda m: f"mapping.fc{int(m[1]) - 1}.{m[2]}"),
    (r"input\.input", lambda m: "synthesis.b4.const"),
    (r"input\.(linear|activate)\.(weight|bias)", lambda m: f"input.{m[1]}.{m[2]}"),
    (r"conv1\.(.*)", lambda m: f"synthesis.b4.conv1.{m[1]}"),
    (r"convs\.(\d{1,2})\.(.*)", lambda m: f"synthesis.b{8 << int(m[1]) // 2}.conv{int(m[1]) % 2}.{m[2]}"),
    (r"to_rgb1\.(.*)", lambda m: f"synthesis.b4.torgb.{m[1]}"),
    (r"to_rgbs\.(\d{1,2})\.(.*)", lambda m: f"synthesis.b{8 << int(m[1])}.torgb.{m[2]}"),
    (r"noises\.noise_(\d{1,2})", lambda m: f"synthesis.b{4 << (int(m[1]) + 1) // 2}.conv{(int(m[1]) + 1) % 2}.noise_const"),
)
_PARTS = (("conv.modulation.", "affine."), ("activate.bias", "bias"), ("noise.weight", "noise_strength"),
          ("conv.weight", "weight"), ("conv.blur.kernel", "kernel"), ("upsample.kernel", "kernel"))


def rosinality_state(file: TorchFile) -> dict[str, Any] | None:
    """The state dict of the averaged generator, or of the only one; None where the file is of another family."""
    states = file.states()
    for key in ("g_ema", "g", ""):
        names = [name.removeprefix("module.") for name in states.get(key, {}) if type(name) is str]
        if "conv1.conv.modulation.weight" in names:
            return states[key]
    return None


def rosinality_checkpoint(file: TorchFile, state: dict[str, Any], origin: dict[str, Any]) -> Checkpoint:
    """Under the names of the PyTorch code of NVIDIA, with its scaling of weights."""
    tensors: dict[str, np.ndarray] = {}
    for name, value in file.tensors(state).items():
        new = _renamed(name)
        tensors[new] = _scaled(new, value)
    taps = _taps([tensors.pop(name) for name in list(tensors) if name.endswith(".kernel")])
    latent = "input.linear.weight" in tensors
    if latent:
        tensors.pop("synthesis.b4.const", None)
    config = _config(tensors) | {"resample_filter": taps}
    average = file.root.get("latent_avg")
    tensors["mapping.w_avg"] = (read_tensor(average, "latent_avg", file.storage_of).reshape(-1) if is_tensor(average)
                                else _mean_w(tensors, config["mapping_layers"]))
    return Checkpoint("stylegan2_latent_input" if latent else "stylegan2", config, tensors, origin)


def _renamed(name: str) -> str:
    for pattern, new in _NAMES:
        found = re.fullmatch(pattern, name)
        if found:
            return _with_parts(new(found))
    raise refuse(f"the generator has the unknown tensor '{shown(name)}'; this kind of StyleGAN2 is not supported")


def _with_parts(name: str) -> str:
    for old, new in _PARTS if name.startswith("synthesis.") else ():
        if f".{old}" in name:
            return name.replace(old, new)
    return name


def _scaled(name: str, value: np.ndarray) -> np.ndarray:
    """Leading axes of length one dropped; 3×3 weights carry the scale that this code applies before demodulation."""
    if name.endswith((".noise_const", ".kernel")):
        return value.reshape(value.shape[-2:])
    if name.endswith("torgb.bias") or name == "synthesis.b4.const":
        return value.reshape(value.shape[1:2] if name.endswith("bias") else value.shape[1:])
    if name.endswith("noise_strength"):
        return value.reshape(()) if value.size == 1 else value
    if value.ndim == 5 and len(value) == 1:
        value = value[0]
        return value if ".torgb." in name else value * np.float32(1 / math.sqrt(value[0].size))
    return value


def _taps(kernels: list[np.ndarray]) -> list[float]:
    """The taps of the low-pass; the kernels in the file carry the gain of upsampling."""
    found = [kernel.sum(axis=0) / kernel.sum() for kernel in kernels if kernel.ndim == 2 and kernel.sum() != 0]
    if not found or any(taps.shape != found[0].shape or not np.allclose(taps, found[0], atol=1e-5) for taps in found):
        raise refuse("the low-pass filters of this network differ from layer to layer, which is not supported")
    return [float(tap) for tap in found[0]]


def _config(tensors: dict[str, np.ndarray]) -> dict[str, Any]:
    shapes = {name: tensor.shape for name, tensor in tensors.items()}
    sizes = [int(found[1]) for name in shapes if (found := re.match(r"synthesis\.b(\d+)\.torgb\.weight", name))]
    z_dim = (shapes.get("mapping.fc0.weight") or (0,))[-1]
    w_dim = (shapes.get("synthesis.b4.conv1.affine.weight") or (0,))[-1]
    rgb = shapes.get("synthesis.b4.torgb.weight") or (0,)
    return {"z_dim": z_dim, "w_dim": w_dim, "resolution": max(sizes, default=0), "img_channels": rgb[0],
            "mapping_layers": sum(bool(re.fullmatch(r"mapping\.fc\d+\.weight", name)) for name in shapes),
            "lr_multiplier": _LR}


def _mean_w(tensors: dict[str, np.ndarray], layers: int) -> np.ndarray:
    """The mean of w over random z, [w_dim]: these files often lack it."""
    first = tensors.get("mapping.fc0.weight")
    if first is None or first.ndim != 2 or first.shape[1] > 16384:
        raise refuse("the generator has no mapping network")
    x = np.random.RandomState(0).randn(_MEAN_SAMPLES, first.shape[1]).astype(np.float32)
    x /= np.sqrt(np.mean(x * x, axis=1, keepdims=True) + 1e-8)
    for k in range(layers):
        weight, bias = tensors.get(f"mapping.fc{k}.weight"), tensors.get(f"mapping.fc{k}.bias")
        if weight is None or bias is None or weight.shape != (bias.size, x.shape[1]) or bias.ndim != 1:
            raise refuse(f"layer {k} of the mapping network is missing or does not fit")
        x = x @ (weight * (_LR / math.sqrt(weight.shape[1]))).T + bias * _LR
        x = np.where(x < 0, 0.2 * x, x) * np.float32(_SQRT2)
    return x.mean(axis=0, dtype=np.float64).astype(np.float32)
