"""Writes pickles instruction by instruction, so that tests can make the files that nobody should be able to make.

The NVIDIA-shaped networks carry the names of the real format and nothing else of it.
"""

from __future__ import annotations

import struct
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

MAGIC = 0x1950A86A20F9469CFC6C
STORAGE_TYPES = {"f4": "FloatStorage", "f2": "HalfStorage", "f8": "DoubleStorage", "i8": "LongStorage", "u1": "ByteStorage"}


@dataclass
class Name:
    """An import."""

    module: str
    name: str


@dataclass
class Reduce:
    """A call."""

    function: Any
    arguments: Any


@dataclass
class Build:
    """A value whose state is set."""

    value: Any
    state: Any


@dataclass
class Persistent:
    """A persistent id."""

    id: Any


@dataclass
class Raw:
    """Instructions as they are."""

    code: bytes


def code_of(value: Any) -> bytes:
    """The instructions that push a value."""
    match value:
        case Raw(code):
            result = code
        case Name(module, name):
            result = f"c{module}\n{name}\n".encode()
        case Reduce(function, arguments):
            result = code_of(function) + code_of(arguments) + b"R"
        case Build(target, state):
            result = code_of(target) + code_of(state) + b"b"
        case Persistent(id):
            result = code_of(id) + b"Q"
        case dict():
            result = b"}(" + b"".join(code_of(key) + code_of(member) for key, member in value.items()) + b"u"
        case list():
            result = b"](" + b"".join(map(code_of, value)) + b"e"
        case tuple():
            result = b"(" + b"".join(map(code_of, value)) + b"t"
        case _:
            result = _code_of_plain(value)
    return result


def _code_of_plain(value: Any) -> bytes:
    match value:
        case None | True | False:
            return {None: b"N", True: b"\x88", False: b"\x89"}[value]
        case int():
            size = value.bit_length() // 8 + 1
            return b"\x8a" + bytes([size]) + value.to_bytes(size, "little", signed=True)
        case float():
            return b"G" + struct.pack(">d", value)
        case str():
            text = value.encode("utf-8", "surrogatepass")
            return b"X" + struct.pack("<I", len(text)) + text
        case bytes():
            return b"B" + struct.pack("<I", len(value)) + value
    raise TypeError(type(value))


def pickled(value: Any, protocol: int = 2) -> bytes:
    """A whole pickle."""
    return b"\x80" + bytes([protocol]) + code_of(value) + b"."


# -- torch ---------------------------------------------------------------------------------------------------------

ORDERED = Reduce(Name("collections", "OrderedDict"), ())


def storage_stream(array: np.ndarray, **lies: Any) -> bytes:
    """A storage as torch.save writes it in its older format; `lies` replace what the stream says about itself."""
    raw = lies.get("raw", array.tobytes())
    numel = lies.get("numel", array.size)
    id = ("storage", lies.get("type", Name("torch", STORAGE_TYPES.get(array.dtype.str[1:], ""))), "0", "cuda:0", numel, None)
    parts = (lies.get("magic", MAGIC), 1001, {"protocol_version": 1001, "little_endian": True},
             lies.get("object", Persistent(id)), lies.get("keys", ["0"]))
    return b"".join(map(pickled, parts)) + struct.pack("<q", lies.get("count", numel)) + raw + lies.get("tail", b"")


def tensor(array: np.ndarray, **lies: Any) -> Reduce:
    """A parameter over a nested storage; `lies` go to the view (offset, size, stride) or to the storage."""
    array = np.asarray(array, order="C")
    size = lies.get("size", array.shape)
    stride = lies.get("stride", tuple(step // array.itemsize for step in array.strides))
    storage = Reduce(Name("torch.storage", "_load_from_bytes"), (lies.get("stream", storage_stream(array, **lies)),))
    view = (storage, lies.get("offset", 0), size, stride, False, ORDERED)
    return Reduce(Name("torch._utils", lies.get("rebuild", "_rebuild_tensor_v2")), view)


# -- NVIDIA's pickles -----------------------------------------------------------------------------------------------

RECONSTRUCT = Name("torch_utils.persistence", "_reconstruct_persistent_obj")


def module(class_name: str, state: dict[str, Any], source: str = "") -> Reduce:
    """A persistent object."""
    meta = {"type": "class", "version": 6, "module_src": source, "class_name": class_name, "state": state}
    return Reduce(RECONSTRUCT, (meta,))


@dataclass
class TinyNetwork:
    """The parts of an 8×8 StyleGAN2: change them, then write."""

    tensors: dict[str, Any]
    states: dict[str, dict[str, Any]]
    source: str = ""

    @staticmethod
    def drawn(seed: int = 0) -> TinyNetwork:
        """Random weights, 4 channels."""
        from ganreact_core.synthesis.generators.stylegan2 import StyleGAN2Config, expected_shapes

        config = StyleGAN2Config(z_dim=4, w_dim=4, resolution=8, mapping_layers=1)
        channels = {f"synthesis.b{size}.conv1.weight": (4,) for size in (4, 8)}
        draw = np.random.RandomState(seed)
        tensors: dict[str, Any] = {name: np.asarray(draw.standard_normal(shape), np.float32)
                                   for name, shape in expected_shapes(config, channels).items()}
        taps = np.outer([1, 3, 3, 1], [1, 3, 3, 1]).astype(np.float32) / 64
        tensors |= {"synthesis.b4.resample_filter": taps, "synthesis.b8.conv0.resample_filter": taps}
        layer = {"activation": "lrelu", "use_noise": True, "conv_clamp": None}
        states = {"": {"z_dim": 4, "w_dim": 4, "c_dim": 0, "img_resolution": 8, "img_channels": 3},
                  "mapping": {"num_layers": 1}, "mapping.fc0": {"activation": "lrelu", "bias_gain": 0.01},
                  "synthesis": {"block_resolutions": [4, 8]}, "synthesis.b4": {"architecture": "skip"},
                  "synthesis.b8": {"architecture": "skip"}, "synthesis.b8.conv1": layer, "synthesis.b4.conv1": layer}
        return TinyNetwork(tensors, states)

    def module(self, path: str = "") -> Reduce:
        """The persistent object of one module with all below it."""
        start = f"{path}." if path else ""
        names = [name[len(start):] for name in (*self.tensors, *self.states) if name.startswith(start) and name != path]
        children = dict.fromkeys(name.partition(".")[0] for name in names if "." in name or start + name in self.states)
        own = {name: self._record(self.tensors[start + name]) for name in names
               if start + name in self.tensors and "." not in name}
        state = {"_buffers": {}, **self.states.get(path, {}), "_parameters": own,
                 "_modules": {child: self.module(start + child) for child in children if child}}
        return module("Part", state, self.source)

    def pickle(self) -> bytes:
        """A file as an artist has it."""
        return pickled({"training_set_kwargs": None, "G_ema": self.module()}, protocol=3)

    @staticmethod
    def _record(value: Any) -> Any:
        return tensor(value) if isinstance(value, np.ndarray) else value


# -- watching ------------------------------------------------------------------------------------------------------

_seen: list[tuple[str, tuple]] | None = None
_FORBIDDEN = ("exec", "compile", "import", "subprocess", "socket", "ctypes", "os.", "shutil", "urllib", "webbrowser", "open",
              "pickle.find_class", "marshal", "code.__new__")


def _hook(event: str, arguments: tuple) -> None:
    if _seen is not None and event.startswith(_FORBIDDEN):
        _seen.append((event, arguments))


sys.addaudithook(_hook)


@contextmanager
def watched(*allowed_files: Path, seconds: float = 2.0) -> Iterator[None]:
    """Nothing is executed, imported, started, connected or opened in here but the given files, and it is quick."""
    global _seen  # an audit hook cannot be removed, only silenced
    _seen, started = [], time.thread_time()  # of this thread, so that a busy machine fails no test
    try:
        yield
    finally:
        events, _seen = _seen, None
        took_s = time.thread_time() - started
        names = {str(file) for file in allowed_files}
        reads = ("open", "os.listdir", "os.scandir")
        foreign = [event for event in events if not (event[0] in reads and str(event[1][0]) in names)]
        assert not foreign, foreign[:3]
        assert took_s <= seconds, f"{took_s:.1f} s"
