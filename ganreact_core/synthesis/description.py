"""What a checkpoint is, as plain values for a card or a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from ..class_names import names_in
from .checkpoints import Checkpoint, read_checkpoint
from .load import builder_of, make_generator
from .sanity import picture_doubts, strangeness

_TOLD = ("format", "family", "sha256", "source_format", "source_sha256", "licence", "sample_seeds", "network_source",
         "network_source_sha256")


def describe(path: str | Path) -> dict[str, Any]:
    """Read a file and describe it, see `describe_checkpoint`, and look at one of its pictures: a network that draws nothing
    is warned of. Raises CheckpointError where the file holds no known network.
    """
    checkpoint = read_checkpoint(path)
    found = describe_checkpoint(checkpoint)
    return {**found, "warnings": found["warnings"] + picture_doubts(make_generator(checkpoint))}


def describe_checkpoint(checkpoint: Checkpoint) -> dict[str, Any]:
    """JSON-ready, nothing is computed: kind, name, resolution [height, width], z_dim, w_dim, num_ws, n_classes and
    class_names, layers as [name, height, width, channels], parameters, tensors, where it came from, warnings as sentences.
    """
    nothing = torch.zeros(())  # no room for any shape; torch's device "meta" imports its compiler, which takes seconds
    shapes = {name: nothing.expand(tensor.shape) for name, tensor in checkpoint.tensors.items()}
    generator = builder_of(checkpoint)(shapes)
    told = {key: checkpoint.origin[key] for key in _TOLD if checkpoint.origin.get(key) not in (None, [], "")}
    return {
        "kind": generator.kind, "name": repr(generator), "resolution": list(generator.resolution),
        "z_dim": generator.z_dim, "w_dim": generator.w_dim, "num_ws": generator.num_ws, "n_classes": generator.c_dim,
        "class_names": list(names_in(checkpoint.config, checkpoint.origin)),
        "layers": [[layer.name, *layer.size, layer.channels] for layer in generator.layers],
        "parameters": sum(tensor.size for tensor in checkpoint.tensors.values()), "tensors": len(checkpoint.tensors),
        **told, "network_source_fits": not strangeness(checkpoint.origin), "warnings": strangeness(checkpoint.origin)}


def told_about_code(found: dict[str, Any]) -> str:
    """A line on the program text in a file: "none", or what is known of it. It is never run."""
    label, hashes = found.get("network_source"), found.get("network_source_sha256") or []
    if label is None:
        return "none in the file"
    if label == "empty":
        return "empty in the file"
    known = "known" if label == "known" else "not on the list of known texts"
    fits = "defines the usual parts" if found["network_source_fits"] else "not that of this network"
    return f"{len(hashes)} text{'s' * (len(hashes) != 1)} (sha256 {hashes[0][:12]}…), {known}, {fits}; not run"
