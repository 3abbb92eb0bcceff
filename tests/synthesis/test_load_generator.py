"""From a path to a generator on a device."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
import torch

from ganreact_core.errors import CheckpointError, InputFileError, UsageError
from ganreact_core.files import file_sha256
from ganreact_core.synthesis import load_generator
from ganreact_core.synthesis.checkpoints import Checkpoint, read_checkpoint, save_safetensors
from ganreact_core.synthesis.load import device_of, make_generator
from tests.synthesis.pickle_writer import TinyNetwork


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "net.whatever"
    file.write_bytes(TinyNetwork.drawn().pickle())
    return file


def test_the_name_of_a_file_does_not_matter(path):
    for name in ("net.pt", "net.safetensors", "net", "net.html"):
        other = path.with_name(name)
        other.write_bytes(path.read_bytes())
        assert load_generator(str(other)).resolution == (8, 8)


def test_converted_checkpoints_make_the_same_pictures(path, tmp_path):
    original = load_generator(path)
    save_safetensors(tmp_path / "net.safetensors", read_checkpoint(path))
    converted = load_generator(tmp_path / "net.safetensors")
    z = torch.from_numpy(np.random.RandomState(0).randn(2, 4).astype(np.float32))
    assert torch.equal(original.synthesize(original.map(z)), converted.synthesize(converted.map(z)))


def test_no_gradients_and_channels_last(path):
    G = load_generator(path)
    x = G.synthesize(G.map(torch.zeros(1, 4)))
    assert x.dtype == torch.float32 and x.shape == (1, 3, 8, 8) and not x.requires_grad
    assert not any(tensor.requires_grad for tensor in G.tensors.values())
    assert G.tensors["synthesis.b8.conv0.weight"].is_contiguous(memory_format=torch.channels_last)


def test_devices(path):
    assert device_of("auto") in ("cpu", "cuda", "mps")
    with pytest.raises(UsageError, match="tpu"):
        load_generator(path, "tpu")
    if not torch.cuda.is_available():
        with pytest.raises(UsageError, match="cuda"):
            load_generator(path, "cuda")
    assert load_generator(path, "auto").device.startswith(device_of("auto"))


def test_hash(path):
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert file_sha256(path) == digest == read_checkpoint(path).origin["sha256"]
    with pytest.raises(InputFileError):
        file_sha256(path.with_name("missing"))
    with pytest.raises(CheckpointError):
        read_checkpoint(path.with_name("missing"))


@pytest.mark.parametrize("config", [{"z_dim": 4}, {"z_dim": 4, "w_dim": 4, "resolution": 8, "exec": 1}, {}])
def test_configurations_of_a_card_are_checked(path, config):
    checkpoint = read_checkpoint(path)
    with pytest.raises(CheckpointError, match=r"w_dim|exec|z_dim"):
        make_generator(Checkpoint("stylegan2", config, checkpoint.tensors))


def test_an_unknown_architecture(path):
    with pytest.raises(CheckpointError, match="'transformer'"):
        make_generator(Checkpoint("transformer", {}, {}))
