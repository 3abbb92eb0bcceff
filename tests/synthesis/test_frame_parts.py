"""Blending, noise, bends and canvas: the formulas of a frame, each against a case one can work out by hand."""

import numpy as np
import pytest
import torch

from ganreact_core.errors import LookError
from ganreact_core.look import Canvas, Entry, Look, PaletteSet, addresses
from ganreact_core.synthesis.canvas import Field, plan_field
from ganreact_core.synthesis.entries import entry_latent
from ganreact_core.synthesis.images import fit, to_bytes
from ganreact_core.synthesis.latents import blend, layer_groups, resolve_palette

LOOK = Look(entries=(Entry("a", "A", 1), Entry("b", "B", 2), Entry("x", "X", 3, accent=True)))


def values(look, n=1, **changed):
    rows = {address: np.full(n, p.default, np.float32) for address, p in addresses(look).items()}
    for name, value in changed.items():
        rows[name.replace("__", ".")] = np.broadcast_to(np.float32(value), n).copy()
    return rows


def test_one_entry_alone_is_that_entry_whatever_its_weight(net):
    palette = resolve_palette(net, LOOK)
    for weight in (0.2, 1.0, 5.0):
        w = blend(palette, LOOK, values(LOOK, palette__a=weight, truncation=1.0))
        assert torch.allclose(w[0], palette.latents["a"], atol=1e-5)


def test_two_entries_are_weighted(net):
    palette = resolve_palette(net, LOOK)
    w = blend(palette, LOOK, values(LOOK, palette__a=1.0, palette__b=3.0, truncation=1.0))
    assert torch.allclose(w[0], 0.25 * palette.latents["a"] + 0.75 * palette.latents["b"], atol=1e-5)


def test_silence_is_the_mean_picture_and_slides_there_without_a_jump(net):
    palette = resolve_palette(net, LOOK)
    quiet = [blend(palette, LOOK, values(LOOK, palette__a=p, truncation=1.0))[0] for p in (0.0, 5e-4, 1e-3, 1e-2)]
    assert torch.allclose(quiet[0], palette.w_avg.expand_as(quiet[0]), atol=1e-5)
    assert torch.allclose(quiet[1], (quiet[0] + quiet[2]) / 2, atol=1e-4) and torch.allclose(quiet[2], quiet[3], atol=1e-4)


def test_a_group_weight_acts_on_its_layers_only(net):
    palette = resolve_palette(net, LOOK)
    rows = values(LOOK, palette__a=1.0, palette__b=1.0, truncation=1.0)
    rows["palette.b.fine"][:] = 0.0
    w, groups = blend(palette, LOOK, rows)[0], layer_groups(net.num_ws)
    assert torch.allclose(w[groups == 2], palette.latents["a"][groups == 2], atol=1e-5)
    middle = (palette.latents["a"] + palette.latents["b"])[groups == 1] / 2
    assert torch.allclose(w[groups == 1], middle, atol=1e-5)


def test_layer_groups_are_thirds():
    assert layer_groups(10).tolist() == [0, 0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_an_accent_covers_the_blend(net):
    palette = resolve_palette(net, LOOK)
    w = blend(palette, LOOK, values(LOOK, palette__a=1.0, accent__x=0.25, truncation=1.0))
    assert torch.allclose(w[0], 0.25 * palette.latents["x"] + 0.75 * palette.latents["a"], atol=1e-5)


def test_truncation_zero_is_the_mean(net):
    palette = resolve_palette(net, LOOK)
    w = blend(palette, LOOK, values(LOOK, palette__a=1.0, truncation=0.0))
    assert torch.allclose(w[0], palette.w_avg.expand_as(w[0]), atol=1e-6)


def test_sets_are_mixed(net):
    look = Look(entries=LOOK.entries, sets=(PaletteSet("one", "", ("a",)), PaletteSet("two", "", ("b",))))
    palette = resolve_palette(net, look)
    rows = values(look, palette__a=0.3, palette__b=0.9, set__one__mix=1.0, set__two__mix=3.0, truncation=1.0)
    expected = 0.25 * palette.latents["a"] + 0.75 * palette.latents["b"]
    assert torch.allclose(blend(palette, look, rows)[0], expected, atol=1e-5)


def test_a_row_does_not_depend_on_its_neighbours(net):
    palette = resolve_palette(net, LOOK)
    rows = values(LOOK, 5)
    rows["palette.a"][:] = np.linspace(0, 1, 5)
    rows["palette.b"][:] = np.linspace(1, 0.3, 5)
    whole = blend(palette, LOOK, rows)
    for n in range(5):
        assert torch.equal(blend(palette, LOOK, {a: v[n:n + 1] for a, v in rows.items()})[0], whole[n])


def test_the_seed_of_an_entry_is_the_seed_of_the_fields_scripts(net):
    z = torch.from_numpy(np.random.RandomState(7).randn(1, 16).astype(np.float32))
    assert torch.equal(entry_latent(net, Entry("e", "", 7)), net.map(z)[0])


def test_a_class_the_network_does_not_have_is_named(class_net):
    assert not torch.equal(entry_latent(class_net, Entry("e", "", 7, 0)), entry_latent(class_net, Entry("e", "", 7, 1)))
    with pytest.raises(LookError, match="class 9"):
        entry_latent(class_net, Entry("e", "", 7, 9))


def test_mirror_continues_without_a_seam_and_keeps_the_middle():
    x = torch.arange(4.0).reshape(1, 1, 1, 4).expand(1, 1, 4, 4)
    row = Field((4, 12), "mirror").extend(x)[0, 0, 0]
    assert row[4:8].tolist() == [0, 1, 2, 3] and row.tolist() == [3, 2, 1, 0, 0, 1, 2, 3, 3, 2, 1, 0]
    assert Field((4, 8), "tile").extend(x)[0, 0, 0].tolist() == [2, 3, 0, 1, 2, 3, 0, 1]
    assert Field((4, 8), "replicate").extend(x)[0, 0, 0].tolist() == [0, 0, 0, 1, 2, 3, 3, 3]


@pytest.mark.parametrize(("size", "detail", "resolution", "cells"), [
    ((512, 512), 0.5, 64, (16, 16)), ((1920, 1080), 0.5, 64, (34, 60)), ((512, 512), 0.5, 1024, (4, 4)),
    ((64, 64), 1.0, 64, (4, 4)), ((2048, 1024), 1.0, 1024, (4, 8))])
def test_the_field_follows_the_wanted_size(size, detail, resolution, cells):
    assert plan_field(Look(size=size, canvas=Canvas("mirror", detail)), (resolution, resolution)).cells == cells


def test_bytes_follow_the_fields_rounding():
    x = torch.tensor([-2.0, -1.0, 0.0, 1 / 255, 0.999, 1.0]).reshape(1, 1, 1, 6).expand(1, 3, 1, 6)
    assert to_bytes(x)[0, 0, :, 0].tolist() == [0, 0, 128, 128, 255, 255]


def test_fitting_keeps_proportions_by_cropping():
    picture = np.zeros((32, 64, 3), np.uint8)
    picture[:, 16:48] = 255
    assert fit(picture, (128, 128)).shape == (128, 128, 3) and fit(picture, (128, 128))[:, 8:-8].min() > 250
    assert fit(picture, (64, 32)) is picture
