"""BigGAN-deep as TensorFlow Hub hands it out: variables in a tensor bundle, statistics as constants in the graph beside it.

Variables are named after the layers ("Generator/GBlock_3/conv2/w/ema_0.9999"); of a variable and its moving average the
average is taken. Dense weights are [in, out], convolutions HWIO, and spectral norms come from one step from the stored u0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .biggan import Tensors, deep_checkpoint, folded_by_iteration
from .records import Checkpoint, refuse
from .tf_graph import stacked_constants

_AVERAGE = re.compile(r"/ema_[\w.]+$")
_BLOCK = r"Generator/GBlock(?:_(\d{1,3}))?/"
_NORM_PARTS = {"scale": "gain", "offset": "bias"}
_LEAVES = {"w": "weight", "b": "bias", "u0": "u0"}
_STATISTIC = r"(?:\w+_)?(mean|var)(?:s|iances?)?"
_EPS = 1e-4
_USUAL_ATTENTION = 8  # the block before which all three published networks have it
_NEEDED = {"linear/w", "Generator/GenZ/G_linear/w", "Generator/GBlock/conv0/w"}
_GRAPHS = ("saved_model.pb", "tfhub_module.pb")
_STACKS_PER_NORM, _MEAN_AT, _VAR_AT = 5, 1, 3  # which of the graph's numbered stacks hold a layer's statistics


def is_tf_biggan(tensors: Mapping[str, np.ndarray]) -> bool:
    """Whether a bundle holds a generator of BigGAN-deep."""
    return {_plain(name) for name in tensors} >= _NEEDED


def tf_biggan_checkpoint(tensors: Tensors, index: Path, card: Mapping[str, Any], origin: dict[str, Any]) -> Checkpoint:
    """`index` is the bundle's, for the graph that lies beside it or in the folder above; `card` is config.json, if any."""
    averaged = {_plain(name): value for name, value in sorted(tensors.items(), key=lambda item: bool(_AVERAGE.search(item[0])))}
    renamed = {new: _turned(value, new) for name, value in averaged.items() if (new := _renamed(name))}
    folded = folded_by_iteration(renamed, _EPS)
    blocks = sum(bool(re.fullmatch(r"blocks\.\d+\.conv1\.weight", name)) for name in folded)
    _place_attention(folded, blocks, card.get("attention_layer_position"))
    if "output.bn.mean" not in folded:
        folded |= _statistics(_graph_beside(index), tensors, blocks)
    return deep_checkpoint(folded, blocks, card, origin)


def _plain(name: str) -> str:
    return _AVERAGE.sub("", name.removeprefix("module/"))


def _renamed(name: str) -> str | None:
    """Our name; None for what a generator does not need (steps of the training, a discriminator)."""
    fixed = {"linear/w": "embedding.weight", "Generator/attention/gamma": "attention.gamma",
             "Generator/BatchNorm/scale": "output.bn.gain", "Generator/BatchNorm/offset": "output.bn.bias"}
    if name in fixed:
        return fixed[name]
    for pattern, new in (
        (r"Generator/GenZ/G_linear/(w|b|u0)", lambda m: f"linear.{_LEAVES[m[1]]}"),
        (r"Generator/conv_to_rgb/(w|b|u0)", lambda m: f"output.conv.{_LEAVES[m[1]]}"),
        (r"Generator/attention/(theta|phi|g|o)(?:_conv)?/(w|u0)", lambda m: f"attention.{m[1]}.{_LEAVES[m[2]]}"),
        (r"Generator/BatchNorm/" + _STATISTIC, lambda m: f"output.bn.{m[1]}"),
        (_BLOCK + r"conv([0-3])/(w|b|u0)", lambda m: f"blocks.{int(m[1] or 0)}.conv{int(m[2]) + 1}.{_LEAVES[m[3]]}"),
        (_BLOCK + r"BatchNorm(?:_([1-3]))?/(scale|offset)/(w|u0)",
         lambda m: f"blocks.{int(m[1] or 0)}.bn{int(m[2] or 0) + 1}.{_NORM_PARTS[m[3]]}.{_LEAVES[m[4]]}"),
        (_BLOCK + r"BatchNorm(?:_([1-3]))?/" + _STATISTIC,
         lambda m: f"blocks.{int(m[1] or 0)}.bn{int(m[2] or 0) + 1}.{m[3]}"),
    ):
        if found := re.fullmatch(pattern, name):
            return new(found)
    return None


def _turned(value: np.ndarray, name: str) -> np.ndarray:
    """Outputs first, channels before height and width; statistics as a table with a row for each truncation."""
    if re.search(r"bn\d?\.(mean|var)$", name):
        return value[None] if value.ndim == 1 else value
    if name.endswith(".u0"):
        return value.reshape(-1)
    return np.ascontiguousarray(value.transpose(3, 2, 0, 1) if value.ndim == 4 else value.T)


def _place_attention(tensors: Tensors, blocks: int, told: Any) -> None:
    """Number the attention by the block it stands before: as told, the usual one, else the first that has its channels."""
    names = [name for name in tensors if name.startswith("attention.")]
    if not names:
        return
    width = (*tensors.get("attention.theta.weight", np.zeros(0)).shape, 0, 0)[1]
    fitting = [n for n in range(blocks) if (*tensors[f"blocks.{n}.conv1.weight"].shape, 0, 0)[1] == width]
    chosen = [n for n in (told, _USUAL_ATTENTION, *fitting) if type(n) is int and n in fitting]
    if not chosen:
        raise refuse(f"the attention of this BigGAN has {width} channels, as none of its blocks takes")
    for name in names:
        tensors[f"attention.{chosen[0]}.{name.removeprefix('attention.')}"] = tensors.pop(name)


def _graph_beside(index: Path) -> Path:
    for folder in (index.parent, index.parent.parent):
        for name in _GRAPHS:
            if (folder / name).is_file():
                return folder / name
    raise refuse("this BigGAN lacks the statistics of its normalisations, which TensorFlow Hub keeps in saved_model.pb; "
                 "choose the whole folder as it was unpacked")


def _statistics(graph: Path, tensors: Tensors, blocks: int) -> Tensors:
    """mean and var of every normalisation, [truncations, channels], in the order in which the graph applies them."""
    names = [f"blocks.{n}.bn{k}" for n in range(blocks) for k in range(1, 5)] + ["output.bn"]
    wanted = {f"{name}.{leaf}": at * _STACKS_PER_NORM + offset
              for at, name in enumerate(names) for leaf, offset in (("mean", _MEAN_AT), ("var", _VAR_AT))}
    stacks = stacked_constants(graph, tensors, set(wanted.values()))
    missing = [name for name, number in wanted.items() if number not in stacks]
    if missing:
        raise refuse(f"the graph '{graph.name}' of this BigGAN does not hold {len(missing)} of its statistics "
                     f"({missing[0]}, …) as a known network does; choose the PyTorch version of this network")
    return {name: stacks[number] for name, number in wanted.items()}
