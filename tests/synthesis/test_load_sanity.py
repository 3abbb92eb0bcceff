"""Networks that load and yet make no pictures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ganreact_core.errors import CheckpointError
from ganreact_core.synthesis.checkpoints import read_checkpoint
from ganreact_core.synthesis.load import make_generator
from ganreact_core.synthesis.sanity import picture_doubts
from tests.synthesis.pickle_writer import TinyNetwork


@pytest.fixture
def checkpoint(tmp_path):
    (tmp_path / "net.pkl").write_bytes(TinyNetwork.drawn().pickle())
    return read_checkpoint(tmp_path / "net.pkl")


def changed(checkpoint, change):
    return replace(checkpoint, tensors={name: np.asarray(change(tensor)) for name, tensor in checkpoint.tensors.items()})


def test_a_sound_network(data):
    for name in ("ada_u_poison_modsrc_r16", "ada_c5_map8_skip_proto3_r64"):
        assert picture_doubts(make_generator(read_checkpoint(data / "checkpoints" / f"{name}.pkl"))) == []


@pytest.mark.parametrize(("change", "match"), [
    (np.zeros_like, "one flat colour"), (lambda t: np.full_like(t, 1e38), "not finite|burnt"),
    (lambda t: np.full_like(t, 1e-42), "one flat colour"), (lambda t: t * np.float32(1e4), "burnt|not finite"),
])
def test_networks_that_make_no_pictures(checkpoint, change, match):
    found = picture_doubts(make_generator(changed(checkpoint, change)))
    assert len(found) == 1 and any(part in found[0] for part in match.split("|"))


def test_numbers_that_are_not_finite_are_refused(checkpoint):
    checkpoint.tensors["synthesis.b8.conv1.bias"][1:3] = [np.nan, np.inf]
    with pytest.raises(CheckpointError, match=r"conv1\.bias' holds 2 numbers"):
        make_generator(checkpoint)
