"""What a configuration and its tensors must satisfy before a network is built from them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .records import refuse, shown

MAX_SIDE = 8192  # pixels
_SHOWN = 5

Rule = tuple[str, Callable[[Any], bool]]


def _whole(low: int, high: int) -> Rule:
    return f"a whole number from {low} to {high}", lambda value: type(value) is int and low <= value <= high


def _number(low: float, high: float) -> Rule:
    return f"a number from {low} to {high}", lambda value: type(value) in (int, float) and low <= value <= high


def _one_of(*choices: Any) -> Rule:
    return f"one of {', '.join(map(str, choices))}", lambda value: any(type(value) is type(c) and value == c for c in choices)


def _optional(rule: Rule) -> Rule:
    return f"{rule[0]}, or nothing", lambda value: value is None or rule[1](value)


def _list_of(rule: Rule, longest: int, shortest: int = 1) -> Rule:
    return f"{shortest} to {longest} times {rule[0]}", lambda value: (
        isinstance(value, list | tuple) and shortest <= len(value) <= longest and all(rule[1](v) for v in value))


_SIDES = _one_of(*(2 ** k for k in range(3, int(math.log2(MAX_SIDE)) + 1)))
_RULES: dict[str, dict[str, Rule]] = {
    "stylegan2": {
        "z_dim": _whole(1, 16384), "w_dim": _whole(1, 16384), "c_dim": _whole(0, 100_000), "resolution": _SIDES,
        "img_channels": _one_of(1, 3), "architecture": _one_of("skip", "resnet", "orig"), "mapping_layers": _whole(1, 64),
        "lr_multiplier": _number(1e-6, 1e3), "resample_filter": _list_of(_number(-1e3, 1e3), 64),
        "conv_clamp": _optional(_number(1e-3, 1e9)), "use_noise": _one_of(True, False),
    },
}
_RULES["stylegan2_latent_input"] = _RULES["stylegan2"]
_RULES["stylegan3"] = {
    "z_dim": _whole(1, 16384), "w_dim": _whole(1, 16384), "c_dim": _whole(0, 100_000), "resolution": _whole(4, MAX_SIDE),
    "img_channels": _one_of(1, 3), "mapping_layers": _whole(1, 64), "lr_multiplier": _number(1e-6, 1e3),
    "output_scale": _number(-1e3, 1e3), "conv_clamp": _optional(_number(1e-3, 1e9)),
    "layer_names": _list_of(("a name", lambda value: type(value) is str and 0 < len(value) <= 64), 64),
    "up_factors": _list_of(_whole(1, 16), 64), "down_factors": _list_of(_whole(1, 16), 64),
    "paddings": _list_of(_list_of(_whole(-4096, 4096), 2), 64), "input_size": _whole(1, 2 * MAX_SIDE),
    "sampling_rate": _number(1, 1e5), "bandwidth": _number(0, 1e5), "class_table": _one_of(True, False),
}
_RULES["biggan"] = {
    "z_dim": _whole(1, 16384), "embedding_dim": _whole(1, 16384), "c_dim": _whole(1, 100_000), "resolution": _SIDES,
    "block": _one_of("deep", "wide"), "upsample": _list_of(_one_of(True, False), 64),
    "attention": _list_of(_whole(0, 63), 64, 0), "latent": _one_of("whole", "chunks", "class"), "eps": _number(0, 1),
}
_RULES["gansynth"] = {
    "z_dim": _whole(1, 4096), "pitches": _list_of(_whole(0, 127), 128), "start": _list_of(_whole(1, 4096), 2, 2),
    "num_resolutions": _whole(1, 9), "progress": _optional(_number(0, 9)), "sample_rate": _whole(1000, 192_000),
    "n_samples": _whole(1, 1 << 24), "mel": _one_of(True, False), "magnitude": _list_of(_number(-1e6, 1e6), 2, 2),
    "phase": _list_of(_number(-1e6, 1e6), 2, 2),
}
_REQUIRED = dict.fromkeys(_RULES, ("z_dim", "w_dim", "resolution")) | {
    "stylegan3": ("z_dim", "w_dim", "resolution", "layer_names", "up_factors", "down_factors", "paddings", "input_size",
                  "sampling_rate", "bandwidth"),
    "gansynth": ("z_dim", "pitches"),
    "biggan": ("z_dim", "embedding_dim", "c_dim", "resolution", "block", "upsample")}


def check_config(architecture: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """The values for the generator's configuration, each in its range; lists as tuples."""
    rules = _RULES.get(architecture)
    if rules is None:
        raise refuse(f"the architecture '{shown(architecture)}' is not known; update GANReact or choose another checkpoint")
    for name in (*config, *_REQUIRED[architecture]):
        if name not in rules:
            raise refuse(f"the checkpoint's configuration has the unknown entry '{shown(name)}'; update GANReact")
        if name not in config or not rules[name][1](config[name]):
            raise refuse(f"the checkpoint says {name} = {shown(config.get(name), 40)}, where it should be {rules[name][0]}")
    return {name: _frozen(value) for name, value in config.items()}


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list | tuple) else value


def check_tensors(tensors: Mapping[str, np.ndarray], expected: Mapping[str, tuple[int, ...]]) -> None:
    """Every expected tensor is there in its shape, and nothing else is."""
    found = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    wrong = [f"{shown(name)} is {found.get(name, 'missing')} instead of {shape}"
             for name, shape in expected.items() if found.get(name) != shape]
    wrong += [f"{shown(name)} is unexpected" for name in found if name not in expected]
    if wrong:
        more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        raise refuse(f"the tensors do not fit the network that the checkpoint describes: {'; '.join(wrong[:_SHOWN])}{more}")


def check_finite(tensors: Mapping[str, np.ndarray]) -> None:
    """No number is NaN or infinite."""
    for name, tensor in tensors.items():
        count = int(np.size(tensor) - np.count_nonzero(np.isfinite(tensor)))
        if count:
            raise refuse(f"tensor '{shown(name)}' holds {count} numbers that are NaN or infinite; "
                         "use another snapshot")
