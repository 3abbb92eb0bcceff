"""Our own format: a safetensors file with a card, which says what the tensors are.

The card is JSON: {"format_version", "architecture", "config", "source_sha256", "licence", "sample_seeds", …}. It is kept
in the file's metadata under "ganreact", or beside NAME.safetensors as NAME.json.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

from ...files import write_whole
from .records import Checkpoint, refuse, shown
from .torch_tensors import Storage, widened

FORMAT_VERSION = 1
CARD_KEY = "ganreact"
_HEADER_BYTES = 16 << 20
_TENSORS = 20_000
_DIMS = 8
_NAME_LENGTH = 512
_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "bfloat16", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1",
           "U8": "u1", "BOOL": "?"}


def read_safetensors(data: memoryview) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """The tensors by name (floats as float32) and the metadata. Every byte of the file must belong to one tensor."""
    header, start = _header(data)
    metadata = header.pop("__metadata__", {})
    if type(metadata) is not dict or not all(type(value) is str for value in metadata.values()):
        raise refuse("the safetensors file's metadata is not made of texts")
    if not 0 < len(header) <= _TENSORS:
        raise refuse(f"the safetensors file announces {len(header)} tensors; a network has 1 to {_TENSORS}")
    spans = sorted((_span(name, entry) for name, entry in header.items()), key=lambda span: span[0])
    position = 0
    for begin, end, name, _, _ in spans:
        if begin != position:
            raise refuse(f"tensor '{shown(name)}' overlaps another or leaves a hole", start + begin)
        position = end
    if start + position > len(data):
        raise refuse(f"the file is cut: {len(data)} of {start + position} bytes; download it again")
    if start + position < len(data):
        raise refuse(f"{len(data) - start - position} bytes follow the last tensor; the file is not loaded", start + position)
    return {name: _array(data[start + begin:start + end], dtype, shape) for begin, end, name, dtype, shape in spans}, metadata


def _header(data: memoryview) -> tuple[dict[str, Any], int]:
    """The JSON at the head, and the byte where the numbers begin."""
    size = int.from_bytes(data[:8], "little")
    if size > _HEADER_BYTES:
        raise refuse(f"the safetensors file announces a header of {size} bytes, as no network has")
    if len(data) < 8 + size:
        raise refuse(f"the file is cut: {len(data)} bytes, of which the header alone takes {8 + size}; download it again")
    return parse_json(bytes(data[8:8 + size]), "the safetensors header"), 8 + size


def parse_json(text: bytes, what: str) -> dict[str, Any]:
    """A JSON object; repeated keys, broken text and deep nesting are refused."""
    try:
        found = json.loads(text.decode("utf-8"), object_pairs_hook=_unrepeated)
    except (ValueError, RecursionError) as cause:
        raise refuse(f"{what} is not proper JSON ({shown(cause)}); download the file again") from cause
    if type(found) is not dict:
        raise refuse(f"{what} is not a JSON object; download the file again")
    return found


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is repeated")
    return found


def _span(name: str, entry: Any) -> tuple[int, int, str, str, tuple[int, ...]]:
    """Where a tensor's bytes are, its numpy type and shape: all as the header claims, and consistent in themselves."""
    if type(entry) is not dict or set(entry) != {"dtype", "shape", "data_offsets"} or not 0 < len(name) <= _NAME_LENGTH:
        raise refuse(f"the safetensors header describes tensor '{shown(name)}' in an unknown way")
    dtype = _DTYPES.get(entry["dtype"]) if type(entry["dtype"]) is str else None
    if dtype is None:
        raise refuse(f"tensor '{shown(name)}' has numbers of type '{shown(entry['dtype'])}', which is not supported")
    shape, offsets = entry["shape"], entry["data_offsets"]
    if not (_counts(shape) and len(shape) <= _DIMS and all(shape) and _counts(offsets) and len(offsets) == 2):
        raise refuse(f"tensor '{shown(name)}' has an impossible shape or place")
    begin, end = offsets
    if end - begin != math.prod(shape) * (2 if dtype == "bfloat16" else np.dtype(dtype).itemsize):
        raise refuse(f"the shape of tensor '{shown(name)}' does not fit its {end - begin} bytes")
    return begin, end, name, dtype, tuple(shape)


def _counts(values: Any) -> bool:
    return type(values) is list and all(type(value) is int and 0 <= value < 1 << 48 for value in values)


def _array(raw: memoryview, dtype: str, shape: tuple[int, ...]) -> np.ndarray:
    return widened(Storage(dtype, raw).view().reshape(shape), dtype)


def from_safetensors(data: memoryview, card: dict[str, Any] | None, digest: str) -> Checkpoint:
    """A checkpoint in our own format; `card` is that of NAME.json, used where the file carries none."""
    tensors, metadata = read_safetensors(data)
    if CARD_KEY in metadata:
        card = parse_json(metadata[CARD_KEY].encode(), "the card of the checkpoint")
    if card is None:
        raise refuse("this safetensors file does not say which network it is: it has no 'ganreact' card, "
                     "and no NAME.json lies beside it; convert the original checkpoint with 'ganreact model convert'")
    if card.get("format_version") != FORMAT_VERSION:
        raise refuse(f"the card's format_version is {shown(card.get('format_version'))}, where {FORMAT_VERSION} is known; "
                     "update GANReact")
    architecture, config = card.get("architecture"), card.get("config")
    if type(architecture) is not str or type(config) is not dict:
        raise refuse("the card of the checkpoint names no architecture or no config")
    others = {key: value for key, value in card.items() if key not in ("format_version", "architecture", "config")}
    return Checkpoint(architecture, config, tensors, others | {"format": "safetensors", "sha256": digest})


def save_safetensors(path: str | Path, checkpoint: Checkpoint, half: bool = False) -> None:
    """Write a checkpoint in our own format, whole or not at all; `half` stores float16 where no number would overflow."""
    told = {key: value for key, value in checkpoint.origin.items() if key not in ("format", "sha256")}
    told = {"source_sha256": checkpoint.origin.get("sha256"), "source_format": checkpoint.origin.get("format")} | told
    card = told | {"format_version": FORMAT_VERSION, "architecture": checkpoint.architecture, "config": checkpoint.config}
    tensors = {name: np.asarray(_halved(tensor) if half else tensor, order="C") for name, tensor in checkpoint.tensors.items()}
    write_whole(Path(path), save(tensors, {CARD_KEY: json.dumps(card, sort_keys=True, ensure_ascii=False)}))


def _halved(tensor: np.ndarray) -> np.ndarray:
    if tensor.dtype != np.float32 or np.abs(tensor).max(initial=0.0) > np.finfo(np.float16).max:
        return tensor
    return tensor.astype(np.float16)
