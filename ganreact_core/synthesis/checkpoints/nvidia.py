"""Pickles of NVIDIA's PyTorch repositories: a tree of modules, each with its state and its program text.

The text is hashed and forgotten. Which computation to run follows from the modules' states, by our own generators.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...errors import CheckpointError
from .machine import Limits, described
from .records import Budget, Call, refuse, shown
from .torch_legacy import read_legacy
from .torch_tensors import Storage, StorageKey, is_tensor, read_tensor, torch_global

_PERSISTENT = ("torch_utils.persistence", "_reconstruct_persistent_obj")
_NAMES = {_PERSISTENT, ("torch.storage", "_load_from_bytes"), ("dnnlib.util", "EasyDict"), ("dnnlib", "EasyDict"),
          ("numpy", "dtype"), ("numpy", "ndarray"), ("_codecs", "encode"),
          *((f"numpy.{core}.multiarray", name) for core in ("core", "_core") for name in ("scalar", "_reconstruct"))}
_CLASSES = re.compile(r"(torch\.nn\.modules|timm|pg_modules|feature_networks)(\.[a-z]\w*)+")
"""Where plain modules come from that lie beside or in a generator: of StyleGAN-XL, and the discriminators of its files."""
_PARTS = {"Generator", "SuperresGenerator", "MappingNetwork", "SynthesisNetwork", "SynthesisBlock", "SynthesisLayer",
          "SynthesisInput", "ToRGBLayer", "FullyConnectedLayer", "Conv2dLayer"}
KNOWN_TEXTS: frozenset[str] = frozenset()
"""sha256 of program texts whose computations were compared with ours; none could be, so that a text is known by its parts."""
_DEPTH = 12
_MODULES = 5_000
_TENSORS = 20_000
_MEMBERS = 100_000
_OF_ONE_TENSOR = Limits(opcodes=1_000)  # the stream around the numbers of a tensor has a few dozen


def nvidia_global(module: str, name: str) -> bool:
    """The names that these pickles need; those of classes of modules stay names like all others."""
    plain_class = _CLASSES.fullmatch(module) and re.fullmatch(r"[A-Z]\w*", name)
    return (module, name) in _NAMES or torch_global(module, name) or bool(plain_class)


@dataclass
class Network:
    """A tree of modules, flattened: the state of each by its path ("synthesis.b8.conv0"), the records of the tensors.

    texts    the program texts
    strange  classes that no known network is made of, or that their own text does not define
    """

    states: dict[str, dict[str, Any]] = field(default_factory=dict)
    records: dict[str, Call] = field(default_factory=dict)
    texts: set[str] = field(default_factory=set)
    strange: set[str] = field(default_factory=set)

    def get(self, path: str, key: str, default: Any = None) -> Any:
        """What the constructor of the module at `path` stored as `key`."""
        return self.states.get(path, {}).get(key, default)

    def tensors(self, file_bytes: int) -> dict[str, np.ndarray]:
        """All tensors, as arrays."""
        storages, budget = NestedStorages(), Budget(file_bytes)
        return {name: budget.take(read_tensor(record, name, storages), name) for name, record in self.records.items()}


def source_label(texts: set[str], strange: Collection[str] = ()) -> dict[str, Any]:
    """What is to be said about the program texts in a file: whether there are any, and whether they fit the network."""
    hashes = sorted(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() for text in texts if text)
    label = "empty" if not hashes else "known" if KNOWN_TEXTS.issuperset(hashes) else "unknown"
    found: dict[str, Any] = {"network_source": label, "network_source_sha256": hashes}
    return found | {"network_source_strange": sorted(shown(name, 40) for name in strange)[:8]} if strange else found


def find_generator(root: Any) -> Any:
    """The generator's module in a file: `G_ema` of a dictionary, or the only thing there is."""
    if type(root) is dict and "G_ema" in root:
        root = root["G_ema"]
    elif type(root) is dict:
        names = ", ".join(shown(key, 30) for key in list(root)[:8]) or "nothing"
        raise refuse(f"there is no generator (G_ema) in this checkpoint; it holds: {names}")
    if type(root) is not Call or (root.symbol.module, root.symbol.name) != _PERSISTENT:
        raise refuse(f"there is no generator in this checkpoint; it holds {described(root)}")
    return root


def flatten(module: Call) -> Network:
    """All modules below one, by path. Cycles and endless trees end at the caps."""
    network, members = Network(), 0
    defined: dict[tuple[str, str], bool] = {}  # one text can be named in thousands of modules
    for path, state, text, kind in _walk(module, "", 0):
        members += sum(len(state[group]) for group in ("_parameters", "_buffers", "_modules") if type(state.get(group)) is dict)
        if len(network.states) >= _MODULES or path in network.states or members > _MEMBERS:
            raise refuse(f"the checkpoint holds more than {_MODULES} modules with {_MEMBERS} members, as no network does",
                         module.byte)
        network.states[path] = state
        network.texts.add(text)
        if text and (kind, text) not in defined:
            defined[kind, text] = kind in _PARTS and bool(re.search(rf"^class {kind}\b", text, re.MULTILINE))
        if text and not defined[kind, text]:
            network.strange.add(kind)
        for name, value in _own_tensors(state):
            full = f"{path}.{name}" if path else name
            if len(network.records) >= _TENSORS:
                raise refuse(f"the checkpoint names more than {_TENSORS} tensors, as no network does", value.byte)
            if network.records.setdefault(full, value) is not value:
                raise refuse(f"the checkpoint holds two tensors '{shown(full)}'", value.byte)
    return network


def _walk(module: Any, path: str, depth: int) -> Iterator[tuple[str, dict[str, Any], str, str]]:
    state, text, class_name = _module(module, path)
    yield path, state, text, class_name
    children = state.get("_modules")
    for name, child in children.items() if type(children) is dict else ():
        if depth >= _DEPTH or type(name) is not str:
            raise refuse(f"the modules of the checkpoint are nested more than {_DEPTH} deep, as in no network")
        if child is not None:
            yield from _walk(child, f"{path}.{name}" if path else name, depth + 1)


def _module(module: Any, path: str) -> tuple[dict[str, Any], str, str]:
    """State, program text and class of a persistent object; a plain module of torch brings no text."""
    if type(module) is Call and _CLASSES.fullmatch(module.symbol.module) and type(module.state) is dict:
        return module.state, "", module.symbol.name
    if type(module) is not Call or (module.symbol.module, module.symbol.name) != _PERSISTENT:
        raise refuse(f"'{shown(path)}' in the checkpoint is {described(module)}, not a module of a network")
    meta = module.arguments[0] if len(module.arguments) == 1 else None
    if type(meta) is not dict or type(meta.get("state")) is not dict or type(meta.get("module_src", "")) is not str:
        raise refuse(f"the module '{shown(path)}' of the checkpoint is written in an unknown way", module.byte)
    return meta["state"], meta.get("module_src", ""), str(meta.get("class_name", ""))


def _own_tensors(state: dict[str, Any]) -> Iterator[tuple[str, Call]]:
    for group in ("_parameters", "_buffers"):
        members = state.get(group)
        for name, value in members.items() if type(members) is dict else ():
            if is_tensor(value):
                yield str(name), value


class NestedStorages:
    """Finds the storage in each `torch.storage._load_from_bytes(bytes)`: a whole torch stream, read by the inert machine."""

    def __init__(self) -> None:
        self._read: dict[int, Storage] = {}

    def __call__(self, record: Any) -> Storage:
        if id(record) not in self._read:
            self._read[id(record)] = self._parse(record)
        return self._read[id(record)]

    def _parse(self, record: Any) -> Storage:
        known = type(record) is Call and record.symbol.name == "_load_from_bytes"
        if not known or [type(argument) for argument in record.arguments] != [memoryview]:
            raise refuse(f"the numbers of a tensor are {described(record)}, which is not supported")
        try:
            value, storages = read_legacy(record.arguments[0], torch_global, _OF_ONE_TENSOR)
            key = StorageKey.of(value).key
        except CheckpointError as cause:
            raise refuse(f"the numbers of a tensor cannot be used: {cause}; they lie before", record.byte) from cause
        if len(storages) != 1:
            raise refuse("a tensor of the checkpoint holds more than its own numbers", record.byte)
        return storages[key]
