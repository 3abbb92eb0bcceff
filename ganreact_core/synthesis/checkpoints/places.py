"""Where a checkpoint lies: the file that a path means, and the JSON beside it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ...models import EMBEDDED_FILES, model_file
from .opening import read_file
from .records import refuse, shown
from .safetensors_file import parse_json
from .tf_bundle import index_of

_SUFFIXES = (".safetensors", ".pkl", ".pt", ".pth", ".bin")
_USUAL = ("G_ema.pth", "pytorch_model.bin", "model.safetensors")
_GRAPHS = ("saved_model.pb", "tfhub_module.pb")
_CARD_BYTES = 1 << 20


def file_at(path: str | Path) -> Path:
    """The file of weights that a path means: itself, the only one of a folder, the index of a bundle, or an embedded one."""
    if str(path) in EMBEDDED_FILES:
        return model_file(str(path))
    path = Path(path)
    try:
        return _file_in(path) if path.is_dir() else _index_beside(path) or path
    except OSError as cause:
        raise refuse(f"'{shown(path, 300)}' cannot be looked at ({cause.strerror or cause}); check the path") from cause


def card_beside(file: Path) -> dict[str, Any] | None:
    """NAME.json beside NAME.safetensors; None where there is none."""
    beside = file.with_suffix(".json")
    return _card(beside) if beside.is_file() else None


def config_beside(file: Path) -> dict[str, Any]:
    """config.json in the folder of a file; empty where there is none."""
    beside = file.with_name("config.json")
    return _card(beside) if beside.is_file() else {}


def _index_beside(path: Path) -> Path | None:
    """The index where a path is another part of a TensorFlow bundle: its shards, its prefix, or the graph above it."""
    part = re.fullmatch(r"(.+)\.data-\d{5}-of-\d{5}", path.name)
    if part or not path.exists():
        index = path.with_name(f"{part[1] if part else path.name}.index")
        return index if index.is_file() else None
    return index_of(path.parent / "variables") if path.name in _GRAPHS else None


def _file_in(folder: Path) -> Path:
    found = sorted(child for child in folder.iterdir() if child.suffix in _SUFFIXES and child.is_file())
    ours = [file for file in found if file.suffix == ".safetensors"]
    usual = [file for name in _USUAL for file in found if file.name == name]
    for choice in (ours, found):
        if len(choice) == 1:
            return choice[0]
    if usual and len(ours) < 2:
        return usual[0]
    bundle = None if found else index_of(folder) or index_of(folder / "variables")
    if bundle:
        return bundle
    raise refuse(f"the folder '{shown(folder, 300)}' holds {len(found)} checkpoints where one is needed; "
                 "choose the file itself")


def _card(file: Path) -> dict[str, Any]:
    content = read_file(file)
    if len(content) > _CARD_BYTES:
        raise refuse(f"the card '{shown(file.name)}' is too long ({len(content)} bytes)")
    return parse_json(bytes(content), f"the card '{shown(file.name)}' beside the checkpoint")
