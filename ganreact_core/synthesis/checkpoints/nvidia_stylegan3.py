"""StyleGAN3 as the stylegan3 repository pickles it, and StyleGAN-XL, which is one with another way of telling classes apart.

StyleGAN-XL (Sauer et al. 2022) looks a class up in a table of features of ImageNet's classes, projects what it finds, and
keeps a mean w for each class. Its larger networks are a small one with more layers in place of the last: the same list.
"""

from __future__ import annotations

from typing import Any

from .numpy_values import is_numpy, read_numpy
from .nvidia import Network
from .records import Checkpoint, refuse, shown

_MAX_LAYERS = 64


def is_stylegan3(network: Network) -> bool:
    """Whether the synthesis network is a list of layers over Fourier features."""
    return type(network.get("synthesis", "layer_names")) is list and "synthesis.input" in network.states


def stylegan3_checkpoint(network: Network, origin: dict[str, Any], file_bytes: int) -> Checkpoint:
    """Config from the modules' states, tensors under their own names."""
    names = network.get("synthesis", "layer_names")
    if not 2 <= len(names) <= _MAX_LAYERS or not all(type(name) is str for name in names):
        raise refuse("the layers of this StyleGAN3 are listed in an unknown way")
    paths = [f"synthesis.{name}" for name in names]
    clamps = {shown(network.get(path, "conv_clamp")): network.get(path, "conv_clamp") for path in paths}
    if len(clamps) != 1:
        raise refuse("the layers of this StyleGAN3 clamp differently, which is not supported")
    size = [_number(value, "size") for value in _pair(network.get("synthesis.input", "size"))]
    if size[0] != size[-1]:
        raise refuse("the input of this StyleGAN3 is not square, which is not supported")
    config = {
        "z_dim": network.get("", "z_dim"), "w_dim": network.get("", "w_dim"), "c_dim": network.get("", "c_dim"),
        "resolution": network.get("", "img_resolution"), "img_channels": network.get("", "img_channels"),
        "mapping_layers": network.get("mapping", "num_layers"), "lr_multiplier": network.get("mapping.fc0", "bias_gain"),
        "output_scale": network.get("synthesis", "output_scale"), "conv_clamp": next(iter(clamps.values())),
        "layer_names": names,
        "up_factors": [network.get(path, "up_factor") for path in paths],
        "down_factors": [network.get(path, "down_factor") for path in paths],
        "paddings": [_padding(network.get(path, "padding")) for path in paths], "input_size": int(size[0]),
        "sampling_rate": float(_number(network.get("synthesis.input", "sampling_rate"), "sampling_rate")),
        "bandwidth": float(_number(network.get("synthesis.input", "bandwidth"), "bandwidth")),
    }
    tensors = network.tensors(file_bytes)
    if "mapping.embed_proj" in network.states:
        _check_projection(network)
        config["class_table"] = True
        origin = origin | {"family": "StyleGAN-XL"}
    elif not config["c_dim"]:
        tensors.pop("mapping.embed.weight", None)  # a StyleGAN-XL without classes brings the table all the same
    return Checkpoint("stylegan3", config, tensors, origin)


def _check_projection(network: Network) -> None:
    activation = network.get("mapping.embed_proj", "activation")
    if activation != "lrelu" or network.get("mapping.embed_proj", "bias_gain", 1) != 1:
        raise refuse(f"the class embedding of this StyleGAN-XL has the activation '{shown(activation)}' or a gain, "
                     "which is not supported")


def _pair(value: Any) -> list[Any]:
    """A size: an array of numpy, a list, or one number for both sides."""
    if is_numpy(value):
        return read_numpy(value, "size").reshape(-1).tolist()[:2] or [0]
    return list(value)[:2] if type(value) in (list, tuple) and value else [value]


def _number(value: Any, name: str) -> float:
    """A plain number, or a scalar of numpy."""
    if is_numpy(value):
        found = read_numpy(value, name)
        value = found.reshape(-1)[0].item() if found.size == 1 else None
    if type(value) not in (int, float):
        raise refuse(f"the StyleGAN3 in this checkpoint says nothing usable about its '{name}'")
    return value


def _padding(value: Any) -> list[Any]:
    """[x before, x after, y before, y after] -> [before, after]."""
    if type(value) is not list or len(value) != 4 or value[:2] != value[2:]:
        raise refuse("the layers of this StyleGAN3 are padded in a way that is not supported")
    return value[:2]
