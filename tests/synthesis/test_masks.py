"""Masks: shapes by formula on any grid, pictures resampled, laid where the finished frame is, part of the frame's key."""

import numpy as np
import pytest
from PIL import Image

from ganreact_core.bundle import create_bundle
from ganreact_core.carried import mask_picture_path
from ganreact_core.errors import BundleError, LookError
from ganreact_core.look import Bend, Look, Mask
from ganreact_core.masks import shape_weights
from ganreact_core.synthesis import load_generator
from ganreact_core.synthesis.canvas import Field
from ganreact_core.synthesis.frame_maker import FrameMaker
from ganreact_core.synthesis.masking import MaskSource
from ganreact_core.table import evaluate

SQUARE = Field((4, 4), "mirror")


def shape(mask, n=64, aspect=1.0):
    places = (np.arange(n) + 0.5) / n
    return shape_weights(mask, places, places, aspect)


def source(mask, *, field=SQUARE, size=(64, 64), folder=None):
    return MaskSource(Look(size=size, masks=(mask,)), field, (64, 64), folder)


def test_a_circle_has_its_area_and_its_edge_its_width():
    disc = shape(Mask("m", "", size=0.25, soft=0.0))
    assert disc.mean() == pytest.approx(np.pi / 16, rel=0.02) and disc[32, 32] == 1 and disc[0, 0] == 0
    soft = shape(Mask("m", "", size=0.25, soft=0.2))[32]
    assert soft[32 + 16] == pytest.approx(0.5, abs=0.05) and 0 < soft[32 + 20] < 0.3 and soft[32 + 24] == 0


def test_it_is_round_where_the_picture_is_not_square():
    disc = shape(Mask("m", "", size=0.25, soft=0.0), aspect=2.0)
    assert disc.sum(0).astype(bool).sum() * 2 == pytest.approx(disc.sum(1).astype(bool).sum(), abs=2)


@pytest.mark.parametrize(("angle", "low", "high"), [(0, (32, 2), (32, 61)), (90, (61, 32), (2, 32)), (180, (32, 61), (32, 2))])
@pytest.mark.parametrize("kind", ["gradient", "split"])
def test_a_gradient_and_a_split_grow_along_their_angle(kind, angle, low, high):
    weights = shape(Mask("m", "", kind, angle=angle, size=1.0))
    assert weights[low] < 0.1 and weights[high] > 0.9 and weights[32, 32] == pytest.approx(0.5, abs=0.1)


def test_inverted_the_two_add_up_to_one():
    plain, inverted = (shape(Mask("m", "", "split", angle=30, invert=i)) for i in (False, True))
    assert np.allclose(plain + inverted, 1)


def test_a_frame_of_other_proportions_shows_a_part_and_the_mask_lies_there():
    split = source(Mask("m", "", "split", x=0.25, soft=0.0), field=Field((4, 8), "mirror")).weights("m", 1, (32, 64))
    assert split[0].tolist() == [0] * 24 + [1] * 40  # a quarter into the half that is shown


def test_a_picture_is_averaged_to_each_layer_and_its_edge_goes_on(tmp_path):
    mask = Mask("m", "", "image")
    path = mask_picture_path(tmp_path, mask)
    path.parent.mkdir()
    picture = np.zeros((90, 160), np.uint8)
    picture[:45, :80] = 255
    Image.fromarray(picture).save(path)
    whole = source(mask, size=(160, 90), field=Field((4, 7), "mirror"), folder=tmp_path)
    assert whole.weights("m", 5, (4, 7)).mean() == pytest.approx(0.25, abs=0.03)
    assert whole.weights("m", 5, (64, 112))[:28, :52].min() > 0.99
    cropped = source(mask, size=(160, 90), folder=tmp_path).weights("m", 5, (64, 64))  # 14 rows above and below are not shown
    assert cropped[:28, :30].min() > 0.99 and cropped[36:].max() < 0.01 and cropped[:, 34:].max() < 0.01


def test_a_sequence_shows_each_picture_from_its_frame_on(tmp_path):
    mask = Mask("m", "", "sequence")
    for frame, grey in ((3, 0), (5, 100), (8, 255)):
        mask_picture_path(tmp_path, mask, frame).parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (8, 8), grey).save(mask_picture_path(tmp_path, mask, frame))
    there = source(mask, folder=tmp_path)
    assert [round(255 * float(there.weights("m", n, (4, 4)).mean())) for n in (1, 3, 4, 5, 7, 8, 99)] == [0, 0, 0, 100, 100, 255, 255]


def test_a_missing_or_broken_picture_is_one_sentence(tmp_path):
    mask = Mask("m", "", "image")
    with pytest.raises(BundleError, match="missing"):
        source(mask, folder=tmp_path).weights("m", 1, (4, 4))
    mask_picture_path(tmp_path, mask).parent.mkdir()
    mask_picture_path(tmp_path, mask).write_bytes(b"\x89PNG\r\n\x1a\nno")
    with pytest.raises(BundleError, match="no picture"):
        source(mask, folder=tmp_path).weights("m", 1, (4, 4))


def test_the_key_of_a_frame_knows_the_pictures_of_that_frame_only(tmp_path):
    mask = Mask("m", "", "sequence", file="/somewhere/else")
    look = Look(masks=(mask,), bends=(Bend("b", "", "gain", 1, mask="m"),))
    bundle = create_bundle(tmp_path, look, evaluate(look, (), {}, {}, n_frames=4, fps=24), "0")
    assert "somewhere" not in (tmp_path / "look.json").read_text()
    mask_picture_path(tmp_path, mask, 1).parent.mkdir(parents=True)
    for frame in (1, 3):
        Image.new("L", (8, 8), frame).save(mask_picture_path(tmp_path, mask, frame))
    before = bundle.frame_keys(range(1, 5))
    Image.new("L", (8, 8), 200).save(mask_picture_path(tmp_path, mask, 3))
    after = bundle.frame_keys(range(1, 5))
    assert [before[n] == after[n] for n in range(1, 5)] == [True, True, False, False]


def test_a_masked_bend_changes_the_picture_inside_its_mask(net):
    look = Look(size=(32, 32), masks=(Mask("m", "", "split", x=0.5, soft=0.0),), bends=(Bend("b", "", "invert", 7, mask="m"),))
    table = evaluate(look, (), {"bend.b": np.float32([0, 1])}, {}, n_frames=2, fps=24)
    maker = FrameMaker(net, look)
    plain, bent = (maker.pictures(table, [frame])[0].astype(int) for frame in (1, 2))
    change = np.abs(bent - plain).max(axis=(0, 2))
    assert change[:15].max() == 0 and change[17:].max() > 20


def test_masks_of_stylegan3_know_the_margin_around_its_layers(shared):
    net = load_generator(shared / "fixtures" / "sg3t_u_r64.pkl")
    margins = net.margins()
    assert margins[0] == net.config.input_size - round(net.config.sampling_rate) and all(0 <= m < layer.size[0] for m, layer in zip(margins, net.layers, strict=True))
    layer = next(n for n, made in enumerate(net.layers) if made.size[0] - margins[n] == 32)
    look = Look(size=(64, 64), masks=(Mask("m", "", "split", x=0.75, soft=0.0),), bends=(Bend("b", "", "ablate", layer, mask="m"),))
    table = evaluate(look, (), {"bend.b": np.float32([0, 1])}, {}, n_frames=2, fps=24)
    maker = FrameMaker(net, look)
    plain, bent = (maker.pictures(table, [frame])[0].astype(float) for frame in (1, 2))
    change = np.abs(bent - plain).mean(axis=(0, 2))
    assert change[:24].mean() < 0.15 * change[56:].mean()


def test_what_cannot_be_is_named():
    with pytest.raises(LookError, match="star"):
        Mask("m", "", "star")
    with pytest.raises(LookError, match="negative"):
        Mask("m", "", size=-1.0)
