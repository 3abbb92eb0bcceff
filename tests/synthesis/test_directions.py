"""Directions: those of a plain PCA, deterministic, of unit length, and of the same sign every time."""

import numpy as np
import pytest
import torch

from ganreact_core.errors import InputFileError, UsageError
from ganreact_core.synthesis import load_generator
from ganreact_core.synthesis.activation_directions import activation_directions
from ganreact_core.synthesis.directions import closed_form_directions, load_directions, principal_directions, save_directions
from ganreact_core.synthesis.generators.biggan import BigGAN
from ganreact_core.synthesis.sampling import activations, random_latents
from ganreact_core.synthesis.sheet import draw_directions


def test_they_are_those_of_one_pca_over_all_samples(net):
    found = principal_directions(net, samples=5000, components=5, seed=7)
    draw = torch.Generator().manual_seed(7)
    z = torch.cat([torch.randn(n, net.z_dim, generator=draw) for n in (2000, 2000, 1000)])
    w = net.map(z)[:, 0].double().numpy()
    _, singular, vectors = np.linalg.svd(w - w.mean(0), full_matrices=False)
    assert found.sigmas == pytest.approx(singular[:5] / np.sqrt(5000), rel=1e-4)
    assert np.abs((found.vectors * vectors[:5]).sum(1)) == pytest.approx(np.ones(5), abs=1e-3)
    assert found.var_ratio == pytest.approx(singular[:5] ** 2 / (singular ** 2).sum(), rel=1e-3)


@pytest.mark.parametrize("make", [lambda g: principal_directions(g, samples=3000), closed_form_directions])
def test_they_are_the_same_every_time_and_orthonormal(class_net, make):
    one, two = make(class_net), make(class_net)
    assert np.array_equal(one.vectors, two.vectors)
    assert one.vectors @ one.vectors.T == pytest.approx(np.eye(len(one.vectors)), abs=1e-5)


def test_they_survive_their_file_and_become_part_of_a_look(net, tmp_path):
    found = principal_directions(net, samples=1000, components=3)
    save_directions(tmp_path / "d.npz", found)
    again = load_directions(tmp_path / "d.npz")
    assert np.array_equal(again.vectors, found.vectors) and again.direction(1, "age", "Age").sigma == pytest.approx(found.sigmas[1])
    (tmp_path / "x.npz").write_bytes(b"none")
    with pytest.raises(InputFileError):
        load_directions(tmp_path / "x.npz")


def test_too_few_samples_are_refused(net):
    with pytest.raises(UsageError, match="too few"):
        principal_directions(net, samples=10)


def test_biggans_are_found_in_what_its_first_layer_says(shared):
    plain = load_generator(shared / "fixtures" / "hf_biggan_deep_32")
    loud = plain.tensors["linear.weight"].clone()
    loud[:, 3] *= 8  # the fourth number of z moves the layer most
    biggan = BigGAN(plain.config, plain.tensors | {"linear.weight": loud})
    found = activation_directions(biggan, samples=400, components=6)
    assert found.vectors.shape == (6, biggan.w_dim) and not found.vectors[:, biggan.z_dim:].any()
    assert np.linalg.norm(found.vectors, axis=1) == pytest.approx(np.ones(6), abs=1e-5)
    assert found.sigmas == pytest.approx(np.ones(6), abs=0.25)  # z is drawn with unit spread
    assert found.vectors[0, 3] > 0.95 and np.abs(found.vectors[1:, 3]).max() < 0.3
    w = random_latents(biggan, torch.Generator().manual_seed(5), 1)
    before, first, last = (activations(biggan, w + step * torch.from_numpy(found.vectors[k]), [0])[0] for k, step in ((0, 0), (0, 1), (5, 1)))
    assert (first - before).norm() > 2 * (last - before).norm()


def test_of_activations_they_are_the_same_every_time(net):
    one, two = (activation_directions(net, layer=2, samples=120, components=4) for _ in range(2))
    assert np.array_equal(one.vectors, two.vectors) and (one.sigmas > 0).all() and (np.diff(one.var_ratio) <= 0).all()


@pytest.mark.parametrize("wrong", [{"layer": 99}, {"samples": 10}, {"layer": -1}])
def test_what_cannot_be_looked_at_is_named(net, wrong):
    with pytest.raises(UsageError):
        activation_directions(net, **{"samples": 120, "components": 4, **wrong})


def test_one_direction_is_shown_alone_on_its_layers(net):
    found = principal_directions(net, samples=500)
    whole, late = draw_directions(net, found, only=2), draw_directions(net, found, only=2, layers=(net.num_ws - 1, -1))
    assert whole.shape == late.shape and whole.shape[0] == 32 + 18 and (whole != late).any()
    with pytest.raises(UsageError, match="no direction 99"):
        draw_directions(net, found, only=99)
    with pytest.raises(UsageError, match="layers 3 to 2"):
        draw_directions(net, found, layers=(3, 2))
