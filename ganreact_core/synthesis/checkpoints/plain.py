"""Tensors by name from a file that is no generator: the layers of a perceptual network, for example."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .kinds import kind_of
from .opening import read_file
from .records import one_error, refuse
from .safetensors_file import read_safetensors
from .torch_checkpoint import TorchFile
from .torch_tensors import is_tensor


def read_tensors(path: str | Path) -> dict[str, np.ndarray]:
    """The tensors of a .safetensors file, or of the largest state dict in a .pt or .pth; CheckpointError says why not."""
    data = read_file(Path(path))
    with one_error():
        kind = kind_of(data)
        if kind == "safetensors":
            return read_safetensors(data)[0]
        if kind not in ("zip", "torch legacy"):
            raise refuse("this is neither a .safetensors nor a .pth file of tensors; choose another")
        content = TorchFile(data, kind.removeprefix("torch "))
        return content.tensors(max(content.distinct_states(), key=lambda state: sum(map(is_tensor, state.values()))))
