"""The row kernels against the torch formulation: the same activations, the same StyleGAN3 picture."""

import numpy as np
import pytest
import torch

from ganreact_core.synthesis import load_generator, numba_engine
from ganreact_core.synthesis.generators.filtered_activation import Rates, filtered_leaky_relu
from ganreact_core.synthesis.numba_engine.activation import prepare

DRAW = torch.Generator().manual_seed(0)
TAPS = {n: torch.rand(n, generator=DRAW) / n for n in (6, 12, 24)}
RADIAL = TAPS[12][None] * TAPS[12][:, None]
SYMMETRIC = RADIAL + RADIAL.flip(0) + RADIAL.flip(1) + RADIAL.flip(0, 1)


@pytest.mark.parametrize(("up", "down", "rates"), [
    (TAPS[12], TAPS[12], Rates(2, 2, (9, 8))), (TAPS[24], TAPS[12], Rates(4, 2, (-6, -9))), (TAPS[12], SYMMETRIC, Rates(2, 2, (11, 10))),
    (TAPS[24], SYMMETRIC, Rates(4, 2, (-2, -5))), (TAPS[6], TAPS[12], Rates(1, 2, (0, 3))), (TAPS[12], TAPS[24], Rates(2, 4, (12, 12))),
    (TAPS[12], None, Rates(2, 1, (5, 4)))], ids=lambda v: str(v) if isinstance(v, Rates) else "")
@pytest.mark.parametrize("size", [(24, 24), (19, 40)])
def test_an_activation_is_what_the_torch_formulation_says(up, down, rates, size):
    curve = {"slope": 0.2, "gain": 1.4, "clamp": 1.5}
    x = torch.randn(2, 3, *size, generator=DRAW)
    found, expected = prepare((up, down), rates, **curve)(x), filtered_leaky_relu(x, (up, down), rates, **curve)
    assert found.shape == expected.shape and torch.allclose(found, expected, atol=2e-6)


def test_a_filter_it_does_not_know_is_left_to_torch():
    assert prepare((TAPS[12], RADIAL), Rates(2, 2, (9, 8)), slope=0.2, gain=1.0, clamp=None) is None


@pytest.fixture(scope="module", params=["sg3t_u_r64", "sg3r_c5_r64", "sg3t_c5_layers10_py311_r32"])
def network(request, shared):
    return load_generator(shared / "fixtures" / f"{request.param}.pkl")


def latents(net, count):
    return net.map(torch.randn(count, net.z_dim, generator=DRAW), torch.eye(net.c_dim)[:1].expand(count, -1) if net.c_dim else None)


def test_a_picture_is_what_the_torch_formulation_says_and_rows_stand_alone(network):
    fast, w = numba_engine.computed(network), latents(network, 2)
    found = fast.synthesize(w)
    assert float((found - network.synthesize(w)).abs().max()) <= 1e-4
    assert torch.equal(fast.synthesize(w.flip(0)), found.flip(0)), "neighbours"


def test_whoever_acts_on_activations_sees_the_same(network):
    w, seen = latents(network, 1), {}
    for net in (network, numba_engine.computed(network)):
        net.synthesize(w, after=lambda index, x: seen.setdefault(index, []).append(x) or x)
    assert list(seen) == list(range(len(network.layers)))
    assert all(torch.allclose(*pair, atol=1e-4 * max(1, float(pair[0].abs().max()))) for pair in seen.values())


def test_the_fast_precision_is_off_by_less_than_eyes_see(network):
    w = latents(network, 1)
    exact, fast = (np.clip(numba_engine.computed(network, p).synthesize(w).numpy(), -1, 1) * 127.5 for p in ("exact", "fast"))
    assert np.abs(exact - fast).mean() <= 1 and np.abs(exact - fast).max() <= 6
