"""BigGAN as two code bases save it: Hugging Face's pytorch-pretrained-BigGAN and ajbrock's BigGAN-PyTorch.

Spectral norms are folded into the weights: σ = uᵀWv, with the stored vectors (Hugging Face) or after one power iteration
from the stored u (ajbrock, whose code does that at every call).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from .records import Checkpoint, refuse, shown

Tensors = dict[str, np.ndarray]
_SIDE = 4
_ATTENTION = {"snconv1x1_theta": "theta", "snconv1x1_phi": "phi", "snconv1x1_g": "g", "snconv1x1_o_conv": "o"}


def is_huggingface(names: set[str]) -> bool:
    """Whether a state dict is one of pytorch-pretrained-BigGAN."""
    return {"generator.gen_z.weight_orig", "embeddings.weight"} <= names


def is_ajbrock(names: set[str]) -> bool:
    """Whether a state dict is a generator of BigGAN-PyTorch with a shared class embedding."""
    return {"shared.weight", "linear.weight", "blocks.0.0.conv1.weight"} <= names


# -- Hugging Face -----------------------------------------------------------------------------------------------------


def huggingface_checkpoint(tensors: Tensors, card: Mapping[str, Any], origin: dict[str, Any]) -> Checkpoint:
    """`card` is config.json, where there is one; without it the published pattern is assumed: every second block doubles."""
    folded = _folded_by_vectors(tensors)
    numbers = sorted({int(found[1]) for name in folded if (found := re.match(r"generator\.layers\.(\d{1,3})\.", name))})
    blocks = [n for n in numbers if f"generator.layers.{n}.bn_0.running_means" in folded]
    attention = {n: sum(b < n for b in blocks) for n in numbers if n not in blocks}
    renamed: Tensors = {}
    for name, value in folded.items():
        renamed[_huggingface_name(name, blocks, attention)] = value
    return deep_checkpoint(renamed, len(blocks), card, origin)


def deep_checkpoint(tensors: Tensors, blocks: int, card: Mapping[str, Any], origin: dict[str, Any]) -> Checkpoint:
    """BigGAN-deep as DeepMind published it, with folded weights under our names; `card` is config.json, if there is one."""
    _rearrange_published(tensors)
    upsample = _upsampling(card.get("layers"), blocks)
    embedding = tensors.get("embedding.weight", np.zeros((0, 0)))
    attention = {int(found[1]) for name in tensors if (found := re.match(r"attention\.(\d+)\.", name))}
    config = {"z_dim": _columns(tensors, "linear.weight") - len(embedding), "embedding_dim": len(embedding),
              "c_dim": embedding.shape[-1], "resolution": _SIDE << sum(upsample), "block": "deep", "upsample": upsample,
              "attention": sorted(attention), "latent": "whole", "eps": card.get("eps", 1e-4)}
    return Checkpoint("biggan", config, tensors, origin)


def _huggingface_name(name: str, blocks: list[int], attention: dict[int, int]) -> str:
    found = re.fullmatch(r"generator\.layers\.(\d{1,3})\.(.*)", name)
    if found is None:
        plain = {"embeddings.weight": "embedding.weight", "generator.bn.running_means": "output.bn.mean",
                 "generator.bn.running_vars": "output.bn.var", "generator.bn.weight": "output.bn.gain"}
        name = plain.get(name, name)
        return name.replace("generator.gen_z", "linear").replace("generator.conv_to_rgb", "output.conv").replace(
            "generator.bn", "output.bn")
    number, rest = int(found[1]), found[2]
    if number in attention:
        part, dot, leaf = rest.partition(".")
        return f"attention.{attention[number]}.{_ATTENTION.get(part, part)}{dot}{leaf}"
    rest = re.sub(r"^(bn|conv)_(\d)", lambda m: f"{m[1]}{int(m[2]) + 1}", rest)
    for old, new in (("running_means", "mean"), ("running_vars", "var"), ("scale.", "gain."), ("offset.", "bias.")):
        rest = rest.replace(old, new)
    return f"blocks.{blocks.index(number)}.{rest}"


def _rearrange_published(tensors: Tensors) -> None:
    """The first activations from height, width, channels to channels first; of the picture only the three colours."""
    for name in ("linear.weight", "linear.bias"):
        value = tensors.get(name)
        if value is not None and value.ndim and len(value) % (_SIDE * _SIDE) == 0:
            parts = value.reshape(_SIDE * _SIDE, -1, *value.shape[1:])
            tensors[name] = np.ascontiguousarray(np.swapaxes(parts, 0, 1)).reshape(value.shape)
    for name in ("output.conv.weight", "output.conv.bias"):
        if name in tensors and tensors[name].ndim:
            tensors[name] = np.ascontiguousarray(tensors[name][:3])
    for name in tensors:
        if name.endswith(".gamma") and tensors[name].size == 1:
            tensors[name] = tensors[name].reshape(())


def _upsampling(layers: Any, count: int) -> list[bool]:
    """Which blocks double the size: as the card says, else every second one."""
    if layers is None:
        return [index % 2 == 1 for index in range(count)]
    flags = [layer[0] for layer in layers if type(layer) is list and layer] if type(layers) is list else []
    if len(flags) != count or len(layers) != count or not all(type(flag) is bool for flag in flags):
        raise refuse("the layers in the config.json beside this BigGAN do not match its weights; "
                     "keep the two files of one model together")
    return flags


def _folded_by_vectors(tensors: Tensors) -> Tensors:
    """weight_orig, weight_u, weight_v -> weight."""
    folded = {}
    for name, value in tensors.items():
        if name.endswith(".weight_orig"):
            start = name.removesuffix("_orig")
            u, v = tensors.get(f"{start}_u"), tensors.get(f"{start}_v")
            if u is None or v is None or value.ndim < 2 or u.shape != value.shape[:1] or v.size != math.prod(value.shape[1:]):
                raise refuse(f"the spectral norm of tensor '{shown(start)}' is missing or does not fit")
            folded[start] = _divided(value, float(u @ (value.reshape(len(value), -1) @ v.reshape(-1))), start)
        elif not name.endswith((".weight_u", ".weight_v", "num_batches_tracked")):
            folded[name] = value
    return folded


# -- ajbrock ----------------------------------------------------------------------------------------------------------


def ajbrock_checkpoint(tensors: Tensors, card: Mapping[str, Any], origin: dict[str, Any]) -> Checkpoint:
    """`card` holds the constructor's arguments, where they were kept; without it the usual ones are assumed."""
    if card.get("G_nl", "relu") not in ("relu", "inplace_relu") or card.get("norm_style", "bn") != "bn":
        raise refuse("this BigGAN uses unusual activations or normalisations, which is not supported")
    eps = card.get("SN_eps", 1e-6)
    folded = folded_by_iteration(tensors, eps if type(eps) is float else 1e-6)
    renamed = {_ajbrock_name(name): value for name, value in folded.items()}
    blocks = sum(bool(re.fullmatch(r"blocks\.\d+\.conv1\.weight", name)) for name in renamed)
    deep = "blocks.0.conv4.weight" in renamed
    embedding = renamed["embedding.weight"] = np.ascontiguousarray(renamed["embedding.weight"].T)
    sees = {"linear": _columns(renamed, "linear.weight"), "block": _columns(renamed, "blocks.0.bn1.gain.weight")}
    latent = _latent_kind(sees, len(embedding), card, deep)
    _reorder(renamed, len(embedding), latent)
    upsample = [index % 2 == 1 if deep else True for index in range(blocks)]
    z_dim = {"whole": sees["block"] - len(embedding), "chunks": sees["linear"] * (blocks + 1), "class": sees["linear"]}[latent]
    config = {"z_dim": z_dim, "embedding_dim": len(embedding), "c_dim": embedding.shape[-1],
              "resolution": _SIDE << sum(upsample), "block": "deep" if deep else "wide", "upsample": upsample,
              "attention": sorted({int(found[1]) for name in renamed if (found := re.match(r"attention\.(\d+)\.", name))}),
              "latent": latent, "eps": card.get("BN_eps", 1e-5)}
    return Checkpoint("biggan", config, renamed, origin)


def _latent_kind(sees: dict[str, int], embedded: int, card: Mapping[str, Any], deep: bool) -> str:
    if sees["block"] == embedded:
        return "class"
    return "whole" if deep and card.get("hier", True) else "chunks"


def _ajbrock_name(name: str) -> str:
    plain = {"shared.weight": "embedding.weight",
             "output_layer.0.gain": "output.bn.gain", "output_layer.0.bias": "output.bn.bias",
             "output_layer.0.stored_mean": "output.bn.mean", "output_layer.0.stored_var": "output.bn.var",
             "output_layer.2.weight": "output.conv.weight", "output_layer.2.bias": "output.conv.bias"}
    found = re.fullmatch(r"blocks\.(\d{1,3})\.([01])\.(.*)", name)
    if found is None:
        return plain.get(name, name)
    if found[2] == "1":
        return f"attention.{int(found[1]) + 1}.{found[3]}"
    rest = found[3].replace("conv_sc.", "shortcut.").replace("stored_mean", "mean").replace("stored_var", "var")
    return f"blocks.{int(found[1])}.{rest}"


def _reorder(tensors: Tensors, embedded: int, latent: str) -> None:
    """Latents from (class, z) to (z, class); statistics as a table of one row."""
    for name, value in tensors.items():
        if re.search(r"\.bn\d?\.(mean|var)$", name) and value.ndim == 1:
            tensors[name] = value[None]
        of_latent = re.search(r"\.bn\d\.(gain|bias)\.weight$", name) or (name == "linear.weight" and latent == "whole")
        if of_latent and latent != "class" and value.ndim == 2:
            tensors[name] = np.ascontiguousarray(np.concatenate([value[:, embedded:], value[:, :embedded]], axis=1))


def folded_by_iteration(tensors: Tensors, eps: float) -> Tensors:
    """weight and u0 -> weight; `sv0` is only a record of σ."""
    folded = {}
    for name, value in tensors.items():
        u = tensors.get(f"{name.removesuffix('.weight')}.u0") if name.endswith(".weight") else None
        if u is not None:
            matrix = value.reshape(len(value), -1) if value.ndim >= 2 else np.zeros((0, 0), np.float32)
            if u.size != len(matrix):
                raise refuse(f"the spectral norm of tensor '{shown(name)}' does not fit")
            v = _unit(u.reshape(-1) @ matrix, eps)
            folded[name] = _divided(value, float(_unit(matrix @ v, eps) @ (matrix @ v)), name)
        elif not name.endswith((".u0", ".sv0", "num_batches_tracked")):
            folded[name] = value
    return folded


def _unit(vector: np.ndarray, eps: float) -> np.ndarray:
    return vector / max(float(np.linalg.norm(vector)), eps)


def _divided(value: np.ndarray, sigma: float, name: str) -> np.ndarray:
    if not (math.isfinite(sigma) and sigma != 0):
        raise refuse(f"the spectral norm of tensor '{shown(name)}' is {sigma}; use another snapshot")
    return (value / np.float32(sigma)).astype(np.float32)


def _columns(tensors: Mapping[str, np.ndarray], name: str) -> int:
    found = tensors.get(name)
    return 0 if found is None or found.ndim != 2 else found.shape[1]
