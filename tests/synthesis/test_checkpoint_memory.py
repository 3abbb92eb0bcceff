"""Large files: numbers are views into what was read, and what a network does not need is given back."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from ganreact_core.synthesis.checkpoints import read_checkpoint
from ganreact_core.synthesis.checkpoints.opening import _memory, release_rest
from ganreact_core.synthesis.load import make_generator
from tests.synthesis.pickle_writer import TinyNetwork, module, pickled, tensor

needs_pages = pytest.mark.skipif(sys.platform != "linux", reason="only here do pages that were given back read as zeros")


@pytest.fixture
def content():
    found = _memory(4 << 20)
    np.frombuffer(found, np.uint8)[:] = 7
    return found


@needs_pages
def test_what_is_kept_stays_and_the_rest_goes(content):
    whole = np.frombuffer(content, np.uint8)
    a, b = whole[100_000:300_000], whole[2_000_001:2_100_000][::-1]
    release_rest(content, [a, b, np.ones(5)])
    assert (a == 7).all() and (b == 7).all()
    assert not whole[8192:90_000].any() and not whole[310_000:1_990_000].any() and not whole[2_110_000:].any()


def test_small_files_are_left_alone():
    content = memoryview(bytearray(b"abc"))
    release_rest(content, [])
    assert bytes(content) == b"abc"


def test_a_network_beside_others_is_whole(tmp_path):
    """Weights lie at odd places of the file, between those of other networks."""
    net, draw = TinyNetwork.drawn(), np.random.RandomState(1)
    junk = [module("D", {"_parameters": {"w": tensor(draw.randn(400_001).astype(np.float32))}}, "x" * k) for k in range(2)]
    net.tensors["mapping.fc0.weight"] = np.asarray(draw.randn(4, 4), np.float32)
    big = np.asarray(draw.randn(4, 4, 3, 3), np.float32)
    net.tensors["synthesis.b8.conv1.weight"] = big
    path = tmp_path / "net.pkl"
    path.write_bytes(pickled({"D": junk[0], "G_ema": net.module(), "G": junk[1]}, protocol=4))
    found = read_checkpoint(path)
    for name, wanted in net.tensors.items():
        if "filter" not in name:
            assert np.array_equal(found.tensors[name], wanted), name
    G = make_generator(found)
    assert np.array_equal(G.tensors["synthesis.b8.conv1.weight"].numpy(), big)


def test_large_tensors_are_not_copied_and_generators_own_theirs(tmp_path):
    draw = np.random.RandomState(2)
    values = np.asarray(draw.randn(4, 200_000), np.float32)
    net = TinyNetwork.drawn()
    net.tensors["mapping.fc0.weight"] = values  # does not fit the network, but is read
    (tmp_path / "net.pkl").write_bytes(net.pickle())
    first = read_checkpoint(tmp_path / "net.pkl").tensors["mapping.fc0.weight"]
    assert np.array_equal(first, values) and not first.flags.owndata
