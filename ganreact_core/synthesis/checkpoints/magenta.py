"""A model folder of Magenta's GANSynth: experiment.json, stage_000NN with a TensorFlow checkpoint, averaged variables.

TensorFlow is not needed, and nothing in the folder is run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .opening import read_file, sha256
from .records import Checkpoint, refuse, shown
from .safetensors_file import parse_json
from .tf_bundle import index_of, read_tf_bundle

CARD, META = "experiment.json", "meta.json"
_NET = "Generator/progressive_gan_generator/progressive_gan_block_"
_AVERAGE = "ExponentialMovingAverage"
_NSYNTH_PITCHES = tuple(range(24, 85))
_TEXT_BYTES = 8 << 20
_STAGE_SOUNDS = 800_000


def is_magenta(path: str | Path) -> bool:
    """Whether a path is a model folder of Magenta's GANSynth."""
    try:
        return Path(path).is_dir() and (Path(path) / CARD).is_file()
    except OSError:  # a name that cannot be one
        return False


def magenta_checkpoint(folder: str | Path) -> Checkpoint:
    """Read the highest stage of a model folder; CheckpointError says what is missing."""
    folder = Path(folder)
    card = _text(folder / CARD)
    stage, index = _stage(folder)
    variables = read_tf_bundle(index)
    blocks = (stage + 1) // 2 + 1
    tensors = {ours: _variable(variables, theirs) for ours, theirs in _names(variables, blocks).items()}
    config = _config(card, tensors, folder, _progress(card, variables, blocks))
    tensors = _without_hidden_pictures(tensors, blocks, config["progress"])
    origin = {"format": "Magenta GANSynth folder", "sha256": sha256(read_file(index)), "stage": stage}
    return Checkpoint("gansynth", config, tensors, origin)


def _stage(folder: Path) -> tuple[int, Path]:
    """The highest stage that has a checkpoint, and its index file."""
    found = sorted((int(m[1]), child) for child in folder.iterdir() if (m := re.fullmatch(r"stage_(\d{1,6})", child.name)))
    for number, child in reversed(found):
        index = index_of(child)
        if index is not None:
            return number, index
    if not found:
        raise refuse(f"the folder '{shown(folder.name)}' has an {CARD} but no stage_000NN beside it; copy the whole folder")
    raise refuse(f"'{shown(found[-1][1].name)}' in the folder '{shown(folder.name)}' holds no checkpoint "
                 "(.index and .data files); copy the whole folder")


def _names(variables: Mapping[str, Any], blocks: int) -> dict[str, str]:
    """Our name of each tensor -> theirs."""
    names = {}
    for b in range(1, blocks + 1):
        for layer in ("conv0", "conv1", "to_rgb"):
            wanted = layer != "to_rgb" or b == blocks or f"{_NET}{b}/to_rgb/bias/{_AVERAGE}" in variables
            if wanted:
                names[f"block{b}.{layer}.weight"] = f"{_NET}{b}/{layer}/conv2d/kernel/{_AVERAGE}"
                names[f"block{b}.{layer}.bias"] = f"{_NET}{b}/{layer}/bias/{_AVERAGE}"
    return names


def _variable(variables: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    """Kernels come as height, width, in, out."""
    if name not in variables:
        raise refuse(f"the variable '{shown(name, 200)}' is missing; choose a folder that Magenta's GANSynth has trained")
    value = variables[name]
    if value.dtype != np.float32 or value.ndim not in (1, 4):
        raise refuse(f"the variable '{shown(name, 200)}' is no kernel and no bias; copy the folder again")
    return np.ascontiguousarray(value.transpose(3, 2, 0, 1)) if value.ndim == 4 else value.copy()


def _progress(card: Mapping[str, Any], variables: Mapping[str, np.ndarray], blocks: int) -> float:
    """How far growth has come, from the sounds seen: each block is held for a while, then the next one is blended in."""
    stable = _number(card, "stable_stage_num_images", _STAGE_SOUNDS)
    blending = _number(card, "transition_stage_num_images", _STAGE_SOUNDS)
    step = variables.get("global_step")
    most = (blocks - 1) * (stable + blending) + stable - 1
    seen = min(float(step.reshape(-1)[0]), most) if step is not None and step.size else most
    whole = seen // (stable + blending)
    return whole + max(0.0, seen - whole * (stable + blending) - stable) / blending


def _without_hidden_pictures(tensors: dict[str, np.ndarray], blocks: int, progress: float) -> dict[str, np.ndarray]:
    """Blocks that no longer, or not yet, count leave out their pictures."""
    hidden = {f"block{b}.to_rgb" for b in range(1, blocks + 1) if min(progress - (b - 2), b - progress) <= 0}
    return {name: value for name, value in tensors.items() if name.rpartition(".")[0] not in hidden}


def _config(card: Mapping[str, Any], tensors: Mapping[str, np.ndarray], folder: Path, progress: float) -> dict[str, Any]:
    kind = card.get("data_type", "mel")
    if kind not in ("mel", "linear"):
        raise refuse(f"{CARD} says data_type = {shown(kind)}, where mel and linear are known")
    z_dim = int(_number(card, "latent_vector_size", 256))
    pitches = _pitches(folder, tensors["block1.conv0.weight"].shape[1] - z_dim)
    return {"z_dim": z_dim, "pitches": pitches, "progress": progress, "mel": kind == "mel",
            "num_resolutions": int(_number(card, "num_resolutions", 7)),
            "start": [int(_number(card, "start_height", 2)), int(_number(card, "start_width", 16))],
            "sample_rate": int(_number(card, "sample_rate", 16_000)), "n_samples": int(_number(card, "audio_length", 64_000)),
            "magnitude": [_number(card, "mag_normalizer_a", 0.0661371661726),
                          _number(card, "mag_normalizer_b", 0.113718730221)],
            "phase": [_number(card, "p_normalizer_a", 0.8), _number(card, "p_normalizer_b", 0.0)]}


def _pitches(folder: Path, count: int) -> list[int]:
    """MIDI numbers of the labels: those meta.json lists, else NSynth's, else as many from its lowest."""
    if not 0 < count <= 128:
        raise refuse(f"the first kernel leaves room for {count} pitches beside the latent; {CARD} does not belong to it")
    if not (folder / META).is_file():
        return list(_NSYNTH_PITCHES) if count == len(_NSYNTH_PITCHES) else [_NSYNTH_PITCHES[0] + k for k in range(count)]
    listed = _text(folder / META).get("pitches", {})
    listed = listed if isinstance(listed, dict | list) else []
    found = sorted(int(p) for p in listed if re.fullmatch(r"\d{1,3}", str(p)))
    if len(found) != count:
        raise refuse(f"{META} lists {len(found)} pitches where the network was trained on {count}; "
                     "keep the files of one model together")
    return found


def _number(card: Mapping[str, Any], name: str, otherwise: float) -> float:
    value = card.get(name, otherwise)
    if type(value) not in (int, float) or not 0 <= abs(value) < 1e9 or (value == 0 and not name.endswith("_b")):
        raise refuse(f"{CARD} says {name} = {shown(value, 40)}, which is no sensible number")
    return value


def _text(file: Path) -> dict[str, Any]:
    content = read_file(file)
    if len(content) > _TEXT_BYTES:
        raise refuse(f"'{shown(file.name)}' is too long ({len(content)} bytes)")
    return parse_json(bytes(content), f"'{shown(file.name)}'")
