"""Walks and directions: golden numbers of the reference where it is right, promises where it was not."""

import numpy as np
import pytest
import torch

from ganreact_core.catalogue import CHANCE_PATHS, PATHS
from ganreact_core.errors import LookError
from ganreact_core.look import Direction, Entry, Look, Path, addresses, notices
from ganreact_core.saved_latents import pack_latent
from ganreact_core.synthesis.latents import blend, resolve_palette
from ganreact_core.synthesis.paths import circle, linear_walk, slerp, spline_walk, wander

ENTRIES = tuple(Entry(k, k, n) for n, k in enumerate("abcd", 1))


@pytest.mark.parametrize(("t", "expected"), [(0.25, [0.92388, 0.76537, 0]), (0.5, [0.70711, 1.41421, 0]), (0.0, [1, 0, 0]), (1.0, [0, 2, 0])])
def test_slerp_has_the_references_numbers(t, expected):
    assert slerp(t, torch.tensor([1.0, 0, 0]), torch.tensor([0, 2.0, 0])).tolist() == pytest.approx(expected, abs=1e-5)


def test_slerp_between_parallel_vectors_is_straight():
    assert slerp(0.5, torch.tensor([1.0, 0]), torch.tensor([3.0, 0])).tolist() == pytest.approx([2.0, 0])


def stops(*values):
    return torch.tensor(values, dtype=torch.float32).reshape(-1, 1, 1)


@pytest.mark.parametrize("make", [linear_walk, spline_walk])
def test_a_walk_meets_its_stops_and_comes_round(make):
    walk = make(stops(0, 2, 4, 1))
    assert walk(np.array([0, 1, 2, 3, 4, -1.0]))[:, 0, 0].tolist() == pytest.approx([0, 2, 4, 1, 0, 1], abs=1e-5)
    assert torch.allclose(walk(np.array([0.3])), walk(np.array([4.3])), atol=1e-5)


def test_a_spline_has_no_jump_of_velocity_at_the_seam_or_anywhere():
    walk = spline_walk(stops(0, 2, 4, 1, -3))
    velocity = np.diff(walk(np.linspace(0, 10, 4001))[:, 0, 0].numpy()) * 400
    assert np.abs(np.diff(velocity)).max() < 0.06
    straight = np.diff(linear_walk(stops(0, 2, 4, 1, -3))(np.linspace(0, 10, 4001))[:, 0, 0].numpy()) * 400
    assert np.abs(np.diff(straight)).max() > 1, "the measure sees a kink"


def test_a_spline_follows_a_sine_that_it_samples():
    n = 16
    walk = spline_walk(stops(*np.sin(2 * np.pi * np.arange(n) / n)))
    x = np.linspace(0, n, 200)
    assert walk(x)[:, 0, 0].numpy() == pytest.approx(np.sin(2 * np.pi * x / n), abs=2e-4)


def rows(look, **changed):
    found = {a: np.full(2, p.default, np.float32) for a, p in addresses(look).items()}
    return found | {a.replace("__", "."): np.float32(v) for a, v in changed.items()}


@pytest.mark.parametrize("kind", [kind for kind in PATHS if kind not in CHANCE_PATHS])
def test_a_path_is_laid_over_the_blend_by_its_mix(net, kind):
    look = Look(entries=ENTRIES, paths=(Path("walk", "Walk", ("a", "c", "d"), kind),))
    palette = resolve_palette(net, look)
    w = blend(palette, look, rows(look, palette__b=[1, 1], truncation=[1, 1], path__walk__position=[1, 1], path__walk__mix=[0, 1]))
    assert torch.allclose(w[0], palette.latents["b"], atol=1e-5) and torch.allclose(w[1], palette.latents["c"], atol=1e-4)


def test_half_way_in_z_is_no_half_way_in_w(net):
    looks = [Look(entries=ENTRIES, paths=(Path("p", "", ("a", "b"), kind),)) for kind in ("linear", "slerp")]
    straight, round_ = (blend(resolve_palette(net, look), look, rows(look, path__p__mix=[1, 1], path__p__position=[0.5, 0.5], truncation=[1, 1])) for look in looks)
    assert not torch.allclose(straight, round_, atol=1e-3)


def test_a_class_is_mixed_on_the_way(class_net):
    look = Look(entries=(Entry("a", "", 1, 0), Entry("b", "", 1, 2)), paths=(Path("p", "", ("a", "b"), "slerp"),))
    palette = resolve_palette(class_net, look)
    w = blend(palette, look, rows(look, path__p__mix=[1, 1], path__p__position=[0.5, 1.0], truncation=[1, 1]))
    assert torch.allclose(w[1], palette.latents["b"], atol=1e-4) and not torch.allclose(w[0], w[1], atol=1e-2)


def test_a_direction_steps_in_sigmas_on_its_layers(net):
    vector = torch.nn.functional.normalize(torch.randn(net.w_dim), dim=0)
    look = Look(entries=ENTRIES, directions=(Direction("d", "D", tuple(vector.tolist()), 2.0, first=1, last=3),))
    palette = resolve_palette(net, look)
    w = blend(palette, look, rows(look, palette__a=[1, 1], truncation=[1, 1], direction__d=[0, 1.5]))
    moved = w[1] - w[0]
    assert torch.allclose(moved[1:4], (3.0 * vector).expand(3, -1), atol=1e-4) and not moved[4:].any() and not moved[0].any()


@pytest.mark.parametrize("make", [lambda: Look(entries=ENTRIES, paths=(Path("p", "", ("a",)),)),
                                  lambda: Look(entries=ENTRIES, paths=(Path("p", "", ("a", "q")),)),
                                  lambda: Look(entries=ENTRIES, paths=(Path("p", "", ("a", "b"), "leap"),)),
                                  lambda: Look(directions=(Direction("d", "", (), 1.0),))])
def test_what_cannot_be_walked_is_refused(make):
    with pytest.raises(LookError):
        make()


def test_a_direction_of_another_network_is_refused(net):
    with pytest.raises(LookError, match="another network"):
        resolve_palette(net, Look(directions=(Direction("d", "", (1.0, 0.0), 1.0),)))


@pytest.mark.parametrize("make", [wander, circle])
@pytest.mark.parametrize("stops", [2, 8, 40])
def test_a_walk_by_chance_keeps_its_spread_comes_round_and_never_jumps(make, stops):
    drawn = make(5, stops, 512)
    z = torch.stack([drawn(position) for position in np.linspace(0, stops, 20 * stops + 1)])
    assert z.square().mean(dim=1).numpy() == pytest.approx(1, abs=0.25), "unit variance at every place"
    assert torch.allclose(z[0], z[-1], atol=1e-5) and torch.allclose(drawn(0.3), drawn(0.3 + stops), atol=1e-5)
    steps = z.diff(dim=0).norm(dim=1)
    assert steps.max() < 0.2 * 512 ** 0.5 and steps.min() > 0
    assert not torch.allclose(z[0], make(6, stops, 512)(0.0), atol=0.1)


def test_a_circle_of_more_stops_sees_more(net):
    def spread(stops):
        drawn = circle(1, stops, 256)
        return torch.stack([drawn(p) for p in np.linspace(0, stops, 50)]).var(dim=0).mean()

    assert spread(2) < 0.5 * spread(12)


@pytest.mark.parametrize("kind", CHANCE_PATHS)
def test_a_walk_by_chance_strays_from_its_entry_by_its_reach(net, kind):
    def strayed(reach):
        look = Look(entries=ENTRIES, paths=(Path("p", "", ("b",), kind, reach=reach),))
        palette = resolve_palette(net, look)
        return (palette.walks["p"](np.array([2.4])) - palette.latents["b"]).norm()

    near, half, far = strayed(0.0), strayed(0.3), strayed(1.0)
    assert near < 1e-4 < half < far


def test_great_circles_need_seeds_and_go_straight_without(net):
    saved = Entry("s", "", 0, latent=pack_latent("w", np.ones(net.w_dim)))
    look = Look(entries=(*ENTRIES, saved), paths=(Path("p", "Walk", ("a", "s"), "slerp"),))
    palette = resolve_palette(net, look)
    half = (palette.latents["a"] + palette.latents["s"]) / 2
    assert torch.allclose(palette.walks["p"](np.array([0.5]))[0], half, atol=1e-5) and "'Walk' goes straight" in notices(look)[0]
