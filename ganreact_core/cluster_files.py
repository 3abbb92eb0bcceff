"""Groups of feature maps as a file: our .npz, and the YAML of the network-bending project, which is only read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .arrays import load_arrays, save_arrays
from .errors import InputFileError
from .look_regions import Cluster

_YAML_LIMIT_BYTES = 16 << 20
_MAPS_LIMIT = 100_000
_YAML = re.compile(r"""(\d{1,4})['"]?\s*:\s*(?=\[|-)|(feature_index|cluster_index)['"]?\s*:\s*(\d{1,6})""")


@dataclass(frozen=True)
class Clusters:
    """Layer (counted as for bends) -> the group of each of its maps, int [maps]; groups are numbered from 0."""

    groups: dict[int, np.ndarray]

    def cluster(self, layer: int, group: int, ident: str, label: str) -> Cluster:
        """One group as a part of a look."""
        maps = tuple(int(n) for n in np.flatnonzero(self.groups[layer] == group))
        return Cluster(ident, label, layer, maps)

    def count(self, layer: int) -> int:
        """How many groups a layer has."""
        return int(self.groups[layer].max()) + 1


def save_clusters(path: str | Path, found: Clusters) -> None:
    """Write .npz: "layer.3" [maps], …"""
    save_arrays(path, {f"layer.{layer}": groups for layer, groups in found.groups.items()})


def load_clusters(path: str | Path) -> Clusters:
    """Read .npz, or the YAML of network bending; raises InputFileError where it holds no groups."""
    if Path(path).suffix.lower() in (".yaml", ".yml"):
        return _from_yaml(Path(path))
    groups = {int(name[6:]): array.astype(np.int64) for name, array in load_arrays(path, "a file of clusters").items()
              if re.fullmatch(r"layer\.\d{1,4}", name) and array.ndim == 1 and array.dtype.kind in "iu" and array.size}
    if not groups or any(array.min() < 0 for array in groups.values()):
        raise InputFileError(f"'{path}' holds no clusters; make them with 'ganreact clusters'")
    return Clusters(groups)


def _from_yaml(path: Path) -> Clusters:
    """{layer: [{feature_index: n, cluster_index: k}, …]} in block or flow style; their layer n is our n + 1.

    Their file uses no more of YAML than numbers under these two words, so a reader of YAML is not needed.
    """
    try:
        if path.stat().st_size > _YAML_LIMIT_BYTES:
            raise InputFileError(f"'{path.name}' is too large to hold clusters; choose another file")
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as cause:
        raise InputFileError(f"'{path.name}' cannot be read ({cause.strerror}); choose another file") from cause
    found: dict[int, dict[int, int]] = {}
    maps: dict[int, int] = {}
    said: dict[str, int] = {}
    for layer, word, number in _YAML.findall(text):
        if layer:
            maps, said = found.setdefault(int(layer) + 1, {}), {}
        else:
            said[word] = int(number)
        if len(said) == 2:
            maps[said["feature_index"]] = said["cluster_index"]
            said = {}
    whole = all(maps and len(maps) <= _MAPS_LIMIT and set(maps) == set(range(len(maps))) for maps in found.values())
    if not (found and whole):
        raise InputFileError(f"'{path.name}' does not name a cluster for every feature map of its layers; choose another file")
    return Clusters({layer: np.array([maps[n] for n in range(len(maps))]) for layer, maps in found.items()})
