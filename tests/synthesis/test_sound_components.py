"""Principal components of a sound network: as an exact analysis finds them, applied by the published formula, read from pickles."""

import importlib.util
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from ganreact_core.errors import CheckpointError, InputFileError, UsageError
from ganreact_core.synthesis import load_generator
from ganreact_core.synthesis.sound.components import (
    ComponentEdit,
    SoundComponents,
    load_components,
    principal_components,
    save_components,
)

_spec = importlib.util.spec_from_file_location("gansynth_folder", Path(__file__).with_name("gansynth_folder.py"))
writer = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(writer)


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    return load_generator(writer.small_folder(tmp_path_factory.mktemp("net") / "m"))


@pytest.fixture(scope="module")
def found(net):
    return principal_components(net, samples=3000, components=6)


def sampled(net, layer=1, n=3000):
    draw = torch.Generator().manual_seed(1)
    z = torch.cat([torch.randn(min(256, n - k), net.z_dim, generator=draw) for k in range(0, n, 256)])
    return net.activations(net.map(z, net.pitch(24, n)), layer).flatten(1).double()


def test_batches_give_what_all_samples_together_give(net, found):
    rows = sampled(net)
    variance, vectors = torch.linalg.eigh(torch.cov(rows.T))
    np.testing.assert_allclose(found.mean.reshape(-1), rows.mean(0), atol=1e-5)
    np.testing.assert_allclose(found.sigmas, variance.flip(0)[:6].sqrt(), rtol=1e-3)
    np.testing.assert_allclose(found.var_ratio, variance.flip(0)[:6] / variance.sum(), rtol=2e-3)
    alike = np.abs(found.vectors.reshape(6, -1) @ vectors.flip(1)[:, :6].numpy())
    np.testing.assert_allclose(np.diag(alike), 1, atol=5e-3)


def test_any_convolution_can_be_taken_and_others_are_refused(net):
    deep = principal_components(net, layer="block2.conv1", samples=200, components=3)
    assert deep.vectors.shape == (3, 6, 4, 32)
    with pytest.raises(UsageError, match=r"no layer 'input'; it has block1\.conv0"):
        principal_components(net, layer="input")
    with pytest.raises(UsageError, match="5 samples do not give 16 components"):
        principal_components(net, samples=5)


def test_the_edit_is_the_published_formula(net, found):
    edit, sliders = ComponentEdit(net, found), np.array([[2.0, -1.0], [0.0, 0.0]])
    expected = found.mean + sum((c * s * v for c, s, v in zip(sliders[0], found.sigmas, found.vectors, strict=False)), np.zeros_like(found.mean))
    with torch.no_grad():
        made = edit.replaced(sliders)
        torch.testing.assert_close(made[:1], net.from_layer(1, torch.from_numpy(expected.astype(np.float32))[None]), atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(made[1:], net.from_layer(1, torch.from_numpy(found.mean)[None]), atol=1e-4, rtol=1e-4)
        w = net.map(torch.randn(2, 8), net.pitch(25, 2))
        added = edit.added(sliders, w)
        torch.testing.assert_close(added[1:], net.synthesize(w)[1:], atol=1e-4, rtol=1e-4)  # nothing added: pitch and latent as they were
        assert (added[0] - net.synthesize(w)[0]).abs().max() > 0.01


def test_files_come_back_and_others_are_refused(found, net, tmp_path):
    save_components(tmp_path / "c.npz", found)
    back = load_components(tmp_path / "c.npz")
    assert back.layer == "block1.conv0" and all(np.array_equal(getattr(back, n), getattr(found, n)) for n in ("mean", "vectors", "sigmas", "var_ratio"))
    np.savez(tmp_path / "d.npz", mean=found.mean)
    with pytest.raises(InputFileError, match="holds no sound components"):
        load_components(tmp_path / "d.npz")
    other = SoundComponents("block2.conv0", found.mean, found.vectors, found.sigmas, found.var_ratio)
    with pytest.raises(InputFileError, match="find them anew for this network"):
        ComponentEdit(net, other)


def ganspacesynth(found, **changed):
    return {"layer": "conv0", "estimator": "ipca", "comp": found.vectors.transpose(0, 2, 3, 1), "stdev": found.sigmas.astype(np.float64),
            "var_ratio": found.var_ratio, "global_mean": found.mean.transpose(1, 2, 0)[None], **changed}


@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_pickles_of_ganspacesynth_are_read(found, tmp_path, protocol):
    (tmp_path / "c.pkl").write_bytes(pickle.dumps(ganspacesynth(found), protocol))
    back = load_components(tmp_path / "c.pkl")
    assert back.layer == found.layer
    np.testing.assert_array_equal(back.vectors, found.vectors)
    np.testing.assert_array_equal(back.mean, found.mean)
    np.testing.assert_allclose(back.sigmas, found.sigmas)


class Trap:
    def __reduce__(self):
        return (Path("sprung").write_text, ("x",))


@pytest.mark.parametrize(("changed", "said"), [
    ({"estimator": Trap()}, "asks for .builtins.getattr."), ({"comp": 3}, "no components of GANSpaceSynth"), ({"layer": "dense"}, "no convolution"),
    ({"stdev": np.ones(9)}, "do not fit each other")])
def test_pickles_that_are_none_are_refused_and_never_run(found, tmp_path, changed, said, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c.pkl").write_bytes(pickle.dumps(ganspacesynth(found, **changed)))
    with pytest.raises(CheckpointError, match=said):
        load_components(tmp_path / "c.pkl")
    assert not (tmp_path / "sprung").exists()
