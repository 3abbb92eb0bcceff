"""The generator's promises that hold for any weights."""

import pytest
import torch

from ganreact_core.errors import UsageError
from ganreact_core.synthesis.acceleration import shortened
from ganreact_core.synthesis.generators.resample import upfirdn
from tests.synthesis.conftest import random_stylegan2


def test_layers_are_the_input_and_every_convolution(net):
    assert [layer.name for layer in net.layers[:4]] == ["input", "b4.conv1", "b8.conv0", "b8.conv1"]
    assert net.layers[-1].size == (32, 32) and net.num_ws == len(net.layers)


def test_after_sees_every_layer_with_the_size_it_is_said_to_have(net):
    seen = {}

    def after(index, x):
        seen[index] = tuple(x.shape[1:])
        return x

    net.synthesize(net.map(torch.randn(1, 16)), after=after)
    assert seen == {n: (layer.channels, *layer.size) for n, layer in enumerate(net.layers)}


def test_a_forward_pass_never_edits_the_network(net):
    before = {name: t.clone() for name, t in net.tensors.items()}
    net.synthesize(net.map(torch.randn(2, 16), truncation_psi=0.5), noise="none", after=lambda n, x: x.mul_(1.0))
    assert all(torch.equal(t, net.tensors[name]) for name, t in before.items())


def test_noise_none_const_and_explicit(net):
    w = net.map(torch.randn(1, 16))
    const = net.synthesize(w)
    explicit = net.synthesize(w, list(net.noise_const()))
    assert torch.equal(const, explicit) and not torch.allclose(const, net.synthesize(w, "none"))
    assert torch.equal(net.synthesize(w, [net.noise_const()[0], *net.noise_const()]), const), "one per layer counts too"
    with pytest.raises(UsageError, match="one map per convolution"):
        net.synthesize(w, [net.noise_const()[0]])


def test_truncation_pulls_towards_the_mean_up_to_the_cutoff(net):
    z = torch.randn(1, 16)
    w = net.map(z)
    assert torch.allclose(net.map(z, truncation_psi=0.0)[0], net.w_avg.expand(net.num_ws, -1), atol=1e-6)
    cut = net.map(z, truncation_psi=0.5, truncation_cutoff=3)
    assert torch.equal(cut[:, 3:], w[:, 3:]) and torch.allclose(cut[:, :3], (w[:, :3] + net.w_avg) / 2, atol=1e-5)


def test_a_conditional_network_asks_for_its_class(class_net):
    with pytest.raises(UsageError, match="conditional"):
        class_net.map(torch.randn(1, 16))
    a, b = (class_net.map(torch.ones(1, 16), torch.eye(3)[k:k + 1]) for k in (0, 1))
    assert not torch.allclose(a, b)


def test_upsampling_keeps_a_constant_and_doubles_the_size():
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8
    y = upfirdn(torch.ones(1, 2, 8, 8), taps, up=2, pad=(2, 1), gain=4.0)
    assert y.shape == (1, 2, 16, 16) and torch.allclose(y[:, :, 3:-3, 3:-3], torch.ones(1, 2, 10, 10))


def test_a_larger_input_gives_a_larger_picture(net):
    x = net.synthesize(net.map(torch.randn(1, 16)), "none", input_map=net.input_map.repeat(1, 1, 2, 3))
    assert x.shape == (1, 3, 64, 96)


@pytest.mark.parametrize("shape", [{}, {"architecture": "resnet", "conv_clamp": 1.0}, {"architecture": "orig", "use_noise": False}])
@pytest.mark.parametrize("wrap", [False, True])
def test_a_card_s_way_gives_the_same_picture(shape, wrap):
    """Low-passes on planes, and fewer passes over the activations."""
    net = random_stylegan2(**shape).variant(wrap=wrap)
    w = net.map(torch.randn(3, net.z_dim, generator=torch.Generator().manual_seed(1)))
    there = net.variant()
    there.planar = there.merges = True
    with torch.no_grad():
        expected, found = net.synthesize(w), there.synthesize(w)
        short = [torch.clamp(shortened(n).synthesize(w), -1, 1) for n in (net, there)]
    assert float((expected - found).abs().max()) <= 1e-5 * float(expected.abs().max())
    assert float((short[0] - short[1]).abs().mean()) <= 0.02
    slopes = [torch.autograd.grad(n.synthesize(v := w.clone().requires_grad_()).square().mean(), v)[0] for n in (net, there)]
    assert torch.allclose(*slopes, rtol=1e-3, atol=1e-6), "learning goes the same way"
