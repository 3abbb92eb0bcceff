"""Rewrites: exactly nothing at zero, other weights at one, every row its own, the network untouched; in every family."""

import numpy as np
import pytest
import torch

from ganreact_core.bundle import create_bundle
from ganreact_core.carried import rewrite_file
from ganreact_core.catalogue import REWRITES
from ganreact_core.engine.carry import carry_rewrites
from ganreact_core.errors import BundleError, InputFileError, LookError
from ganreact_core.look import Cluster, Look, Rewrite
from ganreact_core.synthesis import load_generator
from ganreact_core.synthesis.generators.stylegan2 import StyleGAN2
from ganreact_core.synthesis.rewriting import FUNCTIONS, KINDS, Rewriter
from ganreact_core.synthesis.weight_changes import WeightChanges, load_changes, save_changes
from ganreact_core.table import evaluate
from tests.synthesis.conftest import random_stylegan2


def rows(net, kind, *strengths, layer=2, folder=None, clusters=(), **how):
    look = Look(rewrites=(Rewrite("it", "It", kind, layer, seed=3, **how),), clusters=clusters)
    return Rewriter(net, look, folder).rows({"rewrite.it": np.float32(strengths)})


def test_catalogue_and_rewriter_name_the_same_kinds():
    assert set(KINDS) == set(REWRITES)


@pytest.mark.parametrize("kind", list(FUNCTIONS))
@pytest.mark.parametrize("layer", [1, 2, 3])
def test_a_rewrite_is_the_network_with_those_weights(net, kind, layer):
    before = {name: t.clone() for name, t in net.tensors.items()}
    w = net.map(torch.randn(3, 16))
    made = net.synthesize(w, rewrites=rows(net, kind, 0.0, 0.4, 1.0, layer=layer))
    name = f"synthesis.{net.layers[layer].name}.weight"
    for row, strength in enumerate((0.0, 0.4, 1.0)):
        other = net.tensors | {name: torch.lerp(net.tensors[name], FUNCTIONS[kind](net.tensors[name], 3), strength)}
        assert torch.allclose(made[row:row + 1], StyleGAN2(net.config, other).synthesize(w[row:row + 1]), atol=2e-4)
    assert not torch.allclose(made[2:], net.synthesize(w[2:]), atol=1e-2)
    assert all(torch.equal(t, net.tensors[n]) for n, t in before.items())


@pytest.mark.parametrize("kind", [*FUNCTIONS, "scale"])
def test_at_zero_nothing_is_computed_otherwise(net, kind):
    assert rows(net, kind, 0.0, 0.0) == ()


@pytest.mark.parametrize("kind", [*FUNCTIONS, "scale"])
def test_a_little_strength_changes_a_little(net, kind):
    w = net.map(torch.randn(1, 16))
    plain = net.synthesize(w)
    changes = [(net.synthesize(w, rewrites=rows(net, kind, s)) - plain).abs().mean().item() for s in (0.001, 0.01, 0.1)]
    assert changes[0] < changes[1] < changes[2] and changes[0] < 0.02 * plain.std()


def test_the_papers_scaling_is_by_normal_factors_of_mean_minus_one(net):
    weight = torch.ones(64, 64, 3, 3)
    change = FUNCTIONS["scatter"](weight, 5) - weight
    assert change.mean() == pytest.approx(-1.0, abs=0.02) and change.std() == pytest.approx(1.0, abs=0.02)


def test_two_at_one_layer_add_up(net):
    look = Look(rewrites=(Rewrite("a", "", "turn", 2), Rewrite("b", "", "scatter", 2, 5)))
    (found,) = Rewriter(net, look).rows({"rewrite.a": np.float32([0.5]), "rewrite.b": np.float32([0.25])})
    (weight,) = found.values()
    own = net.tensors[f"synthesis.{net.layers[2].name}.weight"]
    expected = own + 0.5 * (FUNCTIONS["turn"](own, 0) - own) + 0.25 * (FUNCTIONS["scatter"](own, 5) - own)
    assert torch.allclose(weight, expected, atol=1e-5)


def test_a_clusters_outputs_are_scaled_after_demodulation(net):
    seen = {}
    w = net.map(torch.randn(1, 16))
    for strength in (0.0, 1.0, -1.0):
        net.synthesize(w, "none", rewrites=rows(net, "scale", strength, layer=2, cluster="c", clusters=(Cluster("c", "", 2, (1, 3)),)),
                       after=lambda index, x, s=strength: seen.setdefault((s, index), x.clone()))
    bias = net.tensors[f"synthesis.{net.layers[2].name}.bias"]
    plain, double, silent = (torch.nn.functional.leaky_relu(seen[s, 2], 5.0) / 2 ** 0.5 - bias[:, None, None] for s in (0.0, 1.0, -1.0))
    assert torch.allclose(double[:, [1, 3]], 2 * plain[:, [1, 3]], atol=1e-4) and torch.equal(double[:, [0, 2]], plain[:, [0, 2]])
    assert silent[:, [1, 3]].abs().max() < 1e-5


# -- files ---------------------------------------------------------------------------------------------------------------

def test_a_step_of_low_rank_is_added(net, tmp_path):
    draw = np.random.default_rng(0)
    layer = net.layers[3].name
    own = net.tensors[f"synthesis.{layer}.weight"]
    u, v = (draw.normal(size=s).astype(np.float32) for s in ((2, own.shape[0], 3, 3), (2, own.shape[1])))
    save_changes(tmp_path / "x.npz", WeightChanges(steps={layer: (u, v)}))
    (found,) = rows(net, "file", 0.5, file=str(tmp_path / "x.npz"))
    expected = own.numpy() + 0.5 * np.einsum("roxy,ri->oixy", u, v)
    assert found[f"synthesis.{layer}.weight"].numpy() == pytest.approx(expected, abs=1e-5)


def test_another_networks_layer_is_reached_at_one(net, tmp_path):
    other = random_stylegan2(seed=9)
    layer = net.layers[4].name
    parts = ("weight", "bias", "affine.weight", "affine.bias")
    save_changes(tmp_path / "x.npz", WeightChanges(targets={f"{layer}.{p}": other.tensors[f"synthesis.{layer}.{p}"].numpy() for p in parts}))
    w = net.map(torch.randn(2, 16))
    made = net.synthesize(w, rewrites=rows(net, "file", 1.0, 0.0, file=str(tmp_path / "x.npz")))
    mixed = StyleGAN2(net.config, net.tensors | {f"synthesis.{layer}.{p}": other.tensors[f"synthesis.{layer}.{p}"] for p in parts})
    assert torch.allclose(made[:1], mixed.synthesize(w[:1]), atol=1e-4) and torch.allclose(made[1:], net.synthesize(w[1:]), atol=1e-5)


def test_the_bundle_carries_the_file_and_frame_keys_know_it(net, tmp_path):
    layer = net.layers[2].name
    own = net.tensors[f"synthesis.{layer}.weight"].numpy()
    source = tmp_path / "mine" / "x.npz"
    save_changes(source, WeightChanges(targets={f"{layer}.weight": own * 2}))
    look = Look(rewrites=(Rewrite("it", "", "file", 1, file=str(source)),))
    bundle = create_bundle(tmp_path / "b", look, evaluate(look, (), {}, {}, n_frames=2, fps=24), "0")
    missing = bundle.frame_keys([1])
    carry_rewrites(bundle, look)
    assert str(tmp_path) not in (bundle.folder / "look.json").read_text() and rewrite_file(bundle.folder, "it").is_file()
    there = bundle.frame_keys([1])
    assert missing != there
    (found,) = Rewriter(net, bundle.look, bundle.folder).rows({"rewrite.it": np.float32([1.0])})
    assert found[f"synthesis.{layer}.weight"].numpy() == pytest.approx(own * 2)
    save_changes(rewrite_file(bundle.folder, "it"), WeightChanges(targets={f"{layer}.weight": own * 3}))
    assert bundle.frame_keys([1]) != there


@pytest.mark.parametrize("arrays", [{}, {"b8.conv0.u": np.zeros((1, 2, 3, 3))}, {"b8.conv0.weight": np.full((2, 2), np.nan)},
                                    {"b8.conv0.u": np.zeros((1, 2, 3, 3)), "b8.conv0.v": np.zeros((2, 5))}])
def test_files_that_hold_no_changes_are_refused(tmp_path, arrays):
    np.savez(tmp_path / "x.npz", **arrays)
    with pytest.raises(InputFileError, match="no changes"):
        load_changes(tmp_path / "x.npz")


@pytest.mark.parametrize("changes", [WeightChanges(targets={"b8.conv0.weight": np.zeros((1, 1, 3, 3), np.float32)}),
                                     WeightChanges(targets={"b4096.conv0.bias": np.zeros(3, np.float32)}),
                                     WeightChanges(steps={"b8.conv0": (np.zeros((1, 2, 3, 3)), np.zeros((1, 2)))})])
def test_changes_of_another_network_are_named(net, tmp_path, changes):
    save_changes(tmp_path / "x.npz", changes)
    with pytest.raises(InputFileError, match="this very network"):
        rows(net, "file", 1.0, file=str(tmp_path / "x.npz"))


def test_a_missing_file_is_one_sentence(net, tmp_path):
    with pytest.raises(BundleError, match="'it' is missing"):
        rows(net, "file", 1.0, folder=tmp_path)


# -- other families ------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("folder", ["hf_biggan_deep_32", "ajbrock_biggan_64"])
@pytest.mark.parametrize("kind", [*FUNCTIONS, "scale"])
def test_biggan(shared, folder, kind):
    net = load_generator(shared / "fixtures" / folder)
    w = net.map(torch.randn(2, net.z_dim, generator=torch.Generator().manual_seed(0)), torch.eye(net.c_dim)[:2])
    layer = next(n for n, made in enumerate(net.layers) if n and net.tensors[f"{made.name}.weight"].shape[-1] == 3)
    changed = rows(net, kind, 1.0, 0.0, layer=layer)
    made, plain = net.synthesize(w, rewrites=changed), net.synthesize(w)
    assert torch.allclose(made[1], plain[1], atol=1e-5) and not torch.allclose(made[0], plain[0], atol=1e-3)


@pytest.mark.parametrize("kind", ["scatter", "shuffle", "scale"])
def test_stylegan3(shared, kind):
    net = load_generator(shared / "fixtures" / "sg3t_u_r64.pkl")
    w = net.map(torch.randn(2, net.z_dim, generator=torch.Generator().manual_seed(0)), torch.eye(net.c_dim)[:2] if net.c_dim else None)
    changed = rows(net, kind, 1.0, 0.0, layer=3)
    made, plain = net.synthesize(w, rewrites=changed), net.synthesize(w)
    assert torch.allclose(made[1], plain[1], atol=1e-5) and not torch.allclose(made[0], plain[0], atol=1e-3)


@pytest.mark.parametrize(("wrong", "named"), [({"kind": "melt"}, "melt"), ({"kind": "scale", "cluster": "c"}, "cluster 'c'")])
def test_what_cannot_be_is_named(wrong, named):
    with pytest.raises(LookError, match=named):
        Look(rewrites=(Rewrite("a", "", layer=2, **wrong),))
