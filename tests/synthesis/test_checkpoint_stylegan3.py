"""StyleGAN3 checkpoints: the values of the reference code, moving the picture, and configurations that lie."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from ganreact_core.errors import CheckpointError, UsageError
from ganreact_core.synthesis import load_generator
from ganreact_core.synthesis.checkpoints import Checkpoint, save_safetensors
from ganreact_core.synthesis.generators.stylegan3 import placement
from ganreact_core.synthesis.load import make_generator
from tests.synthesis.parity import Case


@pytest.fixture(scope="module", params=["sg3t_u_r64", "sg3r_c5_r64", "sg3t_c5_layers10_py311_r32"])
def case(request, shared) -> Case:
    return Case(shared / "fixtures" / request.param)


def test_latents(case):
    case.check("w_psi1", case.G.map(case.z, case.c))
    case.check("w_psi0.7", case.G.map(case.z, case.c, 0.7))
    case.check("w_psi0.5_cutoff", case.G.map(case.z, case.c, 0.5, case.meta["truncation_cutoff"]))


@pytest.mark.parametrize("name", ["const_psi1", "none_psi1", "const_psi0.7", "const_mixed"])
def test_pictures(case, name):
    noise, _, latent = name.partition("_")
    case.check(f"img_{name}", case.G.synthesize(case.expected[f"w_{latent}"], noise))


def test_bytes(case):
    x = case.G.synthesize(case.expected["w_psi0.7"]).mul(127.5).add(128).clamp(0, 255).floor().permute(0, 2, 3, 1)
    steps = (x - case.expected["img_u8_const_psi0.7"].float()).abs()
    assert steps.max() <= 1 and (steps > 0).float().mean() < 1e-3


def test_activations(case):
    seen: dict[str, torch.Tensor] = {}
    case.G.synthesize(case.expected["w_psi1"], after=lambda index, x: seen.setdefault(case.G.layers[index].name, x))
    assert [(layer.name, layer.size, layer.channels) for layer in case.G.layers] == [
        (name, tuple(x.shape[2:]), x.shape[1]) for name, x in seen.items()]
    assert [*seen, case.G.config.layer_names[-1]] == case.meta["act_order"]
    for name, x in seen.items():
        case.check(f"act_{name}", x[:1, :2])
        case.check(f"actstat_{name}", torch.stack([x.mean(), x.std(), x.abs().max()]))


def test_moving_the_picture(case):
    w = case.expected["w_psi1"]
    moved = case.G.synthesize(w, transform=case.expected["transform_forward"])
    case.check("img_const_psi1_transform", moved)
    assert torch.allclose(placement(0.12, -0.05, 17), case.expected["transform_forward"].float(), atol=1e-6)
    assert torch.equal(moved, case.G.synthesize(w, transform=case.expected["transform_forward"].expand(len(w), 3, 3)))
    assert torch.allclose(case.G.synthesize(w, transform=placement()), case.G.synthesize(w), atol=1e-5)


def test_a_frame_does_not_depend_on_its_neighbours(case):
    w = case.expected["w_mixed"]
    assert torch.allclose(case.G.synthesize(w)[1:], case.G.synthesize(w[1:]), atol=1e-5)


def test_there_is_no_noise(case):
    assert case.G.noise_const() == ()
    with pytest.raises(UsageError, match="no noise"):
        case.G.synthesize(case.expected["w_psi1"], [torch.zeros(1, 1, 4, 4)])


def test_converted(case, tmp_path):
    save_safetensors(tmp_path / "net.safetensors", case.checkpoint)
    w = case.expected["w_mixed"]
    assert torch.equal(load_generator(tmp_path / "net.safetensors").synthesize(w), case.G.synthesize(w))


@pytest.mark.parametrize("lie", [
    {"up_factors": [2]}, {"down_factors": []}, {"paddings": [[0, 0]]}, {"input_size": 37}, {"input_size": 16000}, {"resolution": 128},
    {"layer_names": ["L0"]}, {"layer_names": 5}, {"sampling_rate": float("nan")}, {"bandwidth": "x"}, {"resolution": 65536},
    {"up": 16}, {"pad": [-4096, 4096]}, {"pad": [0, 4096]}, {"pad": [1.5, 2]}, {"pad": 3},
], ids=str)
def test_configurations_that_lie(case, lie):
    config = json.loads(json.dumps(case.checkpoint.config))
    lie = dict(lie)
    config["up_factors"][2] = lie.pop("up", config["up_factors"][2])
    config["paddings"][2] = lie.pop("pad", config["paddings"][2])
    with pytest.raises(CheckpointError):
        make_generator(Checkpoint("stylegan3", config | lie, case.checkpoint.tensors))


@pytest.mark.parametrize("shape", [(), (1,), (7, 5), (3, 3, 3)])
@pytest.mark.parametrize("name", ["up_filter", "down_filter", "weight", "magnitude_ema"])
def test_tensors_that_do_not_fit(case, name, shape):
    full = f"synthesis.{case.G.config.layer_names[1]}.{name}"
    if name == "magnitude_ema" and shape == ():
        pytest.skip("that is its shape")
    with pytest.raises(CheckpointError):
        make_generator(Checkpoint("stylegan3", case.checkpoint.config, case.checkpoint.tensors | {full: np.ones(shape, np.float32)}))


@pytest.mark.parametrize("name", ["sg3t_c5_layers10_py311_r32.pkl", "sg3r_c5_r64.pkl"])
def test_a_card_s_way_gives_the_same_picture(shared, name):
    """Low-passes on planes, and fewer passes over the activations."""
    net = load_generator(shared / "fixtures" / name)
    w = net.map(torch.randn(1, net.z_dim, generator=torch.Generator().manual_seed(1)), torch.eye(net.c_dim)[:1])
    there = net.variant()
    there.planar = there.merges = True
    with torch.no_grad():
        expected, found = net.synthesize(w), there.synthesize(w)
    assert float((expected - found).abs().max()) <= 1e-5 * float(expected.abs().max())
