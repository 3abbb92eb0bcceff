"""Noise layers: unit variance at every phase, no jump of place or velocity, loops that close, spots of the size asked for."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch

from ganreact_core.errors import LookError
from ganreact_core.look import Canvas, Look, Mask, NoiseLayer, addresses
from ganreact_core.synthesis import noise
from ganreact_core.synthesis.canvas import Field
from ganreact_core.synthesis.masking import MaskSource
from ganreact_core.synthesis.noise import NoiseSource
from ganreact_core.synthesis.noise_on_card import CardFields

SQUARE = Field((4, 4), "mirror")
KINDS = [NoiseLayer("n", "", loop=4), NoiseLayer("n", "", loop=4, scale=0.03), NoiseLayer("n", "", loop=4, field="perlin", scale=0.02)]
named = pytest.mark.parametrize("layer", KINDS, ids=["fine", "grain", "clouds"])


def source(net, layer, field=SQUARE, **look):
    return NoiseSource(net, Look(noise_layers=(layer,), **look), field)


def values(look, n=1, **changed):
    rows = {address: np.full(n, p.default, np.float32) for address, p in addresses(look).items()}
    return rows | {name.replace("__", "."): np.broadcast_to(np.float32(v), n).copy() for name, v in changed.items()}


@named
def test_a_field_has_unit_variance_at_every_phase_and_returns_after_its_loop(net, layer):
    there = source(net, layer)
    fields = [there.field(layer, 3, (256, 256), phase) for phase in (0.0, 0.3, 0.5, 2.9)]
    assert [f.std() for f in fields] == pytest.approx([1.0] * 4, abs=0.06)
    assert np.allclose(there.field(layer, 3, (256, 256), 4.3), fields[1], atol=1e-5)
    assert not np.allclose(fields[0], fields[2], atol=0.3)


@named
def test_a_field_moves_without_a_jump_of_place_or_velocity(net, layer):
    there = source(net, layer)
    for around in (1.0, 4.0):  # where one lattice hands over to the next, and where the loop closes
        moved = np.array([there.field(layer, 3, (16, 16), p) for p in np.linspace(around - 0.1, around + 0.1, 21)])
        velocity = np.diff(moved, axis=0)
        assert np.abs(velocity).max() < 0.1 and np.abs(np.diff(velocity, axis=0)).max() < 0.01


@pytest.mark.parametrize("field", ["gaussian", "perlin"])
def test_spots_are_as_large_as_asked_for_at_any_layer(net, field):
    def side(scale, size):
        layer = NoiseLayer("n", "", field=field, scale=scale)
        fields = np.concatenate([source(net, layer, seed=seed).field(layer, 3, (size, size), 0.5) for seed in range(4)])
        correlation = [float((fields[:, k:] * fields[:, :size - k]).mean() / fields.var()) for k in range(size // 2)]
        return next(k for k, c in enumerate(correlation) if c < 0.5) / size

    assert side(0.2, 128) == pytest.approx(2 * side(0.1, 128), rel=0.35) and side(0.1, 128) == pytest.approx(side(0.1, 256), rel=0.3)
    assert 0.02 < side(0.1, 128) < 0.1


@pytest.mark.parametrize(("field", "size"), list(itertools.product(["gaussian", "perlin"], [(8, 8), (9, 12), (16, 7)])))
def test_a_field_on_a_mirrored_canvas_is_symmetric_and_elsewhere_is_not(net, field, size):
    layer = NoiseLayer("n", "", field=field)
    mirrored, tiled = (source(net, layer, Field((8, 8), mode)).field(layer, 3, size, 0.4) for mode in ("mirror", "tile"))
    assert mirrored.shape == tiled.shape == size
    for axis in (0, 1):
        assert np.array_equal(mirrored, np.flip(mirrored, axis)) or size[axis] % 2
        assert not np.array_equal(tiled, np.flip(tiled, axis))


@named
def test_noise_of_frames_that_tile_meets_at_opposite_edges(net, layer):
    layer = replace(layer, scale=5 * layer.scale)

    def seam(seamless):
        there = source(net, layer, Field((4, 4), "grow"), canvas=Canvas(seamless=seamless))
        field = there.field(layer, 3, (96, 64), 0.4)
        assert field.shape == (96, 64) and field.std() == pytest.approx(1, abs=0.35)
        return max(np.abs(np.roll(field, -1, axis) - field).take(-1, axis).mean() / np.abs(np.diff(field, axis=axis)).mean() for axis in (0, 1))

    assert seam(seamless=True) < 1.35
    assert not layer.scale or seam(seamless=False) > 1.8, "it does so anyway: nothing is tested"


def test_layers_and_seeds_have_fields_of_their_own(net):
    layer, other = NoiseLayer("n", "", seed=1), NoiseLayer("n", "", seed=2)
    fields = [source(net, one).field(one, index, (64, 64), 0.5).ravel() for one, index in ((layer, 3), (layer, 4), (other, 3))]
    assert np.abs(np.corrcoef(fields) - np.eye(3)).max() < 0.1


def test_strength_zero_leaves_the_networks_own_noise_and_layers_add_up(net):
    look = Look(noise_layers=(NoiseLayer("a", "", first=2), NoiseLayer("b", "", seed=5, field="perlin", last=2)))
    there = NoiseSource(net, look, SQUARE)
    own = there.maps(values(look))
    assert all(torch.equal(m, c) for m, c in zip(own, net.noise_const(), strict=True))
    a, b, both = (there.maps(values(look, noise__a__strength=s, noise__b__strength=t)) for s, t in ((2, 0), (0, 3), (2, 3)))
    assert torch.equal(a[1], own[1]) and torch.equal(b[3], own[3]) and not torch.equal(a[2], own[2])
    assert torch.allclose(both[2], a[2] + b[2] - own[2], atol=1e-5)


def test_a_row_does_not_depend_on_its_neighbours(net):
    look = Look(noise_layers=(NoiseLayer("a", "", scale=0.2), NoiseLayer("b", "", field="perlin")))
    rows = values(look, 4, noise__a__strength=[0, 1, 2, 3], noise__b__phase=[0, 0.4, 1, 7], noise__b__strength=1.0)
    whole = NoiseSource(net, look, SQUARE).maps(rows)
    for n in range(4):
        alone = NoiseSource(net, look, SQUARE).maps({a: v[n:n + 1] for a, v in rows.items()})
        assert all(torch.equal(w[n:n + 1], one.expand(1, -1, -1, -1)) for w, one in zip(whole, alone, strict=True))


def test_inside_its_mask_only(net):
    layer = NoiseLayer("n", "", mask="right")
    look = Look(size=(32, 32), noise_layers=(layer,), masks=(Mask("right", "", "split", soft=0.0),))
    there = NoiseSource(net, look, SQUARE)
    masks = MaskSource(look, SQUARE, (32, 32))
    added = (there.maps(values(look, noise__n__strength=1.0), masks.at([1]))[-1] - there.maps(values(look))[-1])[0, 0]
    assert added[:, :16].abs().max() == 0 and added[:, 16:].std() == pytest.approx(1.0, abs=0.15)


def test_what_cannot_be_is_named():
    with pytest.raises(LookError, match="smoke"):
        NoiseLayer("n", "", field="smoke")
    with pytest.raises(LookError, match="mask 'm'"):
        Look(noise_layers=(NoiseLayer("n", "", mask="m"),))


@pytest.mark.parametrize("mode", ["mirror", "grow", "tile"])
@pytest.mark.parametrize("kind", [{}, {"scale": 0.2}, {"field": "perlin"}, {"field": "perlin", "scale": 0.3, "loop": 3}])
def test_fields_mixed_on_a_card_are_the_same(net, mode, kind):
    look = Look(noise_layers=(NoiseLayer("n", "N", **kind),), canvas=Canvas(seamless=mode == "tile"))
    source = NoiseSource(net, look, Field((6, 8), mode))
    card = CardFields(noise._draw, "cpu", kept=99, tiles=source._tiles)
    for phase in (0.0, 0.3, 5.9):
        for index, size in ((2, (12, 16)), (6, (48, 64))):
            expected = source.field(look.noise_layers[0], index, size, phase)
            found = source._field_on(card, look.noise_layers[0], index, size, phase).numpy()
            assert found.shape == size and np.abs(found - expected).max() <= 1e-5
