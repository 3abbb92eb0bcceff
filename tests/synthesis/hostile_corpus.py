"""Bad checkpoints by kind, numbered 1 to 64: from genuine ones over gadgets, bombs and lies to paths that are no files.

Each is made when it is wanted: `make(folder)` writes it and returns the path to load.
"""

from __future__ import annotations

import json
import os
import random
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from tests.synthesis.pickle_writer import (
    Build,
    Name,
    Persistent,
    Raw,
    Reduce,
    TinyNetwork,
    code_of,
    module,
    pickled,
    storage_stream,
    tensor,
)
from tests.synthesis.test_checkpoint_hostile import GADGETS, W, again, kept, laughing
from tests.synthesis.test_checkpoint_safetensors import container, entry
from tests.synthesis.test_checkpoint_torch import (
    ENCRYPTED,
    NUMBERS,
    PICKLE,
    RECORDS,
    TWICE,
    archive,
    bomb,
    changed,
    overlapping,
    patched,
    saved,
    whole,
)
from tests.synthesis.tf_bundle_writer import write_bundle

DATA = Path(__file__).resolve().parent.parent / "data" / "checkpoints"
MORE_GADGETS = ["codecs.encode", "_codecs.decode", "builtins.open", "builtins.compile", "builtins.map", "copyreg._reconstructor",
                "functools.reduce", "ctypes.CDLL", "shutil.rmtree", "socket.create_connection", "urllib.request.urlopen",
                "pickle.loads", "marshal.loads", "numpy.core.multiarray._exec", "torch_utils.persistence.exec", "dnnlib.util.open_url"]


@dataclass(frozen=True)
class Bad:
    """One file. `verdict` is "refuse", "load", or "either"; `says` is a pattern of the sentence."""

    case: int
    name: str
    make: Callable[[Path], Path]
    verdict: str = "refuse"
    says: str = ""


def held(case: int, name: str, content: bytes | Callable[[], bytes], verdict: str = "refuse", says: str = "") -> Bad:
    """A file of given bytes, under a name that says nothing."""
    def make(folder: Path) -> Path:
        (folder / "stranger").write_bytes(content() if callable(content) else content)
        return folder / "stranger"

    return Bad(case, name, make, verdict, says)


def net(change: Callable[[TinyNetwork], object] = lambda net: None) -> Callable[[], bytes]:
    """The pickle of a small network with something changed."""
    def write() -> bytes:
        made = TinyNetwork.drawn()
        change(made)
        return made.pickle()

    return write


def weight(**lies: object) -> Callable[[], bytes]:
    """A small network with one tensor that lies."""
    return net(lambda n: n.tensors.update({"mapping.fc0.weight": tensor(W, **lies)}))


@cache
def corpus() -> list[Bad]:
    """All of them."""
    return [*_code(), *_exhaustion(), *_tensors(), *_archives(), *_downloads(), *_ours(), *_networks(), *_bundles(), *_paths()]


def _code() -> Iterator[Bad]:
    for file in sorted(DATA.glob("*.pkl")):
        yield held(2 if "poison" in file.name else 1, file.stem, file.read_bytes, "load")
    yield held(1, "tiny", net(), "load")
    for text in ("import os; os.system('true')", "raise SystemExit", "\x00", "x" * 100_000):
        yield held(2, f"text {text[:12]!r}", net(lambda n, text=text: setattr(n, "source", text)), "load")
    for gadget in GADGETS:
        payload = Reduce(Name(*gadget.rsplit(".", 1)), ("true",))
        group = 4 if "system" in gadget or "subprocess" in gadget else 5 if "builtin" in gadget else 7 if gadget[:5] in (
            "torch", "numpy") else 6
        yield held(3, f"{gadget} in a storage", net(
            lambda n, p=payload: n.tensors.update({"mapping.fc0.weight": tensor(W, object=p)})), says="no known network needs")
        yield held(group, f"{gadget} as root", pickled(payload), says=gadget.rsplit(".", 1)[0])
        yield held(group, f"{gadget} in a state", net(lambda n, p=payload: n.states["mapping"].update(hook=p)))
        yield held(8, f"{gadget}, then garbage", pickled(payload)[:-1] + b"\xff\x00garbage")
    for gadget in MORE_GADGETS:
        yield held(6, gadget, pickled({"G_ema": Reduce(Name(*gadget.rsplit(".", 1)), ())}))
    yield held(8, "payload, then the end", pickled(Reduce(Name("os", "system"), ("true",)))[:-2])
    second = pickled(Reduce(Name("os", "system"), ("true",)))
    yield held(9, "second pickle", lambda: net()() + second, says="follow the end")
    yield held(9, "bytes after the end", lambda: net()() + b"\0")
    yield held(10, "legacy, then a zip", lambda: saved({"a": 1}, _use_new_zipfile_serialization=False) + archive(RECORDS))
    yield held(11, "zip, then a zip", whole + archive(RECORDS))
    yield held(11, "a program, then a zip", b"PK\x03\x04" + b"#!/bin/sh" + whole)
    yield held(11, "zip with a tail", whole + b"x")
    for name, value in {"class": Build(Name("collections", "OrderedDict"), (None, {"__init__": 1})), "list": Build([], {"append": 1}),
                        "function": Build(Name("torch._utils", "_rebuild_tensor_v2"), (None, {"__code__": 1}))}.items():
        yield held(12, f"state of a {name}", pickled({"G_ema": value}))
    for code in (b"Pid\n.", b"(cos\nsystem\no.", b"(ios\nsystem\n.", b"\x82\x01.", b"\x83\x01\x00.", b"\x84\x01\x00\x00\x00.",
                 b"ccollections\nOrderedDict\n)}\x92.", b"\x96" + b"\0" * 8 + b".", b"\x97.", b"\x98."):
        yield held(13, f"instruction {code[:1].hex()}", b"\x80\x02" + code, says="no known network needs")
    for first, last in (("torch", "_utils._rebuild_tensor_v2"), ("os.path", "os.system"), ("torch._utils", 7)):
        yield held(14, f"computed name {first} {last}", pickled(Raw(code_of(first) + code_of(last) + b"\x93")))


def _exhaustion() -> Iterator[Bad]:
    two = b"\x80\x02"
    yield held(15, "memo", two + b"N" + b"".join(b"r" + struct.pack("<I", 2 ** 32 - 1 - k) for k in range(1000)) + b".")
    yield held(16, "deep lists", two + b"]" * 1_000_000 + b"a" * 999_999 + b".")
    yield held(16, "deep tuples", two + b"N" + b"\x85" * 300_000 + b".", says="holds a tuple")
    yield held(17, "billion laughs", lambda: pickled(laughing([], lambda inner: [inner, inner])))
    yield held(17, "modules that laugh", lambda: pickled({"G_ema": laughing(
        module("A", {}), lambda inner: module("A", {"_modules": {c: inner for c in "abc"}}))}))
    yield held(18, "colliding keys", lambda: pickled(Raw(b"}(" + b"".join(
        code_of(k * (2 ** 61 - 1)) + b"N" for k in range(11_000)) + b"u")), says="integer keys")
    yield held(19, "many tensors", lambda: pickled([Reduce(Name("torch._utils", "_rebuild_tensor_v2"), ())] * 20_001))
    yield held(19, "one storage many times", net(lambda n: n.states["mapping"].update(_buffers={
        "first": kept(tensor(np.zeros(75_000, np.float32)), 9), **{f"t{k}": again(9) for k in range(10_000)}})))
    for name, code in {"4 bytes": b"X" + struct.pack("<I", 2 ** 31), "8 bytes": b"\x8d" + struct.pack("<Q", 2 ** 63),
                       "bytes": b"\x8e" + struct.pack("<Q", 2 ** 62), "latin": b"T" + struct.pack("<i", -1)}.items():
        yield held(20, f"text of {name}", two + code + b"abc")
    for code in (b"\x8a\xff" + b"\x7f" * 255, b"\x8b" + struct.pack("<i", 2 ** 30) + b"\x7f", b"\x8b" + struct.pack("<i", -1)):
        yield held(21, f"integer {code[:3].hex()}", two + code + b".")
    yield held(22, "marks", two + b"N" + b"(" * 1_000_000 + b".")
    yield held(22, "pops", two + b"N0" * 3_000_000 + b"N.", says="more than 5000000 instructions")


def _tensors() -> Iterator[Bad]:
    for case, lies in (
        (23, {"size": (10 ** 6, 10 ** 6), "stride": (0, 0)}), (24, {"offset": 1}), (24, {"offset": 2 ** 62}), (25, {"size": (5, 4)}),
        (25, {"size": (16, 16)}), (26, {"size": (-4, 4)}), (26, {"stride": (-4, 1)}), (26, {"offset": -1}), (26, {"numel": -1}),
        (27, {"size": (1,) * 70, "stride": (1,) * 70}), (27, {"size": (2 ** 40, 2 ** 40)}), (27, {"size": (4, 0)}),
        (28, {"numel": 2 ** 40}), (28, {"count": 2 ** 40}), (28, {"raw": b"\0" * 60}), (30, {"rebuild": "_rebuild_qtensor"}),
        (30, {"type": Name("torch", "QInt8Storage")}), (31, {"rebuild": "_rebuild_sparse_tensor"}),
        (31, {"rebuild": "_rebuild_meta_tensor_no_storage"}), (31, {"rebuild": "_rebuild_wrapper_subclass"}),
        (31, {"rebuild": "_rebuild_nested_tensor"}), (32, {"type": Name("torch", "ComplexFloatStorage")}),
        (32, {"type": Name("torch", "Float8_e4m3fnStorage")}), (32, {"type": "FloatStorage"}),
        (29, {"object": [Persistent(("storage", Name("torch", t), "0", "cpu", 16, None)) for t in ("FloatStorage", "DoubleStorage")]}),
    ):
        yield held(case, f"tensor {str(lies)[:60]}", weight(**lies))
    yield held(29, "one record of two types", archive(changed(data_pkl=TWICE)), says="two ways")
    for kind in ("f2", "f8"):
        yield held(32, kind, net(lambda n, kind=kind: n.tensors.update({"mapping.fc0.weight": tensor(W.astype(kind))})), "load")
    yield held(32, "bfloat16", net(lambda n: n.tensors.update({"mapping.fc0.weight": tensor(
        (W.view(np.uint32) >> 16).astype("<u2"), type=Name("torch", "BFloat16Storage"))})), "load")
    network, objects = Name("dnnlib.tflib.network", "Network"), Reduce(Name("numpy", "dtype"), ("O", False, True))
    for bad in (Reduce(Name("numpy.core.multiarray", "scalar"), (objects, b"")),
                Build(Reduce(Name("numpy.core.multiarray", "_reconstruct"), (Name("numpy", "ndarray"), (0,), b"b")),
                      (1, (1,), objects, False, [Reduce(Name("collections", "OrderedDict"), ())]))):
        empty = Build(Reduce(network, ()), {"version": 4, "variables": []})
        state = {"version": 4, "variables": [("dlatent_avg", bad)], "components": {"synthesis": empty, "mapping": empty}}
        yield held(33, "array of objects", pickled((Build(Reduce(network, ()), state),)))
    for bad in (np.nan, np.inf, -np.inf):
        def spoil(n: TinyNetwork, bad: float = bad) -> None:
            n.tensors["synthesis.b8.conv0.weight"][0, 0, 0, :2] = bad
        yield held(34, str(bad), net(spoil), says="2 numbers")
    for factor in (0.0, 1e-42, 1e38):
        yield held(35, f"all {factor}", net(lambda n, f=factor: n.tensors.update(
            {name: np.full_like(value, f) for name, value in n.tensors.items() if "filter" not in name})), "load")


def _archives() -> Iterator[Bad]:
    yield held(36, "bomb", bomb, says="compressed")
    yield held(36, "pickle compressed", archive(RECORDS, zipfile.ZIP_DEFLATED))
    yield held(37, "zip in a zip", archive({"a.zip": archive({"b.zip": whole})}))
    size = struct.pack("<II", len(NUMBERS), len(NUMBERS))
    for claimed in (0xFFFFFFFE, 0xFFFFFFFF):
        yield held(37, f"claims {claimed}", whole.replace(size, struct.pack("<II", claimed, claimed)))
    wide = struct.pack("<HHQQ", 1, 16, 2 ** 62, 2 ** 62)
    yield held(37, "wide sizes that lie", lambda: archive(RECORDS, extra=wide).replace(size, b"\xff" * 8))
    yield held(38, "overlapping", overlapping())
    yield held(39, "two pickles", archive([*RECORDS.items(), ("m/data.pkl", PICKLE)]), says="two records")
    for name in ("m/../../x", "/etc/passwd", "C:\\x", "m\\data\\1", "m/data/..", "\0", "", "n/data/1", "m/data/" + "9" * 60, "m/run.py",
                 "~/x", "m//x", "m/./data.pkl"):
        yield held(40, f"record {name!r}", archive({**RECORDS, name: b""}))
    yield held(41, "key ../version", archive(changed(data_pkl=PICKLE.replace(b"X\x01\x00\x00\x000", b"X\x0a\x00\x00\x00../version"))))
    yield held(42, "link", archive(RECORDS, external_attr=0xA1FF << 16))
    yield held(42, "encrypted", ENCRYPTED)
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        yield held(42, f"method {method}", archive(RECORDS, method))
    for name in RECORDS:
        left = {key: value for key, value in RECORDS.items() if key != name}
        if name in ("m/data.pkl", "m/data/0"):
            yield held(43, f"without {name}", archive(left))
    for change, content in (("short", NUMBERS[:-1]), ("long", NUMBERS + b"x"), ("empty", b"")):
        yield held(44, change, archive(changed(**{"data/0": content})))
    for at in range(0, len(NUMBERS), 4):
        flipped = bytearray(NUMBERS)
        flipped[at] ^= 1
        yield held(45, f"bit {8 * at}", patched(whole, NUMBERS, bytes(flipped)), says="checksum")
    yield held(46, "big-endian zip", archive(changed(byteorder=b"big")), says="big-endian")
    big = storage_stream(W).replace(b"little_endian", b"litt1e_endian")
    yield held(46, "big-endian storage", net(lambda n: n.tensors.update({"mapping.fc0.weight": tensor(W, stream=big)})))


def _downloads() -> Iterator[Bad]:
    poison = (DATA / "ada_u_poison_modsrc_r16.pkl").read_bytes
    for percent in (1, 25, 50, 75, 90, 99):
        yield held(47, f"pickle cut at {percent} %", lambda p=percent: poison()[:len(poison()) * p // 100], says="cut")
        for new in (True, False):
            text = saved({"b": "x" * 9000}, _use_new_zipfile_serialization=new)
            yield held(47, f"torch cut at {percent} %, {new}", text[:len(text) * percent // 100], says="cut|checkpoint")
    for name, content in (("empty", b""), ("one byte", b"x"), ("one instruction", b"\x80"), ("zeros", bytes(100_000)),
                          *((f"random {k}", random.Random(k).randbytes(20_000)) for k in range(6))):
        yield held(48, name, content)
    for page in (b"<!DOCTYPE html><html>", b"\n <HTML><head>", b'<?xml version="1.0"?><Error/>', b"\xef\xbb\xbf<html>", b"<!-- x --><html>"):
        yield held(49, page[:12].decode("latin-1"), page, says="web page")
    for head in (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 381673535\n", b"version https://git-lfs"):
        yield held(50, f"pointer of {len(head)}", head, says="Git-LFS")
    for name, head in (("7-Zip", b"7z\xbc\xaf\x27\x1c"), ("RAR", b"Rar!\x1a\x07"), ("gzip", b"\x1f\x8b\x08"), ("bzip2", b"BZh9"),
                       ("xz", b"\xfd7zXZ\0"), ("zstd", b"\x28\xb5\x2f\xfd"), ("tar", b"name" + bytes(253) + b"ustar")):
        yield held(51, name, head + bytes(300), says=name)
    yield held(52, "constants", archive({**RECORDS, "m/constants.pkl": b""}), says="TorchScript")
    yield held(52, "code", archive({**RECORDS, "m/code/x.py": b""}), says="TorchScript")
    yield held(53, "package", archive({**RECORDS, "m/.data/extern_modules": b""}), says=r"torch\.package")
    for name, content in (("ONNX", b"\x08\x07\x12\x07pytorch" + bytes(40)), ("GGUF", b"GGUF" + bytes(40)), ("HDF5", b"\x89HDF\r\n\x1a\n"),
                          ("SavedModel", b"\x08\x01\x12\x05hello" + bytes(40)), ("Keras", archive({"config.json": b"{}"})),
                          ("numpy", b"\x93NUMPY\x01\x00"), ("picture", b"\x89PNG\r\n\x1a\n"), ("program", b"\x7fELF" + bytes(40))):
        yield held(54, name, content)


def _ours() -> Iterator[Bad]:
    four, deep = bytes(4), b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    for name, content in (("101 MB", container({}, b"", 101 << 20)), ("2⁶³", container(b"{}", b"", 2 ** 63)), ("0", container(b"", b"", 0)),
                          ("no JSON", container(b"{" * 50)), ("deep", container(deep)), ("UTF-8", container(b'{"\xff": 1}')),
                          ("dtype", container({"a": entry(0, 4, dtype="F8_E4M3")}, four))):
        yield held(55, f"header {name}", content)
    for name, header, body in (
        ("overlap", {"a": entry(0, 8), "b": entry(4, 12)}, 12), ("hole", {"a": entry(0, 4), "b": entry(8, 12)}, 12),
        ("more", {"a": entry(0, 4)}, 5), ("fewer", {"a": entry(0, 8)}, 4), ("shape", {"a": entry(0, 8, [3])}, 8),
        ("overflow", {"a": entry(0, 4, [2 ** 40, 2 ** 40])}, 4), ("negative", {"a": entry(0, 8, [-2])}, 8),
        ("backwards", {"a": entry(8, 0, [2])}, 8),
    ):
        yield held(56, f"ranges {name}", container(header, bytes(body)))
    yield held(57, "repeated key", container(b'{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}, "a": 1}', four))
    yield held(57, "nothing many times", container({f"t{k}": entry(0, 0, [0]) for k in range(25_000)}))
    yield held(57, "metadata", lambda: container({"__metadata__": {"a": "x" * (20 << 20)}}))


def _networks() -> Iterator[Bad]:
    wrong = [{"state_dict": {"model.diffusion_model.x": 1}}, {"D": 1, "augment_pipe": None}, {"optimizer": {}}, [1, 2], {}, {1: 2}, 3.5]
    for n, root in enumerate(wrong):
        yield held(58, f"pickle {n}", pickled(root), says="no generator")
        if isinstance(root, dict | list):
            yield held(58, f"torch {n}", lambda root=root: saved(root), says="no generator")
    for name in ("synthesis.b8.conv1.weight", "mapping.fc0.weight", "synthesis.b4.const", "mapping.w_avg", "synthesis.b8.torgb.bias"):
        for shape in ((), (1,), (3, 3, 3)):
            yield held(59, f"{name} {shape}", net(lambda n, a=name, s=shape: n.tensors.update({a: np.ones(s, np.float32)})))
        yield held(59, f"without {name}", net(lambda n, a=name: n.tensors.pop(a)))
    for path, key, value in (("", "img_resolution", 65536), ("", "img_resolution", 12), ("", "z_dim", 10 ** 9), ("", "img_channels", 4),
                             ("", "img_resolution", 16), ("mapping", "num_layers", 10 ** 9), ("", "c_dim", 100_000), ("", "w_dim", 16384)):
        yield held(60, f"{key} {value}", net(lambda n, p=path, k=key, v=value: n.states[p].update({k: v})))
    yield held(60, "vast safetensors", container({"a": entry(0, 4), "__metadata__": {"ganreact": json.dumps(
        {"format_version": 1, "architecture": "stylegan2", "config": {"z_dim": 4, "w_dim": 4, "resolution": 8192}})}}, bytes(4)))
    for name in ("../../x", "n" * 100_000, "\u202egnp.exe", "", "a\0b", "line\nbreak", "\ud800"):
        yield held(61, f"name {name[:12]!r}", net(lambda n, a=name: n.states["mapping"].update(_buffers={a: tensor(W)})), "either")


def _bundles() -> Iterator[Bad]:
    def bundle(spoil: Callable[[Path], object]) -> Callable[[Path], Path]:
        def make(folder: Path) -> Path:
            spoil(write_bundle(folder / "variables", {"linear/w": W, "step": np.array(3, np.int64)}))
            return folder / "variables.index"
        return make

    def shard(index: Path) -> Path:
        return index.with_name("variables.data-00000-of-00001")

    def flip(file: Path, at: int) -> None:
        content = bytearray(file.read_bytes())
        content[at] ^= 1
        file.write_bytes(content)

    yield Bad(62, "checksum of a tensor", bundle(lambda i: flip(shard(i), 3)), says="damaged")
    yield Bad(62, "checksum of the index", bundle(lambda i: flip(i, 5)), says="checksum|damaged")
    yield Bad(62, "shard gone", bundle(lambda i: shard(i).unlink()), says="is not there")
    yield Bad(62, "shard cut", bundle(lambda i: shard(i).write_bytes(shard(i).read_bytes()[:-1])), says="does not fit")
    yield Bad(62, "shard is a fifo", bundle(lambda i: (shard(i).unlink(), os.mkfifo(shard(i)))), says="not a file")
    yield Bad(62, "no generator", bundle(lambda i: None), says="step")
    for part in (0.3, 0.9):
        yield Bad(62, f"index cut at {part}", bundle(lambda i, p=part: i.write_bytes(i.read_bytes()[:int(p * i.stat().st_size)])))
    yield Bad(62, "snappy", lambda folder: write_bundle(folder / "variables", {"linear/w": W}, kind=b"\1"), says="compressed")


def _paths() -> Iterator[Bad]:
    def at(name: str, act: Callable[[Path], object]) -> Callable[[Path], Path]:
        def make(folder: Path) -> Path:
            act(folder / name)
            return folder / name
        return make

    yield Bad(63, "link to nowhere", at("link", lambda p: p.symlink_to(p.with_name("gone"))))
    yield Bad(64, "fifo", at("fifo", os.mkfifo), says="not a file")
    yield Bad(64, "folder", at("folder", Path.mkdir))
    yield Bad(64, "loop", at("loop", lambda p: p.symlink_to(p)))
    yield Bad(64, "device", lambda folder: Path("/dev/zero"), says="not a file")
    yield Bad(64, "missing", at("missing", lambda p: None), says="is not there")
    yield Bad(64, "NUL in the name", lambda folder: folder / "nul\0")
    yield Bad(64, "5000 letters", lambda folder: folder / ("n" * 5000))
    yield Bad(64, "17 GiB", at("vast", lambda p: (p.touch(), os.truncate(p, 17 << 30))), says="larger")



