"""`.npz` files from anywhere: arrays only, never pickles, never more than a cap unpacks."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from .errors import InputFileError
from .files import write_whole

_UNPACKED_LIMIT_BYTES = 2 << 30
_ARRAYS_LIMIT = 10_000


def save_arrays(path: str | Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write arrays as a compressed .npz, whole or not at all."""
    packed = io.BytesIO()
    np.savez_compressed(packed, **arrays)  # type: ignore[arg-type]
    write_whole(Path(path), packed.getvalue())


def load_arrays(path: str | Path, what: str) -> dict[str, np.ndarray]:
    """All arrays of a .npz by name; raises InputFileError naming `what` it should have been."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > _ARRAYS_LIMIT or sum(e.file_size for e in entries) > _UNPACKED_LIMIT_BYTES:
                raise InputFileError(f"'{path}' would unpack to more than {what} can hold; make it again")
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except (OSError, ValueError, KeyError, EOFError, TypeError, MemoryError, NotImplementedError, RuntimeError,
            zipfile.BadZipFile, zlib.error) as cause:
        raise InputFileError(f"'{path}' is not {what}; make it again") from cause
