"""Networks saved by the rosinality code and by maua, against the values that code computed."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from ganreact_core.synthesis import load_generator
from ganreact_core.synthesis.checkpoints import read_checkpoint, save_safetensors

CASES = ("rosin_convert_zip_r64", "rosin_train_legacy_r64", "maua_constinput_r64", "maua_latentinput_legacy_r32")
TOLERANCE = 1e-4


class Case:
    def __init__(self, stem):
        self.path = stem.with_suffix(".pt")
        self.G = load_generator(self.path)
        with np.load(stem.with_suffix(".npz"), allow_pickle=False) as arrays:
            self.expected = {name: torch.from_numpy(arrays[name]) for name in arrays if name != "meta_json"}
            self.meta = json.loads(str(arrays["meta_json"]))

    def w(self, name: str) -> torch.Tensor:
        """[n, w_dim] -> [n, num_ws, w_dim]."""
        return self.expected[name][:, None].repeat(1, self.G.num_ws, 1)

    def check(self, name: str, found: torch.Tensor) -> None:
        expected = self.expected[name]
        assert found.shape == expected.shape
        worst = float((found - expected).abs().max())
        assert worst <= TOLERANCE, f"{name}: {worst:.2e}"


@pytest.fixture(scope="module", params=CASES)
def case(request, shared) -> Case:
    return Case(shared / "fixtures" / request.param)


def test_latents(case):
    case.check("w_psi1", case.G.map(case.expected["z"])[:, 0])
    if "latent_avg" in case.meta["container"]:
        assert torch.equal(case.G.w_avg, case.expected["latent_avg"])
        case.check("w_psi0.7", case.G.map(case.expected["z"], None, 0.7)[:, 0])


def test_a_missing_mean_is_computed(case):
    if "latent_avg" in case.meta["container"]:
        pytest.skip("the file has one")
    z = torch.randn(20_000, case.G.z_dim, generator=torch.Generator().manual_seed(5))
    w = case.G.map(z)[:, 0]
    assert ((case.G.w_avg - w.mean(dim=0)).abs() < 0.1 * w.std(dim=0)).all()


@pytest.mark.parametrize("name", ["const_psi1", "none_psi1", "const_psi0.7", "none_psi0.7", "const_mixed"])
def test_pictures(case, name):
    noise, _, latent = name.partition("_")
    w = case.expected["w_mixed"] if latent == "mixed" else case.w(f"w_{latent}")
    case.check(f"img_{name}", case.G.synthesize(w, noise))


def test_explicit_noise(case):
    maps = list(case.G.noise_const())
    maps[:5] = [case.expected[f"noise_explicit_{k}"] for k in range(5)]
    case.check("img_explicit_noise_psi1", case.G.synthesize(case.w("w_psi1"), maps))


def test_activations(case):
    seen: list[torch.Tensor] = []

    def keep(index: int, x: torch.Tensor) -> torch.Tensor:
        seen.append(x)
        return x

    case.G.synthesize(case.w("w_psi1"), after=keep)
    for x, name in zip(seen, ["input", "conv1", *(f"convs.{k}" for k in range(len(seen) - 2))], strict=True):
        case.check(f"act_{name}", x[:1, :case.expected[f"act_{name}"].shape[1]])


def test_converted(case, tmp_path):
    save_safetensors(tmp_path / "net.safetensors", read_checkpoint(case.path))
    G = load_generator(tmp_path / "net.safetensors")
    w = case.expected["w_mixed"]
    assert torch.equal(G.synthesize(w), case.G.synthesize(w))
