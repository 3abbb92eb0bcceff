"""What is chosen to compute a network, and what it is called."""

import types

import numpy as np
import pytest
import torch

from ganreact_core.look import Bend, Look
from ganreact_core.synthesis import acceleration, load_generator, numba_engine
from ganreact_core.synthesis.canvas import OWN_FIELD, Field

pytest.importorskip("openvino")


def engine(net, precision="exact", look=None):
    return acceleration.prepare(net, look or Look(), (), precision=precision, streams=1)


@pytest.mark.parametrize(("name", "word"), [("maua_constinput_r64.pt", "openvino"), ("sg3t_u_r64.pkl", "numba"), ("hf_biggan_deep_32", "openvino")])
def test_each_family_is_computed_by_what_is_fastest_for_it(shared, name, word):
    assert engine(load_generator(shared / "fixtures" / name)).name.startswith(word)


def test_without_openvino_torch_computes_and_fast_takes_fewer_bits(net, monkeypatch):
    monkeypatch.setattr(acceleration.openvino_engine, "can_compile", lambda generator: False)
    exact, fast = engine(net), engine(net, "fast")
    assert exact.network is net and exact.name.startswith("torch") and exact.arithmetic == "float32"
    assert fast.arithmetic == ("bfloat16" if numba_engine.has_bfloat16() else "float32")


@pytest.mark.parametrize("name", ["embedded", "sg3t_u_r64.pkl"])
def test_shortened_networks_are_off_by_less_than_eyes_see(name, shared):
    net = load_generator(name if name == "embedded" else shared / "fixtures" / name)
    w = net.map(torch.randn(2, net.z_dim, generator=torch.Generator().manual_seed(1)), torch.eye(net.c_dim)[:2] if net.c_dim else None)
    exact, short = (np.clip(n.synthesize(w).numpy(), -1, 1) * 127.5 for n in (net, acceleration.shortened(net)))
    assert 0 < np.abs(exact - short).mean() <= 1 and np.abs(exact - short).max() <= 8


def test_the_network_is_cut_where_the_look_bends(net):
    look = Look(bends=(Bend("a", "A", "zoom", 3), Bend("b", "B", "gain", 99)))
    assert engine(net, look=look).network.compute.cuts == {3, len(net.layers) - 1}


def test_a_card_gets_as_many_rows_as_half_of_it_holds(net, monkeypatch):
    card = types.SimpleNamespace(device="cuda:0", resolution=net.resolution, layers=net.layers)
    row = max(layer.channels * layer.size[0] * layer.size[1] for layer in net.layers) * 24
    for memory, field, rows in ((2 * 5 * row, OWN_FIELD, 4), (2 * 1000 * row, OWN_FIELD, 16), (1, OWN_FIELD, 1), (2 * 9 * row, Field((8, 4), "grow"), 4)):
        monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device, memory=memory: types.SimpleNamespace(total_memory=memory))
        assert acceleration.rows_at_a_time(card, field) == rows
    assert acceleration.rows_at_a_time(net, OWN_FIELD) == 1


@pytest.mark.parametrize("name", ["maua_constinput_r64.pt", "hf_biggan_deep_32", "sg3t_u_r64.pkl"])
def test_convolutions_find_and_leave_channels_last(name, shared):
    """As a card's fast kernels want it; of StyleGAN3, whose low-passes work on planes, the convolutions' own results."""
    net, seen = load_generator(shared / "fixtures" / name), []
    w = net.map(torch.randn(2, net.z_dim, generator=torch.Generator().manual_seed(1)), torch.eye(net.c_dim)[:2] if net.c_dim else None)
    real = torch.nn.functional.conv2d

    def conv2d(x, weight, *args, groups=1, **kwargs):
        found = real(x, weight, *args, groups=groups, **kwargs)
        if groups == 1 and weight.shape[-1] > 1:
            seen.append(found.is_contiguous(memory_format=torch.channels_last) and weight.is_contiguous(memory_format=torch.channels_last))
        return found

    with pytest.MonkeyPatch.context() as patch, torch.no_grad():
        patch.setattr(torch.nn.functional, "conv2d", conv2d)
        net.synthesize(w)
    assert len(seen) >= 4 and all(seen)


@pytest.mark.parametrize("name", ["hf_biggan_deep_32", "ajbrock_biggandeep_64"])
def test_biggan_with_half_of_its_blocks_shortened_is_off_by_little(name, shared):
    net = load_generator(shared / "fixtures" / name)
    w = net.map(torch.randn(2, net.z_dim, generator=torch.Generator().manual_seed(1)), torch.eye(net.c_dim)[:2])
    exact, half, whole = (n.synthesize(w).numpy() * 127.5 for n in (net, net.variant(short=torch.bfloat16), acceleration.shortened(net)))
    off, all_off = np.abs(exact - half), np.abs(exact - whole)
    assert 0 < off.mean() <= 0.8 * all_off.mean() and off.mean() <= 1 and off.max() <= 8
