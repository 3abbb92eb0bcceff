"""Pictures, latents and activations of StyleGAN2 checkpoints against the values the reference code computed."""

from __future__ import annotations

import pytest
import torch

from ganreact_core.errors import UsageError
from tests.synthesis.parity import Case

OWN = ("ada_u_poison_modsrc_r16", "ada_c5_map8_skip_proto3_r64")
SHARED = ("ada_u_map8_skip_r64", "ada_u_map2_resnet_cuda0_r64", "ada_u_map2_fp16_w512_r64", "ada_c5_map3_orig_gray_py311_r32",
          "ada_u_map2_nonoise_fir5_clamp_r32", "sg3repo_sg2_c5_r64", "tf_sg2_v4_skip_r64", "tf_ada_v5_c5_resnet_r64")


@pytest.fixture(scope="module", params=OWN + SHARED)
def case(request) -> Case:
    if request.param in OWN:
        return Case(request.getfixturevalue("data") / "checkpoints" / request.param)
    return Case(request.getfixturevalue("shared") / "fixtures" / request.param)


def pictures(case: Case, w: torch.Tensor, noise: str) -> torch.Tensor:
    """[n, channels of the reference, h, w]: grey networks repeat their one channel three times."""
    found = case.G.synthesize(w, noise)
    assert torch.equal(found[:, :1].expand_as(found), found) or case.meta["img_channels"] == 3
    return found[:, :case.meta["img_channels"]]


def test_latents(case):
    case.check("w_psi1", case.G.map(case.z, case.c))
    case.check("w_psi0.7", case.G.map(case.z, case.c, 0.7))
    case.check("w_psi0.5_cutoff", case.G.map(case.z, case.c, 0.5, case.meta["truncation_cutoff"]))
    assert torch.equal(case.G.w_avg, case.expected["w_avg"])


@pytest.mark.parametrize("noise", ["const", "none"])
@pytest.mark.parametrize("psi", ["psi1", "psi0.7"])
def test_pictures(case, noise, psi):
    case.check(f"img_{noise}_{psi}", pictures(case, case.expected[f"w_{psi}"], noise))


def test_a_different_w_for_each_layer(case):
    case.check("img_const_mixed", pictures(case, case.expected["w_mixed"], "const"))


def test_bytes(case):
    found = pictures(case, case.expected["w_psi0.7"], "const").mul(127.5).add(128).clamp(0, 255).floor()
    steps = (found.permute(0, 2, 3, 1) - case.expected["img_u8_const_psi0.7"].float()).abs()
    assert steps.max() <= 1
    assert (steps > 0).float().mean() < 1e-3


def test_activations_after_each_block(case):
    seen: dict[str, torch.Tensor] = {}
    case.G.synthesize(case.expected["w_psi1"], after=lambda index, x: seen.setdefault(case.G.layers[index].name, x))
    assert list(seen) == [layer.name for layer in case.G.layers]
    assert [tuple(x.shape[1:]) for x in seen.values()] == [(layer.channels, *layer.size) for layer in case.G.layers]
    for block in case.meta["act_order"]:
        x = seen[f"{block}.conv1"]
        expected = case.expected[f"act_{block}_x"]
        case.check(f"act_{block}_x", x[:1, :expected.shape[1]])
        case.check(f"actstat_{block}_x", torch.stack([x.mean(), x.std(), x.abs().max()]))


def test_the_picture_grows_block_by_block(case):
    if case.G.config.architecture != "skip":
        pytest.skip("only 'skip' networks have a picture at every block")
    seen: dict[str, torch.Tensor] = {}
    w = case.expected["w_psi1"]
    case.G.synthesize(w, after=lambda index, x: seen.setdefault(case.G.layers[index].name, x))
    image = None
    for block in case.meta["act_order"]:
        rgb = case.G._to_rgb(f"{block}.torgb", seen[f"{block}.conv1"], w)
        image = rgb if image is None else case.G._enlarged(image) + rgb
        case.check(f"act_{block}_img", image[:1])


def test_a_conditional_network_wants_a_class(case):
    if not case.G.c_dim:
        pytest.skip("unconditional")
    with pytest.raises(UsageError, match="conditional"):
        case.G.map(case.z)
