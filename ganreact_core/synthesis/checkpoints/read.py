"""From a path to a checkpoint: the content says which reader is asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from .kinds import kind_of
from .machine import Machine
from .nvidia import find_generator, flatten, nvidia_global, source_label
from .nvidia_stylegan2 import is_stylegan2, stylegan2_checkpoint
from .nvidia_stylegan3 import is_stylegan3, stylegan3_checkpoint
from .opening import read_file, sha256
from .records import Checkpoint, Symbol, refuse, shown
from .rosinality import rosinality_checkpoint, rosinality_state
from .safetensors_file import from_safetensors, parse_json
from .tensorflow_stylegan2 import NETWORK, is_tensorflow, tensorflow_checkpoint
from .torch_checkpoint import TorchFile

EMBEDDED = "embedded"
_EMBEDDED_FILE = Path(__file__).parents[2] / "models" / "embedded.safetensors"
_CARD_BYTES = 1 << 20


def read_checkpoint(path: str | Path) -> Checkpoint:
    """Read a file, a folder (card beside weights), or "embedded". CheckpointError says why not."""
    file = _file_at(path)
    data = read_file(file)
    return _READERS[kind_of(data)](data, file)


def _file_at(path: str | Path) -> Path:
    """The file of weights that a path means."""
    if str(path) == EMBEDDED:
        if not _EMBEDDED_FILE.is_file():
            raise refuse("this installation lacks its embedded network; install GANReact again or choose a checkpoint")
        return _EMBEDDED_FILE
    path = Path(path)
    try:
        return _file_in(path) if path.is_dir() else path
    except OSError as cause:
        raise refuse(f"'{shown(path, 300)}' cannot be looked at ({cause.strerror or cause}); check the path") from cause


def _file_in(folder: Path) -> Path:
    """The only checkpoint of a folder."""
    found = sorted(child for child in folder.iterdir() if child.suffix == ".safetensors" and child.is_file())
    if len(found) == 1:
        return found[0]
    raise refuse(f"the folder '{shown(folder, 300)}' holds {len(found)} safetensors files where one is needed; "
                 "choose the file itself")


def _safetensors(data: memoryview, file: Path) -> Checkpoint:
    beside = file.with_suffix(".json")
    card = parse_json(_small(beside), "the card beside the checkpoint") if beside.is_file() else None
    return from_safetensors(data, card, sha256(data))


def _small(file: Path) -> bytes:
    content = read_file(file)
    if len(content) > _CARD_BYTES:
        raise refuse(f"the card '{shown(file.name)}' is too long ({len(content)} bytes)")
    return bytes(content)


def _pickle(data: memoryview, file: Path) -> Checkpoint:
    root, end = Machine(data, _pickle_global).run()
    if end != len(data):
        raise refuse(f"{len(data) - end} bytes follow the end of the checkpoint; it is not loaded", end)
    if is_tensorflow(root):
        return tensorflow_checkpoint(root, {"format": "TensorFlow pickle", "sha256": sha256(data)})
    return _from_nvidia(root, data)


def _pickle_global(module: str, name: str) -> bool:
    return nvidia_global(module, name) or Symbol(module, name) == NETWORK


def _from_nvidia(root: Any, data: memoryview) -> Checkpoint:
    network = flatten(find_generator(root))
    origin = {"format": "NVIDIA pickle", "sha256": sha256(data)} | source_label(network.texts)
    if is_stylegan2(network):
        return stylegan2_checkpoint(network, origin)
    if is_stylegan3(network):
        return stylegan3_checkpoint(network, origin)
    raise refuse("the generator in this checkpoint is of no known family (StyleGAN2, StyleGAN3)")


def _torch(data: memoryview, kind: str) -> Checkpoint:
    file = TorchFile(data, kind)
    origin = {"format": f"torch {kind}", "sha256": sha256(data)}
    state = rosinality_state(file)
    if state is not None:
        return rosinality_checkpoint(file, state, origin | {"family": "rosinality"})
    raise refuse(f"no generator of a known family was found in this checkpoint; it holds: {file.contents()}")


_READERS: dict[str, Callable[[memoryview, Path], Checkpoint]] = {
    "safetensors": _safetensors, "pickle": _pickle,
    "zip": lambda data, file: _torch(data, "zip"), "torch legacy": lambda data, file: _torch(data, "legacy")}
