"""An artist's folder becomes a network that loads; a second sitting goes on; odd folders get a sentence."""

import numpy as np
import pytest
import torch
from PIL import Image

from ganreact_core.errors import InputFileError, UsageError
from ganreact_core.synthesis import load_generator
from ganreact_core.training.augment import adapted, widened
from ganreact_core.training.folder import folder_pool, read_square
from ganreact_core.training.own import OwnNetwork, train_own
from ganreact_core.training.pool import Pool


def fill(folder, count, colour, size=(50, 40)):
    folder.mkdir(parents=True, exist_ok=True)
    draw = np.random.RandomState(len(colour))
    for k in range(count):
        pixels = np.clip(np.array(colour) + draw.randint(-30, 30, (size[1], size[0], 3)), 0, 255)
        Image.fromarray(pixels.astype(np.uint8)).save(folder / f"{k}.png")


def test_two_sittings_make_one_network_with_the_folders_as_classes(tmp_path):
    fill(tmp_path / "pictures" / "red", 8, (200, 30, 30))
    fill(tmp_path / "pictures" / "blue", 9, (30, 30, 200))
    out, said = tmp_path / "mine.safetensors", []
    first = train_own(tmp_path / "pictures", out, OwnNetwork(32), 1.5, say=said.append)
    assert first.pictures > 0 and "17 pictures in 2 classes" in said[-1]
    second = train_own(tmp_path / "pictures", out, OwnNetwork(32), 0.5)
    assert second.pictures > first.pictures and second.seconds > first.seconds
    G = load_generator(out)
    assert G.kind == "stylegan2" and G.c_dim == 2 and G.resolution == (16, 16)  # the stage it has come to
    assert torch.isfinite(G.synthesize(G.map(torch.randn(2, G.z_dim), torch.eye(2)))).all()
    assert list((tmp_path / "mine.training").glob("sheet-*.png"))


def test_one_class_makes_an_unconditional_network(tmp_path):
    fill(tmp_path / "p", 8, (20, 160, 60))
    train_own(tmp_path / "p", tmp_path / "m.safetensors", OwnNetwork(32, texture=True), 0.3)
    G = load_generator(tmp_path / "m.safetensors")
    assert G.c_dim == 0 and torch.isfinite(G.synthesize(G.map(torch.randn(1, G.z_dim)))).all()


def test_a_state_of_another_size_is_refused_and_kept(tmp_path):
    fill(tmp_path / "p", 8, (20, 160, 60))
    train_own(tmp_path / "p", tmp_path / "m.safetensors", OwnNetwork(32), 0.2)
    state = (tmp_path / "m.training" / "state.pt").read_bytes()
    with pytest.raises(InputFileError, match="another folder"):
        train_own(tmp_path / "p", tmp_path / "m.safetensors", OwnNetwork(64), 0.2)
    assert (tmp_path / "m.training" / "state.pt").read_bytes() == state


def test_sizes_that_are_not_offered_are_refused():
    with pytest.raises(UsageError, match="200 pixels"):
        OwnNetwork(200).plan(("a",))


def test_folders_without_enough_pictures_are_refused_and_damaged_files_said(tmp_path):
    with pytest.raises(InputFileError, match="no folder"):
        folder_pool(tmp_path / "nowhere", 16)
    fill(tmp_path / "few", 7, (1, 2, 3))
    (tmp_path / "few" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    said = []
    with pytest.raises(InputFileError, match="7 readable"):
        folder_pool(tmp_path / "few", 16, said.append)
    assert said == ["'broken.png' is left out: it is no picture that can be read"]


def test_a_picture_is_turned_upright_and_its_middle_taken(tmp_path):
    pixels = np.zeros((20, 60, 3), np.uint8)
    pixels[:, 20:40] = (255, 0, 0)  # the middle square
    image = Image.fromarray(pixels)
    exif = image.getexif()
    exif[0x0112] = 6  # held upright
    image.save(tmp_path / "turned.png", exif=exif)
    square = read_square(tmp_path / "turned.png", 16)
    assert square.shape == (3, 16, 16) and square[0].min() > 200 and square[1].max() < 60


def test_a_pool_draws_large_classes_more_often():
    pool = Pool([torch.zeros(2, 3, 8, 8, dtype=torch.uint8), torch.full((18, 3, 8, 8), 255, dtype=torch.uint8)], ("few", "many"))
    x, classes = pool.batch(torch.Generator().manual_seed(0), 400, 4)
    assert x.shape == (400, 3, 4, 4) and 0.85 < classes.float().mean() < 0.95
    assert torch.equal(x[:, 0, 0, 0] > 0, classes == 1)


def test_augmentation_changes_a_share_of_the_pictures_and_lets_gradients_through():
    g = torch.Generator().manual_seed(1)
    x = torch.randn(200, 3, 16, 16, generator=g).requires_grad_()
    assert widened(x, 0.0, g) is x
    y = widened(x, 0.1, g)
    same = (y == x).flatten(1).all(1).float().mean()
    assert 0.3 < same < 0.75  # 0.9 to the sixth, and some changes are none
    y.square().sum().backward()
    assert torch.isfinite(x.grad).all() and x.grad.abs().sum() > 0


def test_augmentation_rises_while_the_critic_is_sure_and_falls_after():
    p = adapted(0.2, 0.9, 0.6, 500)
    assert p > 0.2 > adapted(0.2, 0.1, 0.6, 500)
    assert adapted(0.0, -1.0, 0.6, 500) == 0.0 and adapted(0.8, 1.0, 0.6, 500) == 0.8
