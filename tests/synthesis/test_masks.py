"""Masks: shapes by formula on any grid, pictures resampled, laid where the finished frame is, part of the frame's key."""

import json

import numpy as np
import pytest
from PIL import Image

from ganreact_core.bundle import create_bundle, open_bundle
from ganreact_core.carried import mask_picture_path
from ganreact_core.errors import BundleError, LookError
from ganreact_core.frame_keys import table_digest
from ganreact_core.look import Bend, Look, Mask, addresses
from ganreact_core.masks import shape_weights
from ganreact_core.synthesis import load_generator
from ganreact_core.synthesis.canvas import Field
from ganreact_core.synthesis.frame_maker import FrameMaker
from ganreact_core.synthesis.masking import MaskSource
from ganreact_core.table import Table, evaluate, save_table

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


MOVING = Look(size=(32, 32), masks=(Mask("m", "", "circle", x=0.3, y=0.4, size=0.2, soft=0.05),), bends=(Bend("b", "", "invert", 7, mask="m"),))


def table_of(look, n, **moved):
    return evaluate(look, (), {"bend.b": np.ones(n, np.float32)} | {f"mask.m.{part}": np.float32(column) for part, column in moved.items()}, {}, n_frames=n, fps=24)


@pytest.mark.parametrize(("kind", "moved"), [("circle", {"x": 0.7, "y": 0.6, "size": 0.3, "soft": 0.2}), ("gradient", {"x": 0.2, "size": 0.8, "angle": 70.0}),
                                             ("split", {"y": 0.2, "angle": -100.0, "soft": 0.4})])
def test_a_shape_can_be_moved_and_is_then_the_shape_that_lies_there(kind, moved):
    there, elsewhere = Mask("m", "", kind), Mask("m", "", kind, **moved)
    values = {f"mask.m.{part}": np.float32([getattr(there, part), getattr(elsewhere, part)]) for part in ("x", "y", "size", "angle", "soft")}
    at = source(there).at([1, 1], values)
    assert np.array_equal(at("m", 0, (16, 16), 0), source(there).weights("m", 1, (16, 16)))
    assert np.allclose(at("m", 1, (16, 16), 0), source(elsewhere).weights("m", 1, (16, 16)), atol=1e-5)
    assert {a.rpartition(".")[2] for a in addresses(Look(masks=(there,))) if a.startswith("mask.")} >= set(moved)


def test_a_moving_mask_moves_what_acts_inside_it_and_comes_back(net):
    table = table_of(MOVING, 4, x=[0.3, 0.5, 0.8, 0.3])
    maker = FrameMaker(net, MOVING)
    pictures = [maker.pictures(table, [frame])[0].astype(float) for frame in range(1, 5)]
    plain = FrameMaker(net, MOVING).pictures(evaluate(MOVING, (), {}, {}, n_frames=1, fps=24), [1])[0].astype(float)
    centres = [(np.abs(p - plain).sum(axis=(0, 2)) * np.arange(32)).sum() / np.abs(p - plain).sum() for p in pictures]
    assert centres[0] + 4 < centres[1] < centres[2] - 4 and np.array_equal(pictures[0], pictures[3])


def test_frames_from_before_masks_moved_stay_right_and_a_moved_mask_makes_another_key(tmp_path):
    bundle = create_bundle(tmp_path, MOVING, table_of(MOVING, 3, x=[0.3, 0.31, 0.3]), "0")
    keys = bundle.frame_keys(range(1, 4))
    assert keys[1] == keys[3] != keys[2] and keys[1] == "9a0de2078f572842d08af88e9e71137df80ae5c9"
    old = Table(1, 24.0, {a: c for a, c in bundle.table.columns.items() if not a.startswith("mask.")})
    save_table(tmp_path / "table.npz", old)
    document = json.loads((tmp_path / "look.json").read_text())
    (tmp_path / "look.json").write_text(json.dumps(document | {"table": table_digest(old)}))
    assert open_bundle(tmp_path).frame_keys([2]) == {2: keys[1]}
