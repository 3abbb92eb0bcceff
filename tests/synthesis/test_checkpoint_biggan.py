"""BigGAN checkpoints of two code bases: the values of the reference code, statistics by truncation, files that lie."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import torch

from ganreact_core.errors import CheckpointError, UsageError
from ganreact_core.synthesis import load_generator
from ganreact_core.synthesis.checkpoints import Checkpoint, read_checkpoint, save_safetensors
from ganreact_core.synthesis.load import make_generator

HUGGING_FACE = ("hf_biggan_deep_32", "hf_biggan_deep_128")
AJBROCK = ("ajbrock_biggandeep_64", "ajbrock_biggan_64")
TOLERANCE = 1e-4


class Case:
    def __init__(self, folder):
        self.folder = folder
        self.G = load_generator(folder)
        with np.load(folder / "expected.npz", allow_pickle=False) as arrays:
            self.expected = {name: torch.from_numpy(arrays[name]) for name in arrays if name != "meta_json"}
        found = "z_trunc1" in self.expected
        self.z = self.expected["z_trunc1" if found else "z"]
        self.c = self.expected["class_vector"] if found else torch.eye(self.G.c_dim)[self.expected["y"]]

    def check(self, name: str, found: torch.Tensor) -> None:
        expected = self.expected[name]
        assert found.shape == expected.shape
        worst = float((found - expected).abs().max())
        assert worst <= TOLERANCE, f"{name}: {worst:.2e}"

    def at(self, truncation: float, **options) -> torch.Tensor:
        """The picture of z scaled by a truncation, with the statistics of that truncation."""
        return self.G.synthesize(self.G.map((self.z.double() * truncation).float(), self.c), truncation=truncation, **options)


@pytest.fixture(scope="module", params=HUGGING_FACE + AJBROCK)
def case(request, shared) -> Case:
    return Case(shared / "fixtures" / request.param)


@pytest.fixture(scope="module", params=HUGGING_FACE)
def hf(request, shared) -> Case:
    return Case(shared / "fixtures" / request.param)


@pytest.fixture(scope="module", params=AJBROCK)
def ajbrock(request, shared) -> Case:
    return Case(shared / "fixtures" / request.param)


def test_pictures_at_several_truncations(hf):
    for truncation in hf.expected["truncations"].tolist():
        hf.check(f"img_t{truncation:g}", hf.at(truncation, classic=True))


def test_statistics_are_blended_the_right_way_round(hf):
    """Between two rows of the table the picture moves steadily, where the published code jumps."""
    w = hf.G.map(hf.z, hf.c)
    below, quarter, above = (hf.G.synthesize(w, truncation=t / 50) for t in (20, 20.25, 21))
    assert (quarter - below).abs().mean() < (quarter - above).abs().mean()
    swapped = hf.G.synthesize(w, truncation=20.25 / 50, classic=True)
    assert (swapped - below).abs().mean() > (swapped - above).abs().mean()
    assert torch.equal(hf.at(0.7), hf.at(0.7, classic=True))


def test_each_row_its_own_truncation(case):
    w = case.G.map(case.z, case.c).repeat(2, 1, 1)[:2]
    both = case.G.synthesize(w, truncation=torch.tensor([0.434, 1.0]))
    assert torch.allclose(both[:1], case.G.synthesize(w[:1], truncation=0.434), atol=TOLERANCE)
    assert torch.allclose(both[1:], case.G.synthesize(w[1:], truncation=1.0), atol=TOLERANCE)
    assert torch.equal(case.G.synthesize(w, truncation=7.0), case.G.synthesize(w, truncation=1.0))


def test_embeddings(case):
    name = "class_embed" if "class_embed" in case.expected else "y_embed"
    w = case.G.map(case.z, case.c)
    case.check(name, w[:, 0, case.G.z_dim:])
    assert torch.equal(w[:, -1, :case.G.z_dim], case.z) and w.shape[1:] == (case.G.num_ws, case.G.w_dim)
    with pytest.raises(UsageError, match="class"):
        case.G.map(case.z)


def test_pictures_of_ajbrock(ajbrock):
    ajbrock.check("img", ajbrock.at(1.0))
    ajbrock.check("img_z0.5", ajbrock.G.synthesize(ajbrock.G.map(ajbrock.z * 0.5, ajbrock.c)))
    mixed = 0.4 * ajbrock.c + 0.6 * ajbrock.c.flip(0)
    ajbrock.check("img_embed_mixed", ajbrock.G.synthesize(ajbrock.G.map(ajbrock.z, mixed)))


def test_activations_after_each_block(case):
    seen: dict[str, torch.Tensor] = {}
    case.G.synthesize(case.G.map(case.z, case.c), after=lambda index, x: seen.setdefault(case.G.layers[index].name, x))
    assert [(layer.name, layer.size, layer.channels) for layer in case.G.layers] == [
        (name, tuple(x.shape[2:]), x.shape[1]) for name, x in seen.items()]
    published = iter(sorted((name for name in case.expected if name.startswith(("act_layers.", "act_blocks."))),
                            key=lambda name: [int(part) for part in name.split(".")[1:]]))
    last = max(int(layer.name[-1]) for layer in case.G.layers[1:])
    for index in range(case.G.num_ws - 1):
        name = next(published)
        of_attention = index in case.G.config.attention if name.startswith("act_layers") else name.endswith(".1")
        name = next(published) if of_attention else name  # attention is no layer of ours
        x = seen[f"blocks.{index}.conv{last}"]
        case.check(name, x[:1, :case.expected[name].shape[1]])


def test_a_latent_for_each_block(case):
    """Changing the latent of the last block changes neither the first activations nor those of the block before it."""
    w = case.G.map(case.z, case.c)
    other = w.clone()
    other[:, -1] += 1.0
    pictures, seen = [], []
    for latent in (w, other):
        kept: list[torch.Tensor] = []
        pictures.append(case.G.synthesize(latent, after=lambda index, x, kept=kept: (kept.append(x), x)[1]))
        seen.append(kept)
    convs = (len(seen[0]) - 1) // (case.G.num_ws - 1)
    assert all(torch.equal(a, b) for a, b in zip(seen[0][:-convs], seen[1][:-convs], strict=True))
    assert not torch.equal(pictures[0], pictures[1])


def test_converted(case, tmp_path):
    save_safetensors(tmp_path / "net.safetensors", read_checkpoint(case.folder))
    G = load_generator(tmp_path)
    w = case.G.map(case.z, case.c)
    assert torch.equal(G.synthesize(w, truncation=0.434), case.G.synthesize(w, truncation=0.434))


def test_without_its_card(case, tmp_path):
    """The published layouts are known by heart."""
    weights = next(case.folder / name for name in ("G_ema.pth", "pytorch_model.bin") if (case.folder / name).exists())
    shutil.copy(weights, tmp_path / "renamed.bin")
    assert load_generator(tmp_path).config == case.G.config


@pytest.mark.parametrize("card", [{"layers": []}, {"layers": [[1, 2, 3]] * 6}, {"layers": 5}, {"eps": "x"}, {"eps": 1e30}, [1]])
def test_cards_that_lie(hf, tmp_path, card):
    shutil.copy(hf.folder / "pytorch_model.bin", tmp_path / "pytorch_model.bin")
    (tmp_path / "config.json").write_text(json.dumps(card))
    with pytest.raises(CheckpointError):
        load_generator(tmp_path)


def test_a_card_of_the_training_run(ajbrock):
    with pytest.raises(CheckpointError, match="holds: itr"):
        load_generator(ajbrock.folder / "state_dict.pth")


@pytest.mark.parametrize("lie", [{"upsample": [True]}, {"resolution": 8192}, {"z_dim": 7}, {"attention": [60]}, {"latent": "all"},
                                 {"block": "huge"}, {"eps": float("nan")}, {"upsample": [1, 0]}, {"embedding_dim": 3}], ids=str)
def test_configurations_that_lie(case, lie):
    checkpoint = read_checkpoint(case.folder)
    with pytest.raises(CheckpointError):
        make_generator(Checkpoint("biggan", checkpoint.config | lie, checkpoint.tensors))


@pytest.mark.parametrize("shape", [(), (3,), (5, 5), (2, 2, 2)])
@pytest.mark.parametrize("name", ["linear.weight", "embedding.weight", "blocks.0.conv1.weight", "blocks.0.bn1.gain.weight",
                                  "output.bn.mean", "output.conv.weight"])
def test_tensors_that_do_not_fit(case, name, shape):
    checkpoint = read_checkpoint(case.folder)
    with pytest.raises(CheckpointError):
        make_generator(Checkpoint("biggan", checkpoint.config, checkpoint.tensors | {name: np.ones(shape, np.float32)}))
