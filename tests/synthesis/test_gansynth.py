"""GANSynth: from a folder of Magenta's, or our own file, to a sound; and by a plain reckoning of each step."""

import importlib.util
import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from ganreact_core.errors import CheckpointError, UsageError
from ganreact_core.synthesis import load_generator
from ganreact_core.synthesis.checkpoints import read_checkpoint, save_safetensors

_spec = importlib.util.spec_from_file_location("gansynth_folder", Path(__file__).with_name("gansynth_folder.py"))
writer = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(writer)
EMA, NET, small_folder, variables, write_folder = writer.EMA, writer.NET, writer.small_folder, writer.variables, writer.write_folder

F = torch.nn.functional


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    """A folder of full size, as mel_prog_hires leaves it."""
    found = variables()
    return write_folder(tmp_path_factory.mktemp("gansynth") / "full", found), found


def plainly(found, z, label, z_dim, blocks, pictures):
    """The network from its description, step by step: convolutions as convolutions, nothing folded."""
    def conv(x, name, slope, **how):
        kernel = torch.tensor(found[f"{name}/conv2d/kernel/{EMA}"]).permute(3, 2, 0, 1)
        scale = math.sqrt(2 / ((1 + slope ** 2) * kernel[0].numel()))
        return F.conv2d(x, kernel * scale, torch.tensor(found[f"{name}/bias/{EMA}"]), **how)

    def normal(x):
        return x * torch.rsqrt(x.square().mean(1, keepdim=True) + 1e-8)

    x = F.pad(normal(torch.cat([z, label], 1)[:, :, None, None]), (15, 15, 1, 1))
    for b in range(1, blocks + 1):
        x = x if b == 1 else x.repeat_interleave(2, 2).repeat_interleave(2, 3)
        x = normal(F.leaky_relu(conv(x, f"{NET}{b}/conv0", 0, padding=0 if b == 1 else 1), 0.2))
        x = normal(F.leaky_relu(conv(x, f"{NET}{b}/conv1", 0, padding=1), 0.2))
        if b in pictures:
            seen = torch.tanh(conv(x, f"{NET}{b}/to_rgb", 1))
            yield pictures[b] * F.interpolate(seen, scale_factor=2 ** (pictures["last"] - b), mode="nearest")


def test_a_full_folder_becomes_four_seconds(full):
    folder, found = full
    net = load_generator(folder)
    assert (net.kind, net.z_dim, net.c_dim, net.num_ws, net.w_dim, net.resolution) == ("gansynth", 256, 61, 1, 317, (128, 1024))
    assert net.pitches == tuple(range(24, 85)) and net.w_avg is None
    assert [layer.channels for layer in net.layers] == [317, 256, 256, 256, 256, 256, 256, 256, 256, 128, 128, 64, 64, 32, 32]
    assert net.layers[1].size == (2, 16) and net.layers[-1].size == (128, 1024)
    assert tuple(found[f"{NET}1/conv0/conv2d/kernel/{EMA}"].shape) == (2, 16, 317, 256)
    assert tuple(found[f"{NET}5/conv0/conv2d/kernel/{EMA}"].shape) == (3, 3, 256, 128)
    assert sum(t.numel() for t in net.tensors.values()) == pytest.approx(7.31e6, rel=1e-3)
    z, label = torch.randn(1, 256, generator=torch.Generator().manual_seed(0)), net.pitch(32)
    with torch.inference_mode():
        x = net.synthesize(net.map(z, label))
        sound = net.to_audio(x)
        (expected,) = plainly(found, z, label, 256, 7, {7: 1.0, "last": 7})
    assert tuple(x.shape) == (1, 2, 128, 1024) and tuple(sound.shape) == (1, 64_000)
    assert bool(torch.isfinite(sound).all())
    torch.testing.assert_close(x, expected, atol=1e-4, rtol=1e-3)


def test_our_own_file_gives_the_same_sound(tmp_path):
    folder = small_folder(tmp_path / "m")
    first = load_generator(folder)
    save_safetensors(tmp_path / "m.safetensors", read_checkpoint(folder))
    second = load_generator(tmp_path / "m.safetensors")
    w = first.map(torch.ones(2, 8), first.pitch(24, 2))
    assert first.config == second.config and torch.equal(first.synthesize(w), second.synthesize(w))


@pytest.mark.parametrize(("sounds", "shares"), [(3_900_000, {3: 1.0}), (2_800_000, {2: 0.5, 3: 0.5})])
def test_a_network_that_still_grows_mixes_two_pictures(tmp_path, sounds, shares):
    """800,000 sounds of each block, and as many between two: at 2.8 million block 3 is half there."""
    net = load_generator(small_folder(tmp_path / "m", step=sounds))
    z, label = torch.randn(1, 8), net.pitch(25)
    found = variables((8, 6, 4), 8, 2)
    expected = sum(plainly(found, z, label, 8, 3, {**shares, "last": 3}))
    torch.testing.assert_close(net.synthesize(net.map(z, label)), expected, atol=1e-4, rtol=1e-3)


def test_an_early_stage_fills_the_whole_picture(tmp_path):
    net = load_generator(small_folder(tmp_path / "m", widths=(8, 6), step=9_000_000))
    x = net.synthesize(net.map(torch.randn(1, 8), net.pitch(24)))
    assert tuple(x.shape) == (1, 2, 8, 64) and torch.equal(x[..., ::2, ::2], x[..., 1::2, 1::2])


def test_a_layers_activations_can_be_taken_and_put_back(tmp_path):
    net = load_generator(small_folder(tmp_path / "m"))
    w, seen = net.map(torch.randn(2, 8), net.pitch(24, 2)), {}
    whole = net.synthesize(w, after=seen.setdefault)
    assert [tuple(x.shape[1:]) for x in seen.values()] == [(layer.channels, *layer.size) for layer in net.layers]
    for k, x in seen.items():
        torch.testing.assert_close(net.activations(w, k), x)
        torch.testing.assert_close(net.from_layer(k, x), whole)


def test_pitches_are_those_of_meta_json(tmp_path):
    net = load_generator(small_folder(tmp_path / "m", meta={"pitches": {"61": 4, "40": 9}}))
    assert net.pitches == (40, 61)
    assert net.pitch(55).tolist() == [[0.0, 1.0]] and net.pitch(0).tolist() == [[1.0, 0.0]]
    with pytest.raises(UsageError, match="needs a pitch"):
        net.map(torch.zeros(1, 8))


def broken(folder, how):
    stage = next(folder.glob("stage_*"))
    if how == "variable":
        shutil.rmtree(folder)
        lacking = variables((8, 6, 4), 8, 2)
        del lacking[f"{NET}2/conv1/conv2d/kernel/{EMA}"]
        write_folder(folder, lacking, stage=4, card={"latent_vector_size": 8, "num_resolutions": 3, "audio_length": 300})
    elif how == "no stage":
        shutil.rmtree(stage)
    elif how == "empty stage":
        (stage / "model.ckpt-7.index").unlink()
    elif how == "card":
        (folder / "experiment.json").write_text("{")
    elif how == "cut":
        shard = stage / "model.ckpt-7.data-00000-of-00001"
        shard.write_bytes(shard.read_bytes()[:-100])
    elif how == "pitches":
        (folder / "meta.json").write_text(json.dumps({"pitches": [60]}))
    else:
        card = json.loads((folder / "experiment.json").read_text())
        (folder / "experiment.json").write_text(json.dumps({**card, **how}))


@pytest.mark.parametrize(("how", "said"), [
    ("variable", r"block_2/conv1/conv2d/kernel/ExponentialMovingAverage' is missing"), ("no stage", "no stage_000NN"),
    ("empty stage", "holds no checkpoint"), ("card", "not proper JSON"), ("cut", "copy the checkpoint again"),
    ("pitches", "lists 1 pitches where the network was trained on 2"), ({"latent_vector_size": 300}, "room for -290 pitches"),
    ({"data_type": "phase"}, "data_type = phase"), ({"audio_length": 9e5}, "cannot hold"), ({"sample_rate": "x"}, "no sensible number"),
    ({"num_resolutions": 900}, "num_resolutions = 900"), ({"start_width": 32}, "do not fit"),
])
def test_a_broken_folder_is_one_sentence(tmp_path, how, said):
    folder = small_folder(tmp_path / "m")
    broken(folder, how)
    with pytest.raises(CheckpointError, match=said) as caught:
        load_generator(folder)
    assert "\n" not in str(caught.value)


def test_numbers_that_are_none_are_refused_by_name(tmp_path):
    found = variables((8, 6, 4), 8, 2)
    found[f"{NET}1/conv1/bias/{EMA}"][0] = np.nan
    folder = write_folder(tmp_path / "m", found, stage=4, card={"latent_vector_size": 8, "num_resolutions": 3, "audio_length": 300})
    with pytest.raises(CheckpointError, match=r"block1\.conv1\.bias.*NaN"):
        load_generator(folder)
