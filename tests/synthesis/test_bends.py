"""Bends: exactly nothing at neutral, little near it, each against a case one can work out by hand, classic by golden numbers."""

import numpy as np
import pytest
import torch

from ganreact_core.catalogue import BENDS
from ganreact_core.errors import LookError
from ganreact_core.look import Bend, Cluster, Look, Mask, addresses
from ganreact_core.synthesis.bending import FUNCTIONS, Layers, bend_layers, chosen_maps
from ganreact_core.synthesis.manner import Manner

CLASSIC, WRAP, ZERO = Manner(classic=True), Manner("wrap"), Manner("zero")
SIXTEEN = torch.arange(16.0).reshape(1, 1, 4, 4)
ON = {kind: p.neutral + 0.5 * min(1.0, p.maximum - p.neutral) for kind, p in BENDS.items()} | {"rotate": 40.0, "swirl": 90.0, "blur": 8.0}


PLAIN = Manner()


def bend(kind, x, amount, how=PLAIN):
    return FUNCTIONS[kind](x, amount, how)


def chain(*bends, rows, channels=3, mask_at=None, **regions):
    look = Look(bends=bends, **regions)
    values = {a: np.full(len(rows), p.default, np.float32) for a, p in addresses(look).items()}
    values |= {f"bend.{b.id}": np.float32(rows) for b in bends}
    return bend_layers(look, values, Layers((channels,) * 4, (0,) * 4), mask_at)


def test_catalogue_and_functions_name_the_same_bends():
    assert set(FUNCTIONS) == set(BENDS)


@pytest.mark.parametrize("kind", list(BENDS))
@pytest.mark.parametrize("border", ["reflect", "wrap", "zero"])
def test_a_neutral_bend_is_the_identity_to_the_bit(kind, border):
    it = Bend("it", "", kind, 2, border=border)
    assert chain(it, rows=[BENDS[kind].neutral] * 2) is None
    x = torch.randn(2, 3, 8, 8)
    y = chain(it, rows=[BENDS[kind].neutral, ON[kind]])(2, x)
    assert torch.equal(y[0], x[0]) and not torch.allclose(y[1], x[1], atol=1e-3)


@pytest.mark.parametrize("kind", list(BENDS))
def test_more_of_a_bend_near_neutral_changes_more(kind):
    """On a picture as smooth as activations are."""
    x = bend("blur", torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(0)), 2.0)
    changes = [(bend(kind, x, BENDS[kind].neutral + step * (ON[kind] - BENDS[kind].neutral)) - x).abs().mean().item()
               for step in (1e-4, 0.02, 0.05, 0.1)]
    assert changes == sorted(changes) and changes[0] < 0.01 * x.std() < changes[3] * 10


@pytest.mark.parametrize("kind", list(BENDS))
@pytest.mark.parametrize("border", ["reflect", "wrap", "zero"])
@pytest.mark.parametrize("size", [(4, 4), (7, 12), (1, 1)])
def test_every_bend_takes_every_size_and_stays_finite(kind, border, size):
    for amount in {max(BENDS[kind].minimum, -20.0), min(BENDS[kind].maximum, 40.0)}:
        y = bend(kind, torch.randn(1, 2, *size), amount, Manner(border))
        assert y.shape == (1, 2, *size) and torch.isfinite(y).all()


def test_zoom_two_shows_the_middle_half_twice_as_large():
    y = bend("zoom", torch.arange(8.0).expand(1, 1, 8, 8), 2.0)
    assert y[0, 0, 4].tolist() == pytest.approx([1.75, 2.25, 2.75, 3.25, 3.75, 4.25, 4.75, 5.25], abs=1e-4)


def test_a_quarter_turn_is_counter_clockwise_about_the_true_centre():
    assert torch.allclose(bend("rotate", SIXTEEN, 90.0), torch.rot90(SIXTEEN, 1, (2, 3)), atol=1e-4)
    long = torch.zeros(1, 1, 5, 9)
    long[..., 2, 6] = 1.0  # two right of the centre
    assert bend("rotate", long, 90.0)[0, 0, 0, 4] == pytest.approx(1.0, abs=1e-4)


def test_a_shift_to_the_right_moves_right_and_comes_round():
    x = torch.zeros(1, 1, 8, 8)
    x[..., 3, 2] = 1.0
    assert bend("shift_x", x, 0.25)[0, 0, 3, 4] == pytest.approx(1.0, abs=1e-4)
    assert bend("shift_y", x, 0.25)[0, 0, 5, 2] == pytest.approx(1.0, abs=1e-4)
    wave = torch.randn(1, 1, 8, 8)
    assert torch.allclose(bend("shift_x", wave, 1.0), bend("shift_x", wave, -1.0), atol=1e-4)


@pytest.mark.parametrize("amount", [0.125, 0.5, 0.75, 1.0])
def test_wrapped_a_shift_scrolls_without_end(amount):
    x = torch.randn(1, 2, 8, 16)
    assert torch.allclose(bend("shift_x", x, amount, WRAP), x.roll(round(16 * amount), 3), atol=1e-4)
    assert torch.allclose(bend("shift_y", x, -amount, WRAP), x.roll(-round(8 * amount), 2), atol=1e-4)


def test_with_a_zero_border_nothing_comes_in():
    assert bend("shift_x", torch.ones(1, 1, 4, 4), 0.5, ZERO)[0, 0, 0].tolist() == pytest.approx([0, 0, 1, 1], abs=1e-4)


def test_shears_and_stretches():
    x = torch.zeros(1, 1, 9, 9)
    x[..., 2, 4] = 1.0  # two above the centre
    assert bend("shear_x", x, 1.0)[0, 0, 2, 6] == pytest.approx(1.0, abs=1e-4)
    assert bend("shear_y", x.transpose(2, 3).contiguous(), -1.0)[0, 0, 6, 2] == pytest.approx(1.0, abs=1e-4)
    assert bend("stretch_y", x, 2.0)[0, 0, 0, 4] == pytest.approx(1.0, abs=1e-4)


def test_a_swirl_turns_the_middle_and_not_the_rim():
    x = torch.zeros(1, 1, 33, 33)
    x[..., 16, 18] = x[..., 0, :] = 1.0
    y = bend("swirl", x, 90.0)
    assert torch.allclose(y[..., 0, :], x[..., 0, :], atol=1e-2) and y[0, 0, 14:16, 16:18].max() > 0.5 > y[0, 0, 16, 18]


def test_values():
    x = torch.tensor([-1.0, 0.5, 2.0, 0.0]).reshape(1, 1, 2, 2)
    flat = {kind: bend(kind, x, amount, Manner(level=0.25)).flatten().tolist() for kind, amount in (
        ("gain", 2.0), ("ablate", 1.0), ("invert", 1.0), ("threshold", 1.0), ("flip_x", 1.0), ("flip_y", 1.0), ("add", 1.0),
        ("flatten", 1.0), ("contrast", 2.0))}
    assert flat["gain"] == [-2, 1, 4, 0] and flat["ablate"] == [0, 0, 0, 0] and flat["invert"] == [2, 0.5, -1, 1]
    assert flat["threshold"] == [0, 1, 1, 0] and flat["flip_x"] == [0.5, -1, 0, 2] and flat["flip_y"] == [2, 0, -1, 0.5]
    assert flat["add"] == pytest.approx((x + x.std()).flatten().tolist())
    assert flat["flatten"] == pytest.approx([0.375] * 4) and flat["contrast"] == pytest.approx([-2.375, 0.625, 3.625, -0.375])


def test_a_blur_keeps_the_sum_and_adds_its_variance():
    x = torch.zeros(1, 1, 41, 41)
    x[..., 20, 20] = 1.0
    place = torch.arange(41.0) - 20
    for sigma in (0.3, 1.0, 3.0):
        across = bend("blur", x, sigma)[0, 0].sum(0)
        assert across.sum() == pytest.approx(1.0, abs=1e-4) and (across * place ** 2).sum() == pytest.approx(sigma ** 2, rel=0.02)


def test_an_edge_is_where_the_step_is():
    x = torch.zeros(1, 1, 8, 8)
    x[..., 4:] = 1.0
    assert bend("edges", x, 1.0)[0, 0, 4].tolist() == [0, 0, 0, 1, 1, 0, 0, 0]


# -- golden numbers of the reference implementation (OpenCV's conventions) -----------------------------------------------

@pytest.mark.parametrize(("kind", "amount", "rows"), [
    ("rotate", 90.0, [[0, 0, 0, 0], [3, 7, 11, 15], [2, 6, 10, 14], [1, 5, 9, 13]]),
    ("zoom", 2.0, [[5, 5.5, 6, 6.5], [7, 7.5, 8, 8.5], [9, 9.5, 10, 10.5], [11, 11.5, 12, 12.5]]),
    ("zoom", 0.5, [[0, 0, 0, 0], [0, 0, 2, 0], [0, 8, 10, 0], [0, 0, 0, 0]]),
    ("shift_x", 0.25, [[0, 0, 1, 2], [0, 4, 5, 6], [0, 8, 9, 10], [0, 12, 13, 14]]),
    ("shift_x", 0.125, [[0, 0.5, 1.5, 2.5], [2, 4.5, 5.5, 6.5], [4, 8.5, 9.5, 10.5], [6, 12.5, 13.5, 14.5]])])
def test_classic_warps(kind, amount, rows):
    assert bend(kind, SIXTEEN, amount, CLASSIC)[0, 0].tolist() == pytest.approx(np.array(rows), abs=1e-4)


@pytest.mark.parametrize(("radius", "widths"), [(1, [1, 3, 1]), (2, [1, 5, 5, 5, 1]), (3, [1, 5, 7, 7, 7, 5, 1])])
def test_the_disc_of_morphology(radius, widths):
    x = torch.zeros(1, 1, 9, 9)
    x[..., 4, 4] = 1.0
    grown = bend("dilate", x, float(radius))
    assert grown[0, 0].sum(1).tolist() == [0] * (4 - radius) + widths + [0] * (4 - radius)
    assert torch.equal(bend("erode", -x, float(radius)), -grown)


def test_the_border_does_not_count_in_morphology():
    assert torch.equal(bend("erode", torch.ones(1, 1, 5, 5), 2.0), torch.ones(1, 1, 5, 5))
    assert torch.equal(bend("dilate", -torch.ones(1, 1, 5, 5), 9.0), -torch.ones(1, 1, 5, 5))


def test_half_a_cell_of_dilation_is_half_way():
    x = torch.randn(1, 2, 8, 8)
    assert torch.allclose(bend("dilate", x, 1.5), (bend("dilate", x, 1.0) + bend("dilate", x, 2.0)) / 2, atol=1e-5)


# -- the chain -----------------------------------------------------------------------------------------------------------

def test_bends_act_in_list_order_and_at_their_layer_only():
    double, more = Bend("a", "", "gain", 2), Bend("b", "", "invert", 2)
    x = torch.full((1, 3, 4, 4), 3.0)
    look = Look(bends=(double, more))
    values = {"bend.a": np.float32([2.0]), "bend.b": np.float32([1.0])}
    after = bend_layers(look, values, Layers((3,) * 4, (0,) * 4))
    assert torch.equal(after(2, x), torch.full_like(x, -5.0)) and torch.equal(after(1, x), x)


def test_a_bend_beyond_the_last_layer_acts_at_the_last():
    after = chain(Bend("it", "", "gain", 99), rows=[2.0])
    x = torch.ones(1, 3, 4, 4)
    assert torch.equal(after(3, x), 2 * x) and torch.equal(after(2, x), x)


@pytest.mark.parametrize("how", [{"maps": "list", "indices": (1, 7)}, {"maps": "cluster", "cluster": "c"}])
def test_only_the_chosen_maps_are_bent(how):
    x = torch.ones(2, 3, 4, 4)
    y = chain(Bend("it", "", "gain", 1, **how), rows=[3.0, 1.0], clusters=(Cluster("c", "", 1, (1, 9)),))(1, x)
    assert y[0, :, 0, 0].tolist() == [1, 3, 1] and torch.equal(y[1], x[1])


def test_a_larger_part_holds_the_smaller_one_and_the_seed_chooses():
    look = Look()
    parts = [set(chosen_maps(look, Bend("it", "", "gain", 1, maps="part", part=p, seed=s), 64))
             for p, s in ((0.25, 0), (0.5, 0), (0.5, 1), (0.0, 0), (1.0, 0))]
    assert parts[0] < parts[1] != parts[2] and [len(p) for p in parts] == [16, 32, 32, 0, 64]


def test_inside_a_mask_only():
    mask = torch.tensor([[0.0, 0.5], [1.0, 0.0]])
    it = Bend("it", "", "gain", 1, mask="m")
    y = chain(it, rows=[3.0], mask_at=lambda *_: mask, masks=(Mask("m", ""),))(1, torch.ones(1, 3, 2, 2))
    assert y[0, 0].tolist() == [[1, 2], [3, 1]]


@pytest.mark.parametrize(("wrong", "named"), [({"kind": "melt"}, "melt"), ({"border": "void"}, "void"), ({"mask": "m"}, "mask 'm'"),
                                              ({"maps": "cluster", "cluster": "c"}, "cluster 'c'"), ({"part": 2.0}, "part"),
                                              ({"maps": "some"}, "some")])
def test_what_cannot_be_is_named(wrong, named):
    with pytest.raises(LookError, match=named):
        Look(bends=(Bend(**{"id": "it", "label": "", "kind": "gain", "layer": 1, **wrong}),))
