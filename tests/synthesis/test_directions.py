"""Directions: those of a plain PCA, deterministic, of unit length, and of the same sign every time."""

import numpy as np
import pytest
import torch

from ganreact_core.errors import InputFileError, UsageError
from ganreact_core.synthesis.directions import closed_form_directions, load_directions, principal_directions, save_directions


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
