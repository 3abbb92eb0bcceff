"""StyleGAN2 pickles of the TensorFlow days, and arrays as numpy pickles them."""

from __future__ import annotations

import re

import numpy as np
import pytest

from ganreact_core.errors import CheckpointError
from ganreact_core.synthesis.checkpoints import read_checkpoint
from ganreact_core.synthesis.load import load_generator
from tests.synthesis.pickle_writer import Build, Name, Reduce, TinyNetwork, pickled, watched

NETWORK = Reduce(Name("dnnlib.tflib.network", "Network"), ())


def array(values: np.ndarray, **lies):
    """An ndarray as numpy writes it."""
    kind = lies.get("code", values.dtype.str[1:])
    dtype = Build(Reduce(Name("numpy", "dtype"), (kind, False, True)), (3, lies.get("order", "<"), None, None, None, -1, -1, 0))
    empty = Reduce(Name("numpy.core.multiarray", "_reconstruct"), (Name("numpy", "ndarray"), (0,), b"b"))
    raw = lies.get("raw", values.tobytes(order="F" if lies.get("fortran") else "C"))
    return Build(empty, (1, lies.get("shape", values.shape), dtype, lies.get("fortran", False), raw))


def network(variables: dict[str, object], version=4, source="", **components):
    state = {"version": version, "static_kwargs": {}, "components": components, "build_module_src": source,
             "variables": list(variables.items())}
    return Build(NETWORK, state)


def tensorflow_variables(tensors: dict[str, np.ndarray]) -> dict[str, dict[str, np.ndarray]]:
    """The tiny network's tensors under TensorFlow's names, in its layouts."""
    mapping, synthesis = {}, {"noise0": "b4.conv1", "noise1": "b8.conv0", "noise2": "b8.conv1"}
    synthesis = {name: tensors[f"synthesis.{layer}.noise_const"][None, None] for name, layer in synthesis.items()}
    for name, value in tensors.items():
        if dense := re.fullmatch(r"mapping\.fc(\d)\.(\w+)", name):
            mapping[f"Dense{dense[1]}/{dense[2]}"] = value.T
        elif name == "synthesis.b4.const":
            synthesis["4x4/Const/const"] = value[None]
        elif layer := re.fullmatch(r"synthesis\.b(\d)\.(conv0|conv1|torgb)\.(.*)", name):
            size, kind, what = layer.groups()
            new = {"conv0": "Conv0_up", "conv1": "Conv" if size == "4" else "Conv1", "torgb": "ToRGB"}[kind]
            if what not in ("noise_const", "resample_filter"):
                synthesis[f"{size}x{size}/{new}/{what.replace('affine.', 'mod_')}"] = stored(kind, what, value)
    return {"mapping": mapping, "synthesis": synthesis, "main": {"dlatent_avg": tensors["mapping.w_avg"], "lod": np.float32(0)}}


def stored(kind: str, what: str, value: np.ndarray) -> np.ndarray:
    """OIHW -> HWIO, the kernels of up-convolutions flipped; styles without their bias of one."""
    if value.ndim == 4:
        step = -1 if kind == "conv0" else 1
        return value.transpose(2, 3, 1, 0)[::step, ::step]
    return value.T if what == "affine.weight" else value - 1 if what == "affine.bias" else value


@pytest.fixture
def tiny() -> TinyNetwork:
    return TinyNetwork.drawn()


def written(tensors, write=array, **options) -> bytes:
    found = {part: {name: write(np.asarray(v, order="C")) for name, v in variables.items()}
             for part, variables in tensorflow_variables(tensors).items()}
    Gs = network(found["main"], synthesis=network(found["synthesis"]), mapping=network(found["mapping"]), **options)
    return pickled((network({}), network({}), Gs))


def swapped(values):
    return array(values.astype(">f4"), order=">")


def in_fortran_order(values):
    return array(values, fortran=True)


def as_latin_text(values):
    return array(values, raw=Reduce(Name("_codecs", "encode"), (values.tobytes().decode("latin-1"), "latin1")))


@pytest.mark.parametrize("write", [array, swapped, in_fortran_order, as_latin_text])
def test_the_same_network_from_both_worlds(tmp_path, tiny, write):
    (tmp_path / "tf.pkl").write_bytes(written(tiny.tensors, write))
    (tmp_path / "torch.pkl").write_bytes(tiny.pickle())
    with watched(tmp_path / "tf.pkl"):
        found = load_generator(tmp_path / "tf.pkl")
    wanted = load_generator(tmp_path / "torch.pkl")
    assert found.tensors.keys() == wanted.tensors.keys()
    for name, tensor in wanted.tensors.items():
        assert found.tensors[name].shape == tensor.shape
        assert np.allclose(found.tensors[name], tensor, atol=1e-6), name
    assert found.config == type(found.config)(z_dim=4, w_dim=4, resolution=8, mapping_layers=1, resample_filter=(1, 3, 3, 1))


def test_program_text_is_hashed_and_never_run(tmp_path, tiny):
    path = tmp_path / "tf.pkl"
    path.write_bytes(written(tiny.tensors, source="raise SystemExit"))
    with watched(path):
        assert read_checkpoint(path).origin["network_source"] == "unknown"


@pytest.mark.parametrize("bad", [
    array(np.zeros(4, np.float32), code="O8"), array(np.zeros(4, np.float32), code="V4"), array(np.zeros(4, np.float32), code=3),
    array(np.zeros(4, np.float32), raw=b"\0" * 15), array(np.zeros(4, np.float32), shape=(-4,)), array(np.zeros(4, "f4"), order="?"),
    array(np.zeros(4, np.float32), shape=(2 ** 40, 2 ** 40)), array(np.zeros(4, np.float32), shape=[4]), 5, NETWORK,
    array(np.zeros(4, np.float32), raw=Reduce(Name("_codecs", "encode"), ("x", "rot13"))),
    Reduce(Name("numpy.core.multiarray", "scalar"), (Reduce(Name("numpy", "dtype"), ("O", False, True)), b"")),
    Reduce(Name("numpy.core.multiarray", "scalar"), (5,)),
])
def test_arrays_that_are_not_numbers(tmp_path, bad):
    path = tmp_path / "tf.pkl"
    path.write_bytes(pickled((network({"dlatent_avg": bad}, synthesis=network({}), mapping=network({})),)))
    with watched(path), pytest.raises(CheckpointError, match=r"dlatent_avg|no bytes"):
        load_generator(path)


@pytest.mark.parametrize(("root", "match"), [
    (network({}, version=3), "StyleGAN1"), (network({}), "no generator"), ((), "no generator"),
    (network({}, synthesis=3, mapping=4), "a number instead"),
    (network({"x/y": array(np.zeros(1))}, synthesis=network({}), mapping=network({})), "w_dim|z_dim|resolution"),
    (network({}, synthesis=network({"odd": array(np.zeros(1))}), mapping=network({})), "unknown variable 'odd'"),
    (network({}, synthesis=network({}), mapping=network({"LabelConcat/weight": array(np.zeros(1))})), "LabelConcat"),
])
def test_other_networks(tmp_path, root, match):
    path = tmp_path / "tf.pkl"
    path.write_bytes(pickled(root))
    with watched(path), pytest.raises(CheckpointError, match=match):
        load_generator(path)
