"""Frames of any size: covered, cropped evenly, never stretched; edges that meet where they should."""

import numpy as np
import pytest
import torch

from ganreact_core.errors import LookError
from ganreact_core.look import Canvas, Entry, Look, NoiseLayer
from ganreact_core.synthesis import acceleration, load_generator
from ganreact_core.synthesis.canvas import Field, cropped_evenly, plan_field
from ganreact_core.synthesis.frame_maker import FrameMaker
from ganreact_core.synthesis.images import fit
from ganreact_core.synthesis.noise import NoiseSource
from ganreact_core.table import evaluate

FILM_SIZES = [(1920, 1080), (1080, 1920), (1080, 1350), (3840, 2160), (512, 512), (2048, 858)]


@pytest.mark.parametrize("size", FILM_SIZES)
@pytest.mark.parametrize("resolution", [64, 256, 1024])
@pytest.mark.parametrize("detail", [0.25, 0.5, 1.0])
def test_the_field_covers_the_frame_and_what_is_shown_has_its_proportions(size, resolution, detail):
    look = Look(size=size, canvas=Canvas(detail=detail))
    field = plan_field(look, (resolution, resolution))
    whole, shown = field.size_at((resolution, resolution)), field.shown(look, (resolution, resolution))
    assert all(s <= w for s, w in zip(shown, whole, strict=True))
    assert all(w >= detail * side - 1 for w, side in zip(whole, reversed(size), strict=True))
    assert shown[1] / shown[0] == pytest.approx(size[0] / size[1], rel=0.01)
    if min(field.cells) > 4:
        assert shown == (round(detail * size[1]), round(detail * size[0])), "every pixel of the network is one that was asked for"


def test_the_networks_own_size_is_shown_as_large_as_it_goes():
    look = Look(size=(128, 64), canvas=Canvas(detail=0.5))
    assert plan_field(look, (1024, 1024)).shown(look, (1024, 1024)) == (512, 1024)


def test_cropping_is_even():
    ramp = torch.arange(10.0).expand(1, 1, 6, 10)
    assert cropped_evenly(ramp, (2, 4))[0, 0, 0].tolist() == [3, 4, 5, 6] and cropped_evenly(ramp, (6, 10)).shape == ramp.shape


def test_classic_repeats_the_border_and_roughens_it():
    x = torch.arange(16.0).reshape(1, 1, 4, 4)
    classic, replicate = Field((4, 8), "classic"), Field((4, 8), "replicate")
    rough = classic.extend_input(x) - replicate.extend_input(x)
    assert 0.01 < float(rough.std()) < 0.05 and torch.equal(classic.extend_input(x), classic.extend_input(x))
    assert torch.equal(classic.extend(x), replicate.extend(x)), "noise maps are not roughened"


def frame(generator, size, **canvas):
    look = Look(size=size, canvas=Canvas(**({"detail": 1.0} | canvas)), entries=(Entry("a", "A", 3, default=1.0),))
    table = evaluate(look, (), {}, {}, n_frames=1, fps=24)
    return FrameMaker(generator, look).pictures(table, [1])[0]


NETWORKS = ["maua_constinput_r64.pt", "maua_latentinput_legacy_r32.pt", "sg3t_u_r64.pkl", "hf_biggan_deep_32", "ajbrock_biggan_64"]


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("size", [(160, 90), (96, 128)])
def test_every_family_fills_frames_of_other_proportions(shared, name, size):
    picture = frame(load_generator(shared / "fixtures" / name), size)
    assert picture.shape == (size[1], size[0], 3)
    quarters = [picture[:, :size[0] // 4], picture[:, -size[0] // 4:], picture[:size[1] // 4], picture[-size[1] // 4:]]
    assert min(part.std() for part in quarters) > 0.3 * picture.std() > 0.5, "no side is empty"


def test_stylegan3_shows_more_of_the_same_plane(shared):
    net = load_generator(shared / "fixtures" / "sg3t_u_r64.pkl")
    w = net.map(torch.randn(1, net.z_dim, generator=torch.Generator().manual_seed(0)))
    small, large = net.synthesize(w), net.synthesize(w, cells=(net.own_cells, net.own_cells + 8))
    pixels = 64 // net.own_cells
    assert large.shape[3] == 64 + 8 * pixels
    middle = large[..., 4 * pixels:4 * pixels + 64]
    assert float((middle - small)[..., 16:-16].abs().mean()) < 0.05 * float(small.std())


def seam(picture):
    """The step across the edges, divided by the largest between two rows, or columns, inside."""
    steps = [np.abs(np.diff(picture.astype(float), axis=axis)).mean(axis=(1 - axis, 2)).max() for axis in (0, 1)]
    across = [np.abs(picture[0].astype(float) - picture[-1]).mean(), np.abs(picture[:, 0].astype(float) - picture[:, -1]).mean()]
    return max(a / s for a, s in zip(across, steps, strict=True))


@pytest.mark.parametrize("name", NETWORKS)
def test_seamless_frames_meet_at_their_edges(shared, name):
    net = load_generator(shared / "fixtures" / name)
    tiled, plain = (seam(frame(net, (2 * net.resolution[1], 2 * net.resolution[0]), seamless=s, mode="tile")) for s in (True, False))
    assert tiled < 1.05 and tiled < 0.8 * plain


@pytest.mark.parametrize("engine", ["openvino", "torch"])
def test_seamless_frames_of_any_engine_and_resampled(net, engine, monkeypatch):
    if engine == "torch":
        monkeypatch.setattr(acceleration.openvino_engine, "can_compile", lambda generator: False)
    picture = frame(net, (128, 96), seamless=True)
    assert seam(picture) < 1.05 and seam(fit(picture, (97, 61), wrap=True)) < 1.05 < seam(picture[8:-8, 8:-8])
    halves = [fit(np.roll(picture, shift, 1), (64, 48), wrap=True) for shift in (0, 64)]
    assert np.array_equal(np.roll(halves[0], 32, 1), halves[1]), "an edge is resampled like any other place"


def test_a_family_that_cannot_tile_says_so(net):
    class Other:
        kind, device = "gansynth", "cpu"

    with pytest.raises(LookError, match="tile"):
        acceleration.prepare(Other(), Look(canvas=Canvas(seamless=True)), (), precision="exact", streams=1)


def test_noise_follows_the_field(net):
    look = Look(size=(160, 90), canvas=Canvas(detail=1.0), noise_layers=(NoiseLayer("n", "N"),))
    table = evaluate(look, (), {"noise.n.strength": np.array([0.0, 3.0])}, {}, n_frames=2, fps=24)
    calm, rough = (FrameMaker(net, look).pictures(table, [f])[0].astype(float) for f in (1, 2))
    change = np.abs(calm - rough).mean(axis=2)
    assert min(part.mean() for part in (change[:, :20], change[:, -20:], change[:20], change[-20:])) > 0.3 * change.mean() > 0.5


def test_a_field_that_grows_keeps_the_networks_own_noise_and_never_repeats(net):
    look = Look(size=(192, 96), canvas=Canvas("grow", 1.0))
    field = plan_field(look, net.resolution)
    maps = NoiseSource(net, look, field).maps({"noise.base": np.ones(1, np.float32)})
    for m, own in zip(maps, net.noise_const(), strict=True):
        top, left = ((a - b) // 2 for a, b in zip(m.shape[2:], own.shape[2:], strict=True))
        assert tuple(m.shape[2:]) == field.size_at(tuple(own.shape[2:])) and float(m.std() / own.std()) == pytest.approx(1, abs=0.35)
        assert torch.equal(m[:, :, top:top + own.shape[2], left:left + own.shape[3]], own) and not torch.allclose(m, m.flip(3))
    other = NoiseSource(net, Look(size=(192, 96), seed=1, canvas=Canvas("grow", 1.0)), field).maps({"noise.base": np.ones(1, np.float32)})
    assert not torch.equal(maps[-1], other[-1])
