"""Latents that were saved: read from .npy and .npz files of any tool, and packed into a look's text.

Packed, a latent is "z:512:<base64>" or "w:14x512:<base64>", float32 little-endian: so undo, append and patches carry it.
"""

from __future__ import annotations

import base64
import binascii
import math
from functools import lru_cache
from pathlib import Path

import numpy as np

from .arrays import load_arrays
from .errors import InputFileError, LookError

KINDS = ("auto", "z", "w", "w+")
"""What a file's numbers are: z or w, one latent a row; w+ with a w for every layer; auto goes by names and shapes."""

_LAYER_COUNTS = range(8, 19)
_MOST_NUMBERS, _MOST_BYTES, _MOST_LATENTS = 1 << 17, 256 << 20, 256


def pack_latent(kind: str, values: np.ndarray) -> str:
    """A z [z_dim], or a w [w_dim] or [num_ws, w_dim], as text; equal layers are packed once."""
    values = np.asarray(values, "<f4")
    if kind == "w" and values.ndim == 2 and (values == values[:1]).all():
        values = values[0]
    _check_shape(kind, values.shape)
    if not np.isfinite(values).all():
        raise LookError("this latent holds numbers that are not finite; save it again")
    return f"{kind}:{'x'.join(map(str, values.shape))}:{base64.b64encode(values.tobytes()).decode()}"


@lru_cache(maxsize=256)
def unpack_latent(text: str) -> tuple[str, np.ndarray]:
    """The kind, "z" or "w", and float32 values of a packed latent; raises LookError where the text is none."""
    try:
        kind, sides, packed = text.split(":")
        shape = tuple(int(side) for side in sides.split("x"))
        values = np.frombuffer(base64.b64decode(packed, validate=True), "<f4")
    except (ValueError, binascii.Error) as cause:
        raise LookError("a saved latent in this look is damaged; read its file again") from cause
    _check_shape(kind, shape)
    if len(values) != math.prod(shape) or not np.isfinite(values).all():
        raise LookError("a saved latent in this look is cut short or not finite; read its file again")
    values = values.reshape(shape).astype(np.float32)
    values.flags.writeable = False
    return kind, values


def read_latents(path: str | Path, kind: str = "auto") -> list[tuple[str, np.ndarray]]:
    """All latents of a .npy or .npz file as (kind, float32 [z_dim], [w_dim] or [num_ws, w_dim]), at most 256.

    With "auto", arrays with three sides are w+, those whose name begins with z are z, and two-sided ones with 8 to 18
    rows of 512 are one w+, as encoders save it; anything else is w, one a row.
    """
    if kind not in KINDS:
        raise InputFileError(f"latents are not of the kind '{kind}'; use {', '.join(KINDS)}")
    found = [latent for name, array in _arrays(Path(path)).items() if _is_latent(array)
             for latent in _split(kind, name.lower(), np.asarray(array, np.float32))]
    if not found:
        raise InputFileError(f"'{Path(path).name}' holds no latents; choose a .npy or .npz with z or w in it")
    return found[:_MOST_LATENTS]


def _arrays(path: Path) -> dict[str, np.ndarray]:
    try:
        with open(path, "rb") as file:
            is_zip = file.read(2) == b"PK"
        if is_zip:
            return load_arrays(path, "a file of latents")
        if path.stat().st_size > _MOST_BYTES:
            raise InputFileError(f"'{path.name}' is too large for a file of latents; choose another")
        return {path.stem: np.load(path, allow_pickle=False)}
    except (OSError, ValueError, EOFError, TypeError, MemoryError, SyntaxError) as cause:
        raise InputFileError(f"'{path.name}' is no .npy or .npz file of latents; choose another") from cause


def _is_latent(array: np.ndarray) -> bool:
    return (array.dtype.kind == "f" and 1 <= array.ndim <= 4 and array.shape[-1] >= 2 and 0 < array.size <= 1 << 24
            and bool(np.isfinite(array).all()))


def _split(kind: str, name: str, array: np.ndarray) -> list[tuple[str, np.ndarray]]:
    array = array[0] if array.ndim == 4 else array
    if kind == "auto":
        one_w_plus = array.ndim == 2 and len(array) in _LAYER_COUNTS and array.shape[1] == 512
        kind = "w+" if array.ndim == 3 or (one_w_plus and not name.startswith("z")) else "z" if name.startswith("z") else "w"
    rows = array.reshape(-1, *array.shape[-2:]) if kind == "w+" and array.ndim > 1 else array.reshape(-1, array.shape[-1])
    return [(kind[0], row) for row in rows if row.size <= _MOST_NUMBERS]


def _check_shape(kind: str, shape: tuple[int, ...]) -> None:
    sides = {"z": (1,), "w": (1, 2)}.get(kind, ())
    if len(shape) not in sides or min(shape) < 1 or math.prod(shape) > _MOST_NUMBERS:
        raise LookError(f"a saved latent of kind '{ascii(kind)[1:9]}' with the sides {shape} is not known; read its file again")
