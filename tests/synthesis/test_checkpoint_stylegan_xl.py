"""StyleGAN-XL: written with the names of its layout from a published-shaped StyleGAN3, read back, classes looked up in their table."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from ganreact_core.errors import CheckpointError, UsageError
from ganreact_core.synthesis import load_generator
from ganreact_core.synthesis.checkpoints import read_checkpoint, save_safetensors
from ganreact_core.synthesis.sheet import truncated
from tests.synthesis.pickle_writer import Build, Name, Raw, Reduce, TinyNetwork, code_of, pickled, watched

CLASSES, FEATURES = 7, 12


@pytest.fixture(scope="module")
def written(shared):
    """(network as its writer has it, the StyleGAN3 it was made from)."""
    source = read_checkpoint(shared / "fixtures" / "sg3t_c5_layers10_py311_r32.pkl")
    config, draw = source.config, np.random.RandomState(4)
    z_dim, w_dim = config["z_dim"], config["w_dim"]
    tensors = {name: value for name, value in source.tensors.items() if not name.startswith("mapping.")}
    sizes = [2 * z_dim, *[w_dim] * config["mapping_layers"]]
    for k, (fan_in, fan_out) in enumerate(itertools.pairwise(sizes)):
        tensors |= {f"mapping.fc{k}.weight": draw.randn(fan_out, fan_in) * 100, f"mapping.fc{k}.bias": draw.randn(fan_out) * 10}
    tensors |= {"mapping.embed_proj.weight": draw.randn(z_dim, FEATURES), "mapping.embed_proj.bias": draw.randn(z_dim),
                "mapping.embed.weight": draw.randn(CLASSES, FEATURES), "mapping.w_avg": draw.randn(CLASSES, w_dim)}
    states = {"": {"z_dim": z_dim, "w_dim": w_dim, "c_dim": CLASSES, "img_resolution": config["resolution"],
                   "path_stem": "stem.pkl", "up_factor": 2, "head_layer_names": config["layer_names"][-3:]},
              "mapping": {"num_layers": config["mapping_layers"]}, "mapping.fc0": {"bias_gain": config["lr_multiplier"]},
              "mapping.embed_proj": {"activation": "lrelu", "bias_gain": 1}, "synthesis.input": {
                  "size": config["input_size"], "sampling_rate": config["sampling_rate"], "bandwidth": config["bandwidth"]},
              "synthesis": {"layer_names": config["layer_names"], "output_scale": config["output_scale"]}}
    states[""]["img_channels"] = config["img_channels"]
    for k, name in enumerate(config["layer_names"]):
        states[f"synthesis.{name}"] = {"conv_clamp": config["conv_clamp"], "up_factor": config["up_factors"][k],
                                       "down_factor": config["down_factors"][k], "padding": [*config["paddings"][k]] * 2}
    net = TinyNetwork({name: np.asarray(value, np.float32) for name, value in tensors.items()}, states)
    return net, source


def xl_pickle(net: TinyNetwork, **beside) -> bytes:
    """The table is a plain module of torch, as that code unpickles it from another file."""
    table = TinyNetwork({"weight": net.tensors["mapping.embed.weight"]}, {})
    state = {"num_embeddings": CLASSES, "_parameters": {"weight": table._record(table.tensors["weight"])}, "_modules": {}}
    embed = Build(Raw(code_of(Name("torch.nn.modules.sparse", "Embedding")) + b")\x81"), state)
    plain = TinyNetwork({name: value for name, value in net.tensors.items() if "embed.weight" not in name}, net.states)
    root = plain.module()
    modules = root.arguments[0]["state"]["_modules"]["mapping"].arguments[0]["state"]["_modules"]
    modules["embed"] = embed
    return pickled({"G_ema": root, **beside}, protocol=4)


@pytest.fixture
def path(written, tmp_path):
    file = tmp_path / "xl.pkl"
    timm = Build(Reduce(Name("timm.models.efficientnet", "EfficientNet"), ()), {"training": False})
    file.write_bytes(xl_pickle(written[0], D=timm))
    return file


def reference(net: TinyNetwork, z: np.ndarray, number: int) -> np.ndarray:
    """w of one z and one class, written out."""
    t, gain = net.tensors, 2 ** 0.5

    def unit(x):
        return x / np.sqrt((x ** 2).mean() + 1e-8)

    def lrelu(x):
        return np.where(x > 0, x, 0.2 * x) * gain

    y = lrelu(t["mapping.embed_proj.weight"] @ t["mapping.embed.weight"][number] / FEATURES ** 0.5 + t["mapping.embed_proj.bias"])
    x, lr = np.concatenate([unit(z), unit(y)]), net.states["mapping.fc0"]["bias_gain"]
    for k in range(net.states["mapping"]["num_layers"]):
        x = lrelu(t[f"mapping.fc{k}.weight"] @ x * lr / len(x) ** 0.5 + t[f"mapping.fc{k}.bias"] * lr)
    return x


def test_read_and_mapped(path, written):
    with watched(path):
        checkpoint = read_checkpoint(path)
    assert checkpoint.origin["family"] == "StyleGAN-XL" and checkpoint.config["c_dim"] == CLASSES
    G = load_generator(path)
    assert (G.kind, G.c_dim) == ("stylegan3", CLASSES)
    z, c = np.random.RandomState(0).randn(2, G.z_dim).astype(np.float32), torch.eye(CLASSES)[[2, 5]]
    w, t = G.map(torch.from_numpy(z), c), written[0].tensors
    for row, number in enumerate((2, 5)):
        wanted = reference(written[0], z[row], number)
        assert np.allclose(w[row, 0].numpy(), wanted, atol=1e-3, rtol=1e-4)
        half = G.map(torch.from_numpy(z), c, 0.5)[row, 0].numpy()
        assert np.allclose(half, (wanted + t["mapping.w_avg"][number]) / 2, atol=1e-3, rtol=1e-4)
    assert np.allclose(G.w_avg.numpy(), t["mapping.w_avg"].mean(axis=0), atol=1e-6)
    with pytest.raises(UsageError):
        G.map(torch.from_numpy(z))


def test_sheets_pull_towards_the_mean_of_the_class(path, written):
    G = load_generator(path)
    w = torch.randn(G.num_ws, G.w_dim)
    assert np.allclose(truncated(G, w, 0.0, 3)[0].numpy(), written[0].tensors["mapping.w_avg"][3], atol=1e-6)


def test_the_rest_is_a_stylegan3(path, shared):
    G, R = load_generator(path), load_generator(shared / "fixtures" / "sg3t_c5_layers10_py311_r32.pkl")
    w = torch.randn(1, G.num_ws, G.w_dim)
    assert torch.equal(G.synthesize(w), R.synthesize(w)) and G.layers == R.layers


def test_converted(path, tmp_path):
    save_safetensors(tmp_path / "xl.safetensors", read_checkpoint(path))
    G, R = load_generator(tmp_path / "xl.safetensors"), load_generator(path)
    z, c = torch.zeros(1, G.z_dim), torch.eye(CLASSES)[:1]
    assert torch.equal(G.map(z, c, 0.7), R.map(z, c, 0.7))


@pytest.mark.parametrize(("change", "match"), [
    ({"activation": "relu"}, "'relu'"), ({"bias_gain": 0.5}, "not supported"), ({"activation": 7}, "not supported"),
])
def test_other_projections(written, tmp_path, change, match):
    net = TinyNetwork(dict(written[0].tensors), {**written[0].states, "mapping.embed_proj": {
        **written[0].states["mapping.embed_proj"], **change}})
    (tmp_path / "xl.pkl").write_bytes(xl_pickle(net))
    with pytest.raises(CheckpointError, match=match):
        load_generator(tmp_path / "xl.pkl")


@pytest.mark.parametrize("name", ["mapping.embed.weight", "mapping.embed_proj.weight", "mapping.w_avg"])
@pytest.mark.parametrize("shape", [(), (3,), (5, 5)])
def test_tables_that_do_not_fit(written, tmp_path, name, shape):
    net = TinyNetwork(written[0].tensors | {name: np.ones(shape, np.float32)}, written[0].states)
    (tmp_path / "xl.pkl").write_bytes(xl_pickle(net))
    with pytest.raises(CheckpointError, match="do not fit"):
        load_generator(tmp_path / "xl.pkl")


@pytest.mark.parametrize("gadget", ["timm.models.hub.load_state_dict_from_hf", "torch.nn.modules.os", "pg_modules.x", "timm.Model"])
def test_only_classes_of_modules_are_known_names(written, tmp_path, gadget):
    (tmp_path / "xl.pkl").write_bytes(xl_pickle(written[0], D=Reduce(Name(*gadget.rsplit(".", 1)), ())))
    with watched(tmp_path / "xl.pkl"), pytest.raises(CheckpointError, match="no known network needs"):
        read_checkpoint(tmp_path / "xl.pkl")
