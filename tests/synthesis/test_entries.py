"""Where a palette entry's latent comes from."""

import numpy as np
import pytest
import torch

from ganreact_core.errors import LookError
from ganreact_core.look import Entry
from ganreact_core.saved_latents import pack_latent
from ganreact_core.synthesis.entries import entry_inputs, entry_latent, resolve_entries


def test_a_saved_z_is_mapped_and_a_saved_w_is_taken_as_it_is(net):
    z = np.random.RandomState(7).randn(net.z_dim)
    assert torch.equal(entry_latent(net, Entry("e", "", 0, latent=pack_latent("z", z))), entry_latent(net, Entry("e", "", 7)))
    w = np.random.default_rng(0).standard_normal((net.num_ws, net.w_dim)).astype(np.float32)
    assert np.array_equal(entry_latent(net, Entry("e", "", 0, latent=pack_latent("w", w))).numpy(), w)
    assert np.array_equal(entry_latent(net, Entry("e", "", 0, latent=pack_latent("w", w[0]))).numpy(), np.tile(w[0], (net.num_ws, 1)))


@pytest.mark.parametrize("layers", [3, 30])
def test_a_w_of_a_network_of_another_depth_is_cut_or_its_last_layer_repeated(net, layers):
    w = np.arange(layers * net.w_dim, dtype=np.float32).reshape(layers, net.w_dim)
    found = entry_latent(net, Entry("e", "", 0, latent=pack_latent("w", w))).numpy()
    assert np.array_equal(found, w[np.minimum(np.arange(net.num_ws), layers - 1)])


@pytest.mark.parametrize("kind", ["z", "w"])
def test_a_latent_of_another_network_is_refused(net, kind):
    with pytest.raises(LookError, match="another network"):
        entry_latent(net, Entry("e", "", 0, latent=pack_latent(kind, np.ones(7))))


def test_a_mixture_of_classes_is_mapped_as_one(class_net):
    _, c = entry_inputs(class_net, Entry("e", "", 1, classes="0:1 2:3"))
    assert c.tolist() == pytest.approx([0.25, 0, 0.75])
    with pytest.raises(LookError, match="class 9"):
        entry_inputs(class_net, Entry("e", "", 1, classes="0:1 9:3"))


def test_a_mix_lies_between_its_parents_whatever_the_order(net):
    entries = (Entry("deep", "", 0, parents=("mix", "a"), between=1.0), Entry("mix", "", 0, parents=("a", "b"), between=0.25), Entry("a", "", 1), Entry("b", "", 2))
    found = resolve_entries(net, entries)
    assert torch.allclose(found["mix"], 0.75 * found["a"] + 0.25 * found["b"], atol=1e-5) and torch.allclose(found["deep"], found["a"], atol=1e-5)
