"""Pickles that want to harm, exhaust or deceive: each is refused with a sentence, and nothing in it is ever run."""

from __future__ import annotations

import contextlib
import os
import random
import struct

import numpy as np
import pytest

from ganreact_core.errors import CheckpointError
from ganreact_core.synthesis.checkpoints import read_checkpoint
from ganreact_core.synthesis.checkpoints.opening import _read_steady
from ganreact_core.synthesis.load import load_generator
from tests.synthesis.pickle_writer import (
    ORDERED,
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
    watched,
)

GADGETS = [
    "os.system", "posix.system", "nt.system", "builtins.eval", "builtins.exec", "builtins.getattr",
    "builtins.__import__", "__builtin__.eval", "subprocess.Popen", "subprocess.check_output",
    "uuid._get_command_stdout", "imaplib.IMAP4_stream", "_pyrepl.pager.pipe_pager", "pip.main", "logging.FileHandler",
    "runpy.run_path", "cProfile.run", "pdb.run", "timeit.timeit", "webbrowser.open", "torch.hub.load", "torch.jit.load",
    "torch.load", "torch.utils.cpp_extension.load_inline", "numpy.load", "numpy.f2py.compile", "functools.partial",
    "operator.attrgetter", "types.CodeType", "importlib.import_module", "torch.storage.UntypedStorage.from_file",
    "torch._utils.os.system",
]


def refused(file, content: bytes, match: str, seconds: float = 2.0) -> str:
    """Write, load, and see it refused with a sentence; returns the sentence."""
    file.write_bytes(content)
    with watched(file, seconds=seconds), pytest.raises(CheckpointError, match=match) as caught:
        load_generator(file)
    sentence = str(caught.value)
    assert "\n" not in sentence and sentence.isprintable() and len(sentence) < 900
    return sentence


@pytest.fixture(scope="module", autouse=True)
def warm(data, tmp_path_factory):
    """Everything that a reader imports is imported before anyone watches."""
    load_generator(data / "checkpoints" / "ada_u_poison_modsrc_r16.pkl")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "stranger.pkl"


@pytest.fixture
def net() -> TinyNetwork:
    return TinyNetwork.drawn()


def test_the_tiny_network_itself_loads(file, net):
    file.write_bytes(net.pickle())
    with watched(file):
        G = load_generator(file)
    assert (G.kind, G.resolution, G.num_ws) == ("stylegan2", (8, 8), 4)
    assert np.array_equal(G.tensors["synthesis.b8.conv0.weight"].numpy(), net.tensors["synthesis.b8.conv0.weight"])


def test_the_watch_sees_what_it_should(tmp_path):
    (tmp_path / "other").write_text("")
    for act in (lambda: exec("1"), (tmp_path / "other").read_text, lambda: os.system("true")):
        with pytest.raises(AssertionError), watched(tmp_path / "file"):
            act()


# -- wanting to run something ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["root", "state", "storage", "before garbage"])
@pytest.mark.parametrize("gadget", GADGETS)
def test_calls_of_foreign_functions(file, net, gadget, place):
    mark = file.with_name("harmed")
    payload = Reduce(Name(*gadget.rsplit(".", 1)), (f"touch {mark}",))
    if place == "root":
        content = pickled(payload)
    elif place == "state":
        net.states["mapping"]["hook"] = payload
        content = net.pickle()
    elif place == "storage":
        weights = np.zeros((4, 4), np.float32)
        net.tensors["mapping.fc0.weight"] = tensor(weights, object=payload)
        content = net.pickle()
    else:
        content = pickled(payload)[:-1] + b"\xff\x00garbage"
    assert gadget.rsplit(".", 1)[0] in refused(file, content, "no known network needs")
    assert not mark.exists()


def test_program_text_is_hashed_and_never_run(file, net, data):
    net.source = "raise SystemExit('run')"
    file.write_bytes(net.pickle())
    for path in (file, data / "checkpoints" / "ada_u_poison_modsrc_r16.pkl"):
        with watched(path):
            checkpoint = read_checkpoint(path)
        assert checkpoint.origin["network_source"] == "unknown"
        assert len(checkpoint.origin["network_source_sha256"]) == 1
    file.write_bytes(TinyNetwork.drawn().pickle())
    assert read_checkpoint(file).origin["network_source"] == "empty"


def test_a_second_pickle_after_the_end(file, net):
    refused(file, net.pickle() + pickled(Reduce(Name("os", "system"), ("true",))), "follow the end")


@pytest.mark.parametrize("code", [b"Pid\n.", b"(cos\nsystem\no.", b"(ios\nsystem\n.", b"\x82\x01.", b"\x83\x01\x00.",
                                  b"\x84\x01\x00\x00\x00.", b"ccollections\nOrderedDict\n)}\x92.", b"\x96" + b"\0" * 8 + b".",
                                  b"\x97.", b"\x98."])
def test_instructions_nobody_needs(file, code):
    refused(file, b"\x80\x02" + code, "which no known network needs")


@pytest.mark.parametrize("value", [
    Build(Name("collections", "OrderedDict"), (None, {"__init__": 1})),
    Build([], {"append": 1}),
    Reduce(Raw(code_of("os.system")), ()),
    Reduce(Reduce(Name("torch._utils", "_rebuild_parameter"), ()), ()),
    Reduce(Name("collections", "OrderedDict"), 5),
    Persistent(("storage", Name("torch", "FloatStorage"), "0", "cpu", 1, None)),
    Raw(code_of("torch") + code_of("_utils._rebuild_tensor_v2") + b"\x93"),
    Raw(code_of("torch._utils") + code_of(7) + b"\x93"),
    Raw(b"cos.path\nos.system\n"),
])
def test_state_calls_and_names_in_odd_places(file, value):
    refused(file, pickled({"G_ema": value}), "checkpoint")


# -- wanting to exhaust ------------------------------------------------------------------------------------------------


def kept(value, number: int) -> Raw:
    """A value that the pickle remembers under a number."""
    return Raw(code_of(value) + b"q" + bytes([number]))


def again(number: int) -> Raw:
    """The remembered value."""
    return Raw(b"h" + bytes([number]))


def laughing(leaf, member) -> Raw:
    """60 levels of values, each twice in the next: 2⁶⁰ paths in a few hundred bytes."""
    value = kept(leaf, 0)
    for k in range(60):
        value = Raw(value.code + b"0" + kept(member(again(k)), k + 1).code)
    return value


@pytest.mark.parametrize(("content", "match"), [
    (b"\x80\x02" + b"]" * 1_000_000 + b"a" * 999_999 + b".", "more than 100000 values"),
    (b"\x80\x02N" + b"(" * 1_000_000 + b".", "more than 1000 deep"),
    (pickled(laughing([], lambda inner: [inner, inner])), "holds a list"),
    (pickled({"G_ema": laughing(module("A", {}), lambda inner: module("A", {"_modules": {c: inner for c in "abc"}}))}),
     "more than 5000 modules|12 deep"),
    (b"\x80\x02N" + b"".join(b"r" + struct.pack("<I", 2 ** 32 - 1 - k) for k in range(1000)) + b".", "no generator"),
    (pickled(Raw(b"}(" + code_of(1.5) + b"Nu")), "as a key"),
    (b"\x80\x02X" + struct.pack("<I", 2 ** 31) + b"abc", "2147483648 bytes"),
    (b"\x80\x04\x8d" + struct.pack("<Q", 2 ** 63) + b"abc", "bytes"),
    (b"\x80\x04\x8e" + struct.pack("<Q", 2 ** 62) + b"abc", "left; download it again"),
    (b"\x80\x02\x8a\xff" + b"\x7f" * 255 + b".", "integer of 255 bytes"),
    (b"\x80\x02\x8b" + struct.pack("<i", 2 ** 30) + b"\x7f.", "integer of"),
    (b"\x80\x02\x8b" + struct.pack("<i", -1) + b".", "integer of -1"),
    (pickled([Reduce(Name("torch._utils", "_rebuild_tensor_v2"), ())] * 20_001), "more than 20000 tensors"),
])
def test_exhaustion(file, content, match):
    refused(file, content, match)


def test_a_length_that_leads_back_does_not_go_round_and_round(file):
    text = b"X" + struct.pack("<I", 1 << 20) + b"a" * (1 << 20) + b"0"
    refused(file, b"\x80\x02" + text + b"T" + struct.pack("<i", -len(text) - 5) + b".", "value of -1048587 bytes")


def test_a_long_text_that_many_modules_name_is_looked_through_once(file):
    text = kept("x\n" * (2 << 20), 1)
    parts = {f"m{k}": module("SynthesisLayer", {}, again(1)) for k in range(500)}
    refused(file, pickled({"G_ema": module("Generator", {"_modules": parts}, text)}), "no known family")


def test_members_that_many_modules_share_are_counted(file):
    members = kept({f"k{k}": None for k in range(50_000)}, 1)
    parts = {f"m{k}": module("A", {"_parameters": again(1)}) for k in range(500)}
    refused(file, pickled({"G_ema": module("A", {"_parameters": members, "_modules": parts})}), "100000 members")


def test_instructions_around_the_numbers_of_a_tensor_are_few(file, net):
    stream = storage_stream(np.zeros((4, 4), np.float32))
    net.tensors["mapping.fc0.weight"] = tensor(np.zeros((4, 4), np.float32), stream=stream[:2] + b"N0" * 600 + stream[2:])
    refused(file, net.pickle(), "more than 1000 instructions")


def test_copies_of_one_long_list_are_counted(file):
    copies = [Reduce(Name("__builtin__", "set"), (kept([None] * 60_000, 0),)), Reduce(Name("__builtin__", "set"), (again(0),))]
    refused(file, pickled(copies), "copies more than")


def test_a_module_that_contains_itself(file):
    state = kept({}, 2)
    code = kept(module("A", state), 3).code + b"0h\x02" + code_of("_modules") + code_of({"child": again(3)}) + b"s0"
    refused(file, pickled(Raw(code + code_of({"G_ema": again(3)}))), "nested more than 12 deep")


# -- wanting to deceive ------------------------------------------------------------------------------------------------

W = np.arange(16, dtype=np.float32).reshape(4, 4)


@pytest.mark.parametrize("lies", [
    {"size": (10 ** 6, 10 ** 6), "stride": (0, 0)}, {"offset": 1}, {"offset": 2 ** 62}, {"size": (5, 4)}, {"size": (-4, 4)},
    {"stride": (-4, 1)}, {"stride": (8, 1)}, {"offset": -1}, {"size": (1,) * 70, "stride": (1,) * 70}, {"size": (4, 0)},
    {"size": (2 ** 40, 2 ** 40)}, {"size": [4, 4]}, {"size": (4, 4, 1)}, {"size": (4.0, 4)}, {"size": (True, 4)}, {"stride": 1},
    {"numel": 2 ** 40}, {"numel": -1}, {"numel": 15}, {"count": 17}, {"raw": b"\0" * 60}, {"raw": b"\0" * 68}, {"tail": b"x"},
    {"magic": 7}, {"keys": []}, {"keys": ["1"]}, {"keys": ["0", "0"]}, {"object": {}}, {"stream": b""}, {"stream": b"\x80"},
    {"object": [Persistent(("storage", Name("torch", t), "0", "cpu", 16, None)) for t in ("FloatStorage", "IntStorage")]},
    {"type": Name("torch", "QInt8Storage")}, {"type": Name("torch", "ComplexFloatStorage")}, {"type": "FloatStorage"},
    {"rebuild": "_rebuild_qtensor"}, {"rebuild": "_rebuild_sparse_tensor"}, {"rebuild": "_rebuild_meta_tensor_no_storage"},
    {"rebuild": "_rebuild_wrapper_subclass"}, {"rebuild": "_rebuild_nested_tensor"},
], ids=lambda lies: str(lies)[:50])
def test_tensors_that_are_not_what_they_say(file, net, lies):
    net.tensors["mapping.fc0.weight"] = tensor(W, **lies)
    refused(file, net.pickle(), "checkpoint|tensor|number")


@pytest.mark.parametrize("dtype", ["f2", "f8"])
def test_other_precisions_become_float32(file, net, dtype):
    net.tensors["mapping.fc0.weight"] = tensor(W.astype(dtype))
    file.write_bytes(net.pickle())
    found = read_checkpoint(file).tensors["mapping.fc0.weight"]
    assert found.dtype == np.float32 and np.array_equal(found, W)


def test_single_numbers_in_bfloat16_become_float32_too(file, net):
    net.tensors["synthesis.b8.conv1.noise_strength"] = tensor(np.uint16(0x3F80), type=Name("torch", "BFloat16Storage"))
    file.write_bytes(net.pickle())
    found = load_generator(file).tensors["synthesis.b8.conv1.noise_strength"]
    assert found.shape == () and found.item() == 1.0


def test_bfloat16_becomes_float32(file, net):
    stored = (W.view(np.uint32) >> 16).astype("<u2")
    net.tensors["mapping.fc0.weight"] = tensor(stored, type=Name("torch", "BFloat16Storage"))
    file.write_bytes(net.pickle())
    assert np.array_equal(read_checkpoint(file).tensors["mapping.fc0.weight"], W)


def test_a_transposed_view_is_read_through_its_strides(file, net):
    net.tensors["mapping.fc0.weight"] = tensor(W, stride=(1, 4))
    file.write_bytes(net.pickle())
    assert np.array_equal(read_checkpoint(file).tensors["mapping.fc0.weight"], W.T)


@pytest.mark.parametrize(("path", "key", "value"), [
    ("", "img_resolution", 65536), ("", "img_resolution", 12), ("", "img_resolution", -8), ("", "img_resolution", None),
    ("", "img_resolution", "x" * 10 ** 5), ("", "z_dim", 10 ** 9), ("", "w_dim", 0), ("", "c_dim", -1), ("", "img_channels", 4),
    ("mapping", "num_layers", 10 ** 9), ("mapping", "num_layers", 2), ("mapping.fc0", "bias_gain", float("nan")),
    ("mapping.fc0", "activation", "relu"), ("synthesis.b8.conv1", "activation", "tanh"), ("synthesis.b8", "architecture", 1),
    ("synthesis.b8.conv1", "conv_clamp", float("inf")), ("synthesis.b8.conv1", "use_noise", 3), ("", "z_dim", [1]),
    ("synthesis", "block_resolutions", None),
])
def test_configurations_that_lie(file, net, path, key, value):
    net.states[path][key] = value
    refused(file, net.pickle(), "checkpoint|tensors|activation")


@pytest.mark.parametrize("name", ["../../x", "n" * 100_000, "\u202egnp.exe", "", "a\0b", "line\nbreak", "\ud800", "x",
                                  "w_avg", "fc0.weight"])
def test_odd_and_unexpected_tensor_names(file, net, name):
    net.states["mapping"]["_buffers"] = {name: tensor(W)}
    refused(file, net.pickle(), "is unexpected|two tensors")


def test_wrong_shapes_are_listed_up_to_five(file, net):
    for k, name in enumerate(sorted(net.tensors)[:8]):
        if "filter" not in name:
            net.tensors[name] = np.zeros((k + 2, 3), np.float32)
    sentence = refused(file, net.pickle(), "do not fit")
    assert sentence.count("instead of") + sentence.count("unexpected") == 5 and "more" in sentence


@pytest.mark.parametrize("name", ["synthesis.b8.conv1.weight", "mapping.fc0.weight", "synthesis.b4.const", "mapping.w_avg",
                                  "synthesis.b8.torgb.weight", "synthesis.b4.resample_filter"])
@pytest.mark.parametrize("shape", [(), (1,), (1, 1, 1, 1, 1)])
def test_shapes_that_sizes_are_read_from(file, net, name, shape):
    net.tensors[name] = np.ones(shape, np.float32)
    refused(file, net.pickle(), "do not fit|filters")


def test_filters_without_axes(file, net):
    for name in [name for name in net.tensors if name.endswith("resample_filter")]:
        net.tensors[name] = np.ones((), np.float32)
    refused(file, net.pickle(), "filters")


def test_one_storage_handed_out_many_times(file, net):
    """300 kB that would become 3 GB."""
    shared = kept(tensor(np.zeros(75_000, np.float32)), 9)
    names = {f"t{k}": again(9) for k in range(10_000)}
    net.states["mapping"]["_buffers"] = {"first": shared, **names}
    refused(file, net.pickle(), "far more numbers than the file has")


def test_modules_that_share_a_long_list_of_tensors(file):
    many = kept({"t": kept(tensor(np.zeros(1, np.float32)), 9), **{f"t{k}": again(9) for k in range(15_000)}}, 8)
    modules = {"first": module("A", {"_buffers": many})}
    modules |= {f"m{k}": module("A", {"_buffers": again(8)}) for k in range(1_000)}
    refused(file, pickled({"G_ema": module("A", {"_modules": modules})}), "more than 20000 tensors")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite(file, net, bad):
    net.tensors["synthesis.b8.conv0.weight"][0, 0, 0, :2] = bad
    refused(file, net.pickle(), r"synthesis\.b8\.conv0\.weight.* 2 numbers")


@pytest.mark.parametrize(("root", "match"), [
    ({"D": 1, "augment_pipe": None}, "holds: D, augment_pipe"), ([1, 2], "a list"), ({}, "nothing"), ({1: 2}, "holds: 1"),
    (tensor(W), "_rebuild_tensor_v2"), ({"G_ema": ORDERED}, "a dictionary"), ({"G_ema": None}, "nothing"), (3.5, "a number"),
    ({"G_ema": module("Generator", {})}, "no known family"),
    ({"G_ema": module("Generator", {"_modules": {"synthesis": 3}})}, "not a module"),
    ({"G_ema": Reduce(Name("torch_utils.persistence", "_reconstruct_persistent_obj"), (1,))}, "unknown way"),
    ({"G_ema": Reduce(Name("torch_utils.persistence", "_reconstruct_persistent_obj"), ({"state": 1},))}, "unknown way"),
])
def test_files_without_a_generator(file, root, match):
    refused(file, pickled(root), match)


# -- broken downloads --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("percent", [1, 25, 50, 75, 90, 99])
def test_cut_files(file, data, percent):
    whole = (data / "checkpoints" / "ada_u_poison_modsrc_r16.pkl").read_bytes()
    refused(file, whole[:len(whole) * percent // 100], "the file is cut")


@pytest.mark.parametrize(("content", "match"), [
    (b"", "empty"), (b"\x80", "no checkpoint"), (b"x", "no checkpoint"), (bytes(100_000), "zeros"),
    (random.Random(1).randbytes(100_000), "no checkpoint"), (b"<!DOCTYPE html><html><body>429</body>", "web page"),
    (b"\n <HTML><head>", "web page"), (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code>', "web page"),
    (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 381673535\n", "Git-LFS pointer"),
    (b"7z\xbc\xaf\x27\x1c" + bytes(40), "7-Zip"), (b"Rar!\x1a\x07", "RAR"), (b"\x1f\x8b\x08" + bytes(40), "gzip"),
    (b"name" + bytes(253) + b"ustar" + bytes(300), "tar archive"), (b"GGUF" + bytes(40), "GGUF"), (b"\x89HDF\r\n", "HDF5"),
    (b"\x08\x07\x12\x07pytorch" + bytes(40), "ONNX"), (b'{"a": 1}', "JSON"), (b"\x7fELF" + bytes(40), "program"),
    (b"\x89PNG\r\n\x1a\n", "picture"), (b"cos\nsystem\n(S'true'\ntR.", "no checkpoint"),
    (b"PK\x05\x06" + bytes(18), "empty zip"),
])
def test_files_that_are_something_else(file, content, match):
    refused(file, content, match)


def test_paths_that_are_no_files(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    for path in ("loop", "fifo", "folder", "missing", "nul\0", "n" * 5000):
        with watched(tmp_path / "folder"), pytest.raises(CheckpointError):
            read_checkpoint(tmp_path / path)
    with pytest.raises(CheckpointError, match="not a file"):
        read_checkpoint("/dev/zero")


def test_a_file_that_is_exchanged_while_it_is_read(tmp_path, net):
    path = tmp_path / "net.pkl"
    path.write_bytes(net.pickle())
    seen = path.stat()
    path.with_name("other").write_bytes(net.pickle())
    path.with_name("other").replace(path)
    with open(path, "rb") as file, pytest.raises(CheckpointError, match="changed while it was read"):
        _read_steady(file, path, seen)


# -- all kinds of damage -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_only_one_kind_of_error_leaves(file, seed):
    draw = random.Random(seed)
    whole = TinyNetwork.drawn().pickle()
    for _ in range(150):
        broken = bytearray(whole)
        for _ in range(draw.choice((1, 1, 4, 30))):
            place = draw.randrange(len(broken))
            broken[place:place + draw.choice((0, 1, 1, 8))] = draw.randbytes(draw.choice((1, 1, 2, 9)))
        file.write_bytes(broken)
        with watched(file), contextlib.suppress(CheckpointError):
            load_generator(file)


@pytest.mark.filterwarnings("ignore:TypedStorage is deprecated")  # torch reads it as one all the same
def test_a_stream_of_storage_is_what_torch_writes(tmp_path):
    """The test's own writer against the real one."""
    torch = pytest.importorskip("torch")
    path = tmp_path / "storage.pt"
    path.write_bytes(storage_stream(W))
    stored = torch.load(path, weights_only=True, map_location="cpu")
    assert torch.equal(torch.tensor(stored.tolist()), torch.from_numpy(W).flatten())
