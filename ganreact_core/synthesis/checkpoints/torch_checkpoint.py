"""The .pt, .pth and .bin files of torch: a dictionary of tensors, in the zip format or the older one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .machine import described
from .nvidia import nvidia_global
from .records import Budget, refuse, shown
from .torch_legacy import read_legacy
from .torch_tensors import Storage, StorageKey, is_tensor, read_tensor
from .torch_zip import read_zip

_INERT = {("argparse", "Namespace"), ("pathlib", "PosixPath"), ("pathlib", "WindowsPath"), ("pathlib", "PurePosixPath")}
_MAX_TENSORS = 20_000


def torch_file_global(module: str, name: str) -> bool:
    """The names that training scripts leave in their files; all of them stay names."""
    return nvidia_global(module, name) or (module, name) in _INERT


class TorchFile:
    """The value in a file of torch, and its storages."""

    def __init__(self, data: memoryview, kind: str):
        self.storage_of: Callable[[Any], Storage]
        self.file_bytes = len(data)
        if kind == "zip":
            self.root, self.storage_of = read_zip(data, torch_file_global)
        else:
            self.root, storages = read_legacy(data, torch_file_global)
            self.storage_of = lambda record: storages[StorageKey.of(record).key]

    def tensors(self, state: dict[str, Any]) -> dict[str, np.ndarray]:
        """The tensors of a state dict by name; a common prefix "module." of parallel training is dropped."""
        records = {name: value for name, value in state.items() if type(name) is str and is_tensor(value)}
        if len(records) > _MAX_TENSORS:
            raise refuse(f"the checkpoint holds {len(records)} tensors, as no network does")
        start = "module." if records and all(name.startswith("module.") for name in records) else ""
        budget = Budget(self.file_bytes)
        return {name[len(start):]: budget.take(read_tensor(record, name, self.storage_of), name)
                for name, record in records.items()}

    def states(self) -> dict[str, dict[str, Any]]:
        """The state dicts in the file: by key, the file itself under ""."""
        if type(self.root) is not dict:
            raise refuse(f"there is no generator in this checkpoint; it holds {described(self.root)}")
        inner = {key: value for key, value in self.root.items() if type(key) is str and type(value) is dict}
        return {"": self.root} | inner

    def distinct_states(self) -> list[dict[str, Any]]:
        """The same without their keys, one that has many once."""
        return list({id(state): state for state in self.states().values()}.values())

    def contents(self) -> str:
        """What is in the file, for a message."""
        return ", ".join(shown(key, 40) for key in list(self.root)[:8]) or "nothing"
