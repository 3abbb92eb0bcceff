"""Torch's two file formats: what torch writes is read; archives that lie, hide or swell are refused."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
from argparse import Namespace

import numpy as np
import pytest
import torch

from ganreact_core.errors import CheckpointError
from ganreact_core.synthesis.checkpoints import read_checkpoint
from ganreact_core.synthesis.checkpoints.torch_checkpoint import TorchFile
from tests.synthesis.pickle_writer import ORDERED, Name, Persistent, Raw, Reduce, code_of, pickled, watched

STORAGE = Persistent(("storage", Name("torch", "FloatStorage"), "0", "cpu", 4))
PICKLE = pickled({"a": Reduce(Name("torch._utils", "_rebuild_tensor_v2"), (STORAGE, 0, (4,), (1,), False, ORDERED))})
NUMBERS = np.arange(4, dtype=np.float32).tobytes()
RECORDS = {"m/data.pkl": PICKLE, "m/byteorder": b"little", "m/data/0": NUMBERS, "m/version": b"3\n"}


def saved(value, **options) -> bytes:
    stream = io.BytesIO()
    torch.save(value, stream, **options)
    return stream.getvalue()


def archive(records: dict[str, bytes] | list[tuple[str, bytes]], method=zipfile.ZIP_STORED, **attributes) -> bytes:
    stream = io.BytesIO()
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(stream, "w", method) as out:  # two of one name: on purpose
        for name, content in records.items() if isinstance(records, dict) else records:
            entry = zipfile.ZipInfo("placeholder" if name in ("", "\0") else name)
            entry.filename, entry.compress_type = name, method
            for key, value in attributes.items():
                setattr(entry, key, value)
            out.writestr(entry, content)
    return stream.getvalue()


@pytest.mark.parametrize("new_format", [True, False])
def test_what_torch_writes(new_format):
    draw = torch.Generator().manual_seed(0)
    a = torch.randn(3, 4, generator=draw)
    state = {"whole": a, "view": a[1:, ::2], "transposed": a.T, "half": a.half(), "double": a.double(), "bfloat": a.bfloat16(),
             "count": torch.tensor(7), "flags": torch.tensor([True, False]), "parameter": torch.nn.Parameter(a)}
    extras = {"args": Namespace(size=64), "optimizer": {"state": {0: {"step": 1}}}}
    extras |= {} if new_format else {"net": torch.nn.ReLU()}
    content = saved({"g_ema": state, **extras}, _use_new_zipfile_serialization=new_format)
    file = TorchFile(memoryview(content), "zip" if new_format else "legacy")
    found = file.tensors(file.states()["g_ema"])
    assert found.keys() == state.keys()
    for name, tensor in state.items():
        wanted = tensor.detach()
        wanted = wanted.float() if wanted.is_floating_point() else wanted
        assert np.array_equal(found[name], wanted.numpy()) and found[name].shape == tuple(wanted.shape), name
        assert found[name].dtype == wanted.numpy().dtype


def test_the_plain_archive_is_read():
    file = TorchFile(memoryview(archive(RECORDS)), "zip")
    assert file.tensors(file.root)["a"].tolist() == [0, 1, 2, 3]


def test_parallel_training_leaves_no_prefix():
    file = TorchFile(memoryview(saved({"module.a": torch.ones(1), "module.b.c": torch.ones(1)})), "zip")
    assert set(file.tensors(file.root)) == {"a", "b.c"}


def changed(**records: bytes) -> dict[str, bytes]:
    return RECORDS | {f"m/{'data.pkl' if name == 'data_pkl' else name}": content for name, content in records.items()}


def patched(content: bytes, old: bytes, new: bytes, count: int = -1) -> bytes:
    assert old in content
    return content.replace(old, new, count)


def overlapping() -> bytes:
    """Two lines of the directory for one stored record (a quoted-overlap bomb in small)."""
    whole = archive(RECORDS)
    end = len(whole) - 22
    count, size, begin = struct.unpack("<HII", whole[end + 10:end + 20])
    line = whole[begin:begin + 46 + len("m/data.pkl")]
    return whole[:end] + line.replace(b"m/data.pkl", b"m/data/9.x") + whole[end:end + 8] + struct.pack(
        "<HHIIH", count + 1, count + 1, size + len(line), begin, 0)


TWICE = pickled([STORAGE, Persistent(("storage", Name("torch", "IntStorage"), "0", "cpu", 4))])
whole = archive(RECORDS)
ENCRYPTED = patched(whole, b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00")
bomb = archive({**RECORDS, "m/data/1": bytes(32 << 20)}, zipfile.ZIP_DEFLATED)


@pytest.mark.parametrize(("content", "match"), [
    (bomb, "is compressed"), (archive([*RECORDS.items(), ("m/data.pkl", PICKLE)]), "two records"),
    (overlapping(), "not where the directory says|overlaps"), (whole + b"x", "follows the archive"),
    (whole + archive(RECORDS), "directory of this zip|hole|fit"),
    (b"PK\x03\x04" + b"#!/bin/sh" + whole, "directory|hole|fit"),
    (archive(changed(data_pkl=PICKLE + b"x")), "goes on after"),
    (archive({**RECORDS, "m/../../x": b""}), "unknown record"),
    (archive({**RECORDS, "/etc/passwd": b""}), "unknown record"),
    (archive({**RECORDS, "C:\\x": b""}), "unknown record"), (archive({**RECORDS, "m\\data\\1": b""}), "unknown record"),
    (archive({**RECORDS, "m/data/..": b""}), "unknown record"),
    (archive({**RECORDS, "n/data/1": b""}), "unknown record"),
    (archive({**RECORDS, "m/data/" + "9" * 60: b""}), "unknown record"),
    (archive({**RECORDS, "m/run.py": b""}), "unknown record"),
    (archive(RECORDS, external_attr=0xA1FF << 16), "a link"), (ENCRYPTED, "encrypted"),
    (archive({"m/data.pkl": PICKLE}), "'data/0' is missing"), (archive({"m/version": b"3"}), "no checkpoint of torch"),
    (archive({"word/document.xml": b"<xml>"}), "no checkpoint of torch"),
    (archive(changed(**{"data/0": NUMBERS[:-1]})), "15 bytes"),
    (archive(changed(**{"data/0": NUMBERS + b"x"})), "17 bytes"),
    (patched(whole, NUMBERS, b"\1" + NUMBERS[1:]), "checksum"),
    (archive(changed(byteorder=b"big")), "big-endian"), (archive({**RECORDS, "m/constants.pkl": b""}), "TorchScript"),
    (archive({**RECORDS, "m/code/x.py": b""}), "TorchScript"),
    (archive({**RECORDS, "m/.data/extern_modules": b""}), "torch.package"),
    (archive(changed(data_pkl=PICKLE.replace(b"FloatStorage", b"QInt8Storage"))), "no known network needs"),
    (archive(changed(data_pkl=TWICE)), "two ways"),
    (archive(changed(data_pkl=pickled({"a": Reduce(Name("os", "system"), ("true",))}))), "'os.system'"),
    (archive(changed(data_pkl=b"")), "cut"), (archive(changed(data_pkl=pickled([1]))), "a list"),
    (whole[:-30] + bytes(8) + whole[-22:], "directory|record"),
], ids=lambda value: value if isinstance(value, str) else "file")
def test_archives_that_lie(tmp_path, content, match):
    path = tmp_path / "net.pt"
    path.write_bytes(content)
    with watched(path), pytest.raises(CheckpointError, match=match) as caught:
        read_checkpoint(path)
    assert str(caught.value).isprintable()


def test_storages_that_are_referred_to_are_counted(tmp_path):
    id = code_of(("storage", Name("torch", "FloatStorage"), "0", "cpu", len(NUMBERS) // 4)) + b"q\x01"
    root = pickled(Raw(b"](" + id + b"Q" + b"h\x01Q" * 20_000 + b"e"))
    (tmp_path / "many.pt").write_bytes(archive({**RECORDS, "m/data.pkl": root}))
    with pytest.raises(CheckpointError, match="refers to more than 20000"):
        read_checkpoint(tmp_path / "many.pt")


def test_a_storage_key_is_no_path(tmp_path):
    path = tmp_path / "net.pt"
    path.write_bytes(archive(changed(data_pkl=PICKLE.replace(b"X\x01\x00\x00\x000", b"X\x0a\x00\x00\x00../version"))))
    with watched(path), pytest.raises(CheckpointError, match=r"'data/\.\./version' is missing"):
        read_checkpoint(path)


@pytest.mark.parametrize("percent", [1, 25, 50, 75, 90, 99])
@pytest.mark.parametrize("new_format", [True, False])
def test_cut_files(tmp_path, percent, new_format):
    content = saved({"a": torch.arange(5000.0)}, _use_new_zipfile_serialization=new_format)
    path = tmp_path / "net.pt"
    path.write_bytes(content[:len(content) * percent // 100])
    with watched(path), pytest.raises(CheckpointError, match="the file is cut"):
        read_checkpoint(path)


def test_a_legacy_file_with_something_behind_it(tmp_path):
    path = tmp_path / "net.pt"
    path.write_bytes(saved({"a": torch.ones(3)}, _use_new_zipfile_serialization=False) + archive(RECORDS))
    with watched(path), pytest.raises(CheckpointError, match="follow the end"):
        read_checkpoint(path)


@pytest.mark.parametrize("new_format", [True, False])
@pytest.mark.parametrize("value", [[1, 2], 5, {"state_dict": {"encoder.weight": 1}}, {}, {1: 2}, {"d": 1, "d_optim": 2}])
def test_files_without_a_generator(tmp_path, value, new_format):
    path = tmp_path / "net.pt"
    path.write_bytes(saved(value, _use_new_zipfile_serialization=new_format))
    with watched(path), pytest.raises(CheckpointError, match="no generator"):
        read_checkpoint(path)


def test_only_one_kind_of_error_leaves(tmp_path):
    draw = np.random.RandomState(0)
    content = saved({"g_ema": {"conv1.conv.modulation.weight": torch.ones(4, 4)}})
    path = tmp_path / "net.pt"
    for _ in range(300):
        broken = bytearray(content)
        for place in draw.randint(0, len(broken), draw.choice([1, 1, 3, 20])):
            broken[place] = draw.randint(256)
        path.write_bytes(broken)
        with watched(path), pytest.raises(CheckpointError):
            read_checkpoint(path)
