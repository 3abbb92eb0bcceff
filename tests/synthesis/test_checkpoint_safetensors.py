"""Our own format: what is written can be read back; files that lie about their tensors are refused."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest

from ganreact_core.errors import CheckpointError, DiskError
from ganreact_core.synthesis.checkpoints import Checkpoint, read_checkpoint, save_safetensors
from ganreact_core.synthesis.checkpoints.safetensors_file import read_safetensors
from tests.synthesis.pickle_writer import TinyNetwork, watched

CARD = {"format_version": 1, "architecture": "stylegan2", "config": {}}


def container(header: object, body: bytes = b"", size: int | None = None) -> bytes:
    """A safetensors file with any header."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if size is None else size) + text + body


def entry(begin: int, end: int, shape=None, dtype="F32"):
    return {"dtype": dtype, "shape": [(end - begin) // 4] if shape is None else shape, "data_offsets": [begin, end]}


@pytest.fixture
def checkpoint(tmp_path) -> Checkpoint:
    path = tmp_path / "source.pkl"
    path.write_bytes(TinyNetwork.drawn().pickle())
    return read_checkpoint(path)


def same(found: Checkpoint, wanted: Checkpoint) -> bool:
    return found.tensors.keys() == wanted.tensors.keys() and all(
        np.array_equal(found.tensors[name], wanted.tensors[name]) and found.tensors[name].shape == wanted.tensors[name].shape
        for name in wanted.tensors)


def test_written_and_read_again(tmp_path, checkpoint):
    checkpoint.origin["licence"] = "CC0"
    save_safetensors(tmp_path / "out.safetensors", checkpoint)
    with watched(tmp_path / "out.safetensors"):
        found = read_checkpoint(tmp_path / "out.safetensors")
    assert same(found, checkpoint) and found.config == checkpoint.config and found.architecture == "stylegan2"
    assert found.origin["source_sha256"] == checkpoint.origin["sha256"] != found.origin["sha256"]
    told = [found.origin[key] for key in ("format", "source_format", "licence")]
    assert told == ["safetensors", "NVIDIA pickle", "CC0"]
    save_safetensors(tmp_path / "again.safetensors", found)
    assert read_checkpoint(tmp_path / "again.safetensors").origin["source_sha256"] == checkpoint.origin["sha256"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["again.safetensors", "out.safetensors", "source.pkl"]


def test_the_same_checkpoint_gives_the_same_bytes(tmp_path, checkpoint):
    for name in ("a", "b"):
        save_safetensors(tmp_path / name, checkpoint)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_half_precision_is_small_and_overflows_nothing(tmp_path, checkpoint):
    checkpoint.tensors["mapping.w_avg"] = np.array([1e6, 0, 0, 0], np.float32)
    save_safetensors(tmp_path / "half", checkpoint, half=True)
    save_safetensors(tmp_path / "full", checkpoint)
    found = read_checkpoint(tmp_path / "half").tensors
    assert (tmp_path / "half").stat().st_size < (tmp_path / "full").stat().st_size
    assert all(tensor.dtype == np.float32 for tensor in found.values())
    assert all(np.allclose(found[name], checkpoint.tensors[name], rtol=1e-3, atol=1e-6) for name in found)
    assert np.array_equal(found["mapping.w_avg"], checkpoint.tensors["mapping.w_avg"])


def test_bfloat16_is_widened():
    tensors, _ = read_safetensors(memoryview(container({"a": entry(0, 4, [2], "BF16")}, b"\x80\x3f\x40\xc0")))
    assert tensors["a"].tolist() == [1.0, -3.0] and tensors["a"].dtype == np.float32


def test_a_card_beside_the_weights(tmp_path):
    body = np.arange(3, dtype=np.float32).tobytes()
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "net.safetensors").write_bytes(container({"a": entry(0, 12)}, body))
    with pytest.raises(CheckpointError, match="no 'ganreact' card"):
        read_checkpoint(folder)
    (folder / "net.json").write_text(json.dumps(CARD | {"sample_seeds": [1, 2]}))
    for path in (folder, folder / "net.safetensors"):
        found = read_checkpoint(path)
        assert found.tensors["a"].tolist() == [0, 1, 2] and found.origin["sample_seeds"] == [1, 2]
    (folder / "second.safetensors").write_bytes(container({"a": entry(0, 12)}, body))
    with pytest.raises(CheckpointError, match="2 checkpoints"):
        read_checkpoint(folder)


@pytest.mark.parametrize("card", [b"", b"[]", b"{", b"\xff\xfe", b'{"format_version": 2}',
                                  b'{"format_version": 1, "config": {}}', b'{"format_version": 1, "architecture": 5, "config": {}}',
                                  b'{"a": 1, "a": 2}',
                                  b'{"format_version": 1, "architecture": "stylegan2", "config": []}', b" " * (2 << 20)])
def test_cards_that_say_nothing(tmp_path, card):
    (tmp_path / "net.safetensors").write_bytes(container({"a": entry(0, 4)}, bytes(4)))
    (tmp_path / "net.json").write_bytes(card)
    with watched(tmp_path / "net.safetensors", tmp_path / "net.json"), pytest.raises(CheckpointError, match=r"card|JSON|empty"):
        read_checkpoint(tmp_path / "net.safetensors")


LONG_INTEGER = b'{"a": {"dtype": "F32", "shape": [' + b"9" * 5000 + b'], "data_offsets": [0, 4]}}'
DEEP = b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


@pytest.mark.parametrize(("content", "match"), [
    (container({}, b"", 101 << 20), "header of"), (container(b"{}", b"", 2 ** 63), "header of"),
    (container(b"{}", b"", 300), "cut"),
    (container(b"{}"), "0 tensors"), (container(b"{" * 50), "JSON"), (container(DEEP), "JSON"),
    (container(b'{"\xff": 1}'), "JSON"),
    (container(LONG_INTEGER, bytes(4)), "JSON"), (container({"a": entry(0, 4, dtype="F8_E4M3")}, bytes(4)), "not supported"),
    (container({"a": entry(0, 4, dtype=["F32"])}, bytes(4)), "not supported"),
    (container({"a": entry(0, 8), "b": entry(4, 12)}, bytes(12)), "overlaps"),
    (container({"a": entry(0, 4), "b": entry(8, 12)}, bytes(12)), "hole"),
    (container({"a": entry(4, 8)}, bytes(8)), "hole"), (container({"a": entry(0, 8)}, bytes(4)), "cut"),
    (container({"a": entry(0, 4)}, bytes(5)), "follow the last"),
    (container({"a": entry(0, 8, [3])}, bytes(8)), "does not fit"),
    (container({"a": entry(0, 8, [-2])}, bytes(8)), "impossible"),
    (container({"a": entry(8, 0, [2])}, bytes(8)), "does not fit"),
    (container({"a": entry(0, 4, [2 ** 40, 2 ** 40])}, bytes(4)), "does not fit"),
    (container({"a": entry(0, 4, [2 ** 63])}, bytes(4)), "impossible"),
    (container({"a": entry(0, 4, [1] * 9)}, bytes(4)), "impossible"),
    (container({"a": entry(0, 0, [0])}), "impossible"), (container({"a": entry(0, 4, [True])}, bytes(4)), "impossible"),
    (container({"a": entry(0, 4, [1.0])}, bytes(4)), "impossible"),
    (container({"a": {"dtype": "F32"}}, bytes(4)), "unknown way"),
    (container({"a": [1]}), "unknown way"), (container({"": entry(0, 4)}, bytes(4)), "unknown way"),
    (container({"n" * 1000: entry(0, 4)}, bytes(4)), "unknown way"), (container({"__metadata__": {"a": 1}}), "texts"),
    (container({"__metadata__": []}), "texts"),
    (container({f"t{k}": entry(0, 0, [0]) for k in range(25_000)}), "25000 tensors"),
    (container(b'{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}, "a": 1}', bytes(4)), "repeated"),
    (container({"__metadata__": {"a": "x" * (20 << 20)}}), "header of"),
], ids=lambda value: value if isinstance(value, str) else "file")
def test_headers_that_lie(tmp_path, content, match):
    path = tmp_path / "net.safetensors"
    path.write_bytes(content)
    with watched(path), pytest.raises(CheckpointError, match=match) as caught:
        read_checkpoint(path)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("percent", [1, 25, 50, 75, 90, 99])
def test_cut_files(tmp_path, checkpoint, percent):
    path = tmp_path / "net.safetensors"
    save_safetensors(path, checkpoint)
    whole = path.read_bytes()
    path.write_bytes(whole[:len(whole) * percent // 100])
    with pytest.raises(CheckpointError, match="the file is cut"):
        read_checkpoint(path)


def test_a_failed_write_leaves_nothing(tmp_path, checkpoint):
    (tmp_path / "taken").mkdir()
    with pytest.raises(DiskError):
        save_safetensors(tmp_path / "taken", checkpoint)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["source.pkl", "taken"]
