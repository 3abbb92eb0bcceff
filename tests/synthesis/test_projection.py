"""Projection: a network's own picture is found again, the same every time; perceptual files; it can be stopped."""

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.numpy import save_file

from ganreact_core.errors import Cancelled, CheckpointError, InputFileError, UsageError
from ganreact_core.synthesis import load_generator
from ganreact_core.synthesis.perception import Perceptual, pixel_difference
from ganreact_core.synthesis.projection import project, read_picture
from ganreact_core.synthesis.sampling import random_latents


def own_picture(net, seed=7):
    with torch.no_grad():
        return net.synthesize(random_latents(net, torch.Generator().manual_seed(seed), 1, 0.8)).clamp(-1, 1)


def test_a_networks_own_picture_is_found_again_and_again_the_same(class_net):
    target = own_picture(class_net)
    one, two = (project(class_net, target, steps=25) for _ in range(2))
    assert one.w.shape == (class_net.num_ws, class_net.w_dim) and np.array_equal(one.w, two.w)
    assert one.difference < 0.8 * one.began_at
    with torch.no_grad():
        again = class_net.synthesize(torch.from_numpy(one.w)[None])
    assert float(pixel_difference(again, target)) == pytest.approx(one.difference, rel=1e-3)


def test_more_steps_come_nearer_and_gradients_do_not_stay(net):
    target = own_picture(net)
    with torch.inference_mode():  # a preview before it, which keeps what it made
        net.synthesize(random_latents(net, torch.Generator().manual_seed(0), 1))
    found = [project(net, target, steps=steps).difference for steps in (2, 30)]
    assert found[1] < found[0] and not any(t.requires_grad for t in net.tensors.values())


def test_biggan_too(shared):
    net = load_generator(shared / "fixtures" / "hf_biggan_deep_32")
    found = project(net, own_picture(net), steps=15)
    assert found.difference < found.began_at and found.picture.shape == (32, 32, 3)


def vgg(folder, name="features", lin=False):
    draw = np.random.default_rng(0)
    widths, tensors, last = iter([4, 4, 6, 6, 8, 8, 8, 8, 8, 8, 8, 8, 8]), {}, 3
    for n in (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28):
        width = next(widths)
        tensors |= {f"{name}.{n}.weight": draw.normal(0, 0.2, (width, last, 3, 3)).astype(np.float32), f"{name}.{n}.bias": np.zeros(width, np.float32)}
        last = width
    if lin:
        tensors |= {f"lin{k}.model.1.weight": np.ones((1, c, 1, 1), np.float32) / c for k, c in enumerate((4, 6, 8, 8, 8))}
    save_file(tensors, folder / "vgg.safetensors")
    return folder / "vgg.safetensors"


@pytest.mark.parametrize("lin", [False, True])
def test_what_looks_more_alike_differs_less_perceptually(tmp_path, net, lin):
    perceptual = Perceptual([vgg(tmp_path, lin=lin)])
    target = own_picture(net)
    seen = perceptual.features(target)
    noise = torch.randn(target.shape, generator=torch.Generator().manual_seed(0))
    found = [float(perceptual.difference(target + s * noise, seen)) for s in (0.0, 0.05, 0.3)]
    assert found[0] == 0 and 0 < found[1] < found[2]


def test_a_perceptual_network_leads_too(tmp_path, net):
    perceptual = Perceptual([vgg(tmp_path)])
    target = own_picture(net)
    seen = perceptual.features(target)
    begin, end = (perceptual.difference(torch.from_numpy(project(net, target, steps=n, perceptual=perceptual).picture / 127.5 - 1)
                                        .permute(2, 0, 1)[None].float(), seen) for n in (1, 20))
    assert end < begin


def test_files_that_hold_no_vgg_are_named(tmp_path):
    save_file({"a": np.zeros(3, np.float32)}, tmp_path / "a.safetensors")
    with pytest.raises(CheckpointError, match="no VGG16"):
        Perceptual([tmp_path / "a.safetensors"])
    (tmp_path / "b.pth").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(CheckpointError):
        Perceptual([tmp_path / "b.pth"])


def test_pictures_are_cropped_to_the_networks_proportions(tmp_path):
    picture = Image.new("RGB", (90, 30), "black")
    picture.paste("white", (30, 0, 60, 30))
    picture.save(tmp_path / "p.png")
    read = read_picture(tmp_path / "p.png", (16, 16))
    assert read.shape == (1, 3, 16, 16) and read[..., 3:-3].min() > 0.9
    (tmp_path / "q.png").write_bytes(b"no")
    with pytest.raises(InputFileError, match="no picture"):
        read_picture(tmp_path / "q.png", (16, 16))


def test_it_can_be_stopped_and_needs_a_step(net):
    def advance(fraction, text):
        if fraction > 0.2:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        project(net, own_picture(net), steps=10, advance=advance)
    with pytest.raises(UsageError):
        project(net, own_picture(net), steps=0)
