"""BigGAN's compiled blocks against the torch formulation."""

import pytest
import torch

from ganreact_core.synthesis import load_generator

pytest.importorskip("openvino")
from ganreact_core.synthesis.openvino_engine import compiled


@pytest.fixture(scope="module", params=["hf_biggan_deep_32", "ajbrock_biggan_64", "ajbrock_biggandeep_64"])
def network(request, shared):
    return load_generator(shared / "fixtures" / request.param)


def latents(net, count=1):
    draw = torch.Generator().manual_seed(0)
    return net.map(torch.randn(count, net.z_dim, generator=draw), torch.eye(net.c_dim)[:count])


@pytest.mark.parametrize("truncation", [1.0, 0.37])
def test_a_picture_is_what_the_torch_formulation_says(network, truncation):
    w = latents(network)
    for net in (network, network.variant(wrap=True)):
        expected = net.synthesize(w, truncation=truncation)
        assert float((compiled(net).synthesize(w, truncation=truncation) - expected).abs().max()) <= 1e-4
        steps = (compiled(net, "fast").synthesize(w, truncation=truncation) - expected).abs() * 127.5
        assert float(steps.mean()) <= 1 and float(steps.max()) <= 6, "grey levels, of random weights"


@pytest.mark.parametrize("cuts", [None, (0, 2), (4,)])
def test_whoever_acts_on_activations_acts_on_the_same(network, cuts):
    def after(index, x):
        return x.flip(3) if index in (cuts or (2, 4)) else x

    w = latents(network)
    found, expected = (net.synthesize(w, after=after) for net in (compiled(network, cuts=cuts), network))
    assert float((found - expected).abs().max()) <= 1e-4 and not torch.allclose(found, network.synthesize(w), atol=1e-3)


def test_rewritten_layers_take_their_other_weights(network):
    name, w = network.layers[3].name, latents(network)
    other = [{f"{name}.weight": network.tensors[f"{name}.weight"].flip(1)}]
    fast = compiled(network, rewritten={name})
    for rewrites in (other, ()):
        assert float((fast.synthesize(w, rewrites=rewrites) - network.synthesize(w, rewrites=rewrites)).abs().max()) <= 1e-4


def test_larger_fields(network):
    w = latents(network)
    found, expected = (net.synthesize(w, extend=lambda x: x.repeat(1, 1, 1, 2)) for net in (compiled(network), network))
    assert found.shape[3] == 2 * network.resolution[1] and float((found - expected).abs().max()) <= 1e-4
