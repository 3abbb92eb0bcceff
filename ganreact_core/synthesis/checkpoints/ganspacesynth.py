"""GANSpaceSynth's files of principal components: a pickle of a dictionary of arrays, read without running anything."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from .machine import Machine
from .numpy_values import is_numpy, read_numpy
from .opening import read_file
from .records import one_error, refuse, shown

_KEPT = 80
_NAMES = ("comp", "stdev", "var_ratio", "global_mean")
_ALLOWED = {("numpy", "dtype"), ("numpy", "ndarray"), ("_codecs", "encode"),
            *((f"numpy.{core}.multiarray", name) for core in ("core", "_core") for name in ("scalar", "_reconstruct"))}


def read_component_pickle(path: Path) -> tuple[str, dict[str, np.ndarray]]:
    """The layer by our name, and "mean" [c, h, w], "vectors" [n ≤ 80, c, h, w], "sigmas" [n], "var_ratio" [n].

    The file keeps channels last. CheckpointError says why it cannot be read.
    """
    data = read_file(path)
    with one_error():
        root, end = Machine(data, lambda module, name: (module, name) in _ALLOWED).run()
        if end != len(data):
            raise refuse(f"{len(data) - end} bytes follow the end of the components; they are not loaded", end)
        if type(root) is not dict or not all(is_numpy(root.get(name)) for name in _NAMES):
            raise refuse(f"these are no components of GANSpaceSynth: a dictionary with {', '.join(_NAMES)} is needed")
        return _layer(root.get("layer")), _arranged({name: read_numpy(root[name], name) for name in _NAMES})


def _layer(told: Any) -> str:
    """conv0, or a path of TensorFlow's that ends in it -> block1.conv0."""
    text = told if type(told) is str else ""
    found = re.search(r"conv[01]\b", text)
    block = re.search(r"block_?(\d{1,2})", text)
    if not found:
        raise refuse(f"the components are of the layer '{shown(told, 60)}', which is no convolution of GANSynth")
    return f"block{int(block[1]) if block else 1}.{found[0]}"


def _arranged(read: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    vectors, sigmas = read["comp"], read["stdev"].reshape(-1)
    if vectors.ndim != 4 or not len(vectors) == len(sigmas) == read["var_ratio"].size:
        raise refuse(f"components of the shape {vectors.shape} and {len(sigmas)} deviations do not fit each other")
    mean = read["global_mean"].reshape(vectors.shape[1:])
    kept = slice(0, _KEPT)
    return {"mean": np.ascontiguousarray(mean.transpose(2, 0, 1)), "sigmas": sigmas[kept],
            "vectors": np.ascontiguousarray(vectors[kept].transpose(0, 3, 1, 2)),
            "var_ratio": read["var_ratio"].reshape(-1)[kept]}
