"""Rewrites: exactly nothing at zero, other weights at one, every row its own, the network untouched."""

import numpy as np
import pytest
import torch

from ganreact_core.catalogue import REWRITES
from ganreact_core.errors import LookError
from ganreact_core.look import Look, Rewrite
from ganreact_core.synthesis.generators.stylegan2 import StyleGAN2
from ganreact_core.synthesis.rewriting import FUNCTIONS, Rewriter


def weights(net, kind, *strengths, layer=2):
    look = Look(rewrites=(Rewrite("it", "It", kind, layer, seed=3),))
    return Rewriter(net, look).weights({"rewrite.it": np.float32(strengths)})


def test_catalogue_and_functions_name_the_same_rewrites():
    assert set(FUNCTIONS) == set(REWRITES)


@pytest.mark.parametrize("kind", list(REWRITES))
@pytest.mark.parametrize("layer", [1, 2, 3])
def test_a_rewrite_is_the_network_with_those_weights(net, kind, layer):
    before = {name: t.clone() for name, t in net.tensors.items()}
    w = net.map(torch.randn(3, 16))
    made = net.synthesize(w, rewrites=weights(net, kind, 0.0, 0.4, 1.0, layer=layer))
    name = f"synthesis.{net.layers[layer].name}.weight"
    for row, strength in enumerate((0.0, 0.4, 1.0)):
        other = net.tensors | {name: torch.lerp(net.tensors[name], FUNCTIONS[kind](net.tensors[name], 3), strength)}
        assert torch.allclose(made[row:row + 1], StyleGAN2(net.config, other).synthesize(w[row:row + 1]), atol=2e-4)
    assert not torch.allclose(made[2:], net.synthesize(w[2:]), atol=1e-2)
    assert all(torch.equal(t, net.tensors[n]) for n, t in before.items())


@pytest.mark.parametrize("kind", list(REWRITES))
def test_at_zero_nothing_is_computed_otherwise(net, kind):
    assert weights(net, kind, 0.0, 0.0) == {}


@pytest.mark.parametrize("kind", list(REWRITES))
def test_a_little_strength_changes_a_little(net, kind):
    w = net.map(torch.randn(1, 16))
    plain = net.synthesize(w)
    changes = [(net.synthesize(w, rewrites=weights(net, kind, s)) - plain).abs().mean().item() for s in (0.001, 0.01, 0.1)]
    assert changes[0] < changes[1] < changes[2] and changes[0] < 0.02 * plain.std()


def test_two_at_one_layer_add_up(net):
    look = Look(rewrites=(Rewrite("a", "", "turn", 2), Rewrite("b", "", "scatter", 2, 5)))
    both = Rewriter(net, look).weights({"rewrite.a": np.float32([0.5]), "rewrite.b": np.float32([0.25])})
    (name, found), = both.items()
    own = net.tensors[f"synthesis.{name}.weight"]
    expected = own + 0.5 * (FUNCTIONS["turn"](own, 0) - own) + 0.25 * (FUNCTIONS["scatter"](own, 5) - own)
    assert torch.allclose(found[0], expected, atol=1e-5)


def test_an_unknown_kind_is_named():
    with pytest.raises(LookError, match="melt"):
        Look(rewrites=(Rewrite("a", "", "melt", 2),))
