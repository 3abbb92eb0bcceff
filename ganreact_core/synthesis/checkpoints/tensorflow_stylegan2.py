"""StyleGAN2 as NVIDIA's TensorFlow repositories pickle it (Network versions 4 and 5)."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from ...errors import CheckpointError
from .machine import described
from .numpy_values import read_numpy
from .nvidia import source_label
from .records import Budget, Call, Checkpoint, Symbol, refuse, shown

NETWORK = Symbol("dnnlib.tflib.network", "Network")
_LAYERS = {"Conv": "conv1", "Conv1": "conv1", "Conv0_up": "conv0", "ToRGB": "torgb", "Skip": "skip"}
_FLIPPED = ("Conv0_up", "Skip")  # the kernels that TensorFlow convolves with, not correlates
_UNUSED = {"lod"}
_DEFAULTS: dict[str, Any] = {"mapping_lrmul": 0.01, "resample_kernel": [1, 3, 3, 1], "conv_clamp": None, "use_noise": True,
                             "nonlinearity": "lrelu", "mapping_nonlinearity": "lrelu", "normalize_latents": True}
_MAX_VARIABLES = 20_000


def is_tensorflow(root: Any) -> bool:
    """Whether a pickle is the tuple (G, D, Gs), or one network alone."""
    return is_network(root) or (type(root) in (tuple, list) and len(root) > 0 and is_network(root[-1]))


def is_network(value: Any) -> bool:
    """Whether a record is a Network of dnnlib."""
    return type(value) is Call and value.symbol == NETWORK


def tensorflow_checkpoint(root: Any, origin: dict[str, Any], file_bytes: int) -> Checkpoint:
    """The averaged generator Gs, under the names of the PyTorch code."""
    generator = _state(root if is_network(root) else root[-1])
    version, components = generator.get("version"), generator.get("components")
    if type(version) is not int or version < 4:
        raise refuse("this is a network of StyleGAN1 or older, from TensorFlow, which is not supported")
    if type(components) is not dict or not {"synthesis", "mapping"} <= components.keys():
        raise refuse("there is no generator in this TensorFlow checkpoint; it holds another network")
    parts = {name: _state(components[name]) for name in ("synthesis", "mapping")}
    budget = Budget(file_bytes)
    tensors = _main(_variables(generator, budget)) | _mapping(_variables(parts["mapping"], budget))
    tensors |= _synthesis(_variables(parts["synthesis"], budget))
    states = (generator, *parts.values())
    return Checkpoint("stylegan2", _config(tensors, states), tensors, origin | _label(states))


def _label(states: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    """What is to be said about the program texts; one is strange that does not define its network's function."""
    named = [(str(state.get("build_module_src", "")), str(state.get("build_func_name", ""))) for state in states]
    strange = {name for text, name in named if text and not re.search(rf"^def {re.escape(name)}\(", text, re.MULTILINE)}
    return source_label({text for text, _ in named}, strange)


def _state(network: Any) -> dict[str, Any]:
    if not is_network(network) or type(network.state) is not dict:
        raise refuse(f"the TensorFlow checkpoint holds {described(network)} instead of a network")
    return network.state


def _variables(state: dict[str, Any], budget: Budget) -> dict[str, np.ndarray]:
    """All variables of a network by name."""
    pairs = state.get("variables")
    if type(pairs) is not list or len(pairs) > _MAX_VARIABLES or not all(
            type(pair) is tuple and len(pair) == 2 and type(pair[0]) is str for pair in pairs):
        raise refuse("the variables of the TensorFlow checkpoint are written in an unknown way")
    return {name: budget.take(read_numpy(value, name), name) for name, value in pairs if name not in _UNUSED}


def _main(found: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {"mapping.w_avg" if name == "dlatent_avg" else shown(name): value for name, value in found.items()}


def _mapping(variables: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Dense layers: [in, out] -> [out, in]."""
    tensors = {}
    for name, value in variables.items():
        found = re.fullmatch(r"(?:Dense(\d{1,3})|LabelEmbed)/(weight|bias)", name)
        if found is None:
            raise _unknown(name)
        layer = "embed" if found[1] is None else f"fc{int(found[1])}"
        tensors[f"mapping.{layer}.{found[2]}"] = np.asarray(value.T, order="C")
    return tensors


def _synthesis(variables: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    tensors = {}
    for name, value in variables.items():
        noise = re.fullmatch(r"noise(\d{1,2})", name)
        found = re.fullmatch(r"(\d{1,5})x\1/(Const|Conv|Conv0_up|Conv1|ToRGB|Skip)/(\w{1,20})", name)
        if noise:
            tensors[_noise_name(int(noise[1]))] = _squeezed(value, name)
        elif found and found[2] == "Const":
            tensors[f"synthesis.b{found[1]}.const"] = _first(value, name)
        elif found:
            new, converted = _layer_variable(found[2], found[3], value)
            tensors[f"synthesis.b{found[1]}.{new}"] = converted
        else:
            raise _unknown(name)
    return tensors


def _unknown(name: str) -> CheckpointError:
    return refuse(f"the network has the unknown variable '{shown(name)}'; this kind of StyleGAN2 is not supported")


def _noise_name(index: int) -> str:
    """noise0 is the 4×4 layer's, then two for each size."""
    return f"synthesis.b{4 << (index + 1) // 2}.conv{(index + 1) % 2}.noise_const"


def _layer_variable(layer: str, variable: str, value: np.ndarray) -> tuple[str, np.ndarray]:
    """A variable of a convolution: HWIO -> OIHW, styles with their bias of one."""
    if variable == "weight" and value.ndim == 4:
        value = value[::-1, ::-1] if layer in _FLIPPED else value
        value = value.transpose(3, 2, 0, 1)
    elif variable == "mod_weight":
        value = value.T
    elif variable == "mod_bias":
        value = value + 1
    new = variable.replace("mod_", "affine.")
    return f"{_LAYERS[layer]}.{new}", np.asarray(value, dtype=np.float32, order="C")


def _squeezed(value: np.ndarray, name: str) -> np.ndarray:
    """[1, 1, h, w] -> [h, w]."""
    return _first(_first(value, name), name)


def _first(value: np.ndarray, name: str) -> np.ndarray:
    if value.ndim < 2 or len(value) != 1:
        raise refuse(f"array '{shown(name)}' has the shape {value.shape}, which is not supported")
    return value[0]


def _config(tensors: dict[str, np.ndarray], states: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    """Sizes as the tensors have them; the rest as the constructors were told."""
    told = dict(_DEFAULTS)
    for state in states:
        given = state.get("static_kwargs")
        told |= {key: value for key, value in given.items() if key in _DEFAULTS} if type(given) is dict else {}
    if (told["nonlinearity"], told["mapping_nonlinearity"], told["normalize_latents"]) != ("lrelu", "lrelu", True):
        raise refuse("this TensorFlow network uses unusual activations, which is not supported")
    sizes = [int(found[1]) for name in tensors if (found := re.match(r"synthesis\.b(\d+)\.conv1\.weight", name))]
    size = max(sizes, default=0)
    dims = {name: tensor.shape for name, tensor in tensors.items()}
    c_dim = dims["mapping.embed.weight"][1] if len(dims.get("mapping.embed.weight", ())) == 2 else 0
    embedded = dims["mapping.embed.weight"][0] if c_dim else 0
    return {
        "z_dim": dims.get("mapping.fc0.weight", (0, 0))[-1] - embedded, "w_dim": math.prod(dims.get("mapping.w_avg", (0,))),
        "c_dim": c_dim, "resolution": size, "img_channels": math.prod(dims.get(f"synthesis.b{size}.torgb.bias", (0,))),
        "architecture": architecture_of(tensors),
        "mapping_layers": sum(bool(re.match(r"mapping\.fc\d+\.weight", name)) for name in dims),
        "lr_multiplier": told["mapping_lrmul"], "resample_filter": told["resample_kernel"], "conv_clamp": told["conv_clamp"],
        "use_noise": told["use_noise"],
    }


def architecture_of(tensors: dict[str, np.ndarray]) -> str:
    """How the layers of a StyleGAN2 are joined, by the names that are there."""
    if "synthesis.b8.skip.weight" in tensors:
        return "resnet"
    return "skip" if "synthesis.b4.torgb.weight" in tensors else "orig"
