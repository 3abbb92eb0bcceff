"""StyleGAN2 as stylegan2-ada-pytorch and the stylegan3 repository pickle it."""

from __future__ import annotations

from typing import Any

import numpy as np

from .nvidia import Network
from .records import Checkpoint, refuse, shown

_UNUSED_FILTERS = ("conv1.resample_filter", "torgb.resample_filter")  # stored by layers that do not resample


def is_stylegan2(network: Network) -> bool:
    """Whether the synthesis network is made of blocks of doubling size."""
    return type(network.get("synthesis", "block_resolutions")) is list


def stylegan2_checkpoint(network: Network, origin: dict[str, Any], file_bytes: int) -> Checkpoint:
    """Config from the modules' states, tensors under their own names."""
    tensors = network.tensors(file_bytes)
    filters = {name: tensors.pop(name) for name in list(tensors) if name.endswith("resample_filter")}
    taps = _taps([kernel for name, kernel in filters.items() if not name.endswith(_UNUSED_FILTERS)])
    _check_activations(network)
    size = network.get("", "img_resolution")
    top = f"synthesis.b{size}"
    config = {
        "z_dim": network.get("", "z_dim"), "w_dim": network.get("", "w_dim"), "c_dim": network.get("", "c_dim"),
        "resolution": size, "img_channels": network.get("", "img_channels"), "architecture": network.get(top, "architecture"),
        "mapping_layers": network.get("mapping", "num_layers"), "lr_multiplier": network.get("mapping.fc0", "bias_gain"),
        "resample_filter": taps, "conv_clamp": network.get(f"{top}.conv1", "conv_clamp"),
        "use_noise": network.get(f"{top}.conv1", "use_noise"),
    }
    return Checkpoint("stylegan2", config, tensors, origin)


def _taps(filters: list[np.ndarray]) -> list[float]:
    """The taps of the separable low-pass, from the two-dimensional kernels that the file holds."""
    kernel = filters[0] if filters and filters[0].ndim else np.zeros(0)
    taps = kernel if kernel.ndim == 1 else kernel.sum(axis=0)
    same = all(other.shape == kernel.shape and np.allclose(other, kernel, atol=1e-6) for other in filters)
    if not (same and 0 < len(taps) <= 64 and (kernel.ndim == 1 or np.allclose(np.outer(taps, taps), kernel, atol=1e-5))):
        raise refuse("the resampling filters of this network are not one separable low-pass, which is not supported")
    return [float(tap) for tap in taps]


def _check_activations(network: Network) -> None:
    for path, state in network.states.items():
        expected = ("linear", "lrelu") if not path.startswith("mapping.fc") else ("lrelu",)
        if state.get("activation", "lrelu") not in expected:
            raise refuse(f"'{shown(path)}' uses the activation '{shown(state['activation'])}', which is not supported")
