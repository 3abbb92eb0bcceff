"""From a path to a checkpoint: the content says which reader is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import CheckpointError
from ...files import shown as shown_name
from .biggan import ajbrock_checkpoint, huggingface_checkpoint, is_ajbrock, is_huggingface
from .kinds import kind_of
from .machine import Machine
from .magenta import is_magenta, magenta_checkpoint
from .nvidia import find_generator, flatten, nvidia_global, source_label
from .nvidia_stylegan2 import is_stylegan2, stylegan2_checkpoint
from .nvidia_stylegan3 import is_stylegan3, stylegan3_checkpoint
from .opening import read_file, release_rest, sha256
from .places import card_beside, config_beside, file_at
from .records import Checkpoint, Symbol, one_error, refuse, shown
from .rosinality import rosinality_checkpoint, rosinality_state
from .safetensors_file import from_safetensors
from .tensorflow_biggan import is_tf_biggan, tf_biggan_checkpoint
from .tensorflow_stylegan2 import NETWORK, is_tensorflow, tensorflow_checkpoint
from .tf_bundle import read_tf_bundle, shard_files
from .torch_checkpoint import TorchFile


def read_checkpoint(path: str | Path) -> Checkpoint:
    """Read a file, a folder (card beside weights), or "embedded". CheckpointError says why not."""
    if is_magenta(path):
        with one_error():
            return magenta_checkpoint(path)
    file = file_at(path)
    with _naming(file):
        data = read_file(file)
        found = read_content(data, file)
    release_rest(data, found.tensors.values())
    return found


@contextmanager
def _naming(file: Path) -> Iterator[None]:
    """Where several files were given, a reason not to load one says which."""
    try:
        yield
    except CheckpointError as error:
        if file.name in str(error):
            raise
        raise CheckpointError(f"'{shown_name(file)}': {error}") from error


def read_content(data: memoryview, file: Path) -> Checkpoint:
    """What the bytes of a file hold; `file` says what lies beside it. CheckpointError, and nothing else, says why not."""
    with one_error(), np.errstate(all="ignore"):  # whether numbers are finite is checked afterwards, by name
        return _READERS[kind_of(data)](data, file)


def _safetensors(data: memoryview, file: Path) -> Checkpoint:
    return from_safetensors(data, card_beside(file), sha256(data))


def _pickle(data: memoryview, file: Path) -> Checkpoint:
    root, end = Machine(data, _pickle_global).run()
    if end != len(data):
        raise refuse(f"{len(data) - end} bytes follow the end of the checkpoint; it is not loaded", end)
    if is_tensorflow(root):
        return tensorflow_checkpoint(root, {"format": "TensorFlow pickle", "sha256": sha256(data)}, len(data))
    return _from_nvidia(root, data)


def _pickle_global(module: str, name: str) -> bool:
    return nvidia_global(module, name) or Symbol(module, name) == NETWORK


def _from_nvidia(root: Any, data: memoryview) -> Checkpoint:
    network = flatten(find_generator(root))
    origin = {"format": "NVIDIA pickle", "sha256": sha256(data)} | source_label(network.texts, network.strange)
    if is_stylegan2(network):
        return stylegan2_checkpoint(network, origin, len(data))
    if is_stylegan3(network):
        return stylegan3_checkpoint(network, origin, len(data))
    raise refuse("the generator in this checkpoint is of no known family (StyleGAN2, StyleGAN3)")


def _torch(data: memoryview, file: Path, kind: str) -> Checkpoint:
    content = TorchFile(data, kind)
    origin = {"format": f"torch {kind}", "sha256": sha256(data)}
    state = rosinality_state(content)
    if state is not None:
        return rosinality_checkpoint(content, state, origin | {"family": "rosinality"})
    return _biggan(content, file, origin)


def _biggan(content: TorchFile, file: Path, origin: dict[str, Any]) -> Checkpoint:
    for state in content.distinct_states():
        names = {str(name).removeprefix("module.") for name in state}
        if is_huggingface(names):
            origin |= {"family": "Hugging Face BigGAN"}
            return huggingface_checkpoint(content.tensors(state), config_beside(file), origin)
        if is_ajbrock(names):
            return ajbrock_checkpoint(content.tensors(state), config_beside(file), origin | {"family": "BigGAN-PyTorch"})
    raise refuse(f"no generator of a known family was found in this checkpoint; it holds: {content.contents()}")


def _tf_bundle(data: memoryview, file: Path) -> Checkpoint:
    tensors = read_tf_bundle(file)
    origin = {"format": "TensorFlow bundle", "sha256": sha256(*map(read_file, shard_files(file)))}
    if is_tf_biggan(tensors):
        return tf_biggan_checkpoint(tensors, file, config_beside(file), origin | {"family": "BigGAN-deep"})
    names = ", ".join(shown(name, 40) for name in sorted(tensors)[:8]) or "nothing"
    raise refuse(f"no generator of a known family was found in this TensorFlow checkpoint; it holds: {names}")


_READERS: dict[str, Callable[[memoryview, Path], Checkpoint]] = {
    "safetensors": _safetensors, "pickle": _pickle, "tf bundle": _tf_bundle,
    "zip": lambda data, file: _torch(data, file, "zip"), "torch legacy": lambda data, file: _torch(data, file, "legacy")}
