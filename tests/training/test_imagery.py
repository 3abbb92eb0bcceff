"""The picture families: reproducible, in range, periodic, colourful and unlike one another."""

import pytest
import torch

from ganreact_core.training.colours import ramp
from ganreact_core.training.fields import gaussian_field, spread, warp
from ganreact_core.training.imagery import CLASSES, pictures
from ganreact_core.training.pool import procedural_pool
from ganreact_core.training.score import features, frechet


def drawn(name: str, seed: int, n: int = 4) -> torch.Tensor:
    return pictures(name, torch.Generator().manual_seed(seed), n, 64)


@pytest.mark.parametrize("name", CLASSES)
def test_a_family_is_a_function_of_its_seed(name):
    assert torch.equal(drawn(name, 1), drawn(name, 1))
    assert (drawn(name, 1) - drawn(name, 2)).abs().mean() > 0.1


@pytest.mark.parametrize("name", CLASSES)
def test_pictures_are_in_range_with_light_dark_and_colour(name):
    x = drawn(name, 3, 8)
    assert x.shape == (8, 3, 64, 64)
    assert x.min() >= -1 and x.max() <= 1
    assert x.mean(1).std() > 0.25
    saturation = (x.amax(1) - x.amin(1)) / (x.amax(1) + 1.0).clamp(min=0.2)
    assert saturation.mean() > 0.3


@pytest.mark.parametrize("name", [c for c in CLASSES if c != "dunes"])
def test_pictures_wrap_around(name):
    """The step across the edge is no larger than steps inside."""
    x = drawn(name, 4, 16)
    inside = (x[..., 1:, :] - x[..., :-1, :]).abs().mean()
    assert (x[..., 0, :] - x[..., -1, :]).abs().mean() < 1.4 * inside


def test_classes_are_told_apart_by_their_features():
    """The nearest class mean on fresh pictures is the right one, mostly."""
    means = torch.stack([features(drawn(name, 5, 48)).mean(0) for name in CLASSES])
    scale = torch.cat([features(drawn(name, 5, 16)) for name in CLASSES]).std(0)
    hits = [(torch.cdist(features(drawn(name, 6, 16)) / scale, means / scale).argmin(1) == k).float().mean()
            for k, name in enumerate(CLASSES)]
    assert torch.stack(hits).mean() > 0.7


def test_a_gaussian_field_has_unit_variance_and_its_frequency():
    field = gaussian_field(torch.Generator().manual_seed(0), 16, 64, 8.0, width=0.1)
    assert torch.allclose(field.std((1, 2)), torch.ones(16), atol=1e-4)
    power = torch.fft.rfft2(field).abs().square().mean(0)
    radius = torch.sqrt((torch.fft.fftfreq(64) * 64)[:, None] ** 2 + torch.arange(33)[None] ** 2)
    assert 7.0 < float((radius * power).sum() / power.sum()) < 9.0


def test_no_warp_changes_nothing_and_a_whole_turn_neither():
    field = gaussian_field(torch.Generator().manual_seed(0), 2, 32, 3.0)
    still = torch.full_like(field, 0.5 / 32)  # pixel centres lie half a pixel from the lattice
    moved = warp(field, still * 0 - still, -still)
    assert torch.allclose(moved, field, atol=1e-4)
    assert torch.allclose(warp(field, 1.0 - still, 2.0 - still), field, atol=1e-3)


def test_spread_is_even_and_a_ramp_meets_its_stops():
    values = spread(torch.randn(10_000, generator=torch.Generator().manual_seed(0)))
    assert abs(float(values.mean()) - 0.5) < 0.02 and abs(float(values.std()) - 12 ** -0.5) < 0.02
    stops = torch.rand(1, 4, 3, generator=torch.Generator().manual_seed(1))
    line = ramp(torch.linspace(0, 1, 4)[None, None], stops)
    assert torch.allclose(line[0, :, 0].t(), stops[0], atol=1e-5)


def test_the_pool_draws_rolled_pictures_of_the_classes_asked_for():
    pool = procedural_pool(4, 32, 1)
    x = pool.of_classes(torch.Generator().manual_seed(0), torch.tensor([2, 2, 9]), 16)
    assert x.shape == (3, 3, 16, 16) and x.abs().max() <= 1
    one, two = pool.batch(torch.Generator().manual_seed(1), 8, 32), pool.batch(torch.Generator().manual_seed(1), 8, 32)
    assert torch.equal(one[0], two[0]) and torch.equal(one[1], two[1])


def test_the_score_is_zero_for_the_same_cloud_and_grows_with_distance():
    cloud = torch.randn(300, 8, generator=torch.Generator().manual_seed(0))
    assert abs(frechet(cloud, cloud)) < 1e-3
    assert frechet(cloud, cloud + 0.5) == pytest.approx(8 * 0.25, abs=1e-3)
    assert frechet(cloud, cloud * 2) > 1.0
