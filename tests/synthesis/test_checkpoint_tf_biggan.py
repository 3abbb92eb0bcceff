"""BigGAN-deep as a TensorFlow bundle: the same network as its PyTorch conversion, from any of its parts, or a reason why not."""

from __future__ import annotations

import contextlib
import re

import numpy as np
import pytest
import torch

from ganreact_core.errors import CheckpointError
from ganreact_core.files import file_sha256
from ganreact_core.models import model_sha256
from ganreact_core.synthesis import load_generator
from ganreact_core.synthesis.checkpoints import read_checkpoint
from ganreact_core.synthesis.checkpoints.biggan import huggingface_checkpoint
from ganreact_core.synthesis.checkpoints.places import file_at
from ganreact_core.synthesis.checkpoints.records import one_error
from ganreact_core.synthesis.checkpoints.tf_graph import stacked_constants
from ganreact_core.synthesis.checkpoints.torch_checkpoint import TorchFile
from ganreact_core.synthesis.load import make_generator
from tests.synthesis.pickle_writer import watched
from tests.synthesis.tf_bundle_writer import field, write_bundle

ATTENTION = {"theta": "theta", "phi": "phi", "g": "g", "o_conv": "o_conv"}


def unit(v):
    return v / np.linalg.norm(v)


@pytest.fixture(scope="module", params=[("hf_biggan_deep_32", "legacy"), ("hf_biggan_deep_128", "zip")], ids=lambda p: p[0])
def published(request, shared):
    """A network in PyTorch's layout, its spectral vectors one step on from what TensorFlow stores."""
    name, kind = request.param
    file = TorchFile(memoryview((shared / "fixtures" / name / "pytorch_model.bin").read_bytes()), kind)
    state = dict(file.tensors(file.root))
    before = {key: value.copy() for key, value in state.items()}
    for key in [key for key in state if key.endswith(".weight_orig")]:
        start, matrix = key.removesuffix("_orig"), state[key].reshape(len(state[key]), -1)
        state[f"{start}_v"] = unit(matrix.T @ state[f"{start}_u"])
        state[f"{start}_u"] = unit(matrix @ state[f"{start}_v"])
    return before, huggingface_checkpoint(state, {}, {})


def tf_name(name: str, blocks: list[int]) -> str | None:
    """TensorFlow's name of a tensor of the PyTorch conversion."""
    name = name.replace(".weight_orig", ".w").replace(".weight_u", ".u0").replace(".bias", ".b")
    fixed = {"embeddings.weight": "linear.w", "generator.bn.weight": "Generator.BatchNorm.scale",
             "generator.bn.b": "Generator.BatchNorm.offset"}
    found = re.fullmatch(r"generator\.layers\.(\d+)\.(.*)", name)
    if name in fixed:
        plain = fixed[name]
    elif found is None:
        plain = name.replace("generator.gen_z", "Generator.GenZ.G_linear").replace("generator.conv", "Generator.conv")
    elif int(found[1]) in blocks:
        at = blocks.index(int(found[1]))
        rest = re.sub(r"conv_(\d)", r"conv\1", found[2]).replace("bn_0", "BatchNorm").replace("bn_", "BatchNorm_")
        plain = f"Generator.GBlock{f'_{at}' if at else ''}.{rest}"
    else:
        plain = f"Generator.attention.{found[2].removeprefix('snconv1x1_')}"
    return plain.replace(".", "/") + ("" if plain.endswith("u0") else "/ema_0.9999")


def variables(state) -> tuple[dict[str, np.ndarray], list[np.ndarray]]:
    """What the bundle holds, and the statistics in the graph's order."""
    numbers = sorted({int(m[1]) for name in state if (m := re.match(r"generator\.layers\.(\d+)\.", name))})
    blocks = [n for n in numbers if f"generator.layers.{n}.bn_0.running_means" in state]
    found, stacks = {}, []
    for name, value in state.items():
        if not name.endswith(("weight_v", "running_means", "running_vars")):
            turned = value.transpose(2, 3, 1, 0) if value.ndim == 4 else value.T
            found[tf_name(name, blocks)] = turned[None] if name.endswith("weight_u") else turned
    for norm in [f"generator.layers.{n}.bn_{k}" for n in blocks for k in range(4)] + ["generator.bn"]:
        means, variances = state[f"{norm}.running_means"], state[f"{norm}.running_vars"]
        stacks += [np.zeros_like(means), means, means * 2, variances, variances * 3]
    found["global_step"] = np.array(5, np.int64)
    found["Generator/conv_to_rgb/w"] = np.zeros_like(found["Generator/conv_to_rgb/w/ema_0.9999"])  # not the average
    return found, stacks


def node(name: str, op: str, inputs=(), value: np.ndarray | None = None, packed: bool = False) -> bytes:
    out = field(1, name.encode()) + field(2, op.encode()) + b"".join(field(3, one.encode()) for one in inputs)
    if value is not None:
        shape = b"".join(field(2, field(1, side)) for side in value.shape)
        numbers = field(5, value.tobytes()) if packed else field(4, value.tobytes())
        out += field(5, field(1, b"value") + field(2, field(8, field(1, 1) + field(2, shape) + numbers)))
    return field(1, out)


def graph_of(stacks: list[np.ndarray]) -> bytes:
    nodes = [node("z", "Placeholder")]
    for n, stack in enumerate(stacks):
        for row, value in enumerate(stack):
            nodes.append(node(f"Const_{n}_{row}", "Const", (), value, packed=bool(row % 2)))
        nodes.append(node(f"stack_{n}" if n else "stack", "Pack", [f"Const_{n}_{row}" for row in range(len(stack))]))
    return field(1, 1) + field(2, field(1, field(4, b"serve")) + field(2, b"".join(nodes)))


@pytest.fixture
def folder(published, tmp_path):
    found, stacks = variables(published[0])
    (tmp_path / "variables").mkdir()
    write_bundle(tmp_path / "variables" / "variables", found, shards=1)
    (tmp_path / "saved_model.pb").write_bytes(graph_of(stacks))
    return tmp_path


def test_the_same_network_as_its_conversion(folder, published):
    wanted = published[1]
    found = read_checkpoint(folder)
    assert found.config == wanted.config and found.tensors.keys() == wanted.tensors.keys()
    for name, tensor in wanted.tensors.items():
        assert np.allclose(found.tensors[name], tensor, rtol=1e-5, atol=1e-6), name
    G, R = make_generator(found), make_generator(wanted)
    z, c = torch.randn(2, G.z_dim, generator=torch.Generator().manual_seed(1)), torch.eye(G.c_dim)[:2]
    pictures = [each.synthesize(each.map(0.434 * z, c), truncation=0.434) for each in (G, R)]
    assert float((pictures[0] - pictures[1]).abs().max()) < 1e-4 and float(pictures[0].std()) > 0.01
    shard = folder / "variables" / "variables.data-00000-of-00001"
    assert found.origin["format"] == "TensorFlow bundle" and found.origin["sha256"] == file_sha256(shard)


def test_the_hash_of_a_folder_is_that_of_the_numbers_in_it(folder):
    (folder / "saved_model.pb").write_bytes(b"small")
    assert model_sha256(str(folder)) == file_sha256(folder / "variables" / "variables.data-00000-of-00001")


def test_any_part_of_it_will_do(folder):
    for part in ("saved_model.pb", "variables", "variables/variables", "variables/variables.data-00000-of-00001"):
        assert file_at(folder / part) == folder / "variables" / "variables.index"
    assert load_generator(folder / "saved_model.pb").kind == "biggan"


def test_statistics_among_the_variables(published, tmp_path):
    found, stacks = variables(published[0])
    blocks = range(len([name for name in found if name.endswith("conv0/u0")]))
    names = [f"Generator/GBlock{f'_{n}' if n else ''}/BatchNorm{f'_{k}' if k else ''}" for n in blocks for k in range(4)]
    names.append("Generator/BatchNorm")
    for at, name in enumerate(names):
        found[f"{name}/moving_mean"], found[f"{name}/moving_variance"] = stacks[5 * at + 1], stacks[5 * at + 3]
    index = write_bundle(tmp_path / "model.ckpt-1", found, shards=3)
    tensors = read_checkpoint(index).tensors
    assert all(np.array_equal(tensors[name], tensor) for name, tensor in published[1].tensors.items() if ".bn" in name and
               name.endswith(("mean", "var")))


@pytest.mark.parametrize(("lose", "match"), [
    ("graph", "saved_model.pb"), ("stack", r"blocks\.0\.bn1\.mean"), ("rows", r"1 of its statistics \(blocks\.0\.bn1\.var"),
    ("attention", "attention"), ("variable", "missing"), ("all", "global_step"),
])
def test_what_is_missing_is_named(folder, published, lose, match):
    found, stacks = variables(published[0])
    if lose == "graph":
        (folder / "saved_model.pb").unlink()
    elif lose == "stack":
        (folder / "saved_model.pb").write_bytes(graph_of(stacks[:1]))
    elif lose == "rows":
        (folder / "saved_model.pb").write_bytes(graph_of(stacks).replace(b"\x1a\x09Const_3_1", b"\x1a\x09Const_9_X", 1))
    else:
        gone = {"attention": "attention/theta/w", "variable": "GBlock_2/conv1/b", "all": "Generator"}[lose]
        kept = {name: value for name, value in found.items() if gone not in name}
        if lose == "all":
            kept = {"global_step": found["global_step"]}
        write_bundle(folder / "variables" / "variables", kept)
    with pytest.raises(CheckpointError, match=match) as caught:
        load_generator(folder)
    assert str(caught.value).isprintable()


def test_a_constant_that_is_named_a_thousand_times_does_not_fill_the_memory(tmp_path):
    nodes = [node("c", "Const", (), np.ones(1 << 18, np.float32)), *(node(f"stack_{n}", "Pack", ["c"] * 1000) for n in range(1, 9))]
    graph = tmp_path / "saved_model.pb"
    graph.write_bytes(field(2, field(2, b"".join(nodes))))
    with watched(graph), pytest.raises(CheckpointError, match="far more numbers than the file has"):
        stacked_constants(graph, {}, set(range(1, 9)))


def test_no_change_of_a_byte_of_the_graph_ends_in_anything_else(folder):
    """Nothing but statistics, fewer of them, or one kind of error, whatever the graph says."""
    graph = folder / "saved_model.pb"
    good, draw = graph.read_bytes()[:20_000], np.random.default_rng(3)
    for _ in range(60):
        bad = bytearray(good)
        for place in draw.integers(0, len(bad), draw.integers(1, 5)):
            bad[place] = draw.integers(0, 256)
        graph.write_bytes(bytes(bad))
        with watched(graph), contextlib.suppress(CheckpointError), one_error():
            stacked_constants(graph, {}, {1, 3, 6, 8})
