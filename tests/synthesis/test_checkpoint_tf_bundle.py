"""TensorFlow bundles, written by a writer of our own: read back to the bit, refused where anything is off."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from ganreact_core.errors import CheckpointError
from ganreact_core.synthesis.checkpoints.crc32c import crc32c
from ganreact_core.synthesis.checkpoints.tf_bundle import index_of, read_tf_bundle

_spec = importlib.util.spec_from_file_location("tf_bundle_writer", Path(__file__).with_name("tf_bundle_writer.py"))
writer = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(writer)


def tensors(n=90):
    draw = np.random.default_rng(3)
    kinds = ("float32", "float16", "int64", "float64")
    made = {f"Generator/GBlock_{k % 7}/conv{k}/w/ema_0.9999": draw.normal(0, 9, (3, k % 5 + 1, 2)).astype(kinds[k % 4]) for k in range(n)}
    return made | {"global_step": np.array(7, np.int64), "large": draw.normal(size=(200, 100)).astype("float32")}


@pytest.mark.parametrize(("shards", "per_block"), [(1, 1000), (1, 7), (3, 40)])
def test_what_is_written_is_read_to_the_bit(tmp_path, shards, per_block):
    wanted = tensors()
    found = read_tf_bundle(writer.write_bundle(tmp_path / "model.ckpt-5", wanted, shards=shards, per_block=per_block))
    assert set(found) == set(wanted)
    for name, a in wanted.items():
        assert np.array_equal(found[name], a.astype(np.float32) if a.dtype.kind == "f" else a), name
        assert found[name].shape == a.shape


def test_a_folder_says_which_index_it_means(tmp_path):
    for step in (5, 9):
        writer.write_bundle(tmp_path / f"model.ckpt-{step}", tensors(3))
    assert index_of(tmp_path) is None
    (tmp_path / "checkpoint").write_text('model_checkpoint_path: "model.ckpt-9"\nall_model_checkpoint_paths: "model.ckpt-5"\n')
    assert index_of(tmp_path).name == "model.ckpt-9.index"
    (tmp_path / "checkpoint").write_text('model_checkpoint_path: "../../etc/model.ckpt-9"\n')
    assert index_of(tmp_path) is None


def test_the_checksum_is_castagnolis():
    assert crc32c(b"123456789") == 0xE3069283 and crc32c(b"") == 0
    assert crc32c(b"\0" * 32) == 0x8A9136AA and crc32c(b"\xff" * 32) == 0x62A8AB43  # RFC 3720, B.4
    long = bytes(range(256)) * 41
    assert crc32c(long) == _bitwise(long)


def _bitwise(data):
    register = 0xFFFFFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0x82F63B78 if register & 1 else 0)
    return register ^ 0xFFFFFFFF


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.5, 0.9, 0.99])
def test_a_cut_index_is_refused(tmp_path, share):
    index = writer.write_bundle(tmp_path / "m", tensors(20))
    index.write_bytes(index.read_bytes()[:int(share * index.stat().st_size)])
    with pytest.raises(CheckpointError):
        read_tf_bundle(index)


def test_a_missing_or_cut_or_damaged_shard_is_refused(tmp_path):
    index = writer.write_bundle(tmp_path / "m", tensors(20))
    shard = tmp_path / "m.data-00000-of-00001"
    whole = shard.read_bytes()
    for content, says in ((whole[:-1], "does not fit its place"), (whole[:500] + bytes([whole[500] ^ 1]) + whole[501:], "damaged")):
        shard.write_bytes(content)
        with pytest.raises(CheckpointError, match=says):
            read_tf_bundle(index)
    shard.unlink()
    with pytest.raises(CheckpointError, match="is not there"):
        read_tf_bundle(index)


def test_tensors_that_lie_over_each_other_are_refused(tmp_path):
    same = np.ones(50_000, np.float16)
    index = writer.write_bundle(tmp_path / "m", {f"w{k}": same for k in range(20)}, over_each_other=True)
    with pytest.raises(CheckpointError, match="overlaps"):
        read_tf_bundle(index)


def test_no_change_of_a_byte_ends_in_anything_but_tensors_or_one_kind_of_error(tmp_path):
    index = writer.write_bundle(tmp_path / "m", tensors(12))
    good, draw = index.read_bytes(), np.random.default_rng(5)
    for _ in range(300):
        bad = bytearray(good)
        for place in draw.integers(0, len(bad), draw.integers(1, 4)):
            bad[place] = draw.integers(0, 256)
        index.write_bytes(bytes(bad))
        try:
            read_tf_bundle(index)
        except CheckpointError as error:
            assert "\n" not in str(error)
